"""Scopes, false colour, burn-ins and contact sheets against what people put together from NumPy, OpenCV and Pillow.

The peers count or paint the same: ``bincount`` per column for a waveform, ``cv2.calcHist`` for a vectorscope of 8 bits,
``histogram2d`` for one of floats, ``digitize`` and a palette for false colour, a heat map by ``absdiff`` and
``applyColorMap``, Pillow for text and sheets. NumPy and Pillow know no threads; both sides of a row are given the same
number.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import cv2
import numpy as np
from harness import Job
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from vfx import Image, ops

__all__ = ["jobs"]

_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
_CHROMA = np.array([[-0.1146, -0.3854, 0.5], [0.5, -0.4542, -0.0458]], np.float32)
_SIZE = (1024, 576)
_GOAL = (1.0, 1.0)
#: OpenCV counts whole codes, without sharing them between cells; a copy is the least that text costs.
_GOALS = {"vectorscope u8": (0.7, 1.0), "text u8": (0.8, 0.8), "text f32": (0.6, 0.6)}


@functools.cache
def _plate(fmt: str) -> np.ndarray:
    """A smooth plate with grain, RGBA, within 0..1."""
    y, x = np.mgrid[0:2160, 0:3840].astype(np.float32)
    light = 0.45 + 0.35 * np.sin(x / 613) * np.cos(y / 377)
    grain = np.random.default_rng(3).normal(0, 0.02, (2160, 3840, 4)).astype(np.float32)
    rgba = np.clip(light[..., None] * np.array([1.0, 0.9, 0.8, 1.0], np.float32) + grain, 0, 1)
    return np.array(Image(rgba).astype(fmt).numpy())


def _floats(pixels: np.ndarray) -> np.ndarray:
    """As a peer that has only floats must convert them."""
    return pixels.astype(np.float32) / 255 if pixels.dtype == np.uint8 else pixels.astype(np.float32, copy=False)


def _waveform(pixels: np.ndarray) -> np.ndarray:
    """Counts of three channels over 1024 columns and 576 levels."""
    values = _floats(pixels)
    column = np.arange(values.shape[1]) * _SIZE[0] // values.shape[1] * _SIZE[1]
    found = []
    for channel in range(3):
        level = np.clip(values[..., channel] * (_SIZE[1] - 1), 0, _SIZE[1] - 1).astype(np.int64)
        found.append(np.bincount((level + column).ravel(), minlength=_SIZE[0] * _SIZE[1]))
    return np.stack(found)


def _vectorscope(pixels: np.ndarray) -> np.ndarray:
    """Counts over a plane of colour differences."""
    if pixels.dtype == np.uint8:
        planes = cv2.cvtColor(np.ascontiguousarray(pixels[..., :3]), cv2.COLOR_RGB2YCrCb)
        return np.asarray(cv2.calcHist([planes], [1, 2], None, [256, 256], [0, 256, 0, 256]))
    u, v = np.tensordot(_CHROMA, _floats(pixels)[..., :3], (1, 2))
    return np.histogram2d(v.ravel(), u.ravel(), bins=512, range=[[-0.6, 0.6], [-0.6, 0.6]])[0]


def _false_colour(pixels: np.ndarray) -> np.ndarray:
    """Fifteen colours by luma."""
    bounds = (0.18 * 2.0 ** np.arange(-6.5, 7)).astype(np.float32)
    palette = np.arange(45, dtype=np.uint8).reshape(15, 3)
    return np.asarray(palette[np.digitize(_floats(pixels)[..., :3] @ _LUMA, bounds)])


def _difference(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """A heat map of the largest difference of the channels."""
    gap = cv2.absdiff(_floats(a), _floats(b)).max(axis=2)
    return cv2.applyColorMap(cv2.convertScaleAbs(gap, alpha=255 / 0.2), cv2.COLORMAP_INFERNO)


def _text(pixels: np.ndarray) -> np.ndarray:
    """Words with Pillow, which has 8 bits."""
    image = Pillow.fromarray(pixels).copy()
    ImageDraw.Draw(image).text((100, 2000), "sh010  comp v003", (255,) * 4, ImageFont.load_default(72))
    return np.asarray(image)


def _sheet(pictures: list[np.ndarray]) -> np.ndarray:
    """Pillow's box-filtered thumbnails in rows, which has 8 bits."""
    sheet = Pillow.new("RGB", (3 * 492 + 12, 2 * 282 + 12))
    for index, pixels in enumerate(pictures):
        small = Pillow.fromarray(pixels[..., :3]).resize((480, 270), Pillow.Resampling.BILINEAR)
        sheet.paste(small, (12 + index % 3 * 492, 12 + index // 3 * 282))
    return np.asarray(sheet)


def _with_threads(run: Callable[[], object]) -> Callable[[int], object]:
    """A peer's run, OpenCV's threads set."""

    def call(threads: int) -> object:
        cv2.setNumThreads(threads)
        return run()

    return call


def _job(name: str, peer: str, ours: Callable[[], object], theirs: Callable[[], object]) -> Job:
    return Job(name, peer, _GOALS.get(name, _GOAL), lambda _threads: ours(), _with_threads(theirs))


def jobs() -> list[Job]:
    """Each picture from floats, and what counts or paints from half and 8 bits too."""
    found = []
    for fmt in ("f32", "f16", "u8"):
        plate = _plate(fmt)
        opencv = "OpenCV" if fmt == "u8" else "NumPy"
        found += [
            _job(f"waveform {fmt}", "NumPy", lambda p=plate: ops.waveform(p), lambda p=plate: _waveform(p)),
            _job(f"vectorscope {fmt}", opencv, lambda p=plate: ops.vectorscope(p), lambda p=plate: _vectorscope(p)),
            _job(f"false colour {fmt}", "NumPy", lambda p=plate: ops.false_colour(p), lambda p=plate: _false_colour(p)),
        ]
    floats, codes = _plate("f32"), _plate("u8")
    moved, six = np.roll(floats, 3, axis=1), [codes] * 6
    style = {"size": 72, "margin": 60}
    return [
        *found,
        _job(
            "difference map f32",
            "OpenCV",
            lambda: ops.difference_map(floats, moved),
            lambda: _difference(floats, moved),
        ),
        _job("text u8", "Pillow", lambda: ops.text(codes, "sh010  comp v003", **style), lambda: _text(codes)),
        _job("text f32", "NumPy copy", lambda: ops.text(floats, "sh010  comp v003", **style), floats.copy),
        _job("contact sheet of 6 u8", "Pillow", lambda: ops.contact_sheet(six, 3), lambda: _sheet(six)),
    ]
