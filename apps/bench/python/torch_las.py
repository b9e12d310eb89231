"""packages/las-speech's network in PyTorch, with its parameter names, and the loss of a batch as src/training/steps/las.ts has it.

B batch, T frames, U steps of the listener, H its features, A attention features, K location filters, L letters."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

PADDING, BEGIN, END = 0, 1, 2
ALPHABET, BANDS, LISTENER, SPELLER, EMBEDDING, ATTENTION = 31, 80, 128, 256, 128, 128
FILTERS, RADIUS = 10, 10
DROPOUT, TEACHER_FORCING, CTC_WEIGHT, LABEL_SMOOTHING = 0.2, 0.9, 0.5, 0.1


class Attention(nn.Module):
    """Location-aware attention."""

    def __init__(self):
        super().__init__()
        self.query = nn.Linear(SPELLER, ATTENTION, bias=False)
        self.key = nn.Linear(2 * LISTENER, ATTENTION)
        self.filters = nn.Parameter(torch.empty(2 * RADIUS + 1, FILTERS))
        self.location = nn.Linear(FILTERS, ATTENTION, bias=False)
        self.score = nn.Linear(ATTENTION, 1, bias=False)

    def remember(self, values, lengths):
        beyond = torch.arange(values.shape[1]) >= lengths[:, None]  # [B, U]
        return self.key(values), values, beyond, self.filters.T[:, None]

    def attend(self, state, last, memory):
        keys, values, beyond, filters = memory
        features = F.conv1d(last[:, None], filters, padding=RADIUS)  # [B, K, U]
        hidden = torch.tanh(keys + self.query(state)[:, None] + self.location(features.transpose(1, 2)))
        weights = self.score(hidden).squeeze(2).masked_fill(beyond, -1e30).softmax(1)
        return weights, torch.bmm(weights[:, None], values).squeeze(1)


class Speller(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(ALPHABET, EMBEDDING)
        self.cells = nn.ModuleList(
            [nn.LSTMCell(EMBEDDING + 2 * LISTENER, SPELLER), nn.LSTMCell(SPELLER, SPELLER)]
        )
        self.attention = Attention()
        self.hidden = nn.Linear(SPELLER + 2 * LISTENER, EMBEDDING)
        self.characters = nn.Linear(EMBEDDING, ALPHABET)

    def forward(self, values, lengths, transcripts):
        batch, length = transcripts.shape
        memory = self.attention.remember(values, lengths)
        begin = transcripts.new_full((batch, 1), BEGIN)
        told = torch.cat([begin, transcripts[:, :-1]], 1).T.contiguous()  # [L, B]
        embedded = self.embedding(told)
        context = values.new_zeros(batch, 2 * LISTENER)
        weights = values.new_zeros(batch, values.shape[1])
        states = [(values.new_zeros(batch, SPELLER), values.new_zeros(batch, SPELLER)) for _ in self.cells]
        if self.training:
            input_factors = F.dropout(values.new_ones(batch, EMBEDDING + 2 * LISTENER), DROPOUT)
            output_factors = F.dropout(values.new_ones(batch, SPELLER + 2 * LISTENER), DROPOUT)
            is_told = torch.rand(length, batch, 1) < TEACHER_FORCING
            noise = -torch.empty(length, batch, ALPHABET).exponential_().log()  # Gumbel: an argmax is a draw
        outputs = []
        for index in range(length):
            symbol = embedded[index]
            if self.training and index > 0:
                drawn = self.embedding((logits.detach() + noise[index - 1]).argmax(1))
                symbol = torch.where(is_told[index], symbol, drawn)
            features = torch.cat([symbol, context], 1)
            if self.training:
                features = features * input_factors
            for position, cell in enumerate(self.cells):
                states[position] = cell(features, states[position])
                features = states[position][0]
            weights, context = self.attention.attend(features, weights, memory)
            output = torch.cat([features, context], 1)
            if not self.training:
                outputs.append(output)
                continue
            output = output * output_factors
            logits = self.characters(torch.tanh(self.hidden(output)))
            outputs.append(logits)
        stacked = torch.stack(outputs, 1)  # [B, L, …]
        # Without draws nobody waits for a letter's logits: one product for all of them.
        return stacked if self.training else self.characters(torch.tanh(self.hidden(stacked)))


class ListenAttendSpell(nn.Module):
    def __init__(self):
        super().__init__()
        self.listener = nn.LSTM(BANDS, LISTENER, bidirectional=True, batch_first=True)
        self.pyramid = nn.ModuleList(
            nn.LSTM(4 * LISTENER, LISTENER, bidirectional=True, batch_first=True) for _ in range(2)
        )
        self.ctc = nn.Linear(2 * LISTENER, ALPHABET)
        self.speller = Speller()

    def listen(self, frames, lengths):
        heard = frames
        for layer, blstm in enumerate([self.listener, *self.pyramid]):
            if layer > 0:
                batch, time, width = heard.shape
                heard = heard.reshape(batch, time // 2, 2 * width)
                lengths = (lengths + 1) // 2
            packed = pack_padded_sequence(heard, lengths, batch_first=True, enforce_sorted=False)
            heard, _ = pad_packed_sequence(blstm(packed)[0], batch_first=True, total_length=heard.shape[1])
            if self.training:
                heard = heard * F.dropout(heard.new_ones(heard.shape[0], 1, heard.shape[2]), DROPOUT)
        return heard, lengths


class LasStep(nn.Module):
    has_dropout = True

    def __init__(self):
        super().__init__()
        self.network = ListenAttendSpell()

    def forward(self, frames, lengths, transcripts, seed):
        heard, steps = self.network.listen(frames, lengths)
        count = (transcripts != PADDING).sum()
        letters = (transcripts >= 3).sum(1)
        paths = self.network.ctc(heard).log_softmax(-1).transpose(0, 1)
        ctc = F.ctc_loss(paths, transcripts, steps, letters, PADDING, "sum", zero_infinity=True) / count
        logits = self.network.speller(heard, steps, transcripts).flatten(0, 1)
        spelling = F.cross_entropy(
            logits, transcripts.flatten(), ignore_index=PADDING, label_smoothing=LABEL_SMOOTHING
        )
        return (1 - CTC_WEIGHT) * spelling + CTC_WEIGHT * ctc
