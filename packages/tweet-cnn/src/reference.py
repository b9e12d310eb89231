"""Reference values in PyTorch for `twin.test.ts`: python reference.py > reference.json (torch 2.13.0).

Weights follow a formula, so that only results need to be stored. Parameters have the names and layouts of the
checkpoints. Everything is computed in float64, to check the float32 values of Motley.
"""

import json
import math

import torch
import torch.nn.functional as F
from torch import nn

torch.set_default_dtype(torch.float64)

WORDS, FEATURES, FILTERS, WIDTHS, CLASSES, MAX_NORM = 7, 4, 3, [2, 3], 3, 0.5
SYMBOLS = [[2, 5, 3, 6, 1], [4, 2, 0, 0, 0], [6, 6, 3, 0, 0], [5, 0, 0, 0, 0]]
LABELS = [0, 2, 1, 1]


def formula(seed, shape, scale):
    position = torch.arange(math.prod(shape))
    return (torch.sin(position * 0.37 + seed) * scale).float().double().reshape(shape)


class Vectors(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.tuned = nn.Parameter(torch.zeros(WORDS, FEATURES)) if channels != "static" else None
        if channels in ("static", "multichannel"):
            self.register_buffer("fixed", torch.zeros(WORDS, FEATURES))
        else:
            self.fixed = None

    def forward(self, symbols):
        tables = [table for table in (self.tuned, self.fixed) if table is not None]
        vectors = torch.cat([F.embedding(symbols, table) for table in tables], dim=2)
        return vectors * (symbols != 0).unsqueeze(2)


class TextCnn(nn.Module):
    """Kim, 2014, section 2, with windows over the ends of the text."""

    def __init__(self, channels, pooling):
        super().__init__()
        self.pooling = pooling
        self.vectors = Vectors(channels)
        features = FEATURES * (2 if channels == "multichannel" else 1)
        self.convolutions = nn.ModuleList(nn.Conv1d(features, FILTERS, h, padding=h - 1) for h in WIDTHS)
        pooled = FILTERS * len(WIDTHS) * (2 if pooling == "both" else 1)
        self.output = nn.Linear(pooled, CLASSES)

    def forward(self, symbols):
        words = self.vectors(symbols).transpose(1, 2)
        lengths = (symbols != 0).sum(1, keepdim=True)
        maxima, sums = [], []
        for h, convolution in zip(WIDTHS, self.convolutions):
            found = F.relu(convolution(words))
            has_word = torch.arange(found.shape[2]) < lengths + h - 1
            found = found * has_word.unsqueeze(1)
            maxima.append(found.amax(2))
            sums.append(found.sum(2))
        pooled = {"max": maxima, "sum": sums, "both": maxima + sums}[self.pooling]
        norms = self.output.weight.norm(dim=1, keepdim=True)
        weight = self.output.weight * (MAX_NORM / norms.clamp(min=MAX_NORM))
        return F.linear(torch.cat(pooled, 1), weight, self.output.bias)


def case(channels, pooling):
    model = TextCnn(channels, pooling)
    state = model.state_dict()
    model.load_state_dict({name: formula(index, value.shape, 0.5) for index, (name, value) in enumerate(state.items())})
    logits = model(torch.tensor(SYMBOLS))
    loss = F.cross_entropy(logits, torch.tensor(LABELS))
    loss.backward()
    return {
        "logits": logits.flatten().tolist(),
        "loss": loss.item(),
        "state": {name: list(value.shape) for name, value in state.items()},
        "gradients": {name: value.grad.flatten().tolist() for name, value in model.named_parameters()},
    }


if __name__ == "__main__":
    cases = [("random", "max"), ("static", "max"), ("non-static", "sum"), ("multichannel", "both")]
    print(json.dumps({f"{channels}, {pooling}": case(channels, pooling) for channels, pooling in cases}))
