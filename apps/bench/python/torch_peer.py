"""A training step in PyTorch as its users would write it for speed on a CPU."""

import contextlib
import glob

import torch
from safetensors.torch import load_file

from torch_steps import STEPS


class TorchTrainer:
    version = torch.__version__

    def __init__(self, assignment):
        torch.set_num_threads(assignment["threads"])
        folder = assignment["folder"]
        make_model, make_optimizer = STEPS[assignment["step"]]
        self.model = make_model()
        self.model.load_state_dict(load_file(f"{folder}/weights.safetensors"))
        self.model.to(memory_format=torch.channels_last)
        self.has_dropout = getattr(self.model, "has_dropout", False)
        self.model.train(not self.has_dropout)
        self.optimizer = make_optimizer(self.model.parameters(), assignment["learningRate"])
        self.batches = [load_batch(path) for path in sorted(glob.glob(f"{folder}/batch-*.safetensors"))]
        compiled = assignment["mode"] == "torch.compile"
        self.loss = torch.compile(self.model) if compiled else self.model
        self.precision = (
            torch.autocast("cpu", torch.bfloat16) if assignment["precision"] == "bfloat16" else contextlib.nullcontext()
        )

    def begin_noise(self):
        """The steps whose losses are compared are over: dropout from here on."""
        if self.has_dropout:
            self.model.train()
            float(self.step(0))

    def step(self, index):
        """Returns the loss, on the device."""
        self.optimizer.zero_grad(set_to_none=True)
        with self.precision:
            loss = self.loss(**self.batches[index % len(self.batches)])
        loss.backward()
        self.optimizer.step()
        return loss.detach()


def load_batch(path):
    return {name: in_torch(value) for name, value in load_file(path).items()}


def in_torch(value):
    """Images are [B, H, W, C] in the file: PyTorch's channels-last format, once their axes are named in its order."""
    if value.ndim == 4:
        return value.permute(0, 3, 1, 2)
    return value.long() if value.dtype == torch.int32 else value  # labels and indices
