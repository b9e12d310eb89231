"""Reference values for `coco.test.ts`: python reference.py > reference.json. pycocotools 2.0 evaluates random cases."""

import contextlib
import io
import json

import numpy
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


def boxes(random, count):
    sizes = numpy.exp(random.uniform(numpy.log(8), numpy.log(150), (count, 2)))
    corners = random.uniform(0, 1, (count, 2)) * (320 - sizes)
    return numpy.concatenate([corners, sizes], 1)


def case(seed, pictures, classes, most, found, crowds, levels):
    """A case: objects, and detections near some of them, with a few equal scores."""
    random = numpy.random.default_rng(seed)
    result = []
    for _ in range(pictures):
        objects = boxes(random, random.integers(0, most + 1))
        labels = random.integers(0, classes, len(objects))
        crowd = random.uniform(size=len(objects)) < crowds
        near = objects[random.integers(0, len(objects), found // 2)] if len(objects) else objects
        near = near * (1 + 0.1 * random.standard_normal(near.shape))
        guesses = numpy.concatenate([near, boxes(random, found - len(near))])
        guessed = random.integers(0, classes, len(guesses))
        scores = numpy.round(random.uniform(size=len(guesses)) * levels) / levels
        result.append(
            {
                "truth": [
                    {"box": b.tolist(), "label": int(n), "isCrowd": bool(c)} for b, n, c in zip(objects, labels, crowd)
                ],
                "found": [
                    {"box": b.tolist(), "label": int(n), "score": float(s)} for b, n, s in zip(guesses, guessed, scores)
                ],
            }
        )
    return result


def evaluate(pictures, classes):
    annotations = [
        {
            "id": 0,
            "image_id": index,
            "category_id": each["label"],
            "bbox": each["box"],
            "area": each["box"][2] * each["box"][3],
            "iscrowd": int(each["isCrowd"]),
        }
        for index, picture in enumerate(pictures)
        for each in picture["truth"]
    ]
    for number, each in enumerate(annotations):
        each["id"] = number + 1
    results = [
        {"image_id": index, "category_id": each["label"], "bbox": each["box"], "score": each["score"]}
        for index, picture in enumerate(pictures)
        for each in picture["found"]
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {
            "info": {},
            "images": [{"id": index} for index in range(len(pictures))],
            "categories": [{"id": label} for label in range(classes)],
            "annotations": annotations,
        }
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(results), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation.stats.tolist()


if __name__ == "__main__":
    cases = {
        "few": (1, 6, 3, 5, 8, 0.0, 1000),
        "ties": (2, 5, 2, 6, 12, 0.0, 4),
        "crowds": (3, 5, 2, 6, 10, 0.4, 1000),
        "many": (4, 2, 1, 12, 130, 0.1, 1000),
        "empty": (5, 3, 4, 0, 3, 0.0, 1000),
    }
    found = {}
    for name, (seed, pictures, classes, most, count, crowds, levels) in cases.items():
        made = case(seed, pictures, classes, most, count, crowds, levels)
        found[name] = {"classes": classes, "pictures": made, "stats": evaluate(made, classes)}
    print(json.dumps(found))
