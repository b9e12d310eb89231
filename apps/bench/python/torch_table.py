"""The ensemble of packages/hr-attrition as a PyTorch user would write it: `forward` gives the loss of a batch."""

import math

import torch
import torch.nn.functional as F
from torch import nn

NUMBERS, INDICATORS, MEMBERS, UNITS, FREQUENCIES, EMBEDDING = 23, 28, 16, 32, 16, 4
PENALTY, LINEAR_PENALTY = 5e-3, 1e-3


class PeriodicEmbedding(nn.Module):
    def __init__(self):
        super().__init__()
        self.frequencies = nn.Parameter(torch.zeros(NUMBERS, FREQUENCIES))
        self.phases = nn.Parameter(torch.zeros(NUMBERS, FREQUENCIES))
        self.weight = nn.Parameter(torch.zeros(NUMBERS, FREQUENCIES, EMBEDDING - 1))
        self.bias = nn.Parameter(torch.zeros(NUMBERS, EMBEDDING - 1))

    def forward(self, x):
        waves = torch.cos(2 * math.pi * (self.frequencies * x[..., None] + self.phases))
        periodic = torch.einsum("bdk,dke->bde", waves, self.weight) + self.bias
        return torch.cat([x[..., None], periodic], 2).flatten(1)


class EnsembleLinear(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(outputs, inputs))
        self.r = nn.Parameter(torch.zeros(MEMBERS, inputs))
        self.s = nn.Parameter(torch.zeros(MEMBERS, outputs))
        self.bias = nn.Parameter(torch.zeros(MEMBERS, outputs))

    def forward(self, x):
        return F.linear(x * self.r[:, None], self.weight) * self.s[:, None] + self.bias[:, None]


class MemberLinear(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(MEMBERS, inputs, outputs))
        self.bias = nn.Parameter(torch.zeros(MEMBERS, outputs))

    def forward(self, x):
        return torch.baddbmm(self.bias[:, None], x, self.weight)


class TableNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        width = NUMBERS * EMBEDDING + INDICATORS
        self.embedding = PeriodicEmbedding()
        self.hidden = nn.ModuleList([EnsembleLinear(width, UNITS)])
        self.head = MemberLinear(UNITS, 1)
        self.linear = nn.Linear(width, 1)

    def forward(self, numbers, indicators):
        inputs = torch.cat([self.embedding(numbers), indicators], 1)
        x = inputs[None]
        for layer in self.hidden:
            x = F.silu(layer(x))
        return self.head(x) + self.linear(inputs)


class TableEnsemble(nn.Module):
    def __init__(self):
        super().__init__()
        self.network = TableNetwork()

    def forward(self, numbers, indicators, targets):
        network = self.network
        logits = network(numbers, indicators)[..., 0]
        fit = F.binary_cross_entropy_with_logits(logits, targets.expand(MEMBERS, -1))
        squares = network.hidden[0].weight.square().sum() + network.head.weight.square().sum() / MEMBERS
        return fit + PENALTY / 2 * squares + LINEAR_PENALTY / 2 * network.linear.weight.square().sum()
