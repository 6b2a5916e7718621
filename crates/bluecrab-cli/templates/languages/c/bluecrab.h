/*
 * The module ABI, version 1, for C: see docs/abi.md. Include it in one source file of the module and define each
 * function:
 *
 *     BLUECRAB_FUNCTION(hello, {"name": "hello", "export": "hello", "trigger": {"type": "httpTrigger"}}) {
 *         return (bluecrab_response){200, {0}, bluecrab_copy("Hello")};
 *     }
 *
 * The first argument is the name in C and of the export, the second is the line of the manifest. The code can use
 * `head` and `body` of the request. It may change them and answer with them.
 */
#pragma once

#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    uint8_t *at;
    uint32_t length;
} bluecrab_bytes;

/* The response record. Head and body belong to the request or come from malloc. They are freed once the response is read. */
typedef struct {
    uint32_t status;
    bluecrab_bytes head, body;
} bluecrab_response;

_Static_assert(sizeof(bluecrab_response) == 20, "the record of docs/abi.md, section 2: compile for wasm32");
_Static_assert(alignof(max_align_t) >= 16, "malloc aligns as bluecrab_alloc must");

enum bluecrab_level { BLUECRAB_TRACE, BLUECRAB_DEBUG, BLUECRAB_INFORMATION, BLUECRAB_WARNING, BLUECRAB_ERROR, BLUECRAB_CRITICAL };

/* Writes one entry into the log of the running invocation. */
__attribute__((import_module("bluecrab"), import_name("log"))) void bluecrab_log(uint32_t level, const char *text, uint32_t length);

/* Copies a text, for a head or a body. */
static inline bluecrab_bytes bluecrab_copy(const char *text) {
    uint32_t length = strlen(text);
    uint8_t *copy = malloc(length);
    if (copy == NULL) abort();
    return (bluecrab_bytes){memcpy(copy, text, length), length};
}

/* What a function writes for one of its outputs: a part of the response's body. */
typedef struct {
    const char *name, *kind; /* the name in the manifest; "bytes", "text" or "json" */
    uint32_t offset, length;
} bluecrab_output;

/* Writes a response head that names outputs. Several of one name are several messages, in this order. */
static inline bluecrab_bytes bluecrab_outputs(const bluecrab_output *outputs, uint32_t count) {
    static const char format[] = "%s{\"name\":\"%s\",\"offset\":%u,\"length\":%u,\"kind\":\"%s\"}";
    enum { DIGITS = 20 };
    size_t room = sizeof "{\"outputs\":[]}";
    for (uint32_t i = 0; i < count; ++i) room += sizeof format + DIGITS + strlen(outputs[i].name) + strlen(outputs[i].kind);
    char *head = malloc(room);
    if (head == NULL) abort();
    int end = sprintf(head, "{\"outputs\":[");
    for (uint32_t i = 0; i < count; ++i) {
        bluecrab_output output = outputs[i];
        end += sprintf(head + end, format, i > 0 ? "," : "", output.name, output.offset, output.length, output.kind);
    }
    end += sprintf(head + end, "]}");
    return (bluecrab_bytes){(uint8_t *)head, end};
}

static bluecrab_response bluecrab_last;

static void bluecrab_free_last(void) {
    free(bluecrab_last.head.at);
    free(bluecrab_last.body.at);
    bluecrab_last = (bluecrab_response){0};
}

__attribute__((export_name("bluecrab_alloc"))) void *bluecrab_alloc(uint32_t length) {
    bluecrab_free_last();
    return malloc(length);
}

typedef bluecrab_response bluecrab_function(bluecrab_bytes head, bluecrab_bytes body);

static inline bluecrab_response *bluecrab_run(bluecrab_function *function, bluecrab_bytes head, bluecrab_bytes body) {
    bluecrab_free_last();
    bluecrab_last = function(head, body);
    if (head.at != bluecrab_last.head.at && head.at != bluecrab_last.body.at) free(head.at);
    if (body.at != bluecrab_last.head.at && body.at != bluecrab_last.body.at) free(body.at);
    return &bluecrab_last;
}

#define BLUECRAB_QUOTE_ONCE(...) #__VA_ARGS__
#define BLUECRAB_QUOTE(...) BLUECRAB_QUOTE_ONCE(__VA_ARGS__)

/* Defines a function: writes its manifest line into the module and exports it. */
#define BLUECRAB_FUNCTION(name, ...)                                                                                  \
    __asm__(".section .custom_section.bluecrab.functions.v1,\"\",@\n"                                                 \
            ".ascii " BLUECRAB_QUOTE(BLUECRAB_QUOTE_ONCE(__VA_ARGS__)) "\n.ascii \"\\n\"\n.text\n");                  \
    static bluecrab_response name(bluecrab_bytes head, bluecrab_bytes body);                                          \
    __attribute__((export_name(#name))) bluecrab_response *bluecrab_export_##name(                                    \
        uint8_t *head, uint32_t head_length, uint8_t *body, uint32_t body_length) {                                   \
        return bluecrab_run(name, (bluecrab_bytes){head, head_length}, (bluecrab_bytes){body, body_length});          \
    }                                                                                                                 \
    static bluecrab_response name(__attribute__((unused)) bluecrab_bytes head,                                       \
                                  __attribute__((unused)) bluecrab_bytes body)
