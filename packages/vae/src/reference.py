"""Values of the same VAEs in PyTorch for `twin.test.ts`: python reference.py > reference.json (torch 2.13.0).

Weights are a formula of their name and position, so that only results need to be kept; names and layouts are those of
the checkpoints (`torch.load_state_dict(safetensors.torch.load_file("step-N.safetensors"))` works on `twin(...)`).
"""

import json
import math

import torch
import torch.nn.functional as F
from torch import nn

BATCH, LATENTS, HIDDEN, CHANNELS, FEATURES = 3, 2, [6, 5], [2, 3], 4


class Permute(nn.Module):
    def __init__(self, *order):
        super().__init__()
        self.order = order

    def forward(self, x):
        return x.permute(*self.order)


def perceptron(sizes):
    layers = []
    for size, following in zip(sizes[:-1], sizes[1:]):
        layers += [nn.Linear(size, following), nn.ELU()]
    return nn.Sequential(*layers[:-1])


def dense():
    return perceptron([784, *HIDDEN, 2 * LATENTS]), perceptron([LATENTS, *HIDDEN[::-1], 784])


def convolutional():
    """Motley's feature maps are channels last: `Permute` brings PyTorch's to the same order where they are flat."""
    wide, narrow = CHANNELS
    encoder = nn.Sequential(
        nn.Unflatten(1, (1, 28, 28)),
        nn.Conv2d(1, wide, 4, 2, 1),
        nn.ELU(),
        nn.Conv2d(wide, narrow, 4, 2, 1),
        nn.ELU(),
        nn.Sequential(Permute(0, 2, 3, 1), nn.Flatten()),
        nn.Linear(49 * narrow, FEATURES),
        nn.ELU(),
        nn.Linear(FEATURES, 2 * LATENTS),
    )
    decoder = nn.Sequential(
        nn.Linear(LATENTS, FEATURES),
        nn.ELU(),
        nn.Linear(FEATURES, 49 * narrow),
        nn.ELU(),
        nn.Sequential(nn.Unflatten(1, (7, 7, narrow)), Permute(0, 3, 1, 2)),
        nn.ConvTranspose2d(narrow, wide, 4, 2, 1),
        nn.ELU(),
        nn.ConvTranspose2d(wide, 1, 4, 2, 1),
        nn.Flatten(),
    )
    return encoder, decoder


def formula(seed: int, shape, scale: float) -> torch.Tensor:
    count = math.prod(shape)
    position = torch.arange(count, dtype=torch.float64)
    return (torch.sin(position * 0.37 + seed) * scale).to(torch.float32).reshape(shape)


def twin(make) -> nn.Module:
    encoder, decoder = make()
    return nn.ModuleDict({"encoder": encoder, "decoder": decoder})


def results(make) -> dict:
    model = twin(make)
    for index, parameter in enumerate(model.parameters()):
        parameter.data = formula(index, parameter.shape, 0.2)
    images = formula(100, (BATCH, 784), 0.5) + 0.5
    noise = formula(200, (BATCH, LATENTS), 1.5)
    mean, log_variance = model["encoder"](images).chunk(2, 1)
    logits = model["decoder"](mean + torch.exp(0.5 * log_variance) * noise)
    reconstruction = F.binary_cross_entropy_with_logits(logits, images, reduction="sum") / BATCH
    kl = -0.5 * torch.sum(1 + log_variance - mean.square() - log_variance.exp()) / BATCH
    (reconstruction + kl).backward()
    gradients = {
        name: {
            "shape": list(value.shape),
            "norm": value.grad.norm().item(),
            "projection": (value.grad.double() * formula(300, value.shape, 1.0)).sum().item(),
        }
        for name, value in model.named_parameters()
    }
    return {
        "mean": mean.flatten().tolist(),
        "logVariance": log_variance.flatten().tolist(),
        "loss": (reconstruction + kl).item(),
        "reconstruction": reconstruction.item(),
        "kl": kl.item(),
        "gradients": gradients,
    }


if __name__ == "__main__":
    print(json.dumps({"dense": results(dense), "convolutional": results(convolutional)}, indent=1))
