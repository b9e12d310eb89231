"""Values of PyTorch's LSTM for `model.test.ts`: python reference.py > reference.json (torch 2.13.0)."""

import json

import torch
from torch import nn

TIME, BATCH, INPUTS, UNITS = 7, 3, 4, 5


def numbers(tensor: torch.Tensor) -> dict:
    values = [round(float(value), 7) for value in tensor.detach().flatten()]
    return {"shape": list(tensor.shape), "values": values}


torch.manual_seed(0)
lstm = nn.LSTM(INPUTS, UNITS)
for parameter in lstm.parameters():
    parameter.data = (torch.randn(parameter.shape) * 0.6).round(decimals=2)
given = torch.randn(TIME, BATCH, INPUTS).round(decimals=2).requires_grad_()
hidden, cell = ((torch.randn(1, BATCH, UNITS) * 0.5).round(decimals=2).requires_grad_() for _ in range(2))
output, (last_hidden, last_cell) = lstm(given, (hidden, cell))
results = [output, last_hidden[0], last_cell[0]]
weights = [torch.randn(result.shape).round(decimals=2) for result in results]
sum((result * weight).sum() for result, weight in zip(results, weights)).backward()

# Quantiles and pinball loss, from their definition.
levels = torch.tensor([0.1, 0.5, 0.9])
quantiles = torch.randn(2, 3, 3).sort(dim=-1).values.round(decimals=2)
actual = torch.randn(2, 3).round(decimals=2)
error = actual[..., None] - quantiles
pinball = torch.where(error >= 0, levels * error, (levels - 1) * error).mean()

print(
    json.dumps(
        {
            "parameters": {name: numbers(value) for name, value in lstm.named_parameters()},
            "input": numbers(given),
            "hidden": numbers(hidden[0]),
            "cell": numbers(cell[0]),
            "results": [numbers(result) for result in results],
            "weights": [numbers(weight) for weight in weights],
            "gradients": {name: numbers(value.grad) for name, value in lstm.named_parameters()},
            "inputGradient": numbers(given.grad),
            "stateGradients": [numbers(hidden.grad[0]), numbers(cell.grad[0])],
            "pinball": {
                "levels": [0.1, 0.5, 0.9],
                "quantiles": numbers(quantiles),
                "actual": numbers(actual),
                "loss": round(float(pinball), 7),
            },
        },
        separators=(",", ":"),
    )
)
