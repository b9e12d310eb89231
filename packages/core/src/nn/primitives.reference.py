"""Reference values of PyTorch's operations for `primitives.test.ts`: python primitives.reference.py > primitives.reference.json
(torch 2.13.0). Images have their channels last."""

import json

import torch
from torch.nn import functional as F


def numbers(tensor: torch.Tensor) -> dict:
    values = [round(float(value), 6) for value in tensor.detach().flatten()]
    return {"shape": list(tensor.shape), "values": values}


def draw(*shape: int) -> torch.Tensor:
    return torch.randn(*shape).round(decimals=3).requires_grad_()


def case(operation, **inputs: torch.Tensor) -> dict:
    """Inputs, output, a direction, and the gradients of sum(output · direction)."""
    output = operation(**inputs)
    along = torch.randn(output.shape).round(decimals=3)
    trained = {name: value for name, value in inputs.items() if value.requires_grad}
    gradients = torch.autograd.grad((output * along).sum(), list(trained.values()))
    return {
        "inputs": {name: numbers(value) for name, value in inputs.items()},
        "output": numbers(output),
        "along": numbers(along),
        "gradients": {name: numbers(value) for name, value in zip(trained, gradients)},
    }


def channels_first(image: torch.Tensor) -> torch.Tensor:
    return image.permute(0, 3, 1, 2)


def channels_last(image: torch.Tensor) -> torch.Tensor:
    return image.permute(0, 2, 3, 1)


def convolution(x, weight, **options):
    return channels_last(F.conv2d(channels_first(x), weight.permute(3, 2, 0, 1), **options))


def standardized(x, weight):
    mean = weight.mean(dim=(0, 1, 2), keepdim=True)
    variance = weight.var(dim=(0, 1, 2), unbiased=False, keepdim=True)
    return convolution(x, (weight - mean) / (variance + 1e-5).sqrt(), padding=1)


def batch_norm(x, scale, shift):
    running = [torch.zeros(3), torch.ones(3)]
    return channels_last(F.batch_norm(channels_first(x), *running, scale, shift, training=True))


def attention(mask=None, causal=False):
    # PyTorch accepts either a mask or `is_causal`.
    if mask is not None and causal:
        mask = mask & torch.ones(mask.shape[-2:], dtype=torch.bool).tril()
        causal = False
    return lambda query, key, value: F.scaled_dot_product_attention(
        query, key, value, attn_mask=mask, is_causal=causal
    )


torch.manual_seed(0)
qkv = {"query": (2, 2, 3, 4), "key": (2, 2, 5, 4), "value": (2, 2, 5, 2)}


def draws():
    return {name: draw(*shape) for name, shape in qkv.items()}


# In the second example, every key of the last query is masked.
mask = torch.tensor([[[1, 1, 0, 1, 0]] * 3, [[0, 1, 1, 1, 1], [1, 0, 0, 0, 1], [0, 0, 0, 0, 0]]]).bool()[:, None]
labels = torch.tensor([2, 0, 3, 1, 2, 2])
ignoring = torch.tensor([2, -100, 3, -100, 0, 2])


def cross_entropy(target=labels, **options):
    return lambda logits: F.cross_entropy(logits, target, **options)


print(
    json.dumps(
        {
            "attention": case(attention(), **draws()),
            "attentionCausal": case(attention(causal=True), **draws()),
            "attentionMasked": case(attention(mask), **draws()),
            "attentionMaskedCausal": case(attention(mask, causal=True), **draws()),
            "crossEntropy": case(cross_entropy(), logits=draw(6, 4)),
            "crossEntropyOfEach": case(cross_entropy(reduction="none"), logits=draw(6, 4)),
            "crossEntropySmoothed": case(cross_entropy(label_smoothing=0.1), logits=draw(6, 4)),
            "crossEntropyIgnoring": case(cross_entropy(ignoring, label_smoothing=0.2), logits=draw(6, 4)),
            "crossEntropySummed": case(cross_entropy(ignoring, reduction="sum"), logits=draw(6, 4)),
            "embedding": case(lambda table: F.embedding(torch.tensor([[1, 3, 1], [0, 1, 3]]), table), table=draw(5, 2)),
            "batchNorm": case(batch_norm, x=draw(2, 3, 2, 3), scale=draw(3), shift=draw(3)),
            "standardizedConvolution": case(standardized, x=draw(1, 4, 4, 2), weight=draw(3, 3, 2, 3)),
            "dilatedConvolution": case(
                lambda x, weight: convolution(x, weight, dilation=(2, 3)), x=draw(2, 7, 8, 2), weight=draw(3, 2, 2, 3)
            ),
            "dilatedSameConvolution": case(
                lambda x, weight: convolution(x, weight, dilation=2, padding=2), x=draw(1, 5, 6, 2), weight=draw(3, 3, 2, 2)
            ),
            "dilatedDepthwise": case(
                lambda x, weight: convolution(x, weight, dilation=2, groups=2), x=draw(2, 6, 7, 2), weight=draw(3, 2, 1, 4)
            ),
            "einsum": case(lambda a, b: torch.einsum("bhtd,bhsd->bhts", a, b), a=draw(2, 2, 3, 4), b=draw(2, 2, 5, 4)),
            "einsumSumming": case(lambda a, b: torch.einsum("abc,cd->dab", a, b), a=draw(2, 3, 4), b=draw(4, 2)),
            "einsumAlone": case(lambda a: torch.einsum("abc->ca", a), a=draw(2, 3, 4)),
            "einsumOuter": case(lambda a, b: torch.einsum("i,jk->kij", a, b), a=draw(3), b=draw(2, 4)),
            "topK": case(lambda x: torch.topk(x, 2).values, x=draw(3, 2, 5)),
        },
        separators=(",", ":"),
    )
)
