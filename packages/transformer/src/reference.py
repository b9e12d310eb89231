"""PyTorch's nn.Transformer on random rows: `python reference.py > reference.json` (torch 2.13)."""

import json

import torch

WIDTH, HEADS, LAYERS, WIDE = 8, 2, 2, 16
BATCH, SOURCE, TARGET = 2, 5, 4


def renamed(name, value):
    """One parameter of PyTorch's under this package's names."""
    name = name.replace("layers.", "layers.", 1)
    cross = "multihead_attn"
    has_cross = name.startswith("decoder")
    parts = {
        "self_attn": "self_attention",
        cross: "cross_attention",
        "linear1": "feed_forward.wide",
        "linear2": "feed_forward.narrow",
        "norm1": "self_residual.norm",
        "norm2": "cross_residual.norm" if has_cross else "feed_forward_residual.norm",
        "norm3": "feed_forward_residual.norm",
    }
    words = name.split(".")
    if words[1] == "norm":
        return {name: value}
    prefix, part, rest = ".".join(words[:3]), words[3], ".".join(words[4:])
    if rest.startswith("in_proj_"):
        kind = rest.removeprefix("in_proj_")
        return {f"{prefix}.{parts[part]}.{each}.{kind}": third for each, third in zip(["query", "key", "value"], value.chunk(3))}
    return {f"{prefix}.{parts[part]}.{rest.replace('out_proj', 'output')}": value}


def case(norm_first):
    torch.manual_seed(3)
    model = torch.nn.Transformer(
        WIDTH, HEADS, LAYERS, LAYERS, WIDE, dropout=0.0, batch_first=True, norm_first=norm_first
    ).double()
    if not norm_first:
        # As in the paper: the last layer's own norm is the last.
        model.encoder.norm = model.decoder.norm = None
    for parameter in model.parameters():
        parameter.data = torch.randn_like(parameter) * 0.4
    source, target = torch.randn(BATCH, SOURCE, WIDTH).double(), torch.randn(BATCH, TARGET, WIDTH).double()
    source.requires_grad_(), target.requires_grad_()
    lengths = torch.tensor([SOURCE, SOURCE - 2])
    padded = torch.arange(SOURCE)[None] >= lengths[:, None]
    causal = torch.nn.Transformer.generate_square_subsequent_mask(TARGET, dtype=torch.float64)
    output = model(
        source, target, tgt_mask=causal, src_key_padding_mask=padded, memory_key_padding_mask=padded
    )
    weights = torch.randn_like(output)
    (output * weights).sum().backward()
    named = [(name, parameter) for name, parameter in model.named_parameters()]
    flat = lambda entries: {key: {"shape": list(v.shape), "values": [float(f"{x:.9g}") for x in v.flatten()]} for key, v in entries.items()}
    merged = lambda pick: {k: v for name, p in named for k, v in renamed(name, pick(p)).items()}
    return {
        "norm": "pre" if norm_first else "post",
        "parameters": flat(merged(lambda p: p.data)),
        "gradients": flat(merged(lambda p: p.grad)),
        "tensors": flat(
            {
                "source": source.data,
                "target": target.data,
                "output": output.data,
                "weights": weights,
                "sourceGradient": source.grad,
                "targetGradient": target.grad,
            }
        ),
        "lengths": lengths.tolist(),
    }


print(json.dumps({"width": WIDTH, "heads": HEADS, "layers": LAYERS, "wide": WIDE, "cases": [case(False), case(True)]}))
