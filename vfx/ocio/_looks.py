"""OpenColorIO's transforms as ours: looks where they can be expressed, 3D LUTs where they cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vfx import checks
from vfx.image import Image
from vfx.look import Look
from vfx.lut import Lut1D, Lut3D, LutChain
from vfx.ocio._library import load
from vfx.ocio._translation import InexactError, translated

if TYPE_CHECKING:
    from vfx.ocio.processor import Processor

__all__ = ["bake", "expressed", "to_look"]

#: The shaper of transforms that start from scene-linear values: S-2016-001 (ACEScct) spends two thirds of its codes
#: on the stops around middle grey and its toe on values below zero.
_SCENE_SHAPER = "acescct"
#: Names that are no curves of a shaper: the choice made here, and none.
_AUTOMATIC, _NONE = "auto", "linear"


class _Through:
    """Codes of a cube undone by the shaper, then through the processor."""

    def __init__(self, unshape: Look, processor: Processor) -> None:
        self._unshape = unshape
        self._processor = processor

    def apply(self, image: Image) -> None:
        """Nothing; ``image`` is changed in place."""
        self._unshape.apply(image)
        self._processor.apply(image)


def bake(processor: Processor, size: int, shaper: str | Lut1D | None) -> Lut3D | LutChain:
    """The transform as a LUT; see :meth:`vfx.ocio.Processor.bake`."""
    used = _shaper(processor, shaper)
    cube = _cube(processor, size, used)
    if used is None:
        return cube
    if isinstance(used, Lut1D):
        return LutChain(used, cube)
    identity = Look().bake(2, used)  # brings the curve, tabulated as looks do it
    assert isinstance(identity, LutChain)
    return LutChain(identity.shaper, cube)


def to_look(processor: Processor, exact: bool | None, size: int, shaper: str | Lut1D | None) -> Look:
    """The transform as a look; see :meth:`vfx.ocio.Processor.to_look`."""
    if exact is not False:
        found = expressed(processor)
        if isinstance(found, Look):
            return found
        if exact:
            raise InexactError(f"{processor!r} cannot be a look operation by operation: {found}")
    used = _shaper(processor, shaper)
    cube = _cube(processor, size, used)
    if used is None:
        return Look().lut(cube)
    return (Look().lut(used) if isinstance(used, Lut1D) else Look().encode(used)).lut(cube)


def expressed(processor: Processor) -> Look | str:
    """The look that does exactly what the processor does, or why there is none."""
    try:
        return translated(processor)
    except InexactError as error:
        return str(error)


def _shaper(processor: Processor, given: str | Lut1D | None) -> str | Lut1D | None:
    """The shaper to use; None: none."""
    if given is None or given == _AUTOMATIC:
        return _SCENE_SHAPER if _starts_scene_linear(processor) else None
    if isinstance(given, Lut1D):
        return given
    if not isinstance(given, str):
        raise TypeError(f"shaper must be the name of a curve or a Lut1D, got {type(given).__name__}")
    return None if given == _NONE else given


def _starts_scene_linear(processor: Processor) -> bool:
    """Whether the transform takes scene-linear values."""
    config, source = processor.config.ocio, processor.source
    if not source or config.getColorSpace(source) is None:
        return False
    return bool(config.isColorSpaceLinear(source, load().REFERENCE_SPACE_SCENE))


def _cube(processor: Processor, size: int, shaper: str | Lut1D | None) -> Lut3D:
    """The cube behind the shaper."""
    checks.integer("size", size, low=2, high=256)
    unshape = Look()
    if isinstance(shaper, Lut1D):
        unshape = unshape.lut(shaper.inverse())
    elif shaper is not None:
        unshape = unshape.decode(shaper)
    return Lut3D.from_look(_Through(unshape, processor), size)
