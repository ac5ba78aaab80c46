"""Small whole EXR files of every kind, made by this package's writers: where the fuzzers of its readers begin."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

import vfx
from tests.fuzz.seed_pictures import FACTS, HEIGHT, WIDTH, image_of, pixels, written
from vfx.deep import DeepImage
from vfx.metadata import Chromaticities, Opaque

__all__ = ["cryptomatte", "deep", "exr"]

_ATTRIBUTES: dict[str, Any] = {
    **FACTS,
    "chromaticities": Chromaticities((0.64, 0.33), (0.3, 0.6), (0.15, 0.06), (0.3127, 0.329)),
    "matrix": np.eye(4, dtype=np.float32),
    "list": ["one", "two"],
    "number": 5,
    "real": 0.5,
    "opaque": Opaque("unknown", b"\1\2\3\4"),
}


def _known(compressions: tuple[str, ...], call: Any) -> list[bytes]:
    """What ``call(target, compression)`` writes, for the compressions that the installed OpenEXR knows."""
    files = []
    for compression in compressions:
        target = io.BytesIO()
        try:
            call(target, compression)
        except ValueError:
            continue
        files.append(target.getvalue())
    return files


def exr() -> list[bytes]:
    """Every compression, scanlines and tiles, levels, parts, views, all pixel types, every type of attribute."""
    module, colours = vfx.io.exr, image_of(4, np.float16)
    files = _known(tuple(module.COMPRESSIONS), lambda target, name: module.write(target, colours, compression=name))
    layered = vfx.Image(pixels(5), channels=["R", "G", "B", "depth.Z", "id.A"])
    numbers = vfx.Image(pixels(1, np.uint8).astype(np.uint32), channels=["id"])
    luma = vfx.Image(pixels(3)[:8, :12].astype(np.float16), channels=["Y", "RY", "BY"])
    files += written(
        {
            "facts": (image_of(4, np.float16, **_ATTRIBUTES), {"preview": 8}),
            "floats": (image_of(3), {"compression": "pxr24"}),
            "tiles": (image_of(3, np.float16), {"tile_size": (8, 4), "compression": "piz"}),
            "lines": (image_of(1), {"compression": "none", "line_order": "decreasing"}),
            "mixed": (layered, {"dtype": {"depth.Z": "f32"}, "compression": "zips", "also": numbers}),
            "numbers": (numbers, {"compression": "rle"}),
            "mip": (image_of(3, np.float16), {"levels": "mip", "tile_size": 4, "compression": "zip"}),
            "rip": (image_of(1, np.float16), {"levels": "rip", "tile_size": 8, "rounding": "up"}),
            "luma": (luma, {"sampling": {"RY": 2, "BY": 2}}),
        },
        ".exr",
    )
    parts, views = io.BytesIO(), io.BytesIO()
    module.write_parts(parts, [colours, numbers], names=["beauty", "ids"])
    module.write_views(views, {"left": colours, "right": colours})
    return [*files, parts.getvalue(), views.getvalue()]


def deep() -> list[bytes]:
    """Deep pictures in scanlines and tiles, of points and of volumes, with every compression that there is for them."""
    module = vfx.io.exr
    counts = (np.arange(HEIGHT * WIDTH, dtype=np.uint32) % 4).reshape(HEIGHT, WIDTH)
    total = int(counts.sum())
    rng = np.random.default_rng(11)
    colours = {name: rng.random(total).astype(np.float16) for name in "ABGR"}
    depth = np.sort(rng.random(total)).astype(np.float32)
    points = DeepImage(counts, {**colours, "Z": depth}, metadata={"owner": "somebody"})
    volumes = DeepImage(counts, {**colours, "Z": depth, "ZBack": depth + np.float32(0.1)})
    names = ("none", "rle", "zips", "zstd")
    files = _known(names, lambda target, name: module.write_deep(target, points, compression=name))
    return files + _known(names, lambda target, name: module.write_deep(target, volumes, compression=name, tile_size=8))


def cryptomatte() -> list[bytes]:
    """Mattes with a manifest, alone and beside a picture."""
    from vfx.io.cryptomatte import encode

    left = np.zeros((HEIGHT, WIDTH), np.float32)
    left[:, :6] = np.linspace(0, 1, 6, dtype=np.float32)
    mattes = {"car": left, "tree_01": np.float32(0.5) - left * 0.5, 'name with "quotes"': left[::-1] * 0.2}
    pictures: dict[str, tuple[vfx.Image, dict[str, Any]]] = {
        "alone": (encode(mattes, ranks=4), {}),
        "beside": (encode(mattes, ranks=2, image=image_of(3)), {}),
    }
    return written(pictures, ".exr")
