/* Reads and writes float64 matrices in NumPy's format 1.0, stored row by row, as numpy.save writes them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint32_t rows, columns;
    double *numbers;
} matrix;

/* Reads the array at `*at` and moves `*at` past it. Returns false if there is no array. Free the numbers with free. */
bool npy_read(const uint8_t **at, const uint8_t *end, matrix *result);

/* Allocates an array with these dimensions; the numbers are not set. Returns NULL if there is no memory. */
uint8_t *npy_start(uint32_t rows, uint32_t columns, double **numbers, uint32_t *length);
