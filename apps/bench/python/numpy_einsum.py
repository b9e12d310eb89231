"""numpy.einsum(optimize=True) on the shapes of scratch-nn's network: what packages/scratch-nn's einsum is timed against."""

import json
import os
import sys
import time

ASSIGNMENT = json.loads(sys.argv[-1])
if ASSIGNMENT["mode"] == "NumPy, one thread":  # before NumPy is loaded
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
else:
    os.environ.pop("OMP_NUM_THREADS", None)

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from protocol import answer, reply, run


def operand(index, shape, window=None):
    """Numbers as the other side makes them; a view of every window of pictures where one is given."""
    positions = np.arange(np.prod(shape), dtype=np.int64)
    values = ((positions * (7919 + index)) % 1009 / 1009 - 0.5).astype(np.float32).reshape(shape)
    if window is None:
        return values
    return np.moveaxis(sliding_window_view(values, (window, window), axis=(1, 2)), 3, 5)  # [B, H', W', K, K, C]


def serve(_):
    product = json.loads(sys.argv[1])
    expression = product["expression"]
    operands = [operand(i, each["shape"], each.get("windowSize")) for i, each in enumerate(product["operands"])]

    def compute(count):
        for _ in range(count):
            np.einsum(expression, *operands, optimize=True)

    start = time.perf_counter()
    values = np.einsum(expression, *operands, optimize=True).ravel().astype(np.float64)
    reply(type="first", timeInMs=(time.perf_counter() - start) * 1000)
    weighted = float(np.abs(values) @ (np.arange(values.size) % 7 + 1))
    reply(type="ready", version=np.__version__, losses=[float(abs(values[0])), float(abs(values[-1])), weighted])
    answer(compute)


run(serve)
