/* The functions of {{name}}. */

#include "bluecrab.h"

#include <math.h>
#include <stdbool.h>

typedef struct {
    uint32_t count;
    double mean, squares; /* the sum of the squared distances from the mean */
} statistics_of;

static void add(statistics_of *all, double number) {
    double distance = number - all->mean;
    all->mean += distance / ++all->count;
    all->squares += distance * (number - all->mean);
}

/* Reads a JSON list of numbers. Returns false if the text is not a list, or has no number. */
static bool read_list(const char *at, statistics_of *all) {
    static const char space[] = " \t\r\n";
    at += strspn(at, space);
    if (*at++ != '[') return false;
    do {
        char *end;
        add(all, strtod(at, &end));
        if (end == at) return false;
        at = end + strspn(end, space);
    } while (*at++ == ',');
    return at[-1] == ']';
}

static bluecrab_response json(uint32_t status, const char *text) {
    return (bluecrab_response){status, bluecrab_copy("{\"headers\":[[\"content-type\",\"application/json\"]]}"), bluecrab_copy(text)};
}

/* `POST /api/statistics` with a list of numbers. */
BLUECRAB_FUNCTION(statistics, {"name": "statistics", "export": "statistics",
                               "trigger": {"type": "httpTrigger", "methods": ["POST"]}}) {
    char *text = calloc(body.length + 1, 1);
    if (text == NULL) abort();
    if (body.length > 0) memcpy(text, body.at, body.length);
    statistics_of all = {0};
    bool is_list = read_list(text, &all);
    free(text);
    if (!is_list) return json(400, "{\"detail\":\"expected a list of at least one number\"}");
    char answer[128];
    snprintf(answer, sizeof answer, "{\"count\":%u,\"mean\":%.17g,\"deviation\":%.17g}", all.count, all.mean,
             sqrt(all.squares / all.count));
    return json(200, answer);
}
