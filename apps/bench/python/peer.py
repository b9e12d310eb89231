"""One process that trains one step by PyTorch (or Keras).

Weights and batches come from Motley, so that losses can be compared.
"""

import time

from protocol import answer, reply, run


def serve(assignment):
    if assignment["mode"] == "Keras":
        from keras_peer import KerasTrainer as Trainer
    else:
        from torch_peer import TorchTrainer as Trainer
    trainer = Trainer(assignment)
    losses = []
    for index in range(assignment["comparedSteps"]):
        start = time.perf_counter()
        losses.append(float(trainer.step(index)))
        if index == 0:
            reply(type="first", timeInMs=(time.perf_counter() - start) * 1000)
    if assignment["mode"] != "Keras":
        trainer.begin_noise()
    reply(type="ready", version=trainer.version, losses=losses)
    step = len(losses)

    def train(count):
        nonlocal step
        for _ in range(count):
            loss = trainer.step(step)
            step += 1
        float(loss)  # a step is done when its loss can be read

    answer(train)


run(serve)
