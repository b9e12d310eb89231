"""Names of timm's weights for `names.test.ts`: python names_reference.py > names.reference.json (timm 1.0.31)."""

import json

import torch

operators = torch.library.Library("torchvision", "DEF")
for operator in ("nms", "qnms"):
    operators.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

import timm  # noqa: E402

NAMES = {"efficientnet-b2": "efficientnet_b2", "efficientnet-lite0": "tf_efficientnet_lite0", "vit-b-16": "vit_base_patch16_224"}

if __name__ == "__main__":
    with torch.device("meta"):
        networks = {ours: timm.create_model(theirs, num_classes=3) for ours, theirs in NAMES.items()}
    print(json.dumps({name: list(network.state_dict()) for name, network in networks.items()}, indent=1))
