/* Reads a list of numbers from standard input and prints their statistics, as a CGI program does. */

#include <math.h>
#include <stdio.h>

int main(void) {
    double mean = 0, squares = 0; /* the sum of the squared distances from the mean */
    unsigned count = 0;
    char separator = 0;
    scanf(" [");
    for (double number; scanf("%lf %c", &number, &separator) == 2 && (separator == ',' || separator == ']');) {
        double distance = number - mean;
        mean += distance / ++count;
        squares += distance * (number - mean);
    }
    if (count == 0 || separator != ']') {
        puts("Status: 400 Bad Request\nContent-Type: text/plain\n\nexpected a list of at least one number");
        return 0;
    }
    printf("Content-Type: application/json\n\n{\"count\":%u,\"mean\":%.17g,\"deviation\":%.17g}\n", count, mean,
           sqrt(squares / count));
    return 0;
}
