"""Reference values of PyTorch's layers for `layers.test.ts`: python reference.py > reference.json (torch 2.13.0)."""

import json

import torch
from torch import nn


def numbers(tensor: torch.Tensor) -> dict:
    values = [round(float(value), 6) for value in tensor.detach().flatten()]
    return {"shape": list(tensor.shape), "values": values}


def case(layer: nn.Module, *shape: int) -> dict:
    """State of the layer, an input, the output, and the gradients of sum(output²) by parameter name."""
    for parameter in layer.parameters():
        parameter.data = (torch.randn(parameter.shape) * 0.5).round(decimals=3)
    given = torch.randn(*shape).round(decimals=3).requires_grad_()
    output = layer(given)
    output.square().sum().backward()
    return {
        "state": {name: numbers(value) for name, value in layer.state_dict().items()},
        "input": numbers(given),
        "output": numbers(output),
        "gradients": {name: numbers(value.grad) for name, value in layer.named_parameters()},
        "inputGradient": numbers(given.grad),
    }


torch.manual_seed(0)
print(
    json.dumps(
        {
            "linear": case(nn.Linear(3, 2), 4, 3),
            "convolutionSame": case(nn.Conv2d(2, 3, 4, stride=2, padding=1), 1, 2, 6, 6),
            "convolutionPadded": case(nn.Conv2d(1, 2, 3, stride=2, padding=1), 2, 1, 6, 5),
            "convolutionValid": case(nn.Conv2d(2, 1, 3, bias=False), 1, 2, 4, 5),
            "transposedSame": case(nn.ConvTranspose2d(3, 2, 4, stride=2, padding=1), 1, 3, 3, 3),
            "transposedCut": case(nn.ConvTranspose2d(2, 1, 3, stride=2, padding=1), 1, 2, 3, 4),
            "transposedValid": case(nn.ConvTranspose2d(1, 2, 3, stride=2, bias=False), 1, 1, 2, 3),
            "sequential": case(nn.Sequential(nn.Linear(3, 4), nn.GELU("tanh"), nn.Linear(4, 2), nn.SiLU()), 2, 3),
            "gelu": case(nn.Sequential(nn.Linear(3, 4), nn.GELU()), 2, 3),
            "depthwiseSame": case(nn.Conv2d(3, 3, 3, padding=1, groups=3), 2, 3, 4, 5),
            "depthwiseStrided": case(nn.Conv2d(2, 2, 3, stride=2, padding=1, groups=2), 1, 2, 6, 5),
            "depthwiseValid": case(nn.Conv2d(2, 2, 2, stride=3, bias=False, groups=2), 2, 2, 7, 6),
            "layerNorm": case(nn.LayerNorm(5), 2, 3, 5),
            "rmsNorm": case(nn.RMSNorm(5), 2, 3, 5),
            "groupNorm": case(nn.GroupNorm(2, 6), 2, 6, 3, 2),
            "instanceNorm": case(nn.GroupNorm(3, 3, eps=1e-3), 2, 3, 2, 3),
        },
        separators=(",", ":"),
    )
)
