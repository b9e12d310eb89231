"""Reference values in PyTorch for `twin.test.ts`: python reference.py > reference.json (torch 2.13.0).

Weights follow a formula, so that only results need to be stored. Parameters have the names and layouts of the
checkpoints. Everything is computed in float64, to check the float32 values of Motley.
"""

import json
import math

import torch
import torch.nn.functional as F
from torch import nn

torch.set_default_dtype(torch.float64)

SIZE, CHANNELS, BATCH = 8, 2, 5
TRUNK, BRANCH, CHANNELS_PER_NORM = [4, 8], [6], 2
MEMBERS = [2, 1, 3]
GROUPS, POSITIONS = [2, 0, 2, 1, 0], [1, 1, 2, 0, 0]


class StandardizedConv2d(nn.Conv2d):
    """Qiao et al., arXiv 1903.10520, equations 1 and 2: mean and deviation over all inputs of each output channel."""

    def forward(self, x):
        mean = self.weight.mean(dim=(1, 2, 3), keepdim=True)
        variance = self.weight.var(dim=(1, 2, 3), keepdim=True, unbiased=False)
        weight = (self.weight - mean) / torch.sqrt(variance + 1e-5)
        return F.conv2d(x, weight, padding=self.padding)


class Block(nn.Module):
    def __init__(self, inputs, outputs, halves=False):
        super().__init__()
        self.halves = halves
        self.convolution = StandardizedConv2d(inputs, outputs, 3, padding=1, bias=False)
        self.normalization = nn.GroupNorm(max(1, outputs // CHANNELS_PER_NORM), outputs)

    def forward(self, x):
        convolved = self.convolution(x)
        return F.relu(self.normalization(F.max_pool2d(convolved, 2) if self.halves else convolved))


class Flatten(nn.Module):
    """Flattens as Motley does, whose feature maps are channels last."""

    def forward(self, x):
        return x.permute(0, 2, 3, 1).flatten(1)


class BranchingCnn(nn.Module):
    def __init__(self):
        super().__init__()
        widths = [CHANNELS, *TRUNK]
        self.trunk = nn.Sequential(*[Block(*pair, halves=True) for pair in zip(widths, TRUNK)])
        positions = (SIZE // 2 ** len(TRUNK)) ** 2
        self.router = nn.Linear(positions * TRUNK[-1], len(MEMBERS))
        widths = [TRUNK[-1], *BRANCH]
        self.branches = nn.ModuleList(
            nn.Sequential(
                *[Block(*pair) for pair in zip(widths, BRANCH)],
                Flatten(),
                nn.Linear(positions * BRANCH[-1], members),
            )
            for members in MEMBERS
        )

    def forward(self, images):
        features = self.trunk(images)
        router = self.router(Flatten()(features))
        classes = [self.branches[group](features[row : row + 1]) for row, group in enumerate(GROUPS)]
        return router, classes


def formula(seed: int, shape, scale: float) -> torch.Tensor:
    position = torch.arange(math.prod(shape))
    return (torch.sin(position * 0.37 + seed) * scale).float().double().reshape(shape)


def gradients(module: nn.Module) -> dict:
    return {
        name: {
            "shape": list(value.shape),
            "norm": value.grad.norm().item(),
            "projection": (value.grad * formula(300, value.shape, 1.0)).sum().item(),
        }
        for name, value in module.named_parameters()
    }


def network() -> dict:
    model = BranchingCnn()
    for index, parameter in enumerate(model.parameters()):
        parameter.data = formula(index, parameter.shape, 0.5)
    images = formula(100, (BATCH, SIZE, SIZE, CHANNELS), 0.5) + 0.5
    router, classes = model(images.permute(0, 3, 1, 2))
    branch = sum(
        F.cross_entropy(logits, torch.tensor([position])) for logits, position in zip(classes, POSITIONS)
    ) / BATCH
    loss = branch + F.cross_entropy(router, torch.tensor(GROUPS))
    loss.backward()
    return {
        "loss": loss.item(),
        "branch": branch.item(),
        "groupLogits": router.flatten().tolist(),
        "classLogits": [logits.flatten().tolist() for logits in classes],
        "gradients": gradients(model),
    }


def block() -> dict:
    """Weight standardization and group normalization alone: all values and gradients."""
    model = Block(3, 4)
    for index, parameter in enumerate(model.parameters()):
        parameter.data = formula(index, parameter.shape, 0.5)
    given = (formula(100, (2, 5, 4, 3), 1.0)).requires_grad_()
    convolved = model.convolution(given.permute(0, 3, 1, 2))
    output = model.normalization(convolved).permute(0, 2, 3, 1)
    (output * formula(200, output.shape, 1.0)).sum().backward()
    values = {name: value.grad.flatten().tolist() for name, value in model.named_parameters()}
    return {"output": output.flatten().tolist(), "byInput": given.grad.flatten().tolist(), "gradients": values}


if __name__ == "__main__":
    print(json.dumps({"network": network(), "block": block()}, separators=(",", ":")))
