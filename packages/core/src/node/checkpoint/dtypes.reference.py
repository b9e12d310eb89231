"""Writes tensors of every type for dtypes.test.ts: `python dtypes.reference.py > dtypes.reference.json`.

Needs torch 2.13 and safetensors 0.8.
"""
import base64
import io
import json
import sys
import warnings

import torch
from safetensors.torch import save

warnings.filterwarnings("ignore")
values = {
    "BF16": torch.tensor([1.5, -3.140625, 1e30]).bfloat16(),
    "F16": torch.tensor([0.333, 6e-8, -65504.0]).half(),
    "F32": torch.tensor([0.1, -2.0]),
    "F64": torch.tensor([0.1, 1e-300], dtype=torch.float64),
    "I8": torch.tensor([-128, 127], dtype=torch.int8),
    "I16": torch.tensor([-32768, 32767], dtype=torch.int16),
    "I32": torch.tensor([-(2**31), 2**31 - 1], dtype=torch.int32),
    "I64": torch.tensor([-(2**31), 2**31 - 1]),
    "U8": torch.tensor([0, 255], dtype=torch.uint8),
    "U16": torch.tensor([0, 65535], dtype=torch.uint16),
    "U32": torch.tensor([0, 2**31 - 1], dtype=torch.uint32),
    "U64": torch.tensor([0, 2**31 - 1], dtype=torch.uint64),
    "BOOL": torch.tensor([True, False]),
}
large = {
    "U32": torch.tensor([2**31], dtype=torch.uint32),
    "U64": torch.tensor([2**63], dtype=torch.uint64),
    "I64": torch.tensor([-(2**31) - 1]),
}
foreign = {
    "complex64": torch.tensor([1 + 2j]),
    "complex128": torch.tensor([1 + 2j], dtype=torch.complex128),
    "float8": torch.tensor([1.0, 2.0]).to(torch.float8_e4m3fn),
    "qint8": torch.quantize_per_tensor(torch.tensor([1.0, 2.0]), 0.5, 0, torch.qint8),
    "quint8": torch.quantize_per_channel(torch.ones(2, 2), torch.ones(2), torch.zeros(2), 0, torch.quint8),
}
weight = torch.tensor([[1.0, 2.0]])


def encoded(data):
    return base64.b64encode(data).decode()


def saved(value, **options):
    file = io.BytesIO()
    torch.save(value, file, **options)
    return encoded(file.getvalue())


def beside(tensors):
    return {"model": {"weight": weight}, "rest": tensors, "sparse": torch.eye(2).to_sparse()}


def numbers(tensor):
    if tensor.is_floating_point():
        return [float(value) for value in tensor.float()]
    return [int(value) for value in tensor.tolist()]


json.dump(
    {
        "values": {name: numbers(tensor) for name, tensor in values.items()},
        "safetensors": encoded(save(values)),
        "torch": saved(values),
        "legacy": saved(values, _use_new_zipfile_serialization=False),
        "large": {name: encoded(save({"x": tensor})) for name, tensor in large.items()},
        "largeTorch": {name: saved({"x": tensor}) for name, tensor in large.items()},
        "foreign": {
            "safetensors": encoded(save({"model.weight": weight, "rest": foreign["float8"]})),
            "torch": saved(beside(foreign)),
            "legacy": saved(beside(foreign), _use_new_zipfile_serialization=False),
        },
    },
    sys.stdout,
    indent=1,
)
print()
