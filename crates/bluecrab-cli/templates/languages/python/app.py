"""The functions of {{name}}."""

import json
import math

from wasi_http import Request, Response, handler


def statistics(request: Request) -> Response:
    """`POST /api/statistics` with a list of numbers."""
    try:
        numbers = json.loads(request.body, parse_int=float)
    except ValueError:
        numbers = None
    if not isinstance(numbers, list) or not numbers or not all(isinstance(number, float) for number in numbers):
        return answer({"detail": "expected a list of at least one number"}, status=400)
    mean = sum(numbers) / len(numbers)
    squares = sum((number - mean) ** 2 for number in numbers)
    return answer({"count": len(numbers), "mean": mean, "deviation": math.sqrt(squares / len(numbers))})


def answer(value: dict, status: int = 200) -> Response:
    return Response(json.dumps(value).encode(), media_type="application/json", status=status)


# componentize-py looks for this name.
IncomingHandler = handler({"statistics": statistics})
