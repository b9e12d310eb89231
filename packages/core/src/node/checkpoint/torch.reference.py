"""Writes torch.save checkpoints for torch.test.ts: `python torch.reference.py > torch.reference.json`."""
import base64
import collections
import io
import json
import os
import pickle
import sys
import zipfile

import torch

torch.manual_seed(0)
network = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
base = torch.arange(12.0).reshape(3, 4) / 4
shared = torch.tensor([1.5, -2.0])
tensors = {
    "transposed": base.t(),
    "sliced": base[1:, ::2],
    "expanded": base[:1].expand(2, 4),
    "bfloat16": base.bfloat16() * -3.1,
    "float16": torch.tensor([1.0, -0.333, 6.1e-5, 5e-7, float("inf"), -65504.0]).half(),
    "float64": base.double() / 3,
    "int64": torch.tensor([2**40, -7]),
    "int16": base.short() - 2,
    "int8": base.to(torch.int8) - 3,
    "uint8": base.byte() + 200,
    "bool": base > 1,
    "parameter": torch.nn.Parameter(base),
    "scalar": torch.tensor(2.5),
    "empty": torch.zeros(0, 3),
    "shared.0": shared,
    "shared.1": shared,
}


def saved(value, **options):
    file = io.BytesIO()
    torch.save(value, file, **options)
    return file.getvalue()


def nested(value):
    optimizer = torch.optim.Adam(network.parameters())
    network(torch.ones(4, 3)).sum().backward()
    optimizer.step()
    return {"model": value, "epoch": 3, "best": 0.25, "optimizer": optimizer.state_dict(), "shape": base.shape,
            "dtype": torch.float32, "device": torch.device("cpu"), "seen": {1, 2}, "big": 2**70, "none": None}


class Malicious:
    def __init__(self, function, *arguments):
        self.made = (function, arguments)

    def __reduce__(self):
        return self.made


def archive(payload, compression=zipfile.ZIP_STORED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as opened:
        opened.writestr("archive/data.pkl", payload)
        opened.writestr("archive/version", "3\n")
    return file.getvalue()


def described(state):
    return {
        name: {
            "shape": list(tensor.shape),
            "values": ["Infinity" if value == float("inf") else value
                       for value in (tensor.detach().float() if tensor.is_floating_point() else tensor.int()
                                     if tensor.dtype == torch.bool else tensor).flatten().tolist()],
        }
        for name, tensor in state.items()
    }


def encoded(data):
    return base64.b64encode(data).decode()


state = collections.OrderedDict(network.state_dict())
good = nested(state)
before = {name: tensor.clone() for name, tensor in state.items()}
files = {
    "stateDict": saved(before),
    "legacy": saved(before, _use_new_zipfile_serialization=False),
    "tensors": saved(tensors),
    "legacyTensors": saved({k: v for k, v in tensors.items() if k != "empty"}, _use_new_zipfile_serialization=False),
    "nested": saved(nested(before)),
}
refused = {
    "module": saved(network),
    "os.system": archive(pickle.dumps(Malicious(os.system, "touch /tmp/motley-was-here"), 2)),
    "eval": archive(pickle.dumps({"weight": Malicious(eval, "1 + 1")}, 4)),
    "protocol 0": archive(pickle.dumps(Malicious(os.system, "true"), 0)),
    "getattr": archive(b"\x80\x02c__builtin__\ngetattr\nctorch\nload\nX\x04\x00\x00\x00loadR."),
    "compressed": archive(b"\x80\x02}." + bytes(1_000_000), zipfile.ZIP_DEFLATED),
    "bare pickle": pickle.dumps({"a": 1}, 2),
}
json.dump(
    {
        "version": torch.__version__,
        "files": {name: encoded(data) for name, data in files.items()},
        "refused": {name: encoded(data) for name, data in refused.items()},
        "stateDict": described(before),
        "tensors": described(tensors),
    },
    sys.stdout,
    indent=1,
)
print()
