/* The functions echo, multiply, panic and shout in C. */

#include "bluecrab.h"
#include "npy.h"

#include <ctype.h>
#include <stdio.h>

/* The request head holds only the content type, so it can be used as the response head. */
BLUECRAB_FUNCTION(echo, {"name": "echo-c", "export": "echo", "trigger": {"type": "httpTrigger", "methods": ["POST"]},
                         "head": ["header:content-type"]}) {
    return (bluecrab_response){200, head, body};
}

static bluecrab_response bad_request(const char *detail) {
    char problem[256];
    snprintf(problem, sizeof problem, "{\"detail\":\"%s\",\"status\":400,\"title\":\"Bad Request\",\"type\":\"about:blank\"}", detail);
    bluecrab_bytes head = bluecrab_copy("{\"headers\":[[\"content-type\",\"application/problem+json\"]]}");
    return (bluecrab_response){400, head, bluecrab_copy(problem)};
}

/* Adds the products of every element in the order of k. */
static void multiply_into(double *restrict product, const matrix *one, const matrix *two) {
    uint32_t inner = one->columns, columns = two->columns;
    for (uint32_t i = 0; i < one->rows; ++i, product += columns) {
        for (uint32_t j = 0; j < columns; ++j) product[j] = one->numbers[(size_t)i * inner] * two->numbers[j];
        for (uint32_t k = 1; k < inner; ++k) {
            double factor = one->numbers[(size_t)i * inner + k];
            const double *row = two->numbers + (size_t)k * columns;
            for (uint32_t j = 0; j < columns; ++j) product[j] += factor * row[j];
        }
    }
}

static bluecrab_response product_of(const matrix *one, const matrix *two) {
    if (one->columns != two->rows) {
        char detail[200];
        snprintf(detail, sizeof detail,
                 "matrixOne is %ux%u and matrixTwo is %ux%u: the columns of matrixOne (%u) must be as many as the rows of matrixTwo (%u)",
                 one->rows, one->columns, two->rows, two->columns, one->columns, two->rows);
        return bad_request(detail);
    }
    double *numbers;
    bluecrab_bytes body;
    body.at = npy_start(one->rows, two->columns, &numbers, &body.length);
    if (body.at == NULL) abort();
    multiply_into(numbers, one, two);
    return (bluecrab_response){200, bluecrab_copy("{\"headers\":[[\"content-type\",\"application/x-npy\"]]}"), body};
}

BLUECRAB_FUNCTION(multiply, {"name": "multiply-c", "export": "multiply",
                             "trigger": {"type": "httpTrigger", "methods": ["POST"]}}) {
    const uint8_t *at = body.at, *end = body.at + body.length;
    matrix one = {0}, two = {0};
    bool are_two = npy_read(&at, end, &one) && npy_read(&at, end, &two) && at == end;
    bluecrab_response response =
        are_two ? product_of(&one, &two) : bad_request("expected two .npy arrays, float64 matrices in C order");
    free(one.numbers);
    free(two.numbers);
    return response;
}

BLUECRAB_FUNCTION(panic, {"name": "panic-c", "export": "panic", "trigger": {"type": "httpTrigger", "methods": ["POST"]}}) {
    static const char message[] = "this function ends in abort()";
    bluecrab_log(BLUECRAB_CRITICAL, message, sizeof message - 1);
    abort();
}

/* Sends each message on in capital letters. A status from 400 on fails the invocation, and the body says why. */
BLUECRAB_FUNCTION(shout, {"name": "shout-c", "export": "shout", "trigger": {"type": "queueTrigger", "queueName": "whispered"},
                          "outputs": [{"name": "shouted", "type": "queue", "queueName": "shouted"}],
                          "requires": ["trigger", "outputs"]}) {
    if (body.length == 0) return (bluecrab_response){422, {0}, bluecrab_copy("the message is empty")};
    for (uint32_t i = 0; i < body.length; ++i) body.at[i] = toupper(body.at[i]);
    bluecrab_output shouted = {.name = "shouted", .kind = "bytes", .offset = 0, .length = body.length};
    return (bluecrab_response){200, bluecrab_outputs(&shouted, 1), body};
}
