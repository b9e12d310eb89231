"""Trains nn.Transformer on a run's pairs as packages/transformer did: the same symbols, buckets, steps, learning rates, label
smoothing, dropout, clipping and averaging of weights, weights and order drawn by a seed; the best by validation translates the
test sentences by beam search. Told by its argument: `python torch_translation.py ASSIGNMENT.json`; says the result as JSON.
"""

import copy
import json
import sys
import time

import torch
import torch.nn.functional as F

from torch_translator import PADDING, Translator

with open(sys.argv[1]) as file:
    assignment = json.load(file)
with open(assignment["pairs"]) as file:
    pairs = json.load(file)
config = assignment["config"]
model_config, training = config["model"], config["training"]
BEGIN, END = pairs["begin"], pairs["end"]
started = time.perf_counter()
torch.set_num_threads(assignment["threads"])
torch.manual_seed(assignment["seed"])


def length_of(pair):
    return max(len(pair["source"]), len(pair["target"])) + 1


def padded(rows, length):
    return torch.tensor([row + [PADDING] * (length - len(row)) for row in rows])


class Buckets:
    """Batches of pairs of about one length, as `bucketedBatches` makes them."""

    def __init__(self, part, shuffled):
        self.pairs, self.shuffled = part, shuffled
        self.boundaries = assignment["boundaries"]
        self.sizes = [max(1, assignment["symbolsPerBatch"] // boundary) for boundary in self.boundaries]
        self.bucket_of = [next(i for i, b in enumerate(self.boundaries) if length_of(pair) <= b) for pair in part]

    def epoch(self):
        order = torch.randperm(len(self.pairs)).tolist() if self.shuffled else range(len(self.pairs))
        waiting = [[] for _ in self.boundaries]
        for index in order:
            bucket = self.bucket_of[index]
            waiting[bucket].append(self.pairs[index])
            if len(waiting[bucket]) == self.sizes[bucket]:
                yield self.batch(waiting[bucket], bucket)
                waiting[bucket] = []
        for bucket, rest in enumerate(waiting):
            if rest and not self.shuffled:
                yield self.batch(rest, bucket)

    def batch(self, rows, bucket):
        length = self.boundaries[bucket]
        return (
            padded([row["source"] + [END] for row in rows], length),
            padded([[BEGIN] + row["target"] for row in rows], length),
            padded([row["target"] + [END] for row in rows], length),
        )


def nats_per_symbol(network, part):
    """Without label smoothing."""
    network.eval()
    nats = symbols = 0
    with torch.inference_mode():
        for source, spoken, target in Buckets(part, False).epoch():
            logits = network(source, spoken)
            nats += F.cross_entropy(logits.flatten(0, 1), target.flatten(), ignore_index=PADDING, reduction="sum").item()
            symbols += (target != PADDING).sum().item()
    return nats / symbols


def train(network):
    """The best weights by validation, averaged where ours are."""
    optimizer = torch.optim.Adam(network.parameters(), 0.0, betas=assignment["betas"], eps=1e-8, fused=True)
    decay = training["emaDecay"]
    average = copy.deepcopy(network) if decay is not None else network
    buckets = Buckets(pairs["training"], True)
    best, best_loss, step = None, float("inf"), 0
    while step < len(assignment["learningRates"]):
        network.train()
        for source, spoken, target in buckets.epoch():
            optimizer.param_groups[0]["lr"] = assignment["learningRates"][step]
            optimizer.zero_grad(set_to_none=True)
            logits = network(source, spoken).flatten(0, 1)
            smoothing = training["labelSmoothing"]
            loss = F.cross_entropy(logits, target.flatten(), ignore_index=PADDING, label_smoothing=smoothing)
            loss.backward()
            if training["maxGradientNorm"] is not None:
                torch.nn.utils.clip_grad_norm_(network.parameters(), training["maxGradientNorm"])
            optimizer.step()
            if decay is not None:
                with torch.no_grad():
                    torch._foreach_lerp_(list(average.parameters()), list(network.parameters()), 1 - decay if step else 1.0)
            step += 1
            if step == len(assignment["learningRates"]):
                break
        validation = nats_per_symbol(average, pairs["validation"])
        print(f"step {step}: validation {validation:.4f} nats per symbol", file=sys.stderr, flush=True)
        if validation < best_loss:
            best, best_loss = copy.deepcopy(average.state_dict()), validation
    average.load_state_dict(best)
    return average.eval(), best_loss


def penalty(length, exponent):
    return ((5 + length) / 6) ** exponent


def beam_search(network, source, beam, exponent, most):
    """The likeliest of `beam` candidates of each sentence, ranked by log-probability over the length's penalty."""
    batch, vocabulary = len(source), pairs["vocabularySize"]
    memory, mask = network.encode(source)
    memory, mask = memory.repeat_interleave(beam, 0), mask.repeat_interleave(beam, 0)
    said = torch.full((batch * beam, 1), BEGIN)
    sums = torch.full((batch, beam), float("-inf"))
    sums[:, 0] = 0
    sums, lengths = sums.flatten(), torch.zeros(batch * beam)
    finished = torch.zeros(batch * beam, dtype=torch.bool)
    only_padding = torch.full((vocabulary,), float("-inf"))
    only_padding[PADDING] = 0
    first = torch.arange(batch)[:, None] * beam
    for _ in range(most):
        logits = network.classify(network.decode(said, memory, mask)[:, -1])
        steps = torch.where(finished[:, None], only_padding, logits.log_softmax(-1))
        totals = sums[:, None] + steps
        lengths = lengths + ~finished
        ranks = (totals / penalty(lengths, exponent)[:, None]).view(batch, -1)
        chosen = ranks.topk(beam).indices
        parents = (first + chosen // vocabulary).flatten()
        symbols = (chosen % vocabulary).flatten()
        sums, lengths = totals[parents, symbols], lengths[parents]
        said = torch.cat([said[parents], symbols[:, None]], 1)
        finished = finished[parents] | (symbols == END)
        if finished.all():
            break
    return said.view(batch, beam, -1)[:, 0, 1:].tolist()


def translate(network):
    sources = [pair["source"] + [END] for pair in pairs["test"]]
    order = sorted(range(len(sources)), key=lambda index: len(sources[index]))
    translations = [None] * len(sources)
    with torch.inference_mode():
        for start in range(0, len(order), 32):
            group = order[start : start + 32]
            length = -(-len(sources[group[-1]]) // 8) * 8
            most = min(model_config["maxLength"], 2 * length + 8)
            rows = padded([sources[index] for index in group], length)
            decoding = config["decoding"]
            for index, symbols in zip(group, beam_search(network, rows, decoding["beam"], decoding["lengthPenalty"], most)):
                translations[index] = symbols[: symbols.index(END)] if END in symbols else symbols
    return translations


network = Translator(
    model_config["width"],
    model_config["heads"],
    model_config["layers"],
    model_config["feedForwardWidth"],
    pairs["vocabularySize"],
    model_config["maxLength"],
    model_config["dropout"],
)
parameters = sum(parameter.numel() for parameter in network.parameters())
best, validation = train(network)
trained = time.perf_counter()
translations = translate(best)
ended = time.perf_counter()
result = {
    "version": torch.__version__,
    "parameters": parameters,
    "validationLoss": validation,
    "testLoss": nats_per_symbol(best, pairs["test"]),
    "trainingTimeInSeconds": trained - started,
    "decodingTimeInSeconds": ended - trained,
    "translations": translations,
}
print(json.dumps(result))
