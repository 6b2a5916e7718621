"""Multiplies on request: reads a size a line, answers with the seconds of one product."""

import sys
import time

import numpy as np

operands = {}
for line in sys.stdin:
    size = int(line)
    if size not in operands:
        random = np.random.default_rng(2019)
        operands[size] = (random.random((size, size)), random.random((size, size)))
    one, two = operands[size]
    started = time.perf_counter()
    product = one @ two
    seconds = time.perf_counter() - started
    print(seconds, flush=True)
