"""The models of src/training/steps in PyTorch: the same parameter names, `forward` gives the loss of a batch."""

import torch
import torch.nn.functional as F
from torch import nn


def adam(parameters, learning_rate):
    return torch.optim.Adam(parameters, learning_rate, fused=True)


class Permute(nn.Module):
    def __init__(self, *order):
        super().__init__()
        self.order = order

    def forward(self, x):
        return x.permute(*self.order)


# Variational autoencoders


def perceptron(*sizes):
    layers = []
    for size, following in zip(sizes[:-1], sizes[1:]):
        layers += [nn.Linear(size, following), nn.ELU()]
    return nn.Sequential(*layers[:-1])


class VaeNetworks(nn.Module):
    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder


class Vae(nn.Module):
    def __init__(self, encoder, decoder):
        super().__init__()
        self.vae = VaeNetworks(encoder, decoder)

    def forward(self, images, noise):
        mean, log_variance = self.vae.encoder(images).chunk(2, 1)
        logits = self.vae.decoder(mean + torch.exp(0.5 * log_variance) * noise)
        reconstruction = F.binary_cross_entropy_with_logits(logits, images, reduction="sum")
        divergence = 0.5 * (mean.square() + log_variance.exp() - log_variance - 1).sum()
        return (reconstruction + divergence) / len(images)


def dense_vae():
    return Vae(perceptron(784, 512, 40), perceptron(20, 512, 784))


def convolutional_vae():
    encoder = nn.Sequential(
        nn.Unflatten(1, (1, 28, 28)),
        nn.Conv2d(1, 32, 4, 2, 1),
        nn.ELU(),
        nn.Conv2d(32, 64, 4, 2, 1),
        nn.ELU(),
        nn.Sequential(Permute(0, 2, 3, 1), nn.Flatten()),
        nn.Linear(49 * 64, 256),
        nn.ELU(),
        nn.Linear(256, 40),
    )
    decoder = nn.Sequential(
        nn.Linear(20, 256),
        nn.ELU(),
        nn.Linear(256, 49 * 64),
        nn.ELU(),
        nn.Sequential(nn.Unflatten(1, (7, 7, 64)), Permute(0, 3, 1, 2)),
        nn.ConvTranspose2d(64, 32, 4, 2, 1),
        nn.ELU(),
        nn.ConvTranspose2d(32, 1, 4, 2, 1),
        nn.Flatten(),
    )
    return Vae(encoder, decoder)


# By the step's name: its model and its optimiser.
STEPS = {
    "VAE": (dense_vae, adam),
    "VAE-convolutional": (convolutional_vae, adam),
}
