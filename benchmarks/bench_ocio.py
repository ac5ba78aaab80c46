"""OpenColorIO's transforms through ``vfx.ocio`` against the library's own call on the same pixels.

``apply`` computes with the library itself: on packed float RGBA the goal is to cost nothing on one thread. The peer of
other layouts copies to packed memory and back, as a caller of the library has to. ``to_look`` computes with our engine.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from harness import Job, split_rows

SHAPE = (2160, 3840)
Array = np.ndarray[Any, Any]


def _frame(dtype: Any, channels: int = 4) -> Array:
    """A frame of colours between 0 and 1."""
    pixels = np.random.default_rng(0).random((*SHAPE, channels), np.float32)
    if np.issubdtype(dtype, np.integer):
        pixels *= np.iinfo(dtype).max
    return pixels.astype(dtype)


def _whole(cpu: Any, channels: int) -> Callable[[Array], None]:
    """The library's call on a packed array."""
    run: Callable[[Array], None] = cpu.applyRGBA if channels == 4 else cpu.applyRGB
    return run


def jobs() -> list[Job]:
    """A conversion in each format and layout, and as a look; the ACES views, as the library has them and as looks."""
    import PyOpenColorIO as OCIO  # noqa: N814

    from vfx.ocio import Config

    config = Config("ocio://cg-config-latest")
    texture = config.processor("ACEScg", "sRGB Encoded Rec.709 (sRGB)")
    level = OCIO.OPTIMIZATION_DEFAULT
    found: list[Job] = []

    def cpu_of(processor: Any, depth: Any) -> Any:
        return processor.ocio.getOptimizedCPUProcessor(depth, depth, level)

    def add(name: str, goal: tuple[float, float], ours: Any, theirs: Any, peer: str = "OpenColorIO") -> None:
        found.append(Job(f"OCIO {name}", peer, goal, ours, theirs))

    def packed(name: str, dtype: Any, depth: Any, channels: int, goal: tuple[float, float]) -> None:
        mine, other = _frame(dtype, channels), _frame(dtype, channels)
        run = _whole(cpu_of(texture, depth), channels)
        add(f"{name}, packed", goal, lambda n: texture.apply(mine, threads=n), lambda n: split_rows(run, n, other))

    packed("f32 RGBA", np.float32, OCIO.BIT_DEPTH_F32, 4, (0.97, 0.97))
    packed("f32 RGB", np.float32, OCIO.BIT_DEPTH_F32, 3, (1.0, 1.0))
    packed("f16 RGBA", np.float16, OCIO.BIT_DEPTH_F16, 4, (1.0, 1.0))
    packed("u16 RGB", np.uint16, OCIO.BIT_DEPTH_UINT16, 3, (1.0, 1.0))
    packed("u8 RGBA", np.uint8, OCIO.BIT_DEPTH_UINT8, 4, (1.0, 1.0))

    mine, other = _frame(np.float32)[::-1], _frame(np.float32)[::-1]
    rgba = cpu_of(texture, OCIO.BIT_DEPTH_F32)

    def copied(band: Array) -> None:
        dense = np.ascontiguousarray(band)
        rgba.applyRGBA(dense)
        band[...] = dense

    add(
        "f32 RGBA, upside down",
        (1.0, 1.0),
        lambda n: texture.apply(mine, threads=n),
        lambda n: split_rows(copied, n, other),
    )
    wide, theirs = _frame(np.float32, 6)[..., 1:5], _frame(np.float32, 6)[..., 1:5]
    add(
        "f32 RGBA of 6 channels",
        (1.0, 1.0),
        lambda n: texture.apply(wide, threads=n),
        lambda n: split_rows(copied, n, theirs),
    )

    look = texture.to_look()
    graded, own = _frame(np.float32), _frame(np.float32)
    add(
        "ACEScg → sRGB texture, to_look()",
        (2.5, 2.5),
        lambda n: look.apply(graded, threads=n),
        lambda n: split_rows(rgba.applyRGBA, n, own),
    )

    def view(name: str, release: str, exact: bool, goals: tuple[float, float]) -> None:
        processor = Config(release).display_processor()
        made = processor.to_look(exact)
        cpu = cpu_of(processor, OCIO.BIT_DEPTH_F32)
        shown, peers = _frame(np.float32), _frame(np.float32)
        kind = "exact" if exact else "baked"
        add(
            f"{name} view, {kind} to_look()",
            goals,
            lambda n: made.apply(shown, threads=n),
            lambda n: split_rows(cpu.applyRGBA, n, peers),
        )

    view("ACES 1.3", "ocio://cg-config-v2.2.0_aces-v1.3_ocio-v2.4", True, (5.0, 5.0))
    view("ACES 2.0", "ocio://cg-config-latest", False, (20.0, 20.0))
    return found
