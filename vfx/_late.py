"""The one door through which a lower floor reaches a higher one, by name and at call time.

``Image`` (floor 2) offers every operation as a method, but what an operation *is* lives in the
rooms above it. The tables below name those homes; they are read when a method is called, so no
module imports upward and ``import vfx`` stays light. A test checks that every entry exists.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

__all__ = ["BUILDERS", "FUNCTIONS", "builder", "function", "picture_operation"]

#: Operation of ``api.md`` → the function that builds its pixel op.
BUILDERS: dict[str, str] = {
    "cdl": "vfx.color.cdl:cdl",
    "clamp": "vfx.color.grade:clamp",
    "clf": "vfx.lut.clf.processlist:clf",
    "contrast": "vfx.color.grade:contrast",
    "contrast_log": "vfx.color.grade:contrast_log",
    "convert": "vfx.color.convert:convert_op",
    "curves": "vfx.color.rgb_curves:curves",
    "decode": "vfx.transfer.pixelops:decode",
    "encode": "vfx.transfer.pixelops:encode",
    "exposure": "vfx.color.grade:exposure",
    "from_hsv": "vfx.color.hsv:from_hsv",
    "gain": "vfx.color.grade:gain",
    "gamma": "vfx.color.grade:gamma",
    "gamut_compress": "vfx.color.gamut:gamut_compress",
    "hlg_ootf": "vfx.transfer.mixing:hlg_ootf_op",
    "grade": "vfx.color.primary_grade:grade",
    "hue": "vfx.color.hue:hue",
    "invert": "vfx.color.grade:invert",
    "lift_gamma_gain": "vfx.color.primary_grade:lift_gamma_gain",
    "lut": "vfx.lut.pixelops:lut",
    "matrix": "vfx.color.grade:matrix",
    "offset": "vfx.color.grade:offset",
    "saturation": "vfx.color.grade:saturation",
    "to_hsv": "vfx.color.hsv:to_hsv",
    "tone": "vfx.color.tone:tone",
    "vibrance": "vfx.color.vibrance:vibrance",
    "white_balance": "vfx.color.white_balance:white_balance",
}

#: Other functions that lower floors offer as methods.
FUNCTIONS: dict[str, str] = {
    "adx_to_aces": "vfx.transfer.mixing:AdxToAces",
    "blocks_without": "vfx.io._vocabulary:blocks_without",
    "curve_decode": "vfx.transfer:decode",
    "curve_encode": "vfx.transfer:encode",
    "preview": "vfx.io.preview:png_bytes",
    "read": "vfx.io:read",
    "read_deep": "vfx.io.exr:read_deep",
    "show": "vfx.io.preview:show",
    "write": "vfx.io:write",
    "write_deep": "vfx.io.exr:write_deep",
}


def _resolve(place: str) -> Callable[..., Any]:
    """The function at ``"package.module:name"``."""
    module, name = place.split(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found


def builder(operation: str) -> Callable[..., Any]:
    """The function that builds the pixel op of ``operation``, e.g. ``"exposure"``.

    Raises
    ------
    KeyError
        If there is no such operation.
    """
    return _resolve(BUILDERS[operation])


def function(name: str) -> Callable[..., Any]:
    """The function that stands behind a method of a lower floor, e.g. ``"read"``.

    Raises
    ------
    KeyError
        If there is no such entry.
    """
    return _resolve(FUNCTIONS[name])


def picture_operation(name: str) -> Callable[..., Any]:
    """The function of ``vfx.ops`` that stands behind a method of ``Image``, e.g. ``"over"``.

    Raises
    ------
    AttributeError
        If there is no such function.
    """
    return _resolve(f"vfx.ops:{name}")
