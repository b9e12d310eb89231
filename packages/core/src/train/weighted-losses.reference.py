"""Reference values of PyTorch's weighted cross-entropy for `weighted-losses.test.ts` (torch 2.13.0)."""

import json

import torch
import torch.nn.functional as F

LOGITS = [[0.5, -1.0, 2.0], [0.0, 3.0, -0.25], [1.0, 1.0, 1.0], [-2.0, 0.3, 0.1]]
LABELS = [2, 0, 1, 2]
WEIGHTS = [0.5, 2.0, 1.25]

results = {}
for name, weight, smoothing in [("weights", WEIGHTS, 0.0), ("smoothed", WEIGHTS, 0.1), ("smoothedAlone", None, 0.1)]:
    logits = torch.tensor(LOGITS, requires_grad=True)
    loss = F.cross_entropy(
        logits, torch.tensor(LABELS), weight and torch.tensor(weight), label_smoothing=smoothing
    )
    loss.backward()
    results[name] = {"loss": loss.item(), "gradient": logits.grad.flatten().tolist()}
print(json.dumps(results, indent=2))
