"""The pictures of the gallery: for each operator the line of code that makes its picture from the demo's plates.

The names in the lines: ``plate`` is a frame of the demo and ``later`` a later one, scene-linear RGB; ``shown`` is the
plate in sRGB codes, ``noisy`` has white specks and ``broken`` NaN, ``screen`` stands before a green screen; ``ball`` is
the green foreground with its alpha; ``a`` and ``b`` are two plates cut out with round, soft mattes, ``a`` the warm one
on the left, ``b`` the cool one on the right; ``disc`` is the matte of ``a``, ``ripples`` an ST map. All are 320 x 180.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

import vfx
from vfx import ops
from vfx.cli._plate import render
from vfx.cli._stills import still, view_lut
from vfx.lut import Lut3D

__all__ = ["CHAPTERS", "NO_PICTURE", "developed", "picture", "plates"]

#: Chapter → its introduction, and operator → the code of its picture.
CHAPTERS: dict[str, tuple[str, dict[str, str]]] = {
    "Compositing": (
        "``a`` is a warm frame, ``b`` a later, cool one, each cut out with a soft round matte; see :doc:`compositing`.",
        {
            "over": "over(a, b)",
            "under": "under(a, b)",
            "in_": "in_(a, b)",
            "out": "out(a, b)",
            "held_out": "held_out(a, b)",
            "atop": "atop(a, b)",
            "xor": "xor(a, b)",
            "src": "src(a, b)",
            "dst": "dst(a, b)",
            "dst_in": "dst_in(a, b)",
            "dst_out": "dst_out(a, b)",
            "dst_atop": "dst_atop(a, b)",
            "plus": "plus(a, b)",
            "clear": "clear(a, b)",
            "holdout": "holdout(plate, disc)",
            "keymix": "keymix(later, plate, disc)",
            "dissolve": "dissolve([plate, later], 0.5)",
            "merge": "contact_sheet([merge(a, b, name) for name in OPERATIONS], 5, tile=(240, 135), labels=OPERATIONS)",
            "blend": "contact_sheet([blend(a, b, name) for name in MODES], 5, tile=(240, 135), labels=MODES)",
        },
    ),
    "Size and format": (
        "Pictures are scaled with filters that widen when they shrink; see :doc:`resampling`.",
        {
            "resize": "resize(crop(plate, 150, 98, 64, 36, reformat=True), 320)",
            "fit": "fit(plate, 240, 180)",
            "fill": "fill(plate, 180, 180)",
            "reformat": "reformat(plate, 320, 240, mode='height')",
        },
    ),
    "Geometry": (
        "Turns by quarters and moves by whole pixels copy (:doc:`arranging`); the others resample (:doc:`warping`).",
        {
            "flip": "flip(plate)",
            "flop": "flop(plate)",
            "transpose": "transpose(plate)",
            "rotate90": "rotate90(plate)",
            "rotate": "rotate(plate, 17, expand=True)",
            "transform": "transform(plate, affine_matrix(scale=0.6, rotate=-8, skew=0.3, center=(160, 90)))",
            "corner_pin": "corner_pin(plate, [(60, 20), (300, 50), (280, 160), (20, 140)])",
            "st_map": "st_map(plate, ripples)",
            "lens_distort": "lens_distort(plate, k1=-0.18, k2=0.03)",
            "crop": "crop(plate, 80, 45, 160, 90)",
            "pad": "pad(plate, 24, edge='mirror', reformat=True)",
            "paste": "paste(plate, crop(later, 90, 40, 120, 90))",
            "mosaic": "mosaic([plate, later, later, plate], 2, gap=6)",
            "tile": "tile(resize(plate, 160), 2, 2)",
            "offset": "offset(plate, 110, 40)",
            "circular_shift": "circular_shift(plate, -60, 0)",
        },
    ),
    "Filters": (
        "See :doc:`filters` and :doc:`rank_filters`. Derivatives may be negative, which is shown black.",
        {
            "blur": "blur(plate, sigma=4)",
            "box_blur": "box_blur(plate, 13)",
            "sharpen": "sharpen(plate, 1.5, sigma=1.5)",
            "unsharp_mask": "unsharp_mask(plate, 6, contrast=1.5)",
            "convolve": "convolve(plate, np.eye(15), normalize=True)",
            "defocus": "defocus(plate, 7, blades=6)",
            "directional_blur": "directional_blur(plate, 30, 24)",
            "glow": "glow(plate, sigma=9, threshold=2)",
            "laplacian": "laplacian(shown)",
            "sobel": "sobel(shown)",
            "median": "median(noisy, 3)",
            "bilateral": "bilateral(plate, 11, sigma_color=0.2, sigma_space=4)",
            "dilate": "dilate(plate, 9)",
            "erode": "erode(plate, 9)",
            "open": "open(plate, 9)",
            "close": "close(plate, 9)",
            "gradient": "gradient(shown, 3)",
            "tophat": "tophat(shown, 9)",
            "blackhat": "blackhat(shown, 9)",
        },
    ),
    "Keying": (
        "``screen`` is a part of a frame before a green screen, with its spill; see :doc:`keying`.",
        {
            "key_luma": "key_luma(plate, (0.3, 1.5))",
            "key_difference": "key_difference(over(ball, later), later)",
            "key_chroma": "key_chroma(screen)",
            "despill": "despill(screen)",
            "edge_extend": "drop_channels(edge_extend(b), 'A')",
            "matte_erode": "matte_erode(key_chroma(screen), 6.5)",
            "matte_dilate": "matte_dilate(key_chroma(screen), 6.5)",
        },
    ),
    "Channels and repairs": (
        "See :doc:`images` and :doc:`measuring`. ``broken`` is the plate with one NaN in fifty pixels.",
        {
            "shuffle": "shuffle(plate, 'R=B, B=R')",
            "copy_channels": "copy_channels(plate, later, 'R')",
            "add_channels": "add_channels(plate, {'A': 0.25})",
            "drop_channels": "drop_channels(plate, 'B')",
            "fix_nan": "fix_nan(broken)",
        },
    ),
    "Scopes": (
        "See :doc:`scopes`.",
        {
            "waveform": "waveform(shown, size=(640, 360))",
            "parade": "parade(shown, size=(640, 360))",
            "vectorscope": "vectorscope(shown, size=(640, 360))",
            "histogram_picture": "histogram_picture(shown, size=(640, 360))",
            "false_colour": "false_colour(plate, legend=True)",
            "difference_map": "difference_map(plate, later, maximum=1, legend=True)",
        },
    ),
    "Text and sheets": (
        "See :doc:`burn_ins`.",
        {
            "text": "text(plate, 'HELD FRAME', 'center', size=36, color=(1, 0.6, 0.1), outline=2)",
            "rectangle": "rectangle(plate, (16, 9, 288, 162), line=1.5, color=(1, 0.9, 0.2))",
            "burn_in": "burn_in(plate, {'top left': 'sh010', 'bottom right': '{frame:04d}'}, "
            "values={'frame': 1004}, size=16, plate=0.6)",
            "contact_sheet": "contact_sheet([plate, later, ball, a, b, b], 3, tile=(240, 135), "
            "labels=['plate', 'later', 'ball', 'a', 'b', 'b'])",
        },
    ),
}

#: What is in ``vfx.ops`` and gives numbers, not a picture → what it gives.
NO_PICTURE: dict[str, str] = {
    "affine_matrix": "a matrix for ``transform``",
    "compare": "a ``Comparison``: mean, rms, largest difference, PSNR, failing pixels",
    "hash": "32 digits that are equal for equal pixels",
    "histogram": "how many values of each channel lie in each bin",
    "nonzero_region": "the smallest window around what is not 0",
    "percentile": "exact percentiles",
    "pin_matrix": "the matrix of a corner pin",
    "screen_color": "the colour of a screen, for the keyers",
    "stats": "``Statistics``: least, largest, mean, deviation, NaN and infinities of each channel",
}


def _matte(size: tuple[int, int], middle: float, down: float = 0.5, radius: float = 0.42) -> np.ndarray[Any, Any]:
    """A soft disc (H, W), 1 inside and 0 outside, at a share of the width and of the height."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) + 0.5
    away = np.hypot(x - middle * width, y - down * height)
    return np.clip((radius * height - away) / (0.02 * height) + 0.5, 0, 1).astype(np.float32)


