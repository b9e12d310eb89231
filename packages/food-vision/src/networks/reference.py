"""Reference values for `twin.test.ts`: python reference.py > reference.json.

torch 2.14.1, torchvision 0.29.1 and efficientnet-lite-pytorch 0.1.0 have the networks; the weights follow a formula, so
that only results need to be stored. All is computed in float64 from float32 weights.
"""

import json
import math

import numpy
import torch
import torch.nn.functional as F
from efficientnet_lite_pytorch import EfficientNet
from torchvision.models import VisionTransformer, efficientnet_b2, vit_b_16

CLASSES, BATCH, SIZE = 3, 4, 64
# With these pictures no value of Lite0 lies so near a corner of ReLU6 that the rounding of float32 crosses it.
PICTURES = 1015


def noise(seed, shape):
    """Values in [-1, 1) by a hash of the place."""
    x = numpy.arange(math.prod(shape), dtype=numpy.uint32)
    x = x * numpy.uint32(0x9E3779B1) + numpy.uint32(seed * 0x85EBCA6B % 2**32)
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x = (x ^ (x >> numpy.uint32(shift))) * numpy.uint32(factor)
    x = x ^ (x >> numpy.uint32(16))
    return torch.from_numpy((x / 2**31 - 1).astype(numpy.float32)).reshape(shape)


def weight(name, seed, shape):
    values = noise(seed, shape)
    if name.endswith("running_var"):
        return 1 + 0.5 * values
    if len(shape) == 0:
        return torch.tensor(0)
    if name in ("class_token", "encoder.pos_embedding"):
        return 0.5 * values
    if len(shape) > 1:
        return math.sqrt(6 / math.prod(shape[1:])) * values
    return 1 + 0.2 * values if name.endswith("weight") else 0.1 * values


def fill(model):
    state = {
        name: weight(name, seed, tuple(tensor.shape)) for seed, (name, tensor) in enumerate(model.state_dict().items())
    }
    model.load_state_dict(state)
    return model.double()


def still(model):
    """Without the noise of training."""
    for module in model.modules():
        if "StochasticDepth" in type(module).__name__:
            module.p = 0.0
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return model


def measured(model, size):
    images = noise(PICTURES, (BATCH, size, size, 3)).double().permute(0, 3, 1, 2)
    labels = torch.tensor([0, 2, 1, 2])
    model.zero_grad()
    logits = model(images)
    F.cross_entropy(logits, labels).backward()
    gradients = {
        name: [
            value.grad.norm().item(),
            (value.grad * noise(2000, tuple(value.shape)).double()).sum().item(),
        ]
        for name, value in model.named_parameters()
    }
    return {"logits": logits.flatten().tolist(), "gradients": gradients}


def results(model, size):
    names = {name: list(tensor.shape) for name, tensor in model.state_dict().items()}
    evaluated = measured(fill(model).eval(), size)
    return {
        "shapes": names,
        "parameters": sum(value.numel() for value in model.parameters()),
        "evaluated": evaluated,
        "trained": measured(still(fill(model)).train(), size),
    }


if __name__ == "__main__":
    lite = EfficientNet.from_name("efficientnet-lite0", num_classes=CLASSES, image_size=SIZE, drop_connect_rate=0.0)
    small = VisionTransformer(
        image_size=32, patch_size=8, num_layers=3, num_heads=4, hidden_dim=24, mlp_dim=48, num_classes=CLASSES
    )
    whole = vit_b_16(num_classes=CLASSES)
    print(
        json.dumps(
            {
                "efficientnet-b2": results(efficientnet_b2(num_classes=CLASSES), SIZE),
                "efficientnet-lite0": results(lite, SIZE),
                "small-vit": results(small, 32),
                "vit-b-16": {
                    "shapes": {name: list(tensor.shape) for name, tensor in whole.state_dict().items()},
                    "parameters": sum(value.numel() for value in whole.parameters()),
                },
            },
            indent=1,
        )
    )
