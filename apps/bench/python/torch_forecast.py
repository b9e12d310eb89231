"""The forecaster of src/training/steps in PyTorch: the same parameter names, `forward` gives the loss of a batch."""

import torch
import torch.nn.functional as F
from torch import nn

WINDOW, HORIZON, UNITS, COLUMNS = 48, 24, 64, 8
LEVELS = [0.05, 0.25, 0.5, 0.75, 0.95]


class Preparation(nn.Module):
    def __init__(self):
        super().__init__()
        for name in ["low", "high", "offset", "scale"]:
            self.register_buffer(name, torch.zeros(COLUMNS))


class SeriesForecaster(nn.Module):
    def __init__(self):
        super().__init__()
        inputs = COLUMNS + 2  # the last change, and how far the forecast is
        self.lstm = nn.LSTM(inputs, UNITS, batch_first=True)
        self.head = nn.Linear(UNITS, 1 + len(LEVELS))
        self.line = nn.Linear(inputs, 1)
        self.preparation = Preparation()

    def forward(self, observed, known):
        batch = observed.shape[0]
        none = observed.new_zeros(batch, WINDOW, 1)
        change = torch.diff(observed[..., :1], dim=1, prepend=observed[:, :1, :1])
        given = torch.cat([change, observed, known[:, :WINDOW], none], 2)
        states, (hidden, cell) = self.lstm(given)
        answers = self.head(states)
        means = observed[..., 0] + self.line(given)[..., 0] + answers[..., 0]
        hidden, cell, before, last = hidden[0], cell[0], observed[:, -1, :1], means[:, -1:]
        held = observed[:, -1, 1:]
        all_answers, all_means = [answers[:, -1]], [last]
        weights = [self.lstm.weight_ih_l0, self.lstm.weight_hh_l0, self.lstm.bias_ih_l0, self.lstm.bias_hh_l0]
        for step in range(1, HORIZON):
            lead = observed.new_full((batch, 1), step / HORIZON)
            given = torch.cat([last - before, last, held, known[:, WINDOW - 1 + step], lead], 1)
            hidden, cell = torch.lstm_cell(given, (hidden, cell), *weights)
            answer = self.head(hidden)
            before, last = last, last + self.line(given) + answer[:, :1]
            all_answers.append(answer)
            all_means.append(last)
        answers, mean = torch.stack(all_answers, 1), torch.cat(all_means, 1)
        lowest = mean[..., None] + answers[..., 1:2]
        quantiles = torch.cat([lowest, lowest + F.softplus(answers[..., 2:]).cumsum(2)], 2)
        return means[:, :-1], mean, quantiles


class RecursiveForecast(nn.Module):
    def __init__(self):
        super().__init__()
        self.network = SeriesForecaster()
        self.register_buffer("levels", torch.tensor(LEVELS), persistent=False)

    def forward(self, observed, known, targets):
        one_step, mean, quantiles = self.network(observed, known)
        actual = targets[:, WINDOW - 1 :]
        error = actual[..., None] - quantiles
        pinball = torch.maximum(self.levels * error, (self.levels - 1) * error).mean()
        return F.mse_loss(mean, actual) + 0.5 * pinball + 0.1 * F.mse_loss(one_step, targets[:, : WINDOW - 1])
