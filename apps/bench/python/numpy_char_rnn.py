"""A two-layer recurrent network that writes, in NumPy, in the manner of Karpathy's min-char-rnn: one-hot columns, one
character after another, gradients by hand, clipped to ±5, Adagrad. What packages/char-rnn's network by hand is timed against.
"""

import time

import numpy as np
from safetensors.numpy import load_file

from protocol import answer, reply, run

SEQUENCE_LENGTH = 25
CLIP = 5


class Network:
    def __init__(self, weights, learning_rate, dtype):
        weights = {name: value.astype(dtype) for name, value in weights.items()}
        column = lambda name: weights[name].reshape(-1, 1)
        self.parameters = [
            weights["rnn.weight_ih_l0"],
            weights["rnn.weight_hh_l0"],
            column("rnn.bias_ih_l0"),
            weights["rnn.weight_ih_l1"],
            weights["rnn.weight_hh_l1"],
            column("rnn.bias_ih_l1"),
            weights["output.weight"],
            column("output.bias"),
        ]
        self.memories = [np.zeros_like(parameter) for parameter in self.parameters]
        self.learning_rate = learning_rate

    def loss(self, inputs, targets, first, second):
        """The loss in nats, the gradients, and the layers' last states."""
        Wx1, Wh1, b1, Wx2, Wh2, b2, Wy, by = self.parameters
        xs, hs1, hs2, ps = {}, {-1: first}, {-1: second}, {}
        loss = 0
        for t in range(len(inputs)):
            xs[t] = np.zeros((Wx1.shape[1], 1), Wx1.dtype)
            xs[t][inputs[t]] = 1
            hs1[t] = np.tanh(np.dot(Wx1, xs[t]) + np.dot(Wh1, hs1[t - 1]) + b1)
            hs2[t] = np.tanh(np.dot(Wx2, hs1[t]) + np.dot(Wh2, hs2[t - 1]) + b2)
            y = np.dot(Wy, hs2[t]) + by
            exponentials = np.exp(y)
            ps[t] = exponentials / np.sum(exponentials)
            loss += -np.log(ps[t][targets[t], 0])
        gradients = [np.zeros_like(parameter) for parameter in self.parameters]
        dWx1, dWh1, db1, dWx2, dWh2, db2, dWy, dby = gradients
        dh1next, dh2next = np.zeros_like(first), np.zeros_like(second)
        for t in reversed(range(len(inputs))):
            dy = np.copy(ps[t])
            dy[targets[t]] -= 1
            dWy += np.dot(dy, hs2[t].T)
            dby += dy
            dh2 = np.dot(Wy.T, dy) + dh2next
            dz2 = (1 - hs2[t] * hs2[t]) * dh2
            db2 += dz2
            dWx2 += np.dot(dz2, hs1[t].T)
            dWh2 += np.dot(dz2, hs2[t - 1].T)
            dh2next = np.dot(Wh2.T, dz2)
            dh1 = np.dot(Wx2.T, dz2) + dh1next
            dz1 = (1 - hs1[t] * hs1[t]) * dh1
            db1 += dz1
            dWx1 += np.dot(dz1, xs[t].T)
            dWh1 += np.dot(dz1, hs1[t - 1].T)
            dh1next = np.dot(Wh1.T, dz1)
        for gradient in gradients:
            np.clip(gradient, -CLIP, CLIP, out=gradient)
        return loss, gradients, hs1[len(inputs) - 1], hs2[len(inputs) - 1]

    def update(self, gradients):
        for parameter, gradient, memory in zip(self.parameters, gradients, self.memories):
            memory += gradient * gradient
            parameter += -self.learning_rate * gradient / np.sqrt(memory + 1e-8)


def serve(assignment):
    folder = assignment["folder"]
    text = load_file(f"{folder}/batch-0.safetensors")["text"].tolist()
    dtype = np.float32 if assignment["mode"].endswith("float32") else np.float64
    network = Network(load_file(f"{folder}/weights.safetensors"), assignment["learningRate"], dtype)
    zeros = lambda: np.zeros((network.parameters[1].shape[0], 1), dtype)
    place, first, second = 0, zeros(), zeros()

    def step():
        nonlocal place, first, second
        if place + SEQUENCE_LENGTH + 1 > len(text):
            place, first, second = 0, zeros(), zeros()
        inputs = text[place : place + SEQUENCE_LENGTH]
        targets = text[place + 1 : place + SEQUENCE_LENGTH + 1]
        loss, gradients, first, second = network.loss(inputs, targets, first, second)
        network.update(gradients)
        place += SEQUENCE_LENGTH
        return float(loss) / SEQUENCE_LENGTH

    start = time.perf_counter()
    losses = [step()]
    reply(type="first", timeInMs=(time.perf_counter() - start) * 1000)
    losses += [step() for _ in range(assignment["comparedSteps"] - 1)]
    reply(type="ready", version=np.__version__, losses=losses)

    def take_steps(count):
        for _ in range(count):
            step()

    answer(take_steps)


run(serve)
