"""Reference values in PyTorch for `twin.test.ts`: python reference.py > reference.json (torch 2.13.0).

Weights follow a formula, so that only results need to be stored. Parameters have the names and layouts of the
checkpoints, below the prefix `network.`.
"""

import json
import math

import torch
import torch.nn.functional as F
from torch import nn

NUMBERS, INDICATORS, BATCH, MEMBERS, FREQUENCIES, EMBEDDING = 3, 2, 4, 3, 5, 4
HIDDEN = [6, 5]


class PeriodicEmbedding(nn.Module):
    def __init__(self):
        super().__init__()
        self.frequencies = nn.Parameter(torch.empty(NUMBERS, FREQUENCIES))
        self.phases = nn.Parameter(torch.empty(NUMBERS, FREQUENCIES))
        self.weight = nn.Parameter(torch.empty(NUMBERS, FREQUENCIES, EMBEDDING - 1))
        self.bias = nn.Parameter(torch.empty(NUMBERS, EMBEDDING - 1))

    def forward(self, x):
        waves = torch.cos(2 * math.pi * (self.frequencies * x[..., None] + self.phases))
        periodic = torch.einsum("bdk,dke->bde", waves, self.weight) + self.bias
        return torch.cat([x[..., None], periodic], 2).flatten(1)


class EnsembleLinear(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs))
        self.r = nn.Parameter(torch.empty(MEMBERS, inputs))
        self.s = nn.Parameter(torch.empty(MEMBERS, outputs))
        self.bias = nn.Parameter(torch.empty(MEMBERS, outputs))

    def forward(self, x):
        return F.linear(x * self.r[:, None], self.weight) * self.s[:, None] + self.bias[:, None]


class MemberLinear(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(MEMBERS, inputs, outputs))
        self.bias = nn.Parameter(torch.empty(MEMBERS, outputs))

    def forward(self, x):
        return torch.bmm(x, self.weight) + self.bias[:, None]


class TableNetwork(nn.Module):
    def __init__(self, outputs):
        super().__init__()
        width = NUMBERS * EMBEDDING + INDICATORS
        sizes = [width, *HIDDEN]
        self.embedding = PeriodicEmbedding()
        self.hidden = nn.ModuleList(EnsembleLinear(i, o) for i, o in zip(sizes[:-1], sizes[1:]))
        self.head = MemberLinear(sizes[-1], outputs)
        self.linear = nn.Linear(width, outputs)

    def forward(self, numbers, indicators):
        inputs = torch.cat([self.embedding(numbers), indicators], 1)
        x = inputs[None]
        for layer in self.hidden:
            x = F.silu(layer(x))
        return self.head(x) + self.linear(inputs)


def formula(seed, shape, scale):
    position = torch.arange(math.prod(shape), dtype=torch.float64)
    return (torch.sin(position * 0.37 + seed) * scale).to(torch.float32).reshape(shape)


def results(task):
    outputs = 3 if task == "multi-class" else 1
    model = TableNetwork(outputs)
    for index, parameter in enumerate(model.parameters()):
        parameter.data = formula(index, parameter.shape, 0.5)
    numbers = formula(100, (BATCH, NUMBERS), 1.5)
    indicators = (formula(101, (BATCH, INDICATORS), 1) > 0).float()
    logits = model(numbers, indicators)
    if task == "multi-class":
        labels = torch.tensor([0, 2, 1, 2])
        fit = F.cross_entropy(logits.flatten(0, 1), labels.repeat(MEMBERS))
    elif task == "binary":
        labels = torch.tensor([0.0, 1.0, 1.0, 0.0])
        fit = F.binary_cross_entropy_with_logits(logits[..., 0], labels.expand(MEMBERS, -1))
    else:
        labels = formula(7, (BATCH,), 1)
        fit = F.mse_loss(logits[..., 0], labels.expand(MEMBERS, -1))
    squares = sum(layer.weight.square().sum() for layer in model.hidden) + model.head.weight.square().sum() / MEMBERS
    loss = fit + 0.02 / 2 * squares + 0.03 / 2 * model.linear.weight.square().sum()
    loss.backward()
    gradients = {
        name: {
            "shape": list(parameter.shape),
            "norm": parameter.grad.norm().item(),
            "projection": (parameter.grad * formula(300, parameter.shape, 1)).sum().item(),
        }
        for name, parameter in model.named_parameters()
    }
    return {"logits": logits.flatten().tolist(), "fit": fit.item(), "loss": loss.item(), "gradients": gradients}


print(json.dumps({task: results(task) for task in ["binary", "multi-class", "number"]}))
