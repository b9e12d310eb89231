"""Greedy decoding by PyTorch with the weights of packages/transformer: its usual loop, which reads what is said so far once
more for each symbol, and one with keys and values kept, written by hand on the same parameters.
"""

import time

import torch
import torch.nn.functional as F
from safetensors.torch import load_file

from protocol import answer, reply, run
from torch_translator import Translator

BEGIN = 1


def usual(model, source, length):
    memory, padded = model.encode(source)
    said = torch.full((len(source), 1), BEGIN)
    for _ in range(length):
        rows = model.decode(said, memory, padded)
        said = torch.cat([said, model.classify(rows[:, -1:]).argmax(-1)], 1)
    return said[:, 1:]


def heads_of(rows, attention):
    return rows.unflatten(-1, (attention.num_heads, -1)).transpose(1, 2)


def projected(rows, attention, first, last):
    """Rows by the parts `first` to `last` of query, key and value, [B, N, T, D / N] each."""
    width = attention.embed_dim
    part = slice(first * width, last * width)
    both = F.linear(rows, attention.in_proj_weight[part], attention.in_proj_bias[part])
    return [heads_of(each, attention) for each in both.chunk(last - first, -1)]


def attend(query, key, value, attention, mask=None):
    mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
    return attention.out_proj(mixed.transpose(1, 2).flatten(2))


def cached(model, source, length):
    memory, padded = model.encode(source)
    mask = ~padded[:, None, None, :]
    decoder = model.transformer.decoder
    memories = [projected(memory, layer.multihead_attn, 1, 3) for layer in decoder.layers]
    batch, width, heads = len(source), memory.shape[-1], decoder.layers[0].self_attn.num_heads
    room = lambda: torch.empty(batch, heads, length, width // heads)
    keys, values = ([room() for _ in decoder.layers] for _ in range(2))
    said = torch.empty(batch, length, dtype=torch.long)
    last = torch.full((batch,), BEGIN)
    scale = width**0.5
    for place in range(length):
        row = (model.embedding(last) * scale + model.positions[place])[:, None]
        for index, layer in enumerate(decoder.layers):
            query, key, value = projected(layer.norm1(row), layer.self_attn, 0, 3)
            keys[index][:, :, place], values[index][:, :, place] = key[:, :, 0], value[:, :, 0]
            past = keys[index][:, :, : place + 1], values[index][:, :, : place + 1]
            row = row + attend(query, *past, layer.self_attn)
            (query,) = projected(layer.norm2(row), layer.multihead_attn, 0, 1)
            row = row + attend(query, *memories[index], layer.multihead_attn, mask)
            row = row + layer.linear2(F.relu(layer.linear1(layer.norm3(row))))
        last = model.classify(decoder.norm(row))[:, 0].argmax(-1)
        said[:, place] = last
    return said


def serve(assignment):
    torch.set_num_threads(assignment["threads"])
    folder = assignment["folder"]
    state = load_file(f"{folder}/weights.safetensors")
    vocabulary, width = state["embedding.tokens.weight"].shape
    layers = len({name.split(".")[2] for name in state if name.startswith("encoder.layers.")})
    wide = len(state["encoder.layers.0.feed_forward.wide.bias"])
    model = Translator(width, 4, layers, wide, vocabulary, 128, 0.0)
    model.load_motley(state)
    model.eval()
    source = load_file(f"{folder}/batch-0.safetensors")["source"].long()
    length = assignment["comparedSteps"] // len(source)
    decode = cached if assignment["mode"].endswith("by hand") else usual

    with torch.inference_mode():
        start = time.perf_counter()
        symbols = decode(model, source, length)
        reply(type="first", timeInMs=(time.perf_counter() - start) * 1000)
        reply(type="ready", version=torch.__version__, losses=symbols.flatten().tolist())

        def take_steps(count):
            for _ in range(count):
                decode(model, source, length)

        answer(take_steps)


run(serve)