def _cut(image: vfx.Image, matte: np.ndarray[Any, Any]) -> vfx.Image:
    """The picture, premultiplied by a matte, RGBA."""
    rgba = np.concatenate([image.numpy(), np.ones_like(matte)[..., None]], axis=2) * matte[..., None]
    return vfx.Image(rgba)


def _screen(image: vfx.Image) -> vfx.Image:
    """The mirror ball of the picture before an uneven green screen, which spills on it."""
    height, width = image.height, image.width
    uneven = np.linspace(0.85, 1.1, width, dtype=np.float32)[None, :, None]
    green = np.array([0.05, 0.42, 0.09], np.float32) * uneven
    matte = _matte((width, height), 0.564, 0.66, 0.228)[..., None]
    return vfx.Image(np.asarray((image.numpy() + 0.12 * green) * matte + green * (1 - matte), np.float32))


def plates(width: int = 320, height: int = 180) -> dict[str, Any]:
    """The names that the pictures' code knows."""
    now, then = render(0.4, width, height, seed=1), render(0.75, width, height, seed=2)
    # The sun is limited to 6: at its full 900, filters with negative lobes would leave dark rings around it.
    plate, later = (vfx.Image(np.minimum(one.picture, 6)) for one in (now, then))
    left, right = (_matte((width, height), middle) for middle in (0.38, 0.62))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) + 0.5
    ripple = 0.02 * np.sin(np.hypot(x - width / 2, y - height / 2) / (0.03 * width))
    st = np.stack([x / width + ripple, 1 - y / height + ripple, np.zeros_like(x)], axis=2)
    noisy, broken = plate.copy(), plate.copy()
    chance = np.random.default_rng(3).random((height, width))
    noisy.numpy()[chance < 0.04] = 3.0
    broken.numpy()[chance < 0.02] = np.nan
    return {
        "plate": plate,
        "later": later,
        "shown": plate.encode("srgb"),
        "ball": vfx.Image(now.foreground),
        "a": _cut(plate.gain([1.3, 0.9, 0.6]), left),
        "b": _cut(later.gain([0.55, 0.85, 1.3]), right),
        "disc": vfx.Image(left),
        "ripples": vfx.Image(st),
        "noisy": noisy,
        "broken": broken,
        "screen": _screen(plate),
    }


