package main

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
)

var errNoMatrices = errors.New("expected two matrices: [[[1,2],[3,4]],[[5,6],[7,8]]]")

// readJSONPair reads a list of two matrices. Each matrix is a list of rows.
func readJSONPair(data []byte) (one, two matrix, err error) {
	var pair [][][]float64
	if json.Unmarshal(data, &pair) != nil || len(pair) != 2 {
		return one, two, errNoMatrices
	}
	if one, err = fromRows(pair[0]); err == nil {
		two, err = fromRows(pair[1])
	}
	return one, two, err
}

func fromRows(rows [][]float64) (matrix, error) {
	if len(rows) == 0 || len(rows[0]) == 0 {
		return matrix{}, errNoMatrices
	}
	columns := len(rows[0])
	if slices.ContainsFunc(rows, func(row []float64) bool { return len(row) != columns }) {
		return matrix{}, errNoMatrices
	}
	return matrix{len(rows), columns, slices.Concat(rows...)}, nil
}

// A number as JavaScript prints it: zero has no sign, infinities and NaN are null.
type number float64

func (n number) MarshalJSON() ([]byte, error) {
	if value := float64(n); !math.IsInf(value, 0) && !math.IsNaN(value) {
		return json.Marshal(value + 0)
	}
	return []byte("null"), nil
}

func printJSON(product matrix) ([]byte, error) {
	rows := make([][]number, product.rows)
	for i := range rows {
		rows[i] = make([]number, product.columns)
		for j, value := range product.row(i) {
			rows[i][j] = number(value)
		}
	}
	return json.Marshal(map[string]any{"result": rows})
}
