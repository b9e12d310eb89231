"""The models of src/training/steps in PyTorch: the same parameter names, `forward` gives the loss of a batch."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from torch_branching import Branching, plain_sgd
from torch_detection import Detector
from torch_forecast import RecursiveForecast
from torch_las import LasStep
from torch_recurrent import CharacterLstm, ContinuedText, PyramidalBlstm, lstm_64, lstm_256
from torch_sentences import SentenceCnn
from torch_shapes import ShapesCnn
from torch_table import TableEnsemble
from torch_translator import TranslationStep


def adam(parameters, learning_rate):
    return torch.optim.Adam(parameters, learning_rate, fused=True)


def adamw(parameters, learning_rate):
    return torch.optim.AdamW(parameters, learning_rate, weight_decay=0.01, fused=True)


def sgd(parameters, learning_rate):
    return torch.optim.SGD(parameters, learning_rate, momentum=0.9, weight_decay=1e-4, fused=True)


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
    def __init__(self, encoder, decoder, neighbours=None):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder
        if neighbours is not None:
            self.neighbours = neighbours


class Vae(nn.Module):
    def __init__(self, encoder, decoder, neighbours=None):
        super().__init__()
        self.vae = VaeNetworks(encoder, decoder, neighbours)

    def forward(self, images, noise):
        mean, log_variance = self.vae.encoder(images).chunk(2, 1)
        logits = self.vae.decoder(mean + torch.exp(0.5 * log_variance) * noise)
        reconstruction = F.binary_cross_entropy_with_logits(logits, images, reduction="sum")
        divergence = 0.5 * (mean.square() + log_variance.exp() - log_variance - 1).sum()
        return (reconstruction + divergence) / len(images)


def dense_vae():
    return Vae(perceptron(784, 512, 40), perceptron(20, 512, 784))


class ImportanceWeightedVae(Vae):
    def forward(self, images, noise):
        mean, log_variance = self.vae.encoder(images).chunk(2, 1)
        noise = noise.unflatten(1, (-1, mean.shape[1])).transpose(0, 1)  # [K, B, Z]
        latents = mean + torch.exp(0.5 * log_variance) * noise
        logits = self.vae.decoder(latents)
        costs = F.binary_cross_entropy_with_logits(logits, images.expand_as(logits), reduction="none").sum(2)
        divergences = 0.5 * (latents.square() - noise.square() - log_variance).sum(2)
        return math.log(len(noise)) - torch.logsumexp(-costs - divergences, 0).mean()


def importance_weighted_vae():
    return ImportanceWeightedVae(perceptron(784, 512, 40), perceptron(20, 512, 784))


class MixturePrior(nn.Module):
    def __init__(self, components, latents):
        super().__init__()
        self.means = nn.Parameter(torch.zeros(components, latents))
        self.logVariances = nn.Parameter(torch.zeros(components, latents))
        self.logits = nn.Parameter(torch.zeros(components))

    def log_prob(self, latents):
        squares = ((latents.unsqueeze(1) - self.means).square() * torch.exp(-self.logVariances)).sum(2)
        volumes = self.logVariances.sum(1) + self.means.shape[1] * math.log(2 * math.pi)
        return torch.logsumexp(F.log_softmax(self.logits, 0) - 0.5 * (squares + volumes), 1)


class MixtureVae(Vae):
    def __init__(self, encoder, decoder, prior):
        super().__init__(encoder, decoder)
        self.vae.prior = prior

    def forward(self, images, noise):
        mean, log_variance = self.vae.encoder(images).chunk(2, 1)
        latents = mean + torch.exp(0.5 * log_variance) * noise
        reconstruction = F.binary_cross_entropy_with_logits(self.vae.decoder(latents), images, reduction="sum")
        posterior = -0.5 * (noise.square() + log_variance + math.log(2 * math.pi)).sum()
        return (reconstruction + posterior - self.vae.prior.log_prob(latents).sum()) / len(images)


def mixture_vae():
    return MixtureVae(*convolutional_networks(1), MixturePrior(100, 20))


class MaskedConv2d(nn.Conv2d):
    """Sees the pixels above, and those to the left in the same row."""

    def __init__(self, channels):
        super().__init__(1, channels, 9, padding=4)
        self.register_buffer("before", (torch.arange(81).reshape(9, 9) < 40).float(), persistent=False)

    def forward(self, x):
        return F.conv2d(x, self.weight * self.before, self.bias, padding=4)


class NeighborDecoder(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.seeing = nn.Sequential(MaskedConv2d(4 * channels), nn.ELU(), nn.Conv2d(4 * channels, channels, 1))
        self.mixing = nn.Sequential(nn.ELU(), nn.Conv2d(channels, channels, 1), nn.ELU(), nn.Conv2d(channels, 1, 1))

    def forward(self, features, images):
        return self.mixing(features + self.seeing(images.unflatten(1, (1, 28, 28)))).flatten(1)


class NeighborVae(Vae):
    def forward(self, images, noise):
        mean, log_variance = self.vae.encoder(images).chunk(2, 1)
        features = self.vae.decoder(mean + torch.exp(0.5 * log_variance) * noise)
        logits = self.vae.neighbours(features, images)
        reconstruction = F.binary_cross_entropy_with_logits(logits, images, reduction="sum")
        divergence = 0.5 * (mean.square() + log_variance.exp() - log_variance - 1).sum()
        return (reconstruction + divergence) / len(images)


def neighbor_vae():
    encoder, decoder = convolutional_networks(16)
    return NeighborVae(encoder, decoder[:-1], NeighborDecoder(16))


def convolutional_vae():
    return Vae(*convolutional_networks(1))


def convolutional_networks(depth):
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
        nn.ConvTranspose2d(32, depth, 4, 2, 1),
        nn.Flatten(),
    )
    return encoder, decoder


# Images


class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 32, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
            nn.Linear(64, 10),
        )

    def forward(self, images, labels):
        return F.cross_entropy(self.layers(images), labels)


class StandardizedConv2d(nn.Conv2d):
    def forward(self, x):
        variance, mean = torch.var_mean(self.weight, (1, 2, 3), correction=0, keepdim=True)
        weight = (self.weight - mean) * torch.rsqrt(variance + 1e-5)
        return F.conv2d(x, weight, None, self.stride, self.padding)


def standardized(inputs, outputs, kernel, stride):
    return StandardizedConv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, bias=False)


class ResNetBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = standardized(inputs, outputs, 3, stride)
        self.norm1 = nn.GroupNorm(32, outputs)
        self.conv2 = standardized(outputs, outputs, 3, 1)
        self.norm2 = nn.GroupNorm(32, outputs)
        self.downsample = nn.Identity()
        if stride != 1:
            self.downsample = nn.Sequential(standardized(inputs, outputs, 1, stride), nn.GroupNorm(32, outputs))

    def forward(self, x):
        inner = F.relu(self.norm1(self.conv1(x)))
        return F.relu(self.norm2(self.conv2(inner)) + self.downsample(x))


class ResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = standardized(3, 64, 7, 2)
        self.norm1 = nn.GroupNorm(32, 64)
        blocks = []
        for inputs, outputs in ((64, 64), (64, 128), (128, 256), (256, 512)):
            blocks += [ResNetBlock(inputs, outputs, 1 if inputs == outputs else 2), ResNetBlock(outputs, outputs, 1)]
        self.blocks = nn.Sequential(*blocks)
        self.classifier = nn.Linear(512, 10)

    def forward(self, images, labels):
        features = F.max_pool2d(F.relu(self.norm1(self.conv1(images))), 3, 2, 1)
        return F.cross_entropy(self.classifier(self.blocks(features).mean((2, 3))), labels)


class ConvNeXtBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.depthwise = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width)
        self.wide = nn.Linear(width, 4 * width)
        self.narrow = nn.Linear(4 * width, width)
        self.layer_scale = nn.Parameter(torch.empty(width))

    def forward(self, x):
        rows = self.norm(self.depthwise(x).permute(0, 2, 3, 1))
        mixed = self.narrow(F.gelu(self.wide(rows)))
        return x + (mixed * self.layer_scale).permute(0, 3, 1, 2)


class ConvNeXt(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 96, 4, 4)
        self.blocks = nn.Sequential(ConvNeXtBlock(96), ConvNeXtBlock(96))
        self.classifier = nn.Linear(96, 10)

    def forward(self, images, labels):
        features = self.blocks(self.stem(images))
        return F.cross_entropy(self.classifier(features.mean((2, 3))), labels)


# Tables


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(50, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 1)
        )

    def forward(self, rows, targets):
        return F.mse_loss(self.layers(rows), targets)


# Text

WIDTH, HEADS, LAYERS, VOCABULARY, LENGTH = 256, 8, 3, 8000, 64


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.query = nn.Linear(WIDTH, WIDTH)
        self.key_value = nn.Linear(WIDTH, 2 * WIDTH)
        self.output = nn.Linear(WIDTH, WIDTH)

    def forward(self, rows, memory, causal=False):
        key, value = self.key_value(memory).chunk(2, -1)
        query, key, value = (x.unflatten(-1, (HEADS, -1)).transpose(1, 2) for x in (self.query(rows), key, value))
        mixed = F.scaled_dot_product_attention(query, key, value, is_causal=causal)
        return self.output(mixed.transpose(1, 2).flatten(2))


class FeedForward(nn.Module):
    def __init__(self):
        super().__init__()
        self.wide = nn.Linear(WIDTH, 4 * WIDTH)
        self.narrow = nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, rows):
        return self.narrow(F.relu(self.wide(rows)))


class EncoderLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm_attention = nn.LayerNorm(WIDTH)
        self.attention = Attention()
        self.norm_feed_forward = nn.LayerNorm(WIDTH)
        self.feed_forward = FeedForward()

    def forward(self, rows):
        normed = self.norm_attention(rows)
        rows = rows + self.attention(normed, normed)
        return rows + self.feed_forward(self.norm_feed_forward(rows))


class DecoderLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm_self = nn.LayerNorm(WIDTH)
        self.self_attention = Attention()
        self.norm_cross = nn.LayerNorm(WIDTH)
        self.cross_attention = Attention()
        self.norm_feed_forward = nn.LayerNorm(WIDTH)
        self.feed_forward = FeedForward()

    def forward(self, rows, memory):
        normed = self.norm_self(rows)
        rows = rows + self.self_attention(normed, normed, causal=True)
        rows = rows + self.cross_attention(self.norm_cross(rows), memory)
        return rows + self.feed_forward(self.norm_feed_forward(rows))


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.source_embedding = nn.Embedding(VOCABULARY, WIDTH)
        self.target_embedding = nn.Embedding(VOCABULARY, WIDTH)
        self.positions = nn.Parameter(torch.empty(LENGTH, WIDTH))
        self.encoder = nn.ModuleList(EncoderLayer() for _ in range(LAYERS))
        self.encoder_norm = nn.LayerNorm(WIDTH)
        self.decoder = nn.ModuleList(DecoderLayer() for _ in range(LAYERS))
        self.decoder_norm = nn.LayerNorm(WIDTH)
        self.classifier = nn.Linear(WIDTH, VOCABULARY, bias=False)

    def forward(self, source, input, target):
        memory = self.source_embedding(source) + self.positions
        for layer in self.encoder:
            memory = layer(memory)
        memory = self.encoder_norm(memory)
        state = self.target_embedding(input) + self.positions
        for layer in self.decoder:
            state = layer(state, memory)
        logits = self.classifier(self.decoder_norm(state))
        return F.cross_entropy(logits.flatten(0, 1), target.flatten(), label_smoothing=0.1)


# By the step's name: its model and its optimiser.
STEPS = {
    "VAE": (dense_vae, adam),
    "VAE-convolutional": (convolutional_vae, adam),
    "IWAE": (importance_weighted_vae, adam),
    "VAE-mixture": (mixture_vae, adam),
    "VAE-neighbors": (neighbor_vae, adam),
    "CNN": (Cnn, adam),
    "ResNet-1": (ResNet, sgd),
    "ResNet-32": (ResNet, sgd),
    "ConvNeXt": (ConvNeXt, adamw),
    "Detection": (Detector, adam),
    "Branching-1": (Branching, plain_sgd),
    "Branching-64": (Branching, plain_sgd),
    "Shapes-CNN": (ShapesCnn, adam),
    "MLP": (Mlp, adamw),
    "Sentence-CNN": (SentenceCnn, adam),
    "Transformer": (Transformer, adamw),
    "Translation": (TranslationStep, adam),
    "LSTM-64": (lstm_64, adam),
    "LSTM-256": (lstm_256, adam),
    "TabM": (TableEnsemble, adamw),
    "Forecast": (RecursiveForecast, adam),
    "Character-LSTM": (CharacterLstm, adam),
    "Char-RNN": (ContinuedText, adam),
    "Pyramidal-BLSTM": (PyramidalBlstm, adam),
    "LAS": (LasStep, adam),
}
