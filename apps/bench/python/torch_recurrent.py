"""The recurrent models of src/training/steps in PyTorch: the same parameter names, `forward` gives the loss of a batch."""

import torch
import torch.nn.functional as F
from torch import nn


class LstmRegression(nn.Module):
    def __init__(self, units):
        super().__init__()
        self.lstm = nn.LSTM(8, units, batch_first=True)
        self.head = nn.Linear(units, 1)

    def forward(self, series, targets):
        _, (hidden, _) = self.lstm(series)
        return F.mse_loss(self.head(hidden[0]), targets)


class CharacterLstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(96, 256)
        self.lstm = nn.LSTM(256, 256, num_layers=2, batch_first=True)
        self.classifier = nn.Linear(256, 96)

    def forward(self, text, next):
        output, _ = self.lstm(self.embedding(text))
        return F.cross_entropy(self.classifier(output).flatten(0, 1), next.flatten())


class PyramidalBlstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(
            nn.LSTM(size, 128, bidirectional=True, batch_first=True) for size in (80, 512, 512)
        )
        self.classifier = nn.Linear(256, 32)

    def forward(self, spectrogram, labels):
        features = spectrogram
        for layer in self.layers:
            batch, time, width = features.shape
            features, _ = layer(features.reshape(batch, time // 2, 2 * width))
        return F.cross_entropy(self.classifier(features).flatten(0, 1), labels.flatten())


def lstm_64():
    return LstmRegression(64)


def lstm_256():
    return LstmRegression(256)
