"""Every operation of ``vfx.ops`` as a method of ``Image``, spelled out so that editors and type checkers see it.

The image is the operation's first argument. Compositing reads from top to bottom: ``fg.over(bg)``. What an operation
does is said where it is done; a test holds names, parameters and defaults of the two together. ``offset`` is a grade on
images, so the operation that moves pixels round is ``circular_shift`` here.
"""

from __future__ import annotations

from vfx.fluent.channels import Channels
from vfx.fluent.compositing import Compositing
from vfx.fluent.filters import Filters
from vfx.fluent.geometry import Geometry
from vfx.fluent.keying import Keying
from vfx.fluent.scopes import Scopes

__all__ = ["Fluent"]


class Fluent(Channels, Compositing, Filters, Geometry, Keying, Scopes):
    """Mixin: the operations of ``vfx.ops``; each returns a new image and leaves this one alone."""

    __slots__ = ()
