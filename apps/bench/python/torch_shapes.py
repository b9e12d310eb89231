"""The network of packages/shapes-cnn as a PyTorch user would write it."""

import torch.nn.functional as F
from torch import nn


def convolution(inputs, outputs, kernel, stride=1):
    return nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, bias=False)


class HalvingBlock(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv1, self.norm1 = convolution(inputs, outputs, 3, 2), nn.BatchNorm2d(outputs)
        self.conv2, self.norm2 = convolution(outputs, outputs, 3), nn.BatchNorm2d(outputs)
        self.shortcut, self.shortcutNorm = convolution(inputs, outputs, 1), nn.BatchNorm2d(outputs)

    def forward(self, x):
        residual = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)))))
        return F.relu(residual + self.shortcutNorm(self.shortcut(F.avg_pool2d(x, 2))))


class Network(nn.Module):
    def __init__(self, *channels):
        super().__init__()
        self.stem, self.stemNorm = convolution(3, channels[0], 3, 2), nn.BatchNorm2d(channels[0])
        self.blocks = nn.Sequential(*(HalvingBlock(a, b) for a, b in zip(channels[:-1], channels[1:])))
        self.classifier = nn.Linear(channels[-1], 10)

    def forward(self, images):
        features = self.blocks(F.relu(self.stemNorm(self.stem(images))))
        return self.classifier(features.mean((2, 3)))


class ShapesCnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.cnn = Network(16, 32, 64, 128)

    def forward(self, images, labels):
        return F.cross_entropy(self.cnn(images), labels)
