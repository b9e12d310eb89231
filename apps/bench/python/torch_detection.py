"""The detector of src/training/steps in PyTorch: the same parameter names, `forward` gives the loss of a batch."""

import torch
import torch.nn.functional as F
from torch import nn

IMAGE, STRIDE, SIDE, SAMPLES = 128, 4, 7, 2


def interpolation_weights(start, end, size):
    points = (torch.arange(SIDE * SAMPLES) + 0.5) / (SIDE * SAMPLES)
    at = (start[..., None] + (end - start)[..., None] * points - 0.5).clamp(0, size - 1)
    hats = F.relu(1 - (at[..., None] - torch.arange(size)).abs())
    return hats.unflatten(2, (SIDE, SAMPLES)).mean(3)  # [B, R, P, S]


def roi_align(features, boxes):
    """As torchvision.ops.roi_align(features, boxes, 7, 1 / 4, sampling_ratio=2, aligned=True), whose published builds
    want CUDA. Interpolation is separable: two products, which were twice as fast here as F.grid_sample and a mean."""
    left, top, right, bottom = (boxes / STRIDE).unbind(2)
    size = IMAGE // STRIDE
    rows = interpolation_weights(top, bottom, size).flatten(1, 2)  # [B, R P, S]
    columns = interpolation_weights(left, right, size)
    bands = rows @ features.permute(0, 2, 3, 1).flatten(2)  # [B, R P, S C]
    bands = bands.view(*columns.shape[:2], SIDE, size, -1)
    return (columns[:, :, None] @ bands).flatten(0, 1)  # [B R, P, P, C]


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        layers = []
        for inputs, outputs, stride in ((3, 32, 2), (32, 64, 2), (64, 64, 1), (64, 64, 1)):
            layers += [nn.Conv2d(inputs, outputs, 3, stride, 1), nn.ReLU()]
        self.backbone = nn.Sequential(*layers)
        self.head = nn.Linear(SIDE * SIDE * 64, 256)
        self.classifier = nn.Linear(256, 11)
        self.regressor = nn.Linear(256, 4)

    def forward(self, images, boxes, labels, offsets):
        hidden = F.relu(self.head(roi_align(self.backbone(images), boxes).flatten(1)))
        classification = F.cross_entropy(self.classifier(hidden), labels.flatten())
        return classification + F.smooth_l1_loss(self.regressor(hidden), offsets.flatten(0, 1))
