"""Values of the same network in PyTorch for `model.test.ts`: python reference.py > reference.json (torch 2.13.0).

Weights are a formula of their name's position and their own, so that only results need to be kept. The names are those of
the checkpoints: `torch.load_state_dict` takes `step-N.safetensors` once the prefix `network.` is off its names, and
`vocabulary` and what begins with `carried.` are left out.
"""

import json
import math

import torch
import torch.nn.functional as F
from torch import nn

STREAMS, LENGTH, SYMBOLS, UNITS, LAYERS = 3, 5, 7, 4, 2


class CharLstm(nn.Module):
    def __init__(self):
        super().__init__()
        sizes = [SYMBOLS] + [UNITS] * (LAYERS - 1)
        self.layers = nn.ModuleList(nn.LSTMCell(size, UNITS) for size in sizes)
        self.classifier = nn.Linear(UNITS, SYMBOLS)

    def forward(self, symbols, states):
        logits = []
        for symbol in symbols.unbind(1):
            features = F.one_hot(symbol, SYMBOLS).float()
            for layer, cell in enumerate(self.layers):
                states[layer] = cell(features, states[layer])
                features = states[layer][0]
            logits.append(self.classifier(features))
        return torch.stack(logits, 1), states


def formula(seed: int, shape, scale: float) -> torch.Tensor:
    position = torch.arange(math.prod(shape), dtype=torch.float64)
    return (torch.sin(position * 0.37 + seed) * scale).to(torch.float32).reshape(shape)


def flat(tensor: torch.Tensor) -> list:
    return tensor.flatten().tolist()


def main():
    model = CharLstm()
    for index, parameter in enumerate(model.parameters()):
        parameter.data = formula(index, parameter.shape, 0.6)
    text = torch.arange(STREAMS * (LENGTH + 1)).square().remainder(SYMBOLS).reshape(STREAMS, LENGTH + 1)
    states = [
        (formula(20 + layer, (STREAMS, UNITS), 0.5), formula(30 + layer, (STREAMS, UNITS), 0.8))
        for layer in range(LAYERS)
    ]
    logits, states = model(text[:, :-1], states)
    loss = F.cross_entropy(logits.flatten(0, 1), text[:, 1:].flatten())
    loss.backward()
    result = {
        "text": text.tolist(),
        "logits": flat(logits),
        "loss": loss.item(),
        "states": [{"hidden": flat(hidden), "cell": flat(cell)} for hidden, cell in states],
        "gradients": {
            name: {"shape": list(value.shape), "values": flat(value.grad)} for name, value in model.named_parameters()
        },
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
