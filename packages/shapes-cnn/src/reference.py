"""Reference values in PyTorch for `twin.test.ts`: python reference.py > reference.json (torch 2.13.0).

Weights follow a formula, so that only results need to be stored. Parameters have the names and layouts of the checkpoints:
`twin(channels, blocks).load_state_dict(safetensors.torch.load_file("step-N.safetensors"))`.
"""

import json
import math

import torch
import torch.nn.functional as F
from torch import nn

CLASSES, CHANNELS, BLOCKS, BATCH, SIZE = 10, [3, 4, 5], 2, 3, 9


def convolution(inputs, outputs, kernel, stride):
    return nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, bias=False)


class ResidualBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1, self.norm1 = convolution(inputs, outputs, 3, stride), nn.BatchNorm2d(outputs)
        self.conv2, self.norm2 = convolution(outputs, outputs, 3, 1), nn.BatchNorm2d(outputs)
        if stride == 2:
            self.shortcut, self.shortcutNorm = convolution(inputs, outputs, 1, 1), nn.BatchNorm2d(outputs)

    def forward(self, x):
        residual = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)))))
        if hasattr(self, "shortcut"):
            # A window over the edge averages the pixels inside the picture.
            x = self.shortcutNorm(self.shortcut(F.avg_pool2d(x, 2, ceil_mode=True, count_include_pad=False)))
        return F.relu(residual + x)


class ShapesCnn(nn.Module):
    def __init__(self, channels, blocks_per_stage):
        super().__init__()
        self.stem, self.stemNorm = convolution(3, channels[0], 3, 2), nn.BatchNorm2d(channels[0])
        self.blocks = nn.ModuleList(
            ResidualBlock(inputs if block == 0 else outputs, outputs, 2 if block == 0 else 1)
            for inputs, outputs in zip(channels[:-1], channels[1:])
            for block in range(blocks_per_stage)
        )
        self.classifier = nn.Linear(channels[-1], CLASSES)

    def features(self, x):
        x = F.relu(self.stemNorm(self.stem(x)))
        for block in self.blocks:
            x = block(x)
        return x

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))


def formula(seed, shape, scale):
    position = torch.arange(math.prod(shape), dtype=torch.float64)
    return (torch.sin(position * 0.37 + seed) * scale).to(torch.float32).reshape(shape)


def results():
    model = ShapesCnn(CHANNELS, BLOCKS)
    for index, parameter in enumerate(model.parameters()):
        parameter.data = formula(index, parameter.shape, 0.5) + (1 if parameter.ndim == 1 else 0)
    images = formula(100, (BATCH, SIZE, SIZE, 3), 0.5) + 0.5
    x = images.permute(0, 3, 1, 2)
    labels = torch.tensor([0, 7, 3])
    logits = model(x)  # training mode: batch statistics, which update the running statistics
    loss = F.cross_entropy(logits, labels, label_smoothing=0.1)
    loss.backward()
    gradients = {
        name: {
            "shape": list(value.shape),
            "norm": value.grad.norm().item(),
            "projection": (value.grad.double() * formula(300, value.shape, 1.0)).sum().item(),
        }
        for name, value in model.named_parameters()
    }
    model.eval()
    return {
        "logits": logits.flatten().tolist(),
        "loss": loss.item(),
        "gradients": gradients,
        "evaluated": model(x).flatten().tolist(),
    }


if __name__ == "__main__":
    print(json.dumps(results(), indent=1))
