"""The network of model.test.ts in PyTorch: writes its losses, gradients, weights and outputs to reference.json.

Weights are in scratch-nn's layouts: dense [inputs, units], filters [K, K, C, F].
"""

import json
from pathlib import Path

import torch
from torch import nn

torch.set_default_dtype(torch.float64)
STRENGTH, LEARNING_RATE, STEPS = 0.01, 0.05, 3


def to_scratch_layout(value):
    return value.permute(2, 3, 1, 0) if value.dim() == 4 else value.T if value.dim() == 2 else value


class Reference(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleDict(
            {"0": nn.Conv2d(1, 3, 3, stride=2, padding=1), "1": nn.BatchNorm2d(3), "4": nn.Linear(12, 4)}
        )

    def forward(self, images):  # [B, H, W, 1]
        hidden = self.layers["1"](torch.tanh(self.layers["0"](images.permute(0, 3, 1, 2))))
        pooled = nn.functional.max_pool2d(hidden, 2).permute(0, 2, 3, 1)  # flattened with channels last
        return self.layers["4"](pooled.flatten(1))

    def state(self):
        state = {name: value for name, value in self.state_dict().items() if "num_batches" not in name}
        return {name: to_scratch_layout(value).flatten().tolist() for name, value in state.items()}


def main():
    torch.manual_seed(0)
    model = Reference()
    images, labels = torch.randn(5, 9, 9, 1), torch.tensor([0, 1, 2, 3, 1])
    initial = model.state()
    optimizer = torch.optim.Adam(model.parameters(), LEARNING_RATE)
    losses, gradients = [], {}
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(images), labels)
        penalty = sum(p.square().sum() for name, p in model.named_parameters() if name in PENALIZED) * STRENGTH / 2
        (loss + penalty).backward()
        if not gradients:
            gradients = {name: to_scratch_layout(p.grad).flatten().tolist() for name, p in model.named_parameters()}
        losses.append([loss.item(), penalty.item()])
        optimizer.step()
    trained = model.state()
    outputs = model.eval()(images).softmax(1).flatten().tolist()
    result = {
        "images": images.flatten().tolist(),
        "labels": labels.tolist(),
        "strength": STRENGTH,
        "learningRate": LEARNING_RATE,
        "initial": initial,
        "losses": losses,
        "gradients": gradients,
        "trained": trained,
        "outputs": outputs,
    }
    Path(__file__).with_name("reference.json").write_text(json.dumps(result) + "\n")


PENALIZED = ("layers.0.weight", "layers.4.weight")  # not the scales of batch norm
if __name__ == "__main__":
    main()
