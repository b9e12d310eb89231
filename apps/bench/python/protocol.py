"""A peer's side of src/training/messages.ts: told what by its argument and when by its input."""

import json
import resource
import sys
import time


def reply(**message):
    print(json.dumps(message), flush=True)


def answer(take_steps):
    """Takes as many steps as each line of the input asks for, and says how long they took."""
    for line in sys.stdin:
        count = json.loads(line)["steps"]
        start = time.perf_counter()
        take_steps(count)
        time_in_ms = (time.perf_counter() - start) * 1000
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        reply(type="timed", timeInMs=time_in_ms, peakMemoryInBytes=peak)


def run(serve):
    """Serves the assignment of the command line; a failure is said in one line."""
    try:
        serve(json.loads(sys.argv[-1]))
    except Exception as error:
        reply(type="failed", message=f"{type(error).__name__}: {error}".split("\n")[0])
        sys.exit(1)
