"""Reference values of PyTorch's optimizers for `optimizers.test.ts`: python reference.py > reference.json (torch 2.13.0)."""

import json

import torch

STEPS = 5
START = [[0.5, -1.0, 2.0], [0.0, 3.0, -0.25]]


def run(make) -> dict:
    """Parameter and state after several steps. The gradient at step t is sin(parameter · t) + 0.1."""
    parameter = torch.nn.Parameter(torch.tensor(START, dtype=torch.float32))
    optimizer = make([parameter])
    for step in range(1, STEPS + 1):
        parameter.grad = torch.sin(parameter.detach() * step) + 0.1
        optimizer.step()
    slots = {
        name: value.flatten().tolist() for name, value in optimizer.state[parameter].items() if name != "step"
    }
    return {"parameter": parameter.detach().flatten().tolist(), "slots": slots}


def lion(weight_decay: float, rate: float = 0.1, beta1: float = 0.9, beta2: float = 0.99) -> dict:
    """Lion by algorithm 2 of the paper, as PyTorch has none."""
    parameter, momentum = torch.tensor(START), torch.zeros(2, 3)
    for step in range(1, STEPS + 1):
        gradient = torch.sin(parameter * step) + 0.1
        direction = torch.sign(beta1 * momentum + (1 - beta1) * gradient)
        momentum = beta2 * momentum + (1 - beta2) * gradient
        parameter = parameter - rate * (direction + weight_decay * parameter)
    return {"parameter": parameter.flatten().tolist(), "slots": {"exp_avg": momentum.flatten().tolist()}}


def groups() -> dict:
    """Two parameters, the second with half the learning rate and without weight decay."""
    first, second = (torch.nn.Parameter(torch.tensor(START)) for _ in range(2))
    optimizer = torch.optim.AdamW([{"params": [first]}, {"params": [second], "lr": 0.05, "weight_decay": 0}], lr=0.1, weight_decay=0.3)
    for step in range(1, STEPS + 1):
        for parameter in (first, second):
            parameter.grad = torch.sin(parameter.detach() * step) + 0.1
        optimizer.step()
    return {"first": first.flatten().tolist(), "second": second.flatten().tolist()}


def averaged(decay: float) -> list[float]:
    """Weights averaged by torch.optim.swa_utils.AveragedModel over steps of SGD."""
    model = torch.nn.Linear(3, 2, bias=False)
    model.weight.data = torch.tensor(START)
    average = torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(decay))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for step in range(1, STEPS + 1):
        model.weight.grad = torch.sin(model.weight.detach() * step) + 0.1
        optimizer.step()
        average.update_parameters(model)
    return average.module.weight.detach().flatten().tolist()


def clipped(max_norm: float) -> dict:
    parameters = [torch.nn.Parameter(torch.zeros(2)), torch.nn.Parameter(torch.zeros(1))]
    for parameter, gradient in zip(parameters, ([3.0, 4.0], [12.0])):
        parameter.grad = torch.tensor(gradient)
    norm = torch.nn.utils.clip_grad_norm_(parameters, max_norm)
    return {"norm": float(norm), "gradients": [parameter.grad.tolist() for parameter in parameters]}


def clipped_by_value(max_value: float) -> list[float]:
    parameter = torch.nn.Parameter(torch.zeros(4))
    parameter.grad = torch.tensor([3.0, -4.0, 0.5, -0.5])
    torch.nn.utils.clip_grad_value_([parameter], max_value)
    return parameter.grad.tolist()


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
            "adagrad": run(lambda p: torch.optim.Adagrad(p, lr=0.1, weight_decay=0.05)),
            "rmsprop": run(lambda p: torch.optim.RMSprop(p, lr=0.1, alpha=0.9)),
            "rmspropCentered": run(
                lambda p: torch.optim.RMSprop(p, lr=0.1, momentum=0.5, centered=True, weight_decay=0.05)
            ),
            "lion": lion(0.0),
            "lionDecay": lion(0.3),
            "groups": groups(),
            "averaged": averaged(0.9),
            "clippedByValue": clipped_by_value(1.0),
            "clipped": clipped(2.0),
            "notClipped": clipped(20.0),
        },
        separators=(",", ":"),
    )
)
