"""The network of packages/transformer with PyTorch's nn.Transformer, that reads its weights by their names."""

import math

import torch
import torch.nn.functional as F
from torch import nn

PADDING = 0


def sinusoids(length, width):
    positions = torch.arange(length, dtype=torch.float64)[:, None]
    columns = torch.arange(0, width, 2, dtype=torch.float64)
    angles = positions / 10_000 ** (columns / width)
    return torch.stack([angles.sin(), angles.cos()], -1).flatten(1)[:, :width].float()


class Translator(nn.Module):
    """Normalised before each part, source, target and output sharing one table."""

    def __init__(self, width, heads, layers, wide, vocabulary, max_length, dropout):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        nn.init.normal_(self.embedding.weight, 0, width**-0.5)
        self.transformer = nn.Transformer(width, heads, layers, layers, wide, dropout, batch_first=True, norm_first=True)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("positions", sinusoids(max_length, width), persistent=False)
        self.register_buffer("future", torch.ones(max_length, max_length, dtype=torch.bool).triu(1), persistent=False)

    def embed(self, tokens):
        rows = self.embedding(tokens) * math.sqrt(self.embedding.embedding_dim)
        return self.dropout(rows + self.positions[: tokens.shape[1]])

    def encode(self, source):
        """The encoder's output, and where it is padding."""
        padded = source == PADDING
        return self.transformer.encoder(self.embed(source), src_key_padding_mask=padded), padded

    def decode(self, target, memory, padded):
        """Rows for the symbol after each of the target's."""
        length = target.shape[1]
        return self.transformer.decoder(
            self.embed(target),
            memory,
            tgt_mask=self.future[:length, :length],
            tgt_is_causal=True,
            memory_key_padding_mask=padded,
        )

    def classify(self, rows):
        return F.linear(rows, self.embedding.weight)

    def forward(self, source, input):
        return self.classify(self.decode(input, *self.encode(source)))

    def load_motley(self, state):
        """Weights of packages/transformer, by its names."""
        self.load_state_dict({name: torch.cat(parts) for name, parts in renamed(state).items()})


PARTS = {"query": 0, "key": 1, "value": 2}


def renamed(state):
    """This package's names to nn.Transformer's, which has query, key and value in one: the pieces of each."""
    found = {}
    for name, value in state.items():
        if name == "embedding.tokens.weight":
            found["embedding.weight"] = [value]
            continue
        stack, *rest = name.split(".")
        if stack not in ("encoder", "decoder"):
            continue
        if rest[0] == "norm":
            found[f"transformer.{name}"] = [value]
            continue
        layer, part, inner, kind = rest[1], rest[2], rest[3], rest[-1]
        prefix = f"transformer.{stack}.layers.{layer}"
        attention = {"self_attention": "self_attn", "cross_attention": "multihead_attn"}.get(part)
        if attention is None:
            last = "norm3" if stack == "decoder" else "norm2"
            new = {
                "self_residual": "norm1",
                "cross_residual": "norm2",
                "feed_forward_residual": last,
                "feed_forward": {"wide": "linear1", "narrow": "linear2"}.get(inner),
            }[part]
            found[f"{prefix}.{new}.{kind}"] = [value]
        elif inner == "output":
            found[f"{prefix}.{attention}.out_proj.{kind}"] = [value]
        else:
            found.setdefault(f"{prefix}.{attention}.in_proj_{kind}", [None] * 3)[PARTS[inner]] = value
    return found


class TranslationStep(nn.Module):
    """The loss of a batch, as src/training/steps/translation.ts has it."""

    has_dropout = True

    def __init__(self):
        super().__init__()
        self.network = Translator(256, 4, 3, 1024, 10_000, 64, 0.1)

    def load_state_dict(self, state):
        self.network.load_motley({name.removeprefix("network."): value for name, value in state.items()})

    def forward(self, source, input, target, seed):
        logits = self.network(source, input)
        return F.cross_entropy(logits.flatten(0, 1), target.flatten(), ignore_index=PADDING, label_smoothing=0.1)
