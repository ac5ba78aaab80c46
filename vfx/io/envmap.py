"""Environment maps as OpenEXR keeps them: latitude-longitude pictures and cubes of six faces.

The attribute ``envmap`` says which (``image.metadata["exr:envmap"]``: ``"latlong"`` or ``"cube"``); where pixels look
is fixed by OpenEXR's ``ImfEnvmap.h``::

    latlong      the middle of the first column looks at longitude π, that of the last at -π; the first row straight
                 up (+Y), the last straight down; longitude 0 is +Z, π/2 is +X
    cube         six square faces below one another, +X -X +Y -Y +Z -Z; the middles of the outermost pixels of a face
                 lie on the cube's edges, so neighbours share them

==================  =========================================================================
:func:`faces`       the faces of a cube as images over its memory
:func:`join`        a cube from its faces
:func:`convert`     a latlong picture from a cube and back, at any size
:func:`directions`  where every pixel of a map looks
:func:`sample`      what a map shows in given directions
==================  =========================================================================
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from vfx.checks import integer, one_of
from vfx.image import Image
from vfx.io._limits import limits

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FACES", "KINDS", "convert", "directions", "faces", "join", "sample"]

KINDS = ("latlong", "cube")
#: The faces of a cube from the top down (``CubeMapFace``).
FACES = ("+X", "-X", "+Y", "-Y", "+Z", "-Z")
_ATTRIBUTE = "exr:envmap"
# For each face the axis that it looks along, its sign, and where the picture's x and y lead: an axis and a sign each
# (``CubeMap::pixelPosition`` and ``CubeMap::direction``).
_AXES = (
    (0, 1, (2, 1), (1, -1)),
    (0, -1, (2, -1), (1, -1)),
    (1, 1, (0, 1), (2, -1)),
    (1, -1, (0, 1), (2, 1)),
    (2, 1, (0, -1), (1, -1)),
    (2, -1, (0, 1), (1, -1)),
)
#: Samples along a side of a pixel at most, where a map becomes smaller.
_MOST_SAMPLES = 8
_STRIP = 1 << 18


def _kind_of(image: Image) -> str:
    """What an image is, by its metadata or else by its shape."""
    said = image.metadata.get(_ATTRIBUTE)
    if said in KINDS:
        return str(said)
    return "cube" if image.height == 6 * image.width else "latlong"


def _side(image: Image) -> int:
    """Pixels along a side of a cube's faces.

    Raises
    ------
    ValueError
        If the image is no cube.
    """
    if image.height != 6 * image.width:
        raise ValueError(f"a cube map is 6 times as high as wide, got {image.width} x {image.height}")
    return image.width


def faces(image: Image) -> dict[str, Image]:
    """The six faces of a cube map by name, ``"+X"`` to ``"-Z"``: images over the same memory.

    Parameters
    ----------
    image : Image
        Six times as high as wide.

    Raises
    ------
    ValueError
        If it is no cube map.

    Examples
    --------
    >>> cube = Image(np.zeros((12, 2, 3), np.float32))
    >>> sorted(faces(cube)), np.shares_memory(faces(cube)["+Z"].numpy(), cube.numpy())
    (['+X', '+Y', '+Z', '-X', '-Y', '-Z'], True)
    """
    side = _side(image)
    kept = {key: value for key, value in image.metadata.items() if key != _ATTRIBUTE}
    cut = [image.numpy()[place * side : (place + 1) * side] for place in range(6)]
    return {
        name: image.like(one, metadata=kept, channels=image.channel_names) for name, one in zip(FACES, cut, strict=True)
    }


def join(cube: Mapping[str, Image]) -> Image:
    """A new cube map from its six faces.

    Parameters
    ----------
    cube : mapping of str to Image
        Square faces of one size, format and channels, by the names of :data:`FACES`.

    Raises
    ------
    ValueError
        If a face is missing, or they differ.

    Examples
    --------
    >>> join({name: Image(np.zeros((2, 2, 3), np.float32)) for name in FACES}).shape
    (12, 2, 3)
    """
    if set(cube) != set(FACES):
        raise ValueError(f"a cube map has the faces {', '.join(FACES)}, got {', '.join(map(str, cube)) or 'none'}")
    held = [cube[name] for name in FACES]
    first = held[0]
    if any(
        (one.shape, one.format, one.channel_names) != (first.shape, first.format, first.channel_names) for one in held
    ):
        raise ValueError("the faces of a cube map must have one size, one format and the same channels")
    if first.width != first.height:
        raise ValueError(f"the faces of a cube map are square, got {first.width} x {first.height}")
    pixels = np.concatenate([one.numpy() for one in held])
    return first.like(pixels, metadata={**first.metadata, _ATTRIBUTE: "cube"}, channels=first.channel_names)


def directions(kind: str, size: int, *, height: int | None = None) -> NDArray[np.float64]:
    """Where the pixels of a map look: (H, W, 3) float64 of length 1, x, y, z, with y up.

    Parameters
    ----------
    kind : {"latlong", "cube"}
        The kind of map.
    size : int
        Its width.
    height : int, optional
        Of a latlong map; default half the width.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong.

    Examples
    --------
    >>> bool(np.allclose(directions("latlong", 5, height=3)[1, 2], (0, 0, 1)))
    True
    """
    one_of("kind", kind, KINDS)
    width = integer("size", size, low=1, high=1 << 20)
    rows = 6 * width if kind == "cube" else max(1, width // 2) if height is None else integer("height", height, low=1)
    limits.check_pixels(width, rows, "<environment map>")
    y, x = np.mgrid[0:rows, 0:width].astype(np.float64)
    return _looks(kind, x, y, (width, rows))


def _looks(kind: str, x: NDArray[np.float64], y: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.float64]:
    """The directions of places in a map, in pixels from the middle of the first; y stays in one face of a cube."""
    width, height = size
    if kind == "latlong":
        latitude = -math.pi * (y / (height - 1) - 0.5) if height > 1 else np.zeros_like(y)
        longitude = -2 * math.pi * (x / (width - 1) - 0.5) if width > 1 else np.zeros_like(x)
        flat = np.cos(latitude)
        return np.stack([np.sin(longitude) * flat, np.sin(latitude), np.cos(longitude) * flat], -1)
    face = np.clip(np.floor((y + 0.5) / width), 0, 5).astype(int)
    across = x / max(1, width - 1) * 2 - 1 if width > 1 else np.zeros_like(x)
    down = (y - face * width) / max(1, width - 1) * 2 - 1 if width > 1 else np.zeros_like(y)
    found = np.empty((*x.shape, 3))
    for place, (axis, sign, (right, toward), (below, downward)) in enumerate(_AXES):
        here = face == place
        found[here, axis] = sign
        found[here, right] = across[here] * toward
        found[here, below] = down[here] * downward
    unit: NDArray[np.float64] = found / np.linalg.norm(found, axis=-1, keepdims=True)
    return unit


def _places(kind: str, looks: NDArray[np.float64], size: tuple[int, int]) -> tuple[Any, Any, Any, Any]:
    """The place of each direction in a map, x and y, and the first and last row that its picture has there."""
    width, height = size
    x, y, z = np.moveaxis(looks, -1, 0)
    if kind == "latlong":
        longitude = np.where((x == 0) & (z == 0), 0.0, np.arctan2(x, z))
        latitude = np.arctan2(y, np.hypot(x, z))
        low = np.zeros(x.shape, np.intp)
        return (
            (0.5 - longitude / (2 * math.pi)) * (width - 1),
            (0.5 - latitude / math.pi) * (height - 1),
            low,
            low + height - 1,
        )
    sizes = np.abs(looks)
    axis = np.where((sizes[..., 0] >= sizes[..., 1]) & (sizes[..., 0] >= sizes[..., 2]), 0, 1)
    axis = np.where((axis == 1) & (sizes[..., 1] < sizes[..., 2]), 2, axis)
    along = np.take_along_axis(looks, axis[..., None], -1)[..., 0]
    face = 2 * axis + (along < 0)
    scaled = looks / np.maximum(np.abs(along), 1e-30)[..., None]
    across, down = np.zeros(x.shape), np.zeros(x.shape)
    for place, (_, _, (right, toward), (below, downward)) in enumerate(_AXES):
        here = face == place
        across[here] = scaled[here, right] * toward
        down[here] = scaled[here, below] * downward
    top = face * width
    return (across + 1) / 2 * (width - 1), (down + 1) / 2 * (width - 1) + top, top, top + width - 1


def sample(image: Image, looks: Any, *, kind: str | None = None) -> NDArray[np.float32]:
    """What an environment map shows in given directions, between pixels linearly: (…, channels) float32.

    Parameters
    ----------
    image : Image
        The map.
    looks : array_like, (…, 3)
        Directions x, y, z of any length but 0, with y up.
    kind : {"latlong", "cube"}, optional
        Default by the image's metadata, else its shape.

    Raises
    ------
    ValueError
        If an argument is wrong.

    Examples
    --------
    >>> up = Image(np.linspace(1, -1, 9, dtype=np.float32)[:, None].repeat(17, 1))
    >>> sample(up, [(0, 1, 0), (0, 0, 1)]).ravel().tolist()
    [1.0, 0.0]
    """
    chosen = one_of("kind", kind if kind is not None else _kind_of(image), KINDS)
    if chosen == "cube":
        _side(image)
    given = np.asarray(looks, np.float64)
    if given.shape[-1:] != (3,) or not np.isfinite(given).all() or not (np.abs(given).max(-1, initial=0) > 0).all():
        raise ValueError("looks must be finite directions (…, 3), none of them (0, 0, 0)")
    pixels = (image if image.format == "f32" else image.astype("f32")).pixels
    x, y, low, high = _places(chosen, given, (image.width, image.height))
    left, top = np.floor(x).astype(np.intp), np.floor(y).astype(np.intp)
    u, v = (x - left).astype(np.float32)[..., None], (y - top).astype(np.float32)[..., None]
    columns = [np.clip(left + step, 0, image.width - 1) for step in (0, 1)]
    rows = [np.clip(top + step, low, high) for step in (0, 1)]
    above = pixels[rows[0], columns[0]] * (1 - u) + pixels[rows[0], columns[1]] * u
    below = pixels[rows[1], columns[0]] * (1 - u) + pixels[rows[1], columns[1]] * u
    found: NDArray[np.float32] = above * (1 - v) + below * v
    return found


def convert(image: Image, to: str, *, size: int | None = None, kind: str | None = None) -> Image:
    """A new environment map of the other kind, or of another size, in the same pixel format.

    A pixel is the mean of as many samples as the smaller map needs, at most 64.

    Parameters
    ----------
    image : Image
        A latlong map or a cube.
    to : {"latlong", "cube"}
        The kind of the result.
    size : int, optional
        Its width; default such that its pixels are as large as the image's at the horizon.
    kind : {"latlong", "cube"}, optional
        What the image is; default by its metadata, else its shape.

    Raises
    ------
    ValueError
        If an argument is wrong, or the image is no cube though it is said to be one.
    LimitError
        If the result has more pixels than allowed.

    Examples
    --------
    >>> sky = Image(np.ones((8, 16, 3), np.float16))
    >>> convert(sky, "cube", size=4)
    <Image 4x24 RGB f16>
    """
    one_of("to", to, KINDS)
    source = one_of("kind", kind if kind is not None else _kind_of(image), KINDS)
    around = 4 * _side(image) if source == "cube" else image.width
    width = (
        integer("size", size, low=1, high=1 << 20) if size is not None else max(1, around // (4 if to == "cube" else 1))
    )
    height = 6 * width if to == "cube" else max(1, width // 2)
    limits.check_pixels(width, height, "<environment map>")
    finer = min(_MOST_SAMPLES, max(1, round(around / (4 * width if to == "cube" else width))))
    steps = (np.arange(finer) + 0.5) / finer - 0.5
    out = np.empty((height, width, image.channels), np.float32)
    floats = image if image.format == "f32" else image.astype("f32")
    strip = max(1, _STRIP // width)
    for first in range(0, height, strip):
        y, x = np.mgrid[first : min(first + strip, height), 0:width].astype(np.float64)
        total = np.zeros((*y.shape, image.channels), np.float32)
        for down in steps:
            for across in steps:
                total += sample(floats, _looks(to, x + across, y + down, (width, height)), kind=source)
        out[first : first + len(y)] = total / np.float32(finer**2)
    kept = {**image.metadata, _ATTRIBUTE: to}
    made = Image(out, channels=image.channel_names, metadata=kept, colorspace=image.colorspace)
    return made if image.format == "f32" else made.astype(image.format)
