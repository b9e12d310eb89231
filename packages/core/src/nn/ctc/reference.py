"""Reference values of PyTorch's ctc_loss for `loss.test.ts`: python reference.py > reference.json (torch 2.13.0, float64)."""

import json

import torch
from torch.nn import functional as F


def numbers(tensor: torch.Tensor, decimals: int) -> dict:
    values = [round(float(value), decimals) for value in tensor.detach().flatten()]
    return {"shape": list(tensor.shape), "values": values}


def case(labels: list, time: int, classes: int, lengths: list, blank: int = 0, spread: float = 2) -> dict:
    """Losses, and the gradients of sum(losses · along) by the logits. Infinite losses have no gradient."""
    batch, longest = len(labels), max(len(each) for each in labels)
    logits = (spread * torch.randn(batch, time, classes, dtype=torch.float64)).round(decimals=2).requires_grad_()
    padded = [each + [blank] * (longest - len(each)) for each in labels]
    label_lengths = [len(each) for each in labels]

    def loss(zero_infinity: bool) -> torch.Tensor:
        return F.ctc_loss(
            logits.log_softmax(-1).transpose(0, 1),
            torch.tensor(padded).reshape(batch, longest),
            torch.tensor(lengths),
            torch.tensor(label_lengths),
            blank=blank,
            reduction="none",
            zero_infinity=zero_infinity,
        )

    losses = loss(False)
    along = torch.randn(batch, dtype=torch.float64).round(decimals=3)
    (gradient,) = torch.autograd.grad((loss(True) * along).sum(), logits)
    return {
        "logits": numbers(logits, 2),
        "logitLengths": lengths,
        "labels": padded,
        "labelLengths": label_lengths,
        "blank": blank,
        "losses": [None if loss == torch.inf else round(loss, 7) for loss in losses.tolist()],
        "along": [float(value) for value in along],
        "gradient": numbers(gradient, 7),
    }


def drawn(classes: int, lengths: list) -> list:
    return [torch.randint(1, classes, (length,)).tolist() for length in lengths]


torch.manual_seed(1)
cases = {
    "different lengths": case([[1, 2], [3], [2, 1, 3, 1]], 6, 4, [6, 3, 5]),
    "repeated labels": case([[1, 1], [2, 2, 2], [1, 2, 2]], 6, 3, [3, 6, 5]),
    "no labels": case([[], [1, 2], []], 4, 3, [4, 3, 0]),
    "no labels at all": case([[], []], 3, 3, [3, 1]),
    "labels that do not fit": case([[1, 2, 3], [1, 1], [2], [2, 2, 1]], 4, 4, [2, 2, 0, 4]),
    "the last class as blank": case([[0, 1], [1, 1], [0]], 5, 3, [5, 4, 2], blank=2),
    "one class beside the blank": case([[0], [0, 0]], 4, 2, [4, 4], blank=1),
    "logits far apart": case([[1, 2, 1], [2, 2]], 6, 4, [6, 5], spread=30),
    "long sequences": case(drawn(9, [18, 25]), 70, 9, [70, 61]),
}
print(json.dumps(cases, separators=(",", ":")))
