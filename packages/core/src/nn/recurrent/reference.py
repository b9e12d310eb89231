"""Reference values of PyTorch's recurrent layers for `recurrent.test.ts`: python reference.py > reference.json (torch 2.13.0)."""

import json

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

LENGTHS = [2, 5, 4]


def numbers(tensor: torch.Tensor) -> dict:
    values = [round(float(value), 6) for value in tensor.detach().flatten()]
    return {"shape": list(tensor.shape), "values": values}


def case(layer: nn.Module, lengths: list[int] | None) -> dict:
    """
    Outputs, final states and gradients of Σ weights · results, for given parameters, inputs and initial states.
    """
    for parameter in layer.parameters():
        parameter.data = (torch.randn(parameter.shape) * 0.6).round(decimals=2)
    batch, time = len(LENGTHS), max(LENGTHS)
    states = (2 if isinstance(layer, nn.LSTM) else 1, layer.num_layers * (2 if layer.bidirectional else 1))
    given = torch.randn(batch, time, layer.input_size).round(decimals=2).requires_grad_()
    initial = [(torch.randn(states[1], batch, layer.hidden_size) * 0.5).round(decimals=2).requires_grad_()
               for _ in range(states[0])]
    state = tuple(initial) if len(initial) == 2 else initial[0]
    if lengths is None:
        output, last = layer(given, state)
    else:
        packed = pack_padded_sequence(given, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
        packed, last = layer(packed, state)
        output, _ = pad_packed_sequence(packed, batch_first=True)
    results = [output, *(last if isinstance(last, tuple) else [last])]
    weights = [torch.randn(result.shape).round(decimals=2) for result in results]
    sum((result * weight).sum() for result, weight in zip(results, weights)).backward()
    return {
        "parameters": {name: numbers(value) for name, value in layer.named_parameters()},
        "input": numbers(given),
        "initial": [numbers(value) for value in initial],
        "results": [numbers(result) for result in results],
        "weights": [numbers(weight) for weight in weights],
        "gradients": {name: numbers(value.grad) for name, value in layer.named_parameters()},
        "inputGradient": numbers(given.grad),
        "initialGradients": [numbers(value.grad) for value in initial],
    }


torch.manual_seed(0)
print(
    json.dumps(
        {
            "lengths": LENGTHS,
            "lstm": case(nn.LSTM(2, 3, batch_first=True), None),
            "lstmStack": case(nn.LSTM(2, 2, num_layers=2, bidirectional=True, batch_first=True), LENGTHS),
            "gru": case(nn.GRU(2, 3, batch_first=True), None),
            "gruStack": case(nn.GRU(2, 2, num_layers=2, bidirectional=True, batch_first=True), LENGTHS),
        },
        separators=(",", ":"),
    )
)
