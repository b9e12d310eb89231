"""Values of the same VAEs in PyTorch for `twin.test.ts`: python reference.py > reference.json (torch 2.13.0).

Weights are a formula of their name and position, so that only results need to be kept; names and layouts are those of
the checkpoints (`torch.load_state_dict(safetensors.torch.load_file("step-N.safetensors"))` works on `twin(...)`).
"""

import json
import math

import torch
import torch.nn.functional as F
from torch import nn

BATCH, LATENTS, HIDDEN, CHANNELS, FEATURES, NEIGHBORS, COMPONENTS, SAMPLES = 3, 2, [6, 5], [2, 3], 4, 3, 5, 4


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
    return {
        "encoder": perceptron([784, *HIDDEN, 2 * LATENTS]),
        "decoder": perceptron([LATENTS, *HIDDEN[::-1], 784]),
    }


def autoencoder():
    return {**dense(), "encoder": perceptron([784, *HIDDEN, LATENTS])}


class MaskedConv2d(nn.Conv2d):
    """Sees the pixels above, and those to the left in the same row."""

    def forward(self, x):
        before = torch.arange(81).reshape(9, 9) < 40
        return F.conv2d(x, self.weight * before, self.bias, padding=4)


class NeighborDecoder(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.seeing = nn.Sequential(MaskedConv2d(1, 4 * channels, 9), nn.ELU(), nn.Conv2d(4 * channels, channels, 1))
        self.mixing = nn.Sequential(nn.ELU(), nn.Conv2d(channels, channels, 1), nn.ELU(), nn.Conv2d(channels, 1, 1))

    def forward(self, features, images):
        maps = features.reshape(-1, 28, 28, self.seeing[2].out_channels).permute(0, 3, 1, 2)
        seen = self.seeing(images.reshape(-1, 1, 28, 28)).repeat(len(maps) // len(images), 1, 1, 1)
        return self.mixing(maps + seen).flatten(1)


class MixturePrior(nn.Module):
    """One mixture for each of `factors` equal parts of the latents."""

    def __init__(self, factors=1):
        super().__init__()
        rows, self.size = factors * COMPONENTS, LATENTS // factors
        self.means = nn.Parameter(torch.zeros(rows, self.size))
        self.logVariances = nn.Parameter(torch.zeros(rows, self.size))
        self.logits = nn.Parameter(torch.zeros(rows))

    def log_prob(self, latents):
        distributions = torch.distributions
        total = 0
        for factor, part in enumerate(latents.split(self.size, 1)):
            own = slice(factor * COMPONENTS, (factor + 1) * COMPONENTS)
            deviations = torch.exp(0.5 * self.logVariances[own])
            normals = distributions.Independent(distributions.Normal(self.means[own], deviations), 1)
            weights = distributions.Categorical(logits=self.logits[own])
            total = total + distributions.MixtureSameFamily(weights, normals).log_prob(part)
        return total


def mixture(factors=1):
    return {**dense(), "prior": MixturePrior(factors)}


def mixtures():
    return mixture(factors=2)


def neighbors():
    return {**convolutional(NEIGHBORS), "neighbours": NeighborDecoder(NEIGHBORS)}


def convolutional(depth=1):
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
        nn.ConvTranspose2d(wide, depth, 4, 2, 1),
        Permute(0, 2, 3, 1),
        nn.Flatten(),
    )
    return {"encoder": encoder, "decoder": decoder}


def formula(seed: int, shape, scale: float) -> torch.Tensor:
    count = math.prod(shape)
    position = torch.arange(count, dtype=torch.float64)
    return (torch.sin(position * 0.37 + seed) * scale).to(torch.float32).reshape(shape)


def twin(make) -> nn.Module:
    return nn.ModuleDict(make())


def results(make, samples=1) -> dict:
    model = twin(make)
    for index, parameter in enumerate(model.parameters()):
        parameter.data = formula(index, parameter.shape, 0.2)
    images = formula(100, (BATCH, 784), 0.5) + 0.5
    code = model["encoder"](images)
    mean, log_variance = code.chunk(2, 1) if code.shape[1] == 2 * LATENTS else (code, None)
    latents = mean.repeat(samples, 1)
    if log_variance is not None:
        noise = formula(200, (samples * BATCH, LATENTS), 1.5)
        latents = latents + torch.exp(0.5 * log_variance).repeat(samples, 1) * noise
    logits = model["decoder"](latents)
    if "neighbours" in model:
        logits = model["neighbours"](logits, images)
    costs = F.binary_cross_entropy_with_logits(logits, images.repeat(samples, 1), reduction="none").sum(1)
    terms = {"reconstruction": costs.mean()}
    if log_variance is not None:
        posterior = torch.distributions.Normal(mean.repeat(samples, 1), torch.exp(0.5 * log_variance).repeat(samples, 1))
        normal = torch.distributions.Normal(0.0, 1.0)
        log_prior = model["prior"].log_prob(latents) if "prior" in model else normal.log_prob(latents).sum(1)
        ratios = posterior.log_prob(latents).sum(1) - log_prior
        closed_form = -0.5 * torch.sum(1 + log_variance - mean.square() - log_variance.exp()) / BATCH
        terms["kl"] = ratios.mean() if "prior" in model else closed_form
    if samples == 1:
        loss = sum(terms.values())
    else:
        weights = -ratios - costs
        loss = -(torch.logsumexp(weights.reshape(samples, BATCH), 0) - math.log(samples)).mean()
    loss.backward()
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
        **({} if log_variance is None else {"logVariance": log_variance.flatten().tolist()}),
        "terms": {"loss": loss.item(), **{name: value.item() for name, value in terms.items()}},
        "gradients": gradients,
    }


if __name__ == "__main__":
    cases = {
        "dense": results(dense),
        "convolutional": results(convolutional),
        "autoencoder": results(autoencoder),
        "importance": results(dense, SAMPLES),
        "mixture": results(mixture),
        "importanceOfMixture": results(mixture, SAMPLES),
        "mixtures": results(mixtures),
        "neighbors": results(neighbors),
        "importanceOfNeighbors": results(neighbors, SAMPLES),
    }
    print(json.dumps(cases, indent=1))
