"""Reads a list of numbers from standard input and prints their statistics, as a CGI program does."""

import json
import math
import sys


def statistics(numbers):
    count = len(numbers)
    if count == 0:
        raise ValueError("at least one number is needed")
    mean = sum(numbers) / count
    squares = sum((number - mean) ** 2 for number in numbers)
    return {"count": count, "mean": mean, "deviation": math.sqrt(squares / count)}


try:
    answer = json.dumps(statistics([float(number) for number in json.load(sys.stdin)]))
except (TypeError, ValueError) as error:
    print(f"Status: 400 Bad Request\nContent-Type: text/plain\n\n{error}")
else:
    print(f"Content-Type: application/json\n\n{answer}")
