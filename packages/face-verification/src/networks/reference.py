"""Reference values for `twin.test.ts`: python reference.py > reference.json.

torch 2.14.1, torchvision 0.29.1 and timm 1.0.31 have the networks; the weights follow a formula, so that only results
need to be stored. All is computed in float64 from float32 weights.
"""

import json
import math

import numpy
import torch
import torch.nn.functional as F

import timm
from timm.models.convnext import checkpoint_filter_fn
from torchvision.models import convnext_base, convnext_large, convnext_small, convnext_tiny
from torchvision.models.resnet import BasicBlock, ResNet

CLASSES, BATCH, SIZE = 3, 4, 64


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
    if name.endswith("layer_scale"):
        return 0.5 * values
    if len(shape) == 0:
        return torch.tensor(0)
    if len(shape) > 1:
        return math.sqrt(6 / math.prod(shape[1:])) * values
    return 1 + 0.2 * values if name.endswith("weight") else 0.1 * values


def fill(model):
    state = {
        name: weight(name, seed, tuple(tensor.shape)) for seed, (name, tensor) in enumerate(model.state_dict().items())
    }
    model.load_state_dict(state)
    return model.double()


def measured(model):
    images = noise(1000, (BATCH, SIZE, SIZE, 3)).double().permute(0, 3, 1, 2)
    model.zero_grad()
    logits = model(images)
    F.cross_entropy(logits, torch.tensor([0, 2, 1, 2])).backward()
    gradients = {
        name: [value.grad.norm().item(), (value.grad * noise(2000, tuple(value.shape)).double()).sum().item()]
        for name, value in model.named_parameters()
    }
    return {"logits": logits.flatten().tolist(), "gradients": gradients}


def still(model):
    """Without the noise of training."""
    for module in model.modules():
        if "StochasticDepth" in type(module).__name__:
            module.p = 0.0
    return model


def results(create):
    return {
        "shapes": {name: list(tensor.shape) for name, tensor in create().state_dict().items()},
        "evaluated": measured(fill(create()).eval()),
        "trained": measured(still(fill(create())).train()),
    }


def small_resnet():
    """torchvision's, with the stem that small pictures need."""
    model = ResNet(BasicBlock, [1, 1, 2, 1], num_classes=CLASSES)
    model.conv1 = torch.nn.Conv2d(3, 64, 3, 2, 1, bias=False)
    model.maxpool = torch.nn.Identity()
    return model


def authors_names():
    """Names of the authors' weights, which timm's converter turns into its own."""
    model = timm.create_model("convnext_tiny", num_classes=CLASSES)
    names = [f"downsample_layers.{stage}.{place}.{kind}" for stage in range(4) for place in (0, 1) for kind in ("weight", "bias")]
    for stage, depth in enumerate((3, 3, 9, 3)):
        for block in range(depth):
            under = f"stages.{stage}.{block}"
            names += [f"{under}.gamma"]
            names += [f"{under}.{layer}.{kind}" for layer in ("dwconv", "norm", "pwconv1", "pwconv2") for kind in ("weight", "bias")]
    names += [f"{layer}.{kind}" for layer in ("norm", "head") for kind in ("weight", "bias")]
    converted = checkpoint_filter_fn({name: torch.zeros(1) for name in names}, model)
    assert set(converted) == set(model.state_dict()), set(converted) ^ set(model.state_dict())
    return names


def timm_names():
    """timm's names by the authors'."""
    model = timm.create_model("convnext_tiny", num_classes=CLASSES)
    names = authors_names()
    numbered = checkpoint_filter_fn({name: torch.full((1,), float(place)) for place, name in enumerate(names)}, model)
    return {names[int(value.flatten()[0].item())]: name for name, value in numbered.items()}


if __name__ == "__main__":
    with torch.device("meta"):
        parameters = {
            name: sum(value.numel() for value in create().parameters())
            for name, create in {
                "tiny": convnext_tiny,
                "small": convnext_small,
                "base": convnext_base,
                "large": convnext_large,
            }.items()
        }
    print(
        json.dumps(
            {
                "parameters": parameters,
                "timm": timm_names(),
                "convnext-tiny": results(lambda: convnext_tiny(num_classes=CLASSES)),
                "resnet": results(small_resnet),
            },
            indent=1,
        )
    )
