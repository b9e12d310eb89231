"""Pictures of shapes as a Pillow user would draw them: the kinds, sizes and noise of core's generator (data/generators/shapes).

Pillow draws without anti-aliasing, so a mask is drawn four times as large and reduced; NumPy makes backgrounds and noise.
The protocol is that of src/training/messages.ts: a step is a picture, and what is compared is the pictures' statistics.
"""

import json
import math
import resource
import sys
import time

import numpy as np
import PIL
from PIL import Image, ImageDraw

SIZE, SCALE, MIN_CONTRAST, MAX_NOISE = 64, 4, 0.3, 0.1
NAMES = ("line", "cross", "circle", "semicircle", "triangle", "square", "star", "heart", "crescent", "arrow")
ROW, COLUMN = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32) + 0.5
random = np.random.default_rng(1)


def draw_picture():
    name = NAMES[random.integers(len(NAMES))]
    size = random.uniform(0.3, 0.9) * SIZE
    thickness = max(1.5, random.uniform(0.07, 0.18) * size)
    radius = size / 2
    center = random.uniform(radius, SIZE - radius, 2)
    angle = random.uniform(0, 2 * math.pi)
    first, second, foreground, is_plain = draw_colors()
    mix = np.zeros((SIZE, SIZE), np.float32) if is_plain else background()
    mask = Image.new("L", (SIZE * SCALE, SIZE * SCALE))
    draw_shape(mask, name, center * SCALE, radius * SCALE, thickness * SCALE, angle, random.random() < 0.5)
    coverage = np.asarray(mask.reduce(SCALE), np.float32)[..., None] / 255
    picture = first + mix[..., None] * (second - first)
    picture += coverage * (foreground - picture)
    picture *= 255
    picture += random.standard_normal(picture.shape, np.float32) * np.float32(255 * random.uniform(0, MAX_NOISE))
    return np.clip(picture + 0.5, 0, 255).astype(np.uint8)


def draw_colors():
    first, second = random.random((2, 3), np.float32)
    is_plain = random.integers(4) == 0
    if is_plain:
        second = first
    candidates = random.random((12, 3), np.float32)
    line = second - first
    length = line @ line
    share = np.clip((candidates - first) @ line / length, 0, 1) if length else np.zeros(len(candidates), np.float32)
    contrasts = np.sqrt((((candidates - first) - share[:, None] * line) ** 2).mean(1))
    good = contrasts >= MIN_CONTRAST
    return first, second, candidates[good.argmax() if good.any() else contrasts.argmax()], is_plain


def background():
    kind = random.integers(3)
    if kind == 0:
        angle = random.uniform(0, 2 * math.pi)
        reach = (abs(math.cos(angle)) + abs(math.sin(angle))) * SIZE
        return 0.5 + ((COLUMN - SIZE / 2) * math.cos(angle) + (ROW - SIZE / 2) * math.sin(angle)) / reach
    if kind == 1:
        x, y = random.uniform(0, SIZE, 2)
        return np.hypot(COLUMN - x, ROW - y) / (SIZE * math.sqrt(2))
    grid = Image.fromarray(random.random((6, 6), np.float32))
    return np.clip(np.asarray(grid.resize((SIZE, SIZE), Image.Resampling.BICUBIC)), 0, 1)


def draw_shape(mask, name, center, radius, thickness, angle, is_filled):
    draw = ImageDraw.Draw(mask)
    cosine, sine = math.cos(angle), math.sin(angle)

    def place(points):
        return [(center[0] + x * cosine - y * sine, center[1] + x * sine + y * cosine) for x, y in points]

    def stroke(*points):
        placed = place(points)
        draw.line(placed, 255, round(thickness), "curve")
        for x, y in (placed[0], placed[-1]):
            draw.circle((x, y), thickness / 2, 255)

    def area(points):
        placed = place(points)
        if is_filled:
            draw.polygon(placed, 255)
        else:
            draw.line([*placed, *placed[:2]], 255, round(thickness), "curve")

    end = radius - thickness / 2
    inner = radius if is_filled else end
    if name == "line":
        stroke((-end, 0), (end, 0))
    elif name == "cross":
        stroke((-end, 0), (end, 0))
        stroke((0, -end), (0, end))
    elif name == "arrow":
        stroke((-end, 0), (end, 0))
        stroke((0.3 * end, 0.7 * end), (end, 0), (0.3 * end, -0.7 * end))
    elif name == "circle":
        fill = {"fill": 255} if is_filled else {"outline": 255, "width": round(thickness)}
        draw.circle(tuple(center), radius, **fill)
    elif name == "semicircle":
        area(arc(inner, 0, math.pi))
    elif name == "triangle":
        area(arc(inner, math.pi / 2, math.pi / 2 + 2 * math.pi, 4)[:-1])
    elif name == "square":
        area(arc(inner, math.pi / 4, math.pi / 4 + 2 * math.pi, 5)[:-1])
    elif name == "star":
        turns = [math.pi / 2 + math.pi * index / 5 for index in range(10)]
        reach = [inner if index % 2 == 0 else 0.42 * inner for index in range(10)]
        area([(r * math.cos(turn), r * math.sin(turn)) for turn, r in zip(turns, reach)])
    elif name == "heart":
        half = inner / (1 + math.sqrt(0.5))
        shift = half * math.sqrt(0.5)
        right = [(shift + x, y - shift) for x, y in arc(half, -3 * math.pi / 4, math.pi / 4, 12)]
        left = [(-x, y) for x, y in reversed(right)]
        area([*right, (0, half * math.sqrt(2)), *left])
    else:
        outer = arc(inner, 0.9, 2 * math.pi - 0.9)
        area([*outer, *((0.5 * inner + x, y) for x, y in arc(0.8 * inner, 2 * math.pi - 1.75, 1.75))])


def arc(radius, start, end, count=24):
    turns = [start + (end - start) * index / (count - 1) for index in range(count)]
    return [(radius * math.cos(turn), radius * math.sin(turn)) for turn in turns]


def reply(**message):
    print(json.dumps(message), flush=True)


def serve(assignment):
    start = time.perf_counter()
    draw_picture()
    reply(type="first", timeInMs=(time.perf_counter() - start) * 1000)
    pictures = np.stack([draw_picture() for _ in range(assignment["comparedSteps"])])
    reply(type="ready", version=PIL.__version__, losses=[float(pictures.mean()), float(pictures.std())])
    for line in sys.stdin:
        start = time.perf_counter()
        for _ in range(json.loads(line)["steps"]):
            draw_picture()
        time_in_ms = (time.perf_counter() - start) * 1000
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        reply(type="timed", timeInMs=time_in_ms, peakMemoryInBytes=peak)


try:
    serve(json.loads(sys.argv[-1]))
except Exception as error:
    reply(type="failed", message=f"{type(error).__name__}: {error}".split("\n")[0])
    sys.exit(1)
