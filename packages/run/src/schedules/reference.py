"""Values of PyTorch's schedules for `schedules.test.ts`: python reference.py > reference.json (torch 2.13.0)."""

import json
import math

import torch
import torch.optim.lr_scheduler as schedulers


def rates(make, steps: int, losses=None) -> list[float]:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    scheduler = make(optimizer)
    result = []
    for step in range(steps):
        result.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step(*([] if losses is None else [losses[step]]))
    return result


LOSSES = [3, 2, 1, 1.5, 0.99995, 1.2, 1.1, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6]


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
            "cosine": cosine(4, 12),
            "step": rates(lambda o: schedulers.StepLR(o, 3, 0.5), 12),
            "oneCycle": rates(lambda o: schedulers.OneCycleLR(o, 0.1, total_steps=12, cycle_momentum=False), 12),
            "inverseSquareRoot": rates(
                lambda o: schedulers.LambdaLR(o, lambda t: min((t + 1) / 4, math.sqrt(4 / (t + 1)))), 12
            ),
            "plateau": {
                "losses": LOSSES,
                "rates": rates(
                    lambda o: schedulers.ReduceLROnPlateau(o, factor=0.5, patience=2, min_lr=0.02), len(LOSSES), LOSSES
                ),
            },
        },
        separators=(",", ":"),
    )
)
