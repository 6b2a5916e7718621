/* Matrices of float64 in NumPy's format 1.0, row after row: what numpy.save writes of them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint32_t rows, columns;
    double *numbers;
} matrix;

/* Reads the array at `*at` and moves `*at` behind it; false where there is none. The numbers are of malloc. */
bool npy_read(const uint8_t **at, const uint8_t *end, matrix *result);

/* Starts an array of so many rows and columns, its numbers undefined; NULL where there is no memory. */
uint8_t *npy_start(uint32_t rows, uint32_t columns, double **numbers, uint32_t *length);
