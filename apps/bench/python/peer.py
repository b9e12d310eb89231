"""One process that trains one step by PyTorch (or Keras): told what by its argument and when by its input.

The protocol is that of src/training/messages.ts. Weights and batches come from Motley, so that losses can be compared.
"""

import json
import resource
import sys
import time


def reply(**message):
    print(json.dumps(message), flush=True)


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
    reply(type="ready", version=trainer.version, losses=losses)
    step = len(losses)
    for line in sys.stdin:
        count = json.loads(line)["steps"]
        start = time.perf_counter()
        for _ in range(count):
            loss = trainer.step(step)
            step += 1
        float(loss)
        time_in_ms = (time.perf_counter() - start) * 1000
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        reply(type="timed", timeInMs=time_in_ms, peakMemoryInBytes=peak)


try:
    serve(json.loads(sys.argv[-1]))
except Exception as error:
    reply(type="failed", message=f"{type(error).__name__}: {error}".split("\n")[0])
    sys.exit(1)
