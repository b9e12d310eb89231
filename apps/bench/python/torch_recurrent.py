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


class LstmCellWeights(nn.Module):
    def __init__(self, inputs, units):
        super().__init__()
        self.weight_ih = nn.Parameter(torch.empty(4 * units, inputs))
        self.weight_hh = nn.Parameter(torch.empty(4 * units, units))
        self.bias_ih = nn.Parameter(torch.empty(4 * units))
        self.bias_hh = nn.Parameter(torch.empty(4 * units))


class CharLstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([LstmCellWeights(65, 384), LstmCellWeights(384, 384)])
        self.classifier = nn.Linear(384, 65)
        self.register_buffer("vocabulary", torch.arange(65, dtype=torch.int32))

    def forward(self, text, hidden, cell):
        # What `nn.LSTM` calls, with parameters of other names.
        weights = [weight for layer in self.layers for weight in layer.parameters()]
        features = F.one_hot(text, 65).float()
        output, _, _ = torch.lstm(features, (hidden, cell), weights, True, 2, 0.0, self.training, False, True)
        return self.classifier(output)


class ContinuedText(nn.Module):
    def __init__(self):
        super().__init__()
        self.network = CharLstm()

    def forward(self, text, next, hidden, cell):
        return F.cross_entropy(self.network(text, hidden, cell).flatten(0, 1), next.flatten())


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
