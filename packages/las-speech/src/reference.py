"""Listen, Attend and Spell in PyTorch, for `twin.test.ts`: python reference.py > reference.json (torch 2.13.0).

Weights and inputs are a formula of their position, so that only results need to be kept. The names of parameters are
those of the checkpoints.
"""

import json
import math

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

FEATURES, LISTENER, SPELLER, EMBEDDING, ATTENTION, FILTERS, ALPHABET = 5, 3, 4, 3, 4, 2, 9
PADDING, BEGIN, END = 0, 1, 2
SMOOTHING, CTC_WEIGHT = 0.1, 0.3

# The last transcript of the third case has more letters than the listener has steps.
CASES = [
    {"attention": "location", "pyramidLayers": 2, "framesPerStep": 1, "locationRadius": 1, "tiedEmbedding": False,
     "frames": 10, "lengths": [10, 7], "transcripts": [[3, 4, 5, END], [6, END, 0, 0]]},
    {"attention": "dot-product", "pyramidLayers": 1, "framesPerStep": 1, "locationRadius": 1, "tiedEmbedding": True,
     "frames": 7, "lengths": [4, 7], "transcripts": [[8, END, 0, 0], [3, 3, 7, END]]},
    {"attention": "location", "pyramidLayers": 3, "framesPerStep": 1, "locationRadius": 2, "tiedEmbedding": True,
     "frames": 11, "lengths": [11, 9], "transcripts": [[4, END, 0, 0], [5, 6, 7, END]]},
    {"attention": "location", "pyramidLayers": 0, "framesPerStep": 2, "locationRadius": 2, "tiedEmbedding": False,
     "frames": 9, "lengths": [7, 9], "transcripts": [[3, END, 0], [4, 4, END]]},
]


def formula(seed: int, shape, scale: float) -> torch.Tensor:
    """Numbers between -scale and scale, which look random: a permutation of the remainders by a prime."""
    position = torch.arange(math.prod(shape), dtype=torch.int64) + 1 + 97 * seed
    return (((position % 10007) ** 3 % 10007) / 10007 * 2 * scale - scale).to(torch.float32).reshape(shape)


