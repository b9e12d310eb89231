"""Reference values for `pictures.test.ts`: python reference.py > reference.json.

Pillow 13.0.0 resizes and decodes; sizes and crops are torchvision's (transforms/functional.py, 0.28.0). Pictures follow a
formula, so that only hashes of results need to be stored.
"""

import base64
import hashlib
import io
import json

import numpy
from PIL import Image, ImageOps

FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}


def picture(seed, height, width):
    """Waves of several lengths with hard edges and noise, as bytes."""
    place = numpy.arange(height * width * 3, dtype=numpy.int64)
    row, column, channel = place // (3 * width), place // 3 % width, place % 3
    hashed = (place * 2654435761 + seed * 40503) % 2**32 // 2**24
    stripes = (row * 7 + column * (channel + 3) * 5 + seed * 31) % 256
    blocks = (row // 9 + column // 7 + channel + seed) % 2 * 255
    values = numpy.where((row // 16 + column // 16) % 3 == 0, blocks, numpy.where(row % 5 == 0, hashed, stripes))
    return Image.fromarray(values.astype(numpy.uint8).reshape(height, width, 3))


def digest(image):
    return hashlib.sha256(numpy.asarray(image.convert("RGB")).tobytes()).hexdigest()


def square(image, resize, crop, name):
    width, height = image.size
    longer = int(resize * max(height, width) / min(height, width))
    size = (longer, resize) if width >= height else (resize, longer)
    if (width, height) != size:
        image = image.resize(size, FILTERS[name])
    top, left = int(round((image.height - crop) / 2.0)), int(round((image.width - crop) / 2.0))
    return image.crop((left, top, left + crop, top + crop))


def resized():
    sizes = [
        (37, 53, 20, 31),
        (64, 64, 224, 224),
        (300, 200, 7, 5),
        (17, 90, 17, 30),
        (90, 17, 30, 17),
        (5, 4, 13, 11),
        (1, 1, 3, 2),
        (480, 641, 256, 341),
        (33, 129, 100, 64),
    ]
    for seed, (height, width, to_height, to_width) in enumerate(sizes):
        for name, number in FILTERS.items():
            yield {
                "seed": seed,
                "from": [height, width],
                "to": [to_height, to_width],
                "filter": name,
                "sha256": digest(picture(seed, height, width).resize((to_width, to_height), number)),
            }


def squares():
    cases = [
        (301, 400, 256, 224, "bicubic"),
        (400, 301, 288, 288, "bicubic"),
        (777, 512, 256, 224, "bilinear"),
        (120, 97, 256, 224, "bilinear"),
        (257, 256, 256, 224, "bicubic"),
    ]
    for seed, (height, width, resize, crop, name) in enumerate(cases):
        yield {
            "seed": seed,
            "from": [height, width],
            "resizeSize": resize,
            "cropSize": crop,
            "filter": name,
            "sha256": digest(square(picture(seed, height, width), resize, crop, name)),
        }


def files():
    for orientation in (1, 3, 6, 8, 5):
        image = picture(orientation, 24, 40).resize((40, 24), Image.Resampling.BILINEAR)
        for kind, options in (("JPEG", {"quality": 90}), ("PNG", {})):
            exif = Image.Exif()
            exif[0x0112] = orientation
            stream = io.BytesIO()
            image.save(stream, kind, exif=exif, **options)
            decoded = Image.open(io.BytesIO(stream.getvalue()))
            upright = ImageOps.exif_transpose(decoded)
            yield {
                "kind": kind,
                "orientation": orientation,
                "bytes": base64.b64encode(stream.getvalue()).decode(),
                "size": [upright.height, upright.width],
                "sha256": digest(upright),
            }


if __name__ == "__main__":
    print(json.dumps({"resized": list(resized()), "squares": list(squares()), "files": list(files())}, indent=1))
