package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
)

// The header of NumPy's format 1.0 as numpy.save writes it for a float64 matrix, stored row by row.
const (
	magic        = "\x93NUMPY\x01\x00"
	prefixLength = len(magic) + 2
	headerLength = 128
)

var (
	errNoArray = errors.New("expected two .npy arrays, float64 matrices in C order")
	dictionary = regexp.MustCompile(`^\{'descr': '<f8', 'fortran_order': False, 'shape': \(([1-9]\d{0,8}), ([1-9]\d{0,8})\), \} *\n$`)
)

// readNpy reads the array at the start of the bytes, and returns it with the bytes after it.
func readNpy(data []byte) (matrix, []byte, error) {
	if len(data) < prefixLength || !bytes.HasPrefix(data, []byte(magic)) {
		return matrix{}, nil, errNoArray
	}
	header := data[prefixLength:]
	length := int(binary.LittleEndian.Uint16(data[len(magic):]))
	if len(header) < length {
		return matrix{}, nil, errNoArray
	}
	shape := dictionary.FindSubmatch(header[:length])
	if shape == nil {
		return matrix{}, nil, errNoArray
	}
	rows, _ := strconv.Atoi(string(shape[1]))
	columns, _ := strconv.Atoi(string(shape[2]))
	numbers := header[length:]
	if rows*columns > len(numbers)/8 {
		return matrix{}, nil, errNoArray
	}
	read := newMatrix(rows, columns)
	for index := range read.numbers {
		read.numbers[index] = math.Float64frombits(binary.LittleEndian.Uint64(numbers[index*8:]))
	}
	return read, numbers[rows*columns*8:], nil
}

func readNpyPair(data []byte) (one, two matrix, err error) {
	one, rest, err := readNpy(data)
	if err != nil {
		return one, two, err
	}
	two, rest, err = readNpy(rest)
	if err == nil && len(rest) > 0 {
		err = errNoArray
	}
	return one, two, err
}

func printNpy(product matrix) []byte {
	printed := make([]byte, 0, headerLength+len(product.numbers)*8)
	printed = append(printed, magic...)
	printed = binary.LittleEndian.AppendUint16(printed, uint16(headerLength-prefixLength))
	shape := fmt.Sprintf("{'descr': '<f8', 'fortran_order': False, 'shape': (%d, %d), }", product.rows, product.columns)
	printed = fmt.Appendf(printed, "%-*s\n", headerLength-prefixLength-1, shape)
	for _, number := range product.numbers {
		printed = binary.LittleEndian.AppendUint64(printed, math.Float64bits(number))
	}
	return printed
}
