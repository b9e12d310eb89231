"""Reference values for `loss.test.ts`: python reference.py > reference.json (torch 2.14.1, float64)."""

import json
import math

import numpy
import torch
import torch.nn.functional as F

BATCH, SIZE, PEOPLE = 6, 5, 4
LABELS = [0, 2, 2, 1, 2, 0]
SCALE = 16.0


def values(seed, shape, scale=1.0):
    """Values of a formula that TypeScript repeats, in [-scale, scale]."""
    place = numpy.arange(math.prod(shape))
    table = numpy.sin(12.9898 * (place + 1) + 78.233 * seed) * scale
    return torch.from_numpy(table.astype(numpy.float32)).double().reshape(shape)


def leaf(seed, shape, scale=1.0):
    return values(seed, shape, scale).requires_grad_()


def gradients(loss, **leaves):
    loss.backward()
    return {"loss": loss.item(), **{name: value.grad.flatten().tolist() for name, value in leaves.items()}}


def center():
    embeddings, centers = leaf(1, (BATCH, SIZE), 2), leaf(2, (PEOPLE, SIZE))
    labels = torch.tensor(LABELS)
    loss = 0.5 * (embeddings - centers[labels]).square().sum(1).mean()
    return gradients(loss, embeddings=embeddings, centers=centers)


def moved(rate):
    """Algorithm 1 of Wen et al. (2016), person by person."""
    embeddings, centers = values(1, (BATCH, SIZE), 2), values(2, (PEOPLE, SIZE))
    result = centers.clone()
    for person in range(PEOPLE):
        own = [place for place, label in enumerate(LABELS) if label == person]
        step = sum((centers[person] - embeddings[place] for place in own), torch.zeros(SIZE).double()) / (1 + len(own))
        result[person] = centers[person] - rate * step
    return result.flatten().tolist()


def margin(kind, m):
    embeddings, weights = leaf(1, (BATCH, SIZE), 2), leaf(3, (PEOPLE, SIZE))
    labels = torch.tensor(LABELS)
    cosines = F.normalize(embeddings) @ F.normalize(weights).T
    target = cosines[torch.arange(BATCH), labels]
    if kind == "cosface":
        lowered = target - m
    else:
        angle = torch.acos(target)
        lowered = torch.where(angle < math.pi - m, torch.cos(angle + m), target - m * math.sin(m))
    logits = SCALE * cosines.scatter(1, labels[:, None], lowered[:, None])
    loss = F.cross_entropy(logits, labels)
    return {"logits": logits.flatten().tolist(), **gradients(loss, embeddings=embeddings, weights=weights)}


if __name__ == "__main__":
    print(
        json.dumps(
            {
                "center": center(),
                "moved": {str(rate): moved(rate) for rate in (0.5, 1.0)},
                "cosface": margin("cosface", 0.35),
                "arcface": margin("arcface", 0.5),
                # So wide that several right classes lie beyond π − m.
                "arcface-wide": margin("arcface", 1.4),
            },
            indent=1,
        )
    )
