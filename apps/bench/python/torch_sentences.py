"""packages/tweet-cnn in PyTorch: convolutions over word vectors, and the maximum over time (Kim, 2014)."""

import torch
import torch.nn.functional as F
from torch import nn

WORDS, FEATURES, WIDTHS, FILTERS, CLASSES, MAX_NORM = 2386, 64, (2, 3, 4, 5), 100, 20, 3


class Vectors(nn.Module):
    def __init__(self):
        super().__init__()
        self.tuned = nn.Parameter(torch.empty(WORDS, FEATURES))


class SentenceCnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.vectors = Vectors()
        self.convolutions = nn.ModuleList(nn.Conv1d(FEATURES, FILTERS, h, padding=h - 1) for h in WIDTHS)
        self.output = nn.Linear(FILTERS * len(WIDTHS), CLASSES)

    def forward(self, symbols, labels):
        is_word = symbols != 0
        words = (F.embedding(symbols, self.vectors.tuned) * is_word.unsqueeze(2)).transpose(1, 2)
        lengths = is_word.sum(1, keepdim=True)
        pooled = []
        for h, convolution in zip(WIDTHS, self.convolutions):
            found = F.relu(convolution(words))
            has_word = torch.arange(found.shape[2]) < lengths + h - 1
            pooled.append((found * has_word.unsqueeze(1)).amax(2))
        norms = self.output.weight.norm(dim=1, keepdim=True)
        weight = self.output.weight * (MAX_NORM / norms.clamp(min=MAX_NORM))
        return F.cross_entropy(F.linear(torch.cat(pooled, 1), weight, self.output.bias), labels)
