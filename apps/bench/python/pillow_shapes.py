"""Pictures of shapes as a Pillow user would draw them: the kinds, sizes and noise of core's generator (data/generators/shapes).

Pillow draws without anti-aliasing, so a mask is drawn four times as large and reduced; NumPy makes backgrounds and noise.
A step is a picture, and what is compared is the pictures' mean and deviation.
"""

import math
import time

import numpy as np
import PIL
from PIL import Image, ImageDraw

from protocol import answer, reply, run

SIZE, SCALE, CELLS = 64, 4, 5
NAMES = ["line", "cross", "circle", "semicircle", "triangle", "square", "star", "heart", "crescent", "arrow"]
ROWS, COLUMNS = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32) + 0.5


def rotated(points, center, angle):
    cosine, sine = math.cos(angle), math.sin(angle)
    return [(center[0] + x * cosine - y * sine, center[1] + x * sine + y * cosine) for x, y in points]


def mask_of(name, center, radius, thickness, filled, angle):
    """The share of each pixel that the form covers, as an 8-bit picture."""
    mask = Image.new("L", (SIZE * SCALE, SIZE * SCALE))
    draw = ImageDraw.Draw(mask)
    center, radius = (center[0] * SCALE, center[1] * SCALE), radius * SCALE
    width = max(1, round(thickness * SCALE))
    x, y = center

    def line(*points):
        ends = rotated(points, center, angle)
        draw.line(ends, 255, width)
        for end_x, end_y in ends:  # round caps
            draw.ellipse((end_x - width / 2, end_y - width / 2, end_x + width / 2, end_y + width / 2), 255)

    def polygon(points):
        points = rotated(points, center, angle)
        if filled:
            draw.polygon(points, 255)
        else:
            draw.line(points + points[:2], 255, width, joint="curve")

    r = radius - width / 2
    box = (x - radius, y - radius, x + radius, y + radius)
    degrees = math.degrees(angle)
    if name == "line":
        line((-r, 0), (r, 0))
    elif name == "cross":
        line((-r, 0), (r, 0))
        line((0, -r), (0, r))
    elif name == "arrow":
        line((-r, 0), (r, 0))
        line((0.3 * r, -0.7 * r), (r, 0), (0.3 * r, 0.7 * r))
    elif name == "circle":
        draw.ellipse(box, *((255,) if filled else (None, 255, width)))
    elif name == "semicircle":
        draw.chord(box, degrees, degrees + 180, *((255,) if filled else (None, 255, width)))
    elif name == "triangle":
        polygon([(radius * math.sin(k * math.tau / 3), -radius * math.cos(k * math.tau / 3)) for k in range(3)])
    elif name == "square":
        polygon([(radius * math.sin((k + 0.5) * math.tau / 4), radius * math.cos((k + 0.5) * math.tau / 4)) for k in range(4)])
    elif name == "star":
        spokes = [radius if k % 2 == 0 else 0.42 * radius for k in range(10)]
        polygon([(s * math.sin(k * math.tau / 10), s * math.cos(k * math.tau / 10)) for k, s in enumerate(spokes)])
    elif name == "heart":
        half = radius / (1 + math.sqrt(0.5))
        shift, down = half * math.sqrt(0.5), half * (math.sqrt(0.5) + 1 - math.sqrt(2)) / 2
        right = [
            (shift + half * math.cos(a), -shift - half * math.sin(a) + down)
            for a in np.linspace(-math.pi / 4, 3 * math.pi / 4, 12)
        ]
        polygon([(0, 2 * shift + down)] + right + [(-px, py) for px, py in reversed(right)])
    else:
        draw.ellipse(box, 255)
        inner = 0.8 * radius
        (cut_x, cut_y), = rotated([(0.5 * radius, 0)], center, angle)
        draw.ellipse((cut_x - inner, cut_y - inner, cut_x + inner, cut_y + inner), 0)
    return mask.reduce(SCALE)


def contrast(color, first, second):
    line = second - first
    length = line @ line
    share = 0 if length == 0 else min(1, max(0, (color - first) @ line / length))
    away = color - first - share * line
    return math.sqrt(away @ away / 3)


def draw_shape(random):
    label = int(random.integers(len(NAMES)))
    size = random.uniform(0.3, 0.9) * SIZE
    thickness = max(1.5, random.uniform(0.07, 0.18) * size)
    filled, angle, radius = random.random() < 0.5, random.uniform(0, math.tau), size / 2
    center = random.uniform(radius, SIZE - radius, 2)
    noise, kind = random.uniform(0, 0.1), int(random.integers(4))
    first, second = random.random((2, 3))
    if kind == 0:
        background = np.broadcast_to(first.astype(np.float32), (SIZE, SIZE, 3))
        second = first
    else:
        if kind == 1:
            turn = random.uniform(0, math.tau)
            reach = SIZE * (abs(math.cos(turn)) + abs(math.sin(turn)))
            mix = 0.5 + ((COLUMNS - SIZE / 2) * math.cos(turn) + (ROWS - SIZE / 2) * math.sin(turn)) / reach
        elif kind == 2:
            at = random.uniform(0, SIZE, 2)
            mix = np.hypot(COLUMNS - at[0], ROWS - at[1]) / math.hypot(SIZE, SIZE)
        else:
            grid = Image.fromarray(random.random((CELLS + 1, CELLS + 1), dtype=np.float32))
            mix = np.asarray(grid.resize((SIZE, SIZE), Image.Resampling.BICUBIC))
        background = first.astype(np.float32) + mix[..., None] * (second - first).astype(np.float32)
    color = random.random(3)
    for _ in range(11):
        if contrast(color, first, second) >= 0.3:
            break
        color = random.random(3)
    covered = np.asarray(mask_of(NAMES[label], center, radius, thickness, filled, angle), np.float32)[..., None] / 255
    image = background + covered * (color.astype(np.float32) - background)
    image = image + noise * random.standard_normal((SIZE, SIZE, 3), dtype=np.float32)
    return np.clip(image * 255 + 0.5, 0, 255).astype(np.uint8)


def serve(assignment):
    random = np.random.default_rng(1)
    start = time.perf_counter()
    draw_shape(random)
    reply(type="first", timeInMs=(time.perf_counter() - start) * 1000)
    pictures = np.stack([draw_shape(random) for _ in range(assignment["comparedSteps"])])
    reply(type="ready", version=PIL.__version__, losses=[float(pictures.mean()), float(pictures.std())])

    def draw(count):
        for _ in range(count):
            draw_shape(random)

    answer(draw)


run(serve)
