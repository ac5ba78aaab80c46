"""Mattes put together into a Cryptomatte layer, and manifests given by the caller."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from vfx import threads as _threads
from vfx.checks import integer
from vfx.checks import path as check_path
from vfx.image import Image
from vfx.io._cryptomatte_layers import CONVERSION, HASH, parse_manifest
from vfx.pixelformat import FORMAT_NAMES

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["encode", "given_manifest", "id_of"]


def id_of(name: str) -> int:
    """The 32-bit id of a name: its MurmurHash3, changed where its float would not be an ordinary number.

    Exponents of all zeros and all ones, which are subnormal, infinite and NaN floats, get their lowest bit turned
    over (Cryptomatte specification 1.2, "ID conversion: uint32_to_float32").

    Parameters
    ----------
    name : str
        Hashed as UTF-8.

    Raises
    ------
    TypeError
        If it is no text.

    Examples
    --------
    >>> f"{id_of('hello'):08x}"
    '248bfa47'
    """
    from vfx._ext import cryptomatte as kernel

    if not isinstance(name, str):
        raise TypeError(f"a name must be text, got {name!r}")
    found = kernel.hash_text(name.encode("utf-8", "surrogateescape"))
    return found ^ 1 << 23 if found >> 23 & 255 in (0, 255) else found


def given_manifest(manifest: str | os.PathLike[str] | Mapping[str, int] | None) -> dict[str, int] | None:
    """A caller's manifest: name → id, or the path of a JSON file.

    Raises
    ------
    FileNotFoundError, OSError
        If the file cannot be read.
    FormatError
        If it is no manifest.
    TypeError, ValueError
        If an id is no whole number of 32 bits.
    """
    if manifest is None:
        return None
    if isinstance(manifest, Mapping):
        return {str(name): integer(f"the id of {name!r}", one, low=0, high=2**32 - 1) for name, one in manifest.items()}
    place = check_path(manifest)
    return parse_manifest(place.read_bytes().decode("utf-8", "replace"), str(place))


def _plane(name: str, matte: Any) -> NDArray[np.float32]:
    """The coverage of one matte, (H, W) float32."""
    image = matte
    if not isinstance(matte, Image):
        array = np.asarray(matte)
        image = Image(array, copy=array.dtype not in FORMAT_NAMES)
    if image.channels != 1:
        raise ValueError(f"matte {name!r} must have one channel, got {image.channels}")
    pixels = image.pixels if image.format == "f32" else image.astype("f32").pixels
    plane: NDArray[np.float32] = pixels[:, :, 0]
    if not np.isfinite(plane).all() or plane.min() < 0:
        raise ValueError(f"matte {name!r} must be finite and at least 0 everywhere")
    return plane


def _canvas(image: Image | None, first: Any) -> Image:
    """The image that the layer joins, as float32; without one, an image of no channels' size and windows."""
    if image is not None:
        return image if image.format == "f32" else image.astype("f32")
    return first if isinstance(first, Image) else Image(np.zeros(np.asarray(first).shape[:2], np.float32))


def encode(
    mattes: Mapping[str, Any],
    *,
    name: str = "CryptoObject",
    ranks: int = 6,
    image: Image | None = None,
    threads: int | None = None,
) -> Image:
    """A new float32 image with the Cryptomatte layer that mattes make, its manifest in the metadata.

    Parameters
    ----------
    mattes : mapping of str to Image or array, (H, W)
        The coverage of each object, 0 to 1, by name.
    name : str
        Of the layer; its channels are ``CryptoObject00.R`` …
    ranks : int
        How many objects a pixel can show, 1 to 64, made even; of more, those that cover least are lost.
    image : Image, optional
        Its channels, as float32, and its metadata come first.
    threads : int, optional
        At most this many.

    Raises
    ------
    TypeError, ValueError
        If there are no mattes, sizes differ, a coverage is negative or not finite, two names have one id, or the
        image has such a layer already.

    Examples
    --------
    >>> import io
    >>> from vfx.io import exr
    >>> image = encode({"car": np.ones((2, 2), np.float32)}, ranks=2)
    >>> image.channel_names
    ('CryptoObject00.R', 'CryptoObject00.G', 'CryptoObject00.B', 'CryptoObject00.A')
    >>> exr.write(io.BytesIO(), image, compression="zips")
    """
    from vfx._ext import cryptomatte as kernel

    if not isinstance(mattes, Mapping) or not mattes:
        raise ValueError(f"mattes must map at least one name to its coverage, got {mattes!r}")
    places = (integer("ranks", ranks, low=1, high=64) + 1) // 2 * 2
    canvas = _canvas(image, next(iter(mattes.values())))
    ids = _ids(mattes)
    names = [f"{name}{level:02d}.{letter}" for level in range(places // 2) for letter in "RGBA"]
    before = 0 if image is None else canvas.channels
    if image is not None and set(names) & set(canvas.channel_names):
        raise ValueError(f"the image has a Cryptomatte layer {name!r} already")
    stored = np.zeros((canvas.height, canvas.width, 2 * places), np.float32)
    workers = _threads.for_pixels(canvas.height * canvas.width, threads)
    for one, matte in mattes.items():
        plane = _plane(one, matte)
        if plane.shape != stored.shape[:2]:
            raise ValueError(
                f"matte {one!r} is {plane.shape[1]} x {plane.shape[0]}, not {canvas.width} x {canvas.height}"
            )
        kernel.rank(stored.view(np.uint32), plane, ids[one], workers)
    pixels = np.concatenate([canvas.pixels, stored], axis=2) if before else stored
    kept = canvas.metadata if isinstance(next(iter(mattes.values())), Image) or image is not None else {}
    return Image(
        pixels,
        channels=[*(canvas.channel_names if before else ()), *names],
        metadata={**kept, **_entries(name, ids)},
        data_window=canvas.data_window,
        display_window=canvas.display_window,
        pixel_aspect=canvas.pixel_aspect,
        colorspace=canvas.colorspace if before else None,
    )


def _ids(mattes: Mapping[str, Any]) -> dict[str, int]:
    """Name → id, each id once."""
    ids: dict[str, int] = {}
    owners: dict[int, str] = {}
    for one in mattes:
        ids[one] = id_of(one)
        other = owners.setdefault(ids[one], one)
        if other != one:
            raise ValueError(f"the names {other!r} and {one!r} have the same id 0x{ids[one]:08x}; rename one")
    return ids


def _entries(name: str, ids: Mapping[str, int]) -> dict[str, str]:
    """The metadata of a layer; its key is the first 7 digits of its name's hash."""
    from vfx._ext import cryptomatte as kernel

    key = f"{kernel.hash_text(name.encode('utf-8', 'surrogateescape')):08x}"[:7]
    manifest = json.dumps({one: f"{identity:08x}" for one, identity in ids.items()}, separators=(",", ":"))
    fields = {"name": name, "hash": HASH, "conversion": CONVERSION, "manifest": manifest}
    return {f"exr:cryptomatte/{key}/{field}": text for field, text in fields.items()}
