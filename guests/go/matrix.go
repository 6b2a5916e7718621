package main

import "fmt"

// A matrix, its numbers stored row by row.
type matrix struct {
	rows, columns int
	numbers       []float64
}

func newMatrix(rows, columns int) matrix {
	return matrix{rows, columns, make([]float64, rows*columns)}
}

func (m matrix) row(index int) []float64 {
	return m.numbers[index*m.columns:][:m.columns]
}

// multiply adds the products of every element in the order of k. The conversion to float64 prevents fused multiply-add.
func multiply(one, two matrix) (matrix, error) {
	if one.columns != two.rows {
		return matrix{}, fmt.Errorf("matrixOne is %dx%d and matrixTwo is %dx%d: the columns of matrixOne (%d) must be as many as the rows of matrixTwo (%d)",
			one.rows, one.columns, two.rows, two.columns, one.columns, two.rows)
	}
	product := newMatrix(one.rows, two.columns)
	for i := range one.rows {
		sums := product.row(i)
		for k, factor := range one.row(i) {
			row := two.row(k)[:len(sums)]
			if k == 0 {
				for j := range sums {
					sums[j] = factor * row[j]
				}
				continue
			}
			for j := range sums {
				sums[j] += float64(factor * row[j])
			}
		}
	}
	return product, nil
}
