#include "npy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PREFIX = 10, HEADER = 128 };

static const char MAGIC[8] = "\x93NUMPY\x01";
static const char DICTIONARY[] = "{'descr': '<f8', 'fortran_order': False, 'shape': (";

/* Skips a text that must come next. */
static bool take(const char **at, const char *end, const char *text) {
    size_t length = strlen(text);
    if ((size_t)(end - *at) < length || memcmp(*at, text, length) != 0) return false;
    *at += length;
    return true;
}

static bool take_number(const char **at, const char *end, uint32_t *number) {
    const char *start = *at;
    uint64_t value = 0;
    for (; *at < end && **at >= '0' && **at <= '9' && value <= UINT32_MAX; ++*at) value = value * 10 + (uint64_t)(**at - '0');
    *number = (uint32_t)value;
    return *at > start && value > 0 && value <= UINT32_MAX;
}

bool npy_read(const uint8_t **at, const uint8_t *end, matrix *result) {
    if (end - *at < PREFIX || memcmp(*at, MAGIC, sizeof MAGIC) != 0) return false;
    size_t header_length = (*at)[8] | (size_t)(*at)[9] << 8;
    if ((size_t)(end - *at) < PREFIX + header_length) return false;
    const char *header = (const char *)*at + PREFIX, *header_end = header + header_length;
    if (!take(&header, header_end, DICTIONARY) || !take_number(&header, header_end, &result->rows) ||
        !take(&header, header_end, ", ") || !take_number(&header, header_end, &result->columns) ||
        !take(&header, header_end, "), }"))
        return false;
    while (header < header_end && *header == ' ') ++header;
    if (header_end - header != 1 || *header != '\n') return false;

    uint64_t count = (uint64_t)result->rows * result->columns;
    if (count > (uint64_t)((const uint8_t *)end - (const uint8_t *)header_end) / sizeof(double)) return false;
    result->numbers = malloc(count * sizeof(double));
    if (result->numbers == NULL) return false;
    memcpy(result->numbers, header_end, count * sizeof(double));
    *at = (const uint8_t *)header_end + count * sizeof(double);
    return true;
}

uint8_t *npy_start(uint32_t rows, uint32_t columns, double **numbers, uint32_t *length) {
    uint64_t bytes = HEADER + (uint64_t)rows * columns * sizeof(double);
    uint8_t *array = bytes <= UINT32_MAX ? malloc(bytes) : NULL;
    if (array == NULL) return NULL;
    memset(array, ' ', HEADER);
    memcpy(array, MAGIC, sizeof MAGIC);
    array[8] = HEADER - PREFIX;
    array[9] = 0;
    char dictionary[HEADER - PREFIX];
    int end = snprintf(dictionary, sizeof dictionary, "%s%u, %u), }", DICTIONARY, rows, columns);
    memcpy(array + PREFIX, dictionary, (size_t)end);
    array[HEADER - 1] = '\n';
    *numbers = (double *)(array + HEADER);
    *length = (uint32_t)bytes;
    return array;
}
