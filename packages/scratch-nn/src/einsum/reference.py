"""Evaluates einsum expressions by NumPy. Reads a JSON list of {expression, operands: [{shape, values}]}, writes results."""

import json
import sys

import numpy as np


def result(case):
    operands = [np.array(o["values"], np.float64).reshape(o["shape"]) for o in case["operands"]]
    try:
        value = np.einsum(case["expression"], *operands)
    except ValueError as error:
        return {"error": str(error)}
    return {"shape": list(value.shape), "values": np.asarray(value).ravel().tolist()}


json.dump([result(case) for case in json.load(sys.stdin)], sys.stdout)
