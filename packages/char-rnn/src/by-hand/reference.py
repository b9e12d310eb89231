"""A small network in PyTorch, float64: writes its outputs and gradients to reference.json, for model.test.ts.

python reference.py > reference.json
"""

import json

import torch

VOCABULARY, HIDDEN, LAYERS, STREAMS, STEPS = 7, 9, 2, 3, 6

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
rnn = torch.nn.RNN(VOCABULARY, HIDDEN, LAYERS)
output = torch.nn.Linear(HIDDEN, VOCABULARY)
for layer in range(LAYERS):
    getattr(rnn, f"bias_hh_l{layer}").data.zero_()  # RecurrentNetwork has one bias a layer
parameters = {
    **{f"rnn.{name}": value for name, value in rnn.named_parameters() if "bias_hh" not in name},
    **{f"output.{name}": value for name, value in output.named_parameters()},
}
state = torch.rand(LAYERS, STREAMS, HIDDEN) * 2 - 1
inputs = torch.randint(VOCABULARY, (STEPS, STREAMS))
targets = torch.randint(VOCABULARY, (STEPS, STREAMS))
hidden, last_state = rnn(torch.nn.functional.one_hot(inputs, VOCABULARY).to(state.dtype), state)
logits = output(hidden)
loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
loss.backward()


def numbers(tensor):
    return [float(f"{value:.12g}") for value in tensor.flatten().tolist()]


print(
    json.dumps(
        {
            "sizes": {"vocabularySize": VOCABULARY, "hiddenSize": HIDDEN, "layers": LAYERS},
            "window": {"streams": STREAMS, "steps": STEPS},
            "weights": {name: numbers(value) for name, value in parameters.items()},
            "state": [numbers(layer) for layer in state],
            "inputs": inputs.flatten().tolist(),
            "targets": targets.flatten().tolist(),
            "logits": numbers(logits),
            "loss": loss.item(),
            "gradients": {name: numbers(value.grad) for name, value in parameters.items()},
            "lastState": [numbers(layer) for layer in last_state],
        }
    )
)
