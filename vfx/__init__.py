"""The shot pipeline in one package: read plates, grade, composite, resize, filter, key, measure, deliver.

>>> import vfx
>>> img = vfx.read("plate.exr")                                   # doctest: +SKIP
>>> vfx.Processor().exposure(img, 1.2).saturation(img, 1.1)       # doctest: +SKIP
>>> vfx.write("graded.exr", img)                                  # doctest: +SKIP

Everything here is loaded when first used, so that ``import vfx`` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vfx import backends, batch, color, errors, io, lut, metadata, ocio, ops, transfer
    from vfx.deep import DeepImage
    from vfx.image import Image
    from vfx.io import ImageInfo, probe, read, write
    from vfx.look import Look
    from vfx.processor import Processor
    from vfx.simd import SimdCapabilities, detect_simd
    from vfx.threads import get_threads, set_threads

__version__ = "0.1.0"

__all__ = [
    "DeepImage",
    "Image",
    "ImageInfo",
    "Look",
    "Processor",
    "SimdCapabilities",
    "__version__",
    "backends",
    "batch",
    "color",
    "detect_simd",
    "errors",
    "get_threads",
    "io",
    "lut",
    "metadata",
    "ocio",
    "ops",
    "probe",
    "read",
    "set_threads",
    "transfer",
    "write",
]

_HOMES = {
    "DeepImage": "vfx.deep",
    "Image": "vfx.image",
    "ImageInfo": "vfx.io",
    "Look": "vfx.look",
    "Processor": "vfx.processor",
    "SimdCapabilities": "vfx.simd",
    "detect_simd": "vfx.simd",
    "get_threads": "vfx.threads",
    "probe": "vfx.io",
    "read": "vfx.io",
    "set_threads": "vfx.threads",
    "write": "vfx.io",
}
_ROOMS = ("backends", "batch", "color", "errors", "io", "lut", "metadata", "ocio", "ops", "transfer")


def __getattr__(name: str) -> Any:
    """Load a public name, or a room of the house, when it is first used."""
    if name in _HOMES:
        value = getattr(importlib.import_module(_HOMES[name]), name)
    elif name in _ROOMS:
        value = importlib.import_module(f"vfx.{name}")
    else:
        raise AttributeError(f"module 'vfx' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return sorted({*globals(), *__all__})
