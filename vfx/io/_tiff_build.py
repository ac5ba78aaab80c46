"""An image as a page that tifffile writes: how its samples are stored, their order, its metadata."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx import checks, threads
from vfx.image import Image
from vfx.io import _tiff_pages as pages

__all__ = ["COMPRESSIONS", "page_of", "storage_options"]

#: Name of a compression → tifffile's; the names are ours and OpenImageIO's.
COMPRESSIONS = {"none": None, "lzw": "lzw", "deflate": "deflate", "zstd": "zstd", "packbits": "packbits"}

#: TIFF's values of the ExtraSamples tag.
_ALPHA = {"associated": "assocalpha", "unassociated": "unassalpha", "unspecified": "unspecified"}


def page_of(image: Image, storage: dict[str, Any], predictor: bool | int, *, planar: bool) -> Any:
    """The samples of a page, and the options to write them with.

    Parameters
    ----------
    image : Image
        In its own pixel format.
    storage : dict
        From :func:`storage_options`.
    predictor : bool or int
        As in ``tiff.write``.
    planar : bool
        One plane per channel.

    Returns
    -------
    tuple of (numpy.ndarray, dict)
    """
    if image.display_window != image.data_window:
        image = image.to_display_window()
    options = storage | _predictor(image, storage["compression"], predictor)
    pixels, options["photometric"], options["extrasamples"], names = _arranged(image)
    if pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    else:  # without it tifffile guesses from the shape
        options["planarconfig"] = "separate" if planar else "contig"
        pixels = np.moveaxis(pixels, 2, 0) if planar else pixels
    options |= _described(image, names)
    options["maxworkers"] = threads.for_pixels(image.width * image.height)
    return np.ascontiguousarray(pixels), options


def _predictor(image: Image, compression: str | None, predictor: bool | int) -> dict[str, Any]:
    """The predictor as an option of tifffile."""
    floating = image.format in ("f16", "f32")
    fitting = 3 if floating else 2
    if not isinstance(predictor, bool) and predictor not in (1, fitting):
        kind = "floats" if floating else "integers"
        raise ValueError(f"predictor of {kind} must be a bool, 1 (none) or {fitting}, got {predictor!r}")
    chosen = (fitting if predictor else 1) if isinstance(predictor, bool) else predictor
    if chosen == 1 or compression not in ("lzw", "deflate", "zstd"):
        return {}
    return {"predictor": chosen}


def storage_options(compression: str, level: int | None, tile_size: int | tuple[int, int] | None) -> dict[str, Any]:
    """How the samples are stored, as options of tifffile.

    Raises
    ------
    TypeError, ValueError
        If an option is wrong.
    """
    checks.one_of("compression", compression, COMPRESSIONS)
    options: dict[str, Any] = {"compression": COMPRESSIONS[compression]}
    if level is not None:
        if compression not in ("deflate", "zstd"):
            raise ValueError(f"compression {compression!r} has no level")
        low, high = (1, 22) if compression == "zstd" else (0, 9)
        options["compressionargs"] = {"level": checks.integer("level", level, low=low, high=high)}
    if tile_size is not None:
        sides = (tile_size, tile_size) if isinstance(tile_size, int) else tile_size
        if isinstance(sides, str) or len(sides) != 2:
            raise TypeError(f"tile_size must be a whole number or (width, height), got {tile_size!r}")
        width, height = sides
        for name, side in (("width", width), ("height", height)):
            if checks.integer(f"tile {name}", side, low=16, high=65536) % 16:
                raise ValueError(f"tile {name} must be a multiple of 16, got {side}")
        options["tile"] = (height, width)
    return options


def _described(image: Image, names: tuple[str, ...]) -> dict[str, Any]:
    """The image's metadata, as options of tifffile; ``names`` go into the description."""
    entries = image.metadata
    comments = entries.get("comments")
    if names:
        comments = pages.description(names, comments if isinstance(comments, str) else None)
    across, down, unit = pages.density(entries, image.pixel_aspect)
    software = entries.get("software")
    options = {
        "description": comments.encode("utf-8", errors="replace") if isinstance(comments, str) else None,
        "software": software if isinstance(software, str) and software.isascii() else "vfx",
        "resolution": (across, down),
        "resolutionunit": unit,
        "extratags": pages.writable_tags(entries),
    }
    if isinstance(entries.get("icc_profile"), bytes):
        options["iccprofile"] = entries["icc_profile"]
    return options


def _arranged(image: Image) -> tuple[NDArray[Any], str, list[str] | None, tuple[str, ...]]:
    """Pixels in the order of TIFF, photometric, extra samples, and the names that TIFF cannot tell."""
    names = image.channel_names
    layers = {name.rpartition(".")[0] for name in names}
    bare = [name.rpartition(".")[2] for name in names] if len(layers) == 1 else list(names)
    rgb = {"R", "G", "B"} <= set(bare)
    first = ["R", "G", "B"] if rgb else ["Y" if "Y" in bare else bare[0]]
    alpha = ["A"] if "A" in bare and first != ["A"] else []
    order = first + alpha + [name for name in bare if name not in first + alpha]
    pixels = image.pixels if order == bare else image.pixels[:, :, [bare.index(name) for name in order]]
    stored = tuple(names[bare.index(name)] for name in order)
    kind = _ALPHA.get(str(image.metadata.get("alpha", "associated")), "assocalpha")
    extras = [kind if name in alpha else "unspecified" for name in order[len(first) :]]
    usual = ("R", "G", "B", "A") if rgb else ("Y", "A")
    told = stored == usual[: len(stored)] and bool(alpha) == (len(stored) > len(first))
    return pixels, "rgb" if rgb else "minisblack", extras or None, () if told else stored
