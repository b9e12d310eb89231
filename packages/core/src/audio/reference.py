"""Reference values for `features.test.ts` and `sounds.test.ts`: python reference.py > reference.json (librosa 0.11.0, numpy 2.4.6)."""

import json

import librosa
import numpy as np


def signal(length: int) -> np.ndarray:
    """Two saws and what looks like noise, by integers, so that every language has the same bits."""
    index = np.arange(length, dtype=np.int64)
    parts = (index * index * 3 % 1001) / 1001 - 0.5, (index * 21 % 400) / 400 - 0.5, (index * 97 % 1600) / 1600 - 0.5
    return (0.2 * parts[0] + 0.5 * parts[1] + 0.3 * parts[2]).astype(np.float32)


def rows(values: np.ndarray, every: int = 1) -> dict:
    """[D, T] of librosa as frames [T, D], every so many of them."""
    frames = values.T[::every]
    return {"count": values.shape[1], "width": values.shape[0], "every": every,
            "values": [round(float(value), 6) for value in frames.ravel()]}


def mel(samples: np.ndarray, rate: int, window: int, hop: int, n_fft: int, padding: str, shape="hann", **filters):
    """Energies by band. Without padding, librosa's frames of n_fft samples are moved to begin at their windows."""
    if padding == "none":
        beyond = (n_fft - window) // 2
        samples = np.pad(samples, (beyond, n_fft - window - beyond))
    return librosa.feature.melspectrogram(
        y=samples.astype(np.float64), sr=rate, n_fft=n_fft, win_length=window, hop_length=hop, window=shape,
        center=padding != "none", pad_mode="reflect" if padding == "reflect" else "constant", **filters)


def emphasized(samples: np.ndarray, factor: float) -> np.ndarray:
    samples = samples.astype(np.float64)
    return np.append(samples[:1], samples[1:]) - factor * np.append(samples[:1], samples[:-1])


def regression(values: np.ndarray, window: int) -> np.ndarray:
    """torchaudio.functional.compute_deltas, mode="replicate", as documented. values: [D, T]"""
    half = (window - 1) // 2
    padded = np.pad(values, ((0, 0), (half, half)), mode="edge")
    length = values.shape[1]
    total = sum(n * (padded[:, half + n:half + n + length] - padded[:, half - n:half - n + length])
                for n in range(1, half + 1))
    return total / (2 * sum(n * n for n in range(1, half + 1)))


samples = signal(2400)
short = signal(1500)
plain = mel(samples, 16000, 400, 160, 512, "none", n_mels=80, fmin=20, htk=True, norm=None)
whisper = mel(samples, 16000, 400, 160, 400, "reflect", n_mels=80, fmin=0)
povey = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(275) / 274)) ** 0.85
odd = mel(emphasized(short, 0.97), 11025, 275, 110, 512, "zeros", shape=povey, n_mels=40, fmin=64, fmax=4000, htk=True)
hamming = mel(short, 8000, 256, 80, 256, "reflect", shape="hamming", n_mels=23, fmin=20, norm=None)
decibels = 10 * np.log10(np.maximum(plain, 1e-10))
cepstrum = librosa.feature.mfcc(S=decibels, n_mfcc=15)
slaney = librosa.feature.mfcc(S=librosa.power_to_db(whisper, amin=1e-10, top_db=20), n_mfcc=13)
lifted = cepstrum * (1 + 11 * np.sin(np.pi * np.arange(15) / 22))[:, None]
first = regression(cepstrum, 5)


def filters(rate: int, n_fft: int, **options) -> dict:
    weights = librosa.filters.mel(sr=rate, n_fft=n_fft, dtype=np.float64, **options)
    return {"bands": weights.shape[0], "sums": [float(f"{value:.8g}") for value in weights.sum(axis=1)],
            "centers": [float(f"{value:.8g}") for value in weights @ np.arange(weights.shape[1])]}


