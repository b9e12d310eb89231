"""Values of PyTorch's optimisers for `optimizers.test.ts`: python reference.py > reference.json (torch 2.13.0)."""

import json
import math

import torch

STEPS = 5
START = [[0.5, -1.0, 2.0], [0.0, 3.0, -0.25]]


def run(make) -> dict:
    """Parameter and state after some steps; the gradient of step t is sin(parameter · t) + 0.1."""
    parameter = torch.nn.Parameter(torch.tensor(START, dtype=torch.float32))
    optimizer = make([parameter])
    for step in range(1, STEPS + 1):
        parameter.grad = torch.sin(parameter.detach() * step) + 0.1
        optimizer.step()
    slots = {
        name: value.flatten().tolist() for name, value in optimizer.state[parameter].items() if name != "step"
    }
    return {"parameter": parameter.detach().flatten().tolist(), "slots": slots}


def clipped(max_norm: float) -> dict:
    parameters = [torch.nn.Parameter(torch.zeros(2)), torch.nn.Parameter(torch.zeros(1))]
    for parameter, gradient in zip(parameters, ([3.0, 4.0], [12.0])):
        parameter.grad = torch.tensor(gradient)
    norm = torch.nn.utils.clip_grad_norm_(parameters, max_norm)
    return {"norm": float(norm), "gradients": [parameter.grad.tolist() for parameter in parameters]}


def cosine(warmup: int, total: int) -> list[float]:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    rise = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min((step + 1) / warmup, 1))
    rates = []
    for _ in range(warmup):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        rise.step()
    fall = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, total - warmup)
    for _ in range(total - warmup):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        fall.step()
    return rates


print(
    json.dumps(
        {
            "sgd": run(lambda p: torch.optim.SGD(p, lr=0.1)),
            "sgdDecay": run(lambda p: torch.optim.SGD(p, lr=0.1, weight_decay=0.05)),
            "momentum": run(lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.05)),
            "nesterov": run(lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True)),
            "adam": run(lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.8, 0.95))),
            "adamLargeEpsilon": run(lambda p: torch.optim.Adam(p, lr=0.1, eps=0.1)),
            "adamW": run(lambda p: torch.optim.AdamW(p, lr=0.1, weight_decay=0.3)),
            "clipped": clipped(2.0),
            "notClipped": clipped(20.0),
            "cosine": cosine(4, 12),
        },
        separators=(",", ":"),
    )
)
