"""Reference values for `twin.test.ts`: python reference.py > reference.json.

torch 2.14.1 and torchvision 0.29.1 have the detector; the weights and pictures follow a formula, so that only results
need to be stored. All is computed in float64 from float32 weights.
"""

import json
import math

import numpy
import torch
from torchvision.models import mobilenet_v2, resnet50
from torchvision.models.detection import FasterRCNN, fasterrcnn_resnet50_fpn
from torchvision.models.detection.backbone_utils import BackboneWithFPN
from torchvision.models.detection.faster_rcnn import AnchorGenerator, FastRCNNPredictor, TwoMLPHead
from torchvision.ops import FrozenBatchNorm2d, MultiScaleRoIAlign, box_iou, nms, roi_align
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool

CLASSES = 3
SIZES = [(60, 80), (70, 64)]  # height and width
SHORT, LONG = 96, 160


def noise(seed, shape):
    """Values in [-1, 1) by a hash of the place."""
    x = numpy.arange(math.prod(shape), dtype=numpy.uint32)
    x = x * numpy.uint32(0x9E3779B1) + numpy.uint32(seed * 0x85EBCA6B % 2**32)
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x = (x ^ (x >> numpy.uint32(shift))) * numpy.uint32(factor)
    x = x ^ (x >> numpy.uint32(16))
    return torch.from_numpy((x / 2**31 - 1).astype(numpy.float32)).reshape(shape)


def weight(name, seed, shape):
    values = noise(seed, shape)
    if name.endswith("running_var"):
        return 1 + 0.5 * values
    if len(shape) > 1:
        scale = 0.05 if "bbox_" in name else 0.06 if "cls_" in name else 1
        return scale * math.sqrt(6 / math.prod(shape[1:])) * values
    if name.endswith("weight"):
        # Blocks that change little keep what is rounded small.
        return (0.25 if ".bn3." in name or ".conv.3." in name else 1) * (1 + 0.2 * values)
    return 0.1 * values


def fill(model):
    state = model.state_dict()
    names = [name for name in state if not name.endswith("num_batches_tracked")]
    filled = {name: weight(name, seed, tuple(state[name].shape)) for seed, name in enumerate(names)}
    model.load_state_dict(filled)
    return model.double().eval()


class NoiseSampler:
    """torchvision's sampler with the candidates of the largest noise in place of random ones."""

    def __init__(self, count, share, noise_of):
        self.count, self.share, self.noise_of = count, share, noise_of

    def __call__(self, labels):
        positive, negative = [], []
        for picture, each in enumerate(labels):
            values = self.noise_of(picture, len(each))
            objects, background = torch.where(each >= 1)[0], torch.where(each == 0)[0]
            most = min(len(objects), int(self.count * self.share))
            rest = min(len(background), self.count - most)
            for masks, found, count in ((positive, objects, most), (negative, background, rest)):
                mask = torch.zeros_like(each, dtype=torch.uint8)
                mask[found[values[found].argsort(descending=True)[:count]]] = 1
                masks.append(mask)
        return positive, negative


def objects():
    """Two objects, and three, in pixels of the pictures."""
    return [
        {"boxes": torch.tensor([[5.25, 4.5, 46.5, 49.75], [50.5, 30.0, 70.0, 55.5]]).double(), "labels": torch.tensor([1, 3])},
        {
            "boxes": torch.tensor([[2.0, 3.0, 20.0, 25.0], [10.0, 20.0, 60.0, 66.0], [30.0, 1.0, 39.5, 12.0]]).double(),
            "labels": torch.tensor([2, 1, 3]),
        },
    ]


def losses(model):
    """All losses with injected samples, and the gradients of each: norm and product with noise."""
    rpn, heads = model.rpn, model.roi_heads
    after = 60

    def anchor_noise(picture, count):
        return 0.5 * noise(3000, (2, count))[picture] + 0.5

    def proposal_noise(picture, count):
        given = len(objects()[picture]["boxes"])
        values = 0.5 * noise(4000, (2, after + 3))[picture] + 0.5
        return torch.cat([values[: count - given], values[after : after + given]])

    rpn.fg_bg_sampler = NoiseSampler(32, 0.5, anchor_noise)
    heads.fg_bg_sampler = NoiseSampler(40, 0.25, proposal_noise)
    rpn._pre_nms_top_n["training"], rpn._post_nms_top_n["training"] = 50, after
    model.train()
    found = model(pictures(), objects())
    result = {"losses": {name: value.item() for name, value in found.items()}, "gradients": {}}
    for name, loss in found.items():
        model.zero_grad()
        loss.backward(retain_graph=True)
        result["gradients"][name] = {
            each: [value.grad.norm().item(), (value.grad * noise(2000, tuple(value.shape)).double()).sum().item()]
            for each, value in model.named_parameters()
            if value.grad is not None and value.grad.norm() > 0
        }
    model.eval()
    return result