def picture(code: str, names: dict[str, Any]) -> vfx.Image:
    """What a line of code makes of the plates."""
    from vfx.ops.blend import MODES
    from vfx.ops.merge import OPERATIONS

    known = {name: getattr(ops, name) for name in ops.__all__}
    made: vfx.Image = eval(code, {**known, **names, "np": np, "MODES": MODES, "OPERATIONS": OPERATIONS})
    return made


@functools.cache
def _view() -> Lut3D:
    """How scene light is looked at."""
    return view_lut()


def developed(image: vfx.Image) -> vfx.Image:
    """The picture as a display shows it, 8-bit RGB: scene light through the demo's view, alpha over a checkerboard."""
    if image.format == "u8":
        return image
    whole = image if image.data_window == image.display_window else image.to_display_window()
    names = whole.channel_names
    if names == ("A",):  # a matte: its own values are the grey
        grey = whole.astype("u8").numpy().reshape(whole.height, whole.width, 1)
        return vfx.Image(np.repeat(grey, 3, axis=2))
    wanted = [name for name in "RGB" if name in names] or [names[0]]
    pixels = np.zeros((whole.height, whole.width, 3), np.float32)
    for index, name in enumerate("RGB"):
        if name in names or len(wanted) == 1:
            pixels[..., index] = whole.channel(name if name in names else wanted[0]).numpy()
    if whole.has_alpha:
        y, x = np.mgrid[0 : whole.height, 0 : whole.width] // 12
        checks = np.where((x + y) % 2, 0.06, 0.10)
        pixels += (checks * (1 - np.clip(whole.channel("A").numpy(), 0, 1)))[..., None].astype(np.float32)
    return still(vfx.Image(pixels), _view())
