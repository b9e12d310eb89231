"""Reference values of ffmpeg, libvorbis and NumPy for the tests here: python reference.py > reference.json (ffmpeg 5.1, soundfile 0.14.0, NumPy 2)."""

import base64
import io
import json
import subprocess

import numpy as np
import soundfile


def vorbis(channels: int, rate: int, seconds: float) -> dict:
    """A rising tone, its Ogg Vorbis file, and that file's samples."""
    time = np.arange(int(rate * seconds)) / rate
    tone = np.stack([0.5 * np.sin(2 * np.pi * (200 + 900 * time * (channel + 1)) * time) for channel in range(channels)], -1)
    file = io.BytesIO()
    soundfile.write(file, tone, rate, format="OGG", subtype="VORBIS", compression_level=1.0)
    decoded, _ = soundfile.read(io.BytesIO(file.getvalue()), dtype="float32", always_2d=True)
    return {
        "file": base64.b64encode(file.getvalue()).decode(),
        "rate": rate,
        "length": len(decoded),
        "everyTenth": [[round(float(value), 6) for value in decoded[::10, channel]] for channel in range(channels)],
    }


def g722() -> dict:
    """Random bytes, and runs of one byte that drive the decoder to its limits."""
    random = np.random.default_rng(1)
    runs = [np.full(random.integers(1, 120), random.integers(256)) for _ in range(20)]
    data = np.concatenate([random.integers(0, 256, 300), *runs]).astype(np.uint8).tobytes()
    command = ["ffmpeg", "-v", "error", "-f", "g722", "-i", "pipe:0", "-f", "s16le", "pipe:1"]
    samples = np.frombuffer(subprocess.run(command, input=data, capture_output=True, check=True).stdout, "<i2")
    return {"file": base64.b64encode(data).decode(), "samples": samples.tolist()}


def npy(array: np.ndarray, version: tuple[int, int] | None = None) -> dict:
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version=version, allow_pickle=True)
    return {
        "file": base64.b64encode(file.getvalue()).decode(),
        "shape": list(array.shape),
        "values": array.flatten().tolist() if array.dtype.kind in "fU" else [],
    }


GRID = np.arange(24).reshape(2, 3, 4) / 8 - 1
LETTERS = np.array(["<sos>", "Č", "𝄞", "", "<eos>"])

print(
    json.dumps(
        {
            "vorbis": {"mono": vorbis(1, 22050, 0.12), "stereo": vorbis(2, 44100, 0.05)},
            "g722": g722(),
            "npy": {
                "float16": npy(GRID.astype("<f2")),
                "float16 of extremes": npy(np.array([6e-8, -65504, 0.1], "<f2")),
                "float32": npy(GRID.astype("<f4"), (1, 0)),
                "float64, version 2": npy(GRID, (2, 0)),
                "float32, version 3": npy(GRID.astype("<f4"), (3, 0)),
                "Fortran order": npy(np.asfortranarray(GRID.astype("<f4"))),
                "big-endian float16": npy(GRID.astype(">f2")),
                "big-endian float32 in Fortran order": npy(np.asfortranarray(GRID.astype(">f4"))),
                "big-endian float64": npy(GRID.astype(">f8")),
                "a number without axes": npy(np.float32(0.5).reshape(())),
                "no rows": npy(np.zeros((0, 15), "<f4")),
                "letters": npy(LETTERS),
                "letters of one character": npy(np.array(list("ABC"))),
                "big-endian letters": npy(LETTERS.astype(">U5")),
                "letters in Fortran order": npy(np.asfortranarray(np.array([["a", "b"], ["c", "d"], ["e", "f"]]))),
            },
            "refused": {
                "objects": npy(np.array([{"a": 1}, None], dtype=object)),
                "integers": npy(np.arange(3)),
                "structures": npy(np.zeros(2, [("a", "<f4"), ("b", "<i2")])),
                "bytes": npy(np.array([b"ab"])),
            },
        }
    )
)
