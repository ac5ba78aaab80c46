"""How a method of ``Image`` reaches the operation of its name in ``vfx.ops``, which lies above."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vfx import _late

if TYPE_CHECKING:
    from vfx.image import Image

__all__ = ["PictureMethods"]


class PictureMethods:
    """What the mixins of this room stand on."""

    __slots__ = ()

    def _ops_picture(self, name: str, *args: Any, **options: Any) -> Image:
        """The new image that operation ``name`` makes of this one."""
        result: Image = _late.picture_operation(name)(self, *args, **options)
        return result

    def _ops_call(self, name: str, *args: Any, **options: Any) -> Any:
        """Whatever operation ``name`` finds out about this image."""
        return _late.picture_operation(name)(self, *args, **options)
