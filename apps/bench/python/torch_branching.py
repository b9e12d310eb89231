"""packages/branching-cnn in PyTorch: a trunk, a router, and branches that run on their part of the batch alone."""

import torch
import torch.nn.functional as F
from torch import nn

MEMBERS = (4, 3, 3)
NO_CLASS = -1e9


class Block(nn.Module):
    def __init__(self, inputs, outputs, halves):
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.normalization = nn.GroupNorm(outputs // 8, outputs)
        self.halves = halves

    def forward(self, x):
        weight = self.convolution.weight
        variance, mean = torch.var_mean(weight, (1, 2, 3), correction=0, keepdim=True)
        x = F.conv2d(x, (weight - mean) * torch.rsqrt(variance + 1e-5), padding=1)
        return F.relu(self.normalization(F.max_pool2d(x, 2) if self.halves else x))


def flat(features):
    return features.permute(0, 2, 3, 1).flatten(1)


class Flatten(nn.Module):
    def forward(self, x):
        return flat(x)


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(Block(1, 16, True), Block(16, 32, True), Block(32, 64, True))
        self.router = nn.Linear(9 * 64, len(MEMBERS))
        self.branches = nn.ModuleList(
            nn.Sequential(Block(64, 64, False), Flatten(), nn.Linear(9 * 64, members)) for members in MEMBERS
        )


class Branching(nn.Module):
    def __init__(self):
        super().__init__()
        self.network = Network()

    def forward(self, images, groups, positions):
        features = self.network.trunk(images)
        logits = torch.full((len(images), max(MEMBERS)), NO_CLASS)
        for group, members in enumerate(MEMBERS):
            rows = (groups == group).nonzero().flatten()
            if len(rows) > 0:
                logits[rows, :members] = self.network.branches[group](features[rows])
        return F.cross_entropy(logits, positions) + F.cross_entropy(self.network.router(flat(features)), groups)


def plain_sgd(parameters, learning_rate):
    return torch.optim.SGD(parameters, learning_rate, fused=True)