def active_power(samples: np.ndarray, rate: int) -> float:
    """ITU-T P.56, method B, with a counter for each threshold as the recommendation writes it."""
    keep, hangover = np.exp(-1 / (0.03 * rate)), int(np.ceil(0.2 * rate))
    thresholds = 2.0 ** np.arange(-15, 0)
    active, since = np.zeros(15), np.full(15, hangover)
    smooth = envelope = 0.0
    for sample in np.abs(samples.astype(np.float64)):
        smooth = keep * smooth + (1 - keep) * sample
        envelope = keep * envelope + (1 - keep) * smooth
        above = envelope >= thresholds
        active += above | (since < hangover)
        since = np.where(above, 0, np.minimum(since + 1, hangover))
    energy = np.sum(samples.astype(np.float64) ** 2)
    levels = 10 * np.log10(energy / active[active > 0])
    margins = levels - 20 * np.log10(thresholds[active > 0])
    first = int(np.argmax(margins <= 15.9))
    level = np.interp(-15.9, -margins[first - 1:first + 1], levels[first - 1:first + 1])
    return 10 ** (level / 10)


def speech(length: int) -> np.ndarray:
    """The signal with pauses and words of several loudnesses."""
    index = np.arange(length)
    loudness = np.array([0.001, 1, 0.5, 0.002, 0, 0.25, 0.03, 0.002])[index // 3000 % 8]
    return (signal(length) * loudness).astype(np.float32)


def room_spectrum(size, source, microphone, rt60: float, frequencies) -> list:
    """Sum of the image sources' waves at some frequencies, relative to the direct sound (Allen & Berkley, 1979)."""
    size, source, microphone = map(np.array, (size, source, microphone))
    volume = size.prod()
    surface = 2 * (size[0] * size[1] + size[1] * size[2] + size[2] * size[0])
    coefficient = -np.sqrt(np.exp(-24 * np.log(10) * volume / (343 * surface * rt60)))
    direct = np.linalg.norm(source - microphone)
    total = np.zeros(len(frequencies), complex)
    reach = 14
    for mirrors in np.ndindex(2, 2, 2):
        for shifts in np.ndindex(2 * reach + 1, 2 * reach + 1, 2 * reach + 1):
            cells, flips = np.array(shifts) - reach, np.array(mirrors)
            image = (1 - 2 * flips) * source + 2 * cells * size
            distance = np.linalg.norm(image - microphone)
            delay = (distance - direct) / 343
            if delay <= rt60:
                bounces = np.abs(cells - flips).sum() + np.abs(cells).sum()
                wave = np.exp(-2j * np.pi * np.array(frequencies) * delay)
                total += coefficient ** bounces * direct / distance * wave
    return [[round(float(value.real), 6), round(float(value.imag), 6)] for value in total]


room = {"sizeInM": [5, 4, 3.2], "sourceInM": [2, 2.1, 1.5], "microphoneInM": [2.8, 1.7, 1.6], "rt60InS": 0.15}
frequencies = [200, 777, 1500, 2900, 4400, 6100]

print(json.dumps({
    "activePower": active_power(speech(24000), 16000),
    "room": {"room": room, "frequencies": frequencies, "values": room_spectrum(*room.values(), frequencies)},
    "length": 2400,
    "shortLength": 1500,
    "filters": {
        "htk": filters(16000, 512, n_mels=80, fmin=20, htk=True, norm=None),
        "slaney": filters(16000, 400, n_mels=80, fmin=0),
        "speech": filters(8000, 256, n_mels=23, fmin=64, fmax=3800, htk=True),
    },
    "plain": rows(np.log(np.maximum(plain, 1e-10)), 4),
    "whisper": rows(librosa.power_to_db(whisper, amin=1e-10, top_db=20), 5),
    "odd": rows(np.log(np.maximum(odd, 1e-10)), 5),
    "hamming": rows(np.log(np.maximum(hamming, 1e-10)), 6),
    "mfcc": rows(cepstrum, 3),
    "slaneyMfcc": rows(slaney, 3),
    "liftered": rows(lifted, 6),
    "regression": rows(np.concatenate([cepstrum, first, regression(first, 5)])[::5], 1),
    "polynomial": rows(np.concatenate([cepstrum, librosa.feature.delta(cepstrum, width=9),
                                       librosa.feature.delta(cepstrum, width=9, order=2)])[::5], 1),
}, separators=(",", ":")))