def pictures():
    return [
        (0.5 * noise(1000 + index, (*size, 3)) + 0.5).double().permute(2, 0, 1) for index, size in enumerate(SIZES)
    ]


def results(model, before, after):
    shapes = {n: list(t.shape) for n, t in model.state_dict().items() if not n.endswith("num_batches_tracked")}
    fill(model)
    model.rpn._pre_nms_top_n["testing"], model.rpn._post_nms_top_n["testing"] = before, after
    with torch.no_grad():
        found = model(pictures())
    return {
        "shapes": shapes,
        "parameters": sum(value.numel() for value in model.parameters()),
        "detections": [{name: value.tolist() for name, value in each.items()} for each in found],
        **losses(model),
    }


def small_mobile_net():
    body = mobilenet_v2(norm_layer=FrozenBatchNorm2d).features
    levels = {"3": "0", "6": "1", "13": "2", "17": "3"}
    backbone = BackboneWithFPN(body, levels, [24, 32, 96, 320], 32, LastLevelMaxPool())
    anchors = AnchorGenerator(((8, 12), (18, 27), (40, 60), (90, 135), (200, 300)), ((1.0, 1.25),) * 5)
    pool = MultiScaleRoIAlign(["0", "1", "2", "3"], 7, 2)
    return FasterRCNN(
        backbone,
        min_size=SHORT,
        max_size=LONG,
        rpn_anchor_generator=anchors,
        box_roi_pool=pool,
        box_head=TwoMLPHead(32 * 49, 64),
        box_predictor=FastRCNNPredictor(64, CLASSES + 1),
    )


def resnet():
    backbone = BackboneWithFPN(
        resnet50(norm_layer=FrozenBatchNorm2d),
        {f"layer{stage + 1}": str(stage) for stage in range(4)},
        [256, 512, 1024, 2048],
        256,
        LastLevelMaxPool(),
    )
    return FasterRCNN(backbone, CLASSES + 1, min_size=SHORT, max_size=LONG)


def operations():
    """Overlaps, suppression and RoI align of given boxes."""
    boxes = (30 * noise(10, (40, 4)) + 30).double()
    boxes = torch.stack([boxes[:, :2].min(dim=1)[0], boxes[:, :2].max(dim=1)[0], boxes[:, 2:].min(dim=1)[0], boxes[:, 2:].max(dim=1)[0]], 1)
    boxes = boxes[:, [0, 2, 1, 3]]
    scores = noise(11, (40,)).double()
    order = scores.argsort(descending=True)
    features = noise(12, (1, 16, 16, 3)).double().permute(0, 3, 1, 2).contiguous().requires_grad_()
    rois = torch.cat([boxes[:8], torch.tensor([[-20.0, -3.0, 4.0, 80.0], [63.5, 10.0, 63.6, 10.1]]).double()])
    squares = roi_align(features, [rois], 7, 0.25, 2, aligned=False)
    factors = noise(13, (10, 7, 7, 3)).double().permute(0, 3, 1, 2)
    (squares * factors).sum().backward()
    return {
        "boxes": boxes[order].tolist(),
        "overlaps": box_iou(boxes[order][:5], boxes[order][5:9]).tolist(),
        "kept": {str(limit): nms(boxes[order], scores[order], limit).tolist() for limit in (0.1, 0.3, 0.5)},
        "rois": rois.tolist(),
        "squares": squares.permute(0, 2, 3, 1).flatten().tolist(),
        "gradient": features.grad.permute(0, 2, 3, 1).flatten().tolist(),
    }


if __name__ == "__main__":
    published = fasterrcnn_resnet50_fpn(weights=None, weights_backbone=None)
    frozen = FasterRCNN(resnet().backbone, 91)
    print(
        json.dumps(
            {
                "operations": operations(),
                "mobilenet-v2": results(small_mobile_net(), 50, 60),
                "resnet-50": results(resnet(), 50, 60),
                "published": {
                    "names": [n for n in published.state_dict() if not n.endswith("num_batches_tracked")],
                    "parameters": sum(value.numel() for value in frozen.parameters()),
                },
            }
        )
    )
