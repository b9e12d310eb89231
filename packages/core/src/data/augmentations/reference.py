"""Writes reference.json: images by SciPy (affine, bilinear), Pillow (enhancements) and colorsys (hue).

pip install numpy==2.4.6 scipy==1.17.1 pillow==13.0.0; python reference.py
"""
import colorsys
import json
import pathlib

import numpy as np
from PIL import Image, ImageEnhance
from scipy import ndimage

rng = np.random.default_rng(7)
height, width = 6, 9
colors = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)


def affine(rotation=0, scale=1, shear=0, right=0, down=0, mode='grid-constant', cval=0.0):
    """Forward map in x right, y down: shift · rotation (anticlockwise) · scale · shear (the top to the right)."""
    angle, lean = np.deg2rad(rotation), np.tan(np.deg2rad(shear))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    forward = turn @ (scale * np.eye(2)) @ np.array([[1, -lean], [0, 1]])
    inverse = np.linalg.inv(forward)[::-1, ::-1]  # rows and columns instead of x and y
    center = np.array([(height - 1) / 2, (width - 1) / 2])
    offset = center - inverse @ (center + np.array([down, right]))
    planes = [
        ndimage.affine_transform(plane, inverse, offset, order=1, mode=mode, cval=cval)
        for plane in np.moveaxis(colors / 255, 2, 0)
    ]
    return np.stack(planes, 2).ravel().round(6).tolist()


def hue(turn):
    pixels = [colorsys.rgb_to_hsv(*pixel) for pixel in colors.reshape(-1, 3) / 255]
    turned = [colorsys.hsv_to_rgb((h + turn) % 1, s, v) for h, s, v in pixels]
    return np.array(turned).ravel().round(6).tolist()


def enhanced(kind, factor):
    return np.asarray(kind(Image.fromarray(colors)).enhance(factor)).ravel().tolist()


reference = {
    'height': height,
    'width': width,
    'colors': colors.ravel().tolist(),
    'affine': [
        {'transform': {'rotationInDegrees': 30}, 'border': 0, 'values': affine(30)},
        {'transform': {'scale': 1.5, 'right': 1.25, 'down': -0.5}, 'border': 0.5,
         'values': affine(scale=1.5, right=1.25, down=-0.5, cval=0.5)},
        {'transform': {'rotationInDegrees': -20, 'scale': 0.6, 'shearInDegrees': 15, 'right': 2}, 'border': 'edge',
         'values': affine(-20, 0.6, 15, 2, mode='nearest')},
        {'transform': {'rotationInDegrees': 75, 'scale': 0.5, 'down': 1}, 'border': 'reflect',
         'values': affine(75, 0.5, down=1, mode='mirror')},
    ],
    'hue': [{'turn': turn, 'values': hue(turn)} for turn in (0.1, 0.5, -0.25)],
    'brightness': [{'factor': factor, 'values': enhanced(ImageEnhance.Brightness, factor)} for factor in (0.6, 1.5)],
    'contrast': [{'factor': factor, 'values': enhanced(ImageEnhance.Contrast, factor)} for factor in (0.3, 1.7)],
    'saturation': [{'factor': factor, 'values': enhanced(ImageEnhance.Color, factor)} for factor in (0, 0.5, 1.8)],
}
pathlib.Path(__file__).with_suffix('.json').write_text(json.dumps(reference) + '\n')