def concatenated(values, lengths, count):
    """Neighboring steps as one, with zeros where the last ones are missing."""
    batch, time, size = values.shape
    missing = -time % count
    values = F.pad(values, (0, 0, 0, missing)).reshape(batch, (time + missing) // count, count * size)
    return values, torch.div(lengths + count - 1, count, rounding_mode="floor")


def within(lengths, steps):
    return torch.arange(steps)[None] < lengths[:, None]


class DotProduct(nn.Module):
    def __init__(self):
        super().__init__()
        self.query = nn.Linear(SPELLER, ATTENTION)
        self.key = nn.Linear(2 * LISTENER, ATTENTION)

    def scores(self, state, last, values):
        return torch.einsum("ba,bua->bu", self.query(state), self.key(values)) / math.sqrt(ATTENTION)


class LocationAware(nn.Module):
    def __init__(self, radius):
        super().__init__()
        self.radius = radius
        self.query = nn.Linear(SPELLER, ATTENTION, bias=False)
        self.key = nn.Linear(2 * LISTENER, ATTENTION)
        self.filters = nn.Parameter(torch.zeros(2 * radius + 1, FILTERS))
        self.location = nn.Linear(FILTERS, ATTENTION, bias=False)
        self.score = nn.Linear(ATTENTION, 1, bias=False)

    def scores(self, state, last, values):
        found = F.conv1d(last[:, None], self.filters.T[:, None], padding=self.radius)  # [B, K, U]
        place = self.location(found.transpose(1, 2))
        return self.score(torch.tanh(self.query(state)[:, None] + self.key(values) + place)).squeeze(2)


class Speller(nn.Module):
    def __init__(self, case):
        super().__init__()
        self.embedding = nn.Embedding(ALPHABET, EMBEDDING)
        self.cells = nn.ModuleList(
            [nn.LSTMCell(EMBEDDING + 2 * LISTENER, SPELLER), nn.LSTMCell(SPELLER, SPELLER)]
        )
        self.attention = LocationAware(case["locationRadius"]) if case["attention"] == "location" else DotProduct()
        self.hidden = nn.Linear(SPELLER + 2 * LISTENER, EMBEDDING)
        if not case["tiedEmbedding"]:
            self.characters = nn.Linear(EMBEDDING, ALPHABET)

    def forward(self, values, lengths, transcripts):
        batch, steps, size = values.shape
        is_within = within(lengths, steps)
        states = [(torch.zeros(batch, SPELLER), torch.zeros(batch, SPELLER))] * 2
        context, weights = torch.zeros(batch, size), torch.zeros(batch, steps)
        symbols = torch.cat([torch.full((batch, 1), BEGIN), transcripts[:, :-1]], 1)
        logits, all_weights = [], []
        for symbol in symbols.unbind(1):
            lower = self.cells[0](torch.cat([self.embedding(symbol), context], 1), states[0])
            upper = self.cells[1](lower[0], states[1])
            states = [lower, upper]
            scores = self.attention.scores(upper[0], weights, values).masked_fill(~is_within, -math.inf)
            weights = scores.softmax(1)
            context = torch.einsum("bu,buh->bh", weights, values)
            hidden = torch.tanh(self.hidden(torch.cat([upper[0], context], 1)))
            tied = not hasattr(self, "characters")
            logits.append(F.linear(hidden, self.embedding.weight) if tied else self.characters(hidden))
            all_weights.append(weights)
        return torch.stack(logits, 1), torch.stack(all_weights, 1)


class ListenAttendSpell(nn.Module):
    def __init__(self, case):
        super().__init__()
        self.frames_per_step = case["framesPerStep"]
        blstm = lambda inputs: nn.LSTM(inputs, LISTENER, bidirectional=True, batch_first=True)
        self.listener = blstm(FEATURES * self.frames_per_step)
        self.pyramid = nn.ModuleList(blstm(4 * LISTENER) for _ in range(case["pyramidLayers"]))
        self.ctc = nn.Linear(2 * LISTENER, ALPHABET)
        self.speller = Speller(case)

    def listen(self, frames, lengths):
        # Frames beyond an end are zero in the last step too, which may hold some.
        frames = frames.masked_fill(~within(lengths, frames.shape[1])[..., None], 0)
        values, lengths = concatenated(frames, lengths, self.frames_per_step)
        for layer, blstm in enumerate([self.listener, *self.pyramid]):
            if layer > 0:
                values, lengths = concatenated(values, lengths, 2)
            packed = pack_padded_sequence(values, lengths, batch_first=True, enforce_sorted=False)
            values, _ = pad_packed_sequence(blstm(packed)[0], batch_first=True, total_length=values.shape[1])
        return values, lengths


def joint(model, frames, lengths, transcripts):
    heard, steps = model.listen(frames, lengths)
    ctc_logits = model.ctc(heard)
    logits, weights = model.speller(heard, steps, transcripts)
    spelling = F.cross_entropy(
        logits.flatten(0, 1), transcripts.flatten(), label_smoothing=SMOOTHING, ignore_index=PADDING
    )
    letters = transcripts.where(transcripts != END, PADDING)
    ctc = F.ctc_loss(
        ctc_logits.log_softmax(2).transpose(0, 1), letters, steps, (letters != PADDING).sum(1),
        blank=PADDING, reduction="sum", zero_infinity=True,
    ) / (transcripts != PADDING).sum()
    loss = (1 - CTC_WEIGHT) * spelling + CTC_WEIGHT * ctc
    results = {"heard": heard, "steps": steps, "ctcLogits": ctc_logits, "logits": logits, "weights": weights}
    return {**results, "spelling": spelling, "ctc": ctc, "loss": loss}


def rounded(tensor: torch.Tensor) -> list:
    return [float(f"{value:.6g}") for value in tensor.detach().double().flatten().tolist()]


def result(case):
    model = ListenAttendSpell(case)
    for seed, parameter in enumerate(model.parameters()):
        parameter.data = formula(seed, parameter.shape, 1.5)
    model.double()
    torch.set_default_dtype(torch.float64)
    lengths, transcripts = torch.tensor(case["lengths"]), torch.tensor(case["transcripts"])
    frames = formula(50, (len(lengths), case["frames"], FEATURES), 2).double()
    results = joint(model, frames, lengths, transcripts)
    results["loss"].backward()
    torch.set_default_dtype(torch.float32)
    return {
        **case,
        "results": {name: rounded(value) for name, value in results.items()},
        "gradients": {
            name: {"shape": list(value.shape), "values": rounded(value.grad)} for name, value in model.named_parameters()
        },
    }


print(json.dumps({"cases": [result(case) for case in CASES]}, separators=(",", ":")))
