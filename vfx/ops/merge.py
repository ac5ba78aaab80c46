"""Merging: one picture on another, or a stack of them in one pass, by the operations of Nuke's Merge node.

The formulas are in ``vfx/_ext/merge_formulas.pxd``; ``docs/guides/compositing.rst`` lists them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from numpy.typing import NDArray

from vfx.image import Image
from vfx.ops._layers import Weights, as_images, layered, spelled
from vfx.ops._pictures import as_image

__all__ = ["ALPHA_MASKED", "OPERATIONS", "merge"]

#: The operations of Nuke's Merge node.
OPERATIONS: tuple[str, ...] = (
    "atop", "average", "color_burn", "color_dodge", "conjoint_over", "copy", "difference", "disjoint_over", "divide",
    "exclusion", "from", "geometric", "hard_light", "hypot", "in", "mask", "matte", "max", "min", "minus", "multiply",
    "out", "over", "overlay", "plus", "screen", "soft_light", "stencil", "under", "xor",
)  # fmt: skip
#: Those that do not look at alpha themselves, so that ``alpha_masking`` has a meaning.
ALPHA_MASKED: tuple[str, ...] = (
    "average", "color_burn", "color_dodge", "difference", "divide", "exclusion", "from", "geometric", "hard_light",
    "hypot", "max", "min", "minus", "multiply", "overlay", "plus", "screen", "soft_light",
)  # fmt: skip


def merge(
    a: Image | NDArray[Any] | Sequence[Image | NDArray[Any]],
    b: Image | NDArray[Any] | None = None,
    operation: str = "over",
    *,
    mask: Image | NDArray[Any] | None = None,
    mix: float = 1.0,
    alpha_masking: bool = False,
    channels: str | Iterable[str] | None = None,
) -> Image:
    """A new image of ``a`` merged with ``b``, or of a stack of images merged in one pass.

    Parameters
    ----------
    a : Image or array, or a sequence of them
        The picture on top, premultiplied; or all pictures, the top first: each is A to the result of those below it.
    b : Image or array, optional
        The picture below; not with a sequence.
    operation : str
        One of ``OPERATIONS``; hyphens will do for underscores.
    mask : Image or array, optional
        1 is the result, 0 the picture below: its A, or its only channel; 0 outside its data window.
    mix : float
        The same for the whole picture, times the mask.
    alpha_masking : bool
        Where one picture's alpha is 0 the other stays, the operation works on unpremultiplied colours where both are,
        and alpha becomes a + b − ab: compositing as in PDF and SVG. For the operations of ``ALPHA_MASKED``.
    channels : str or iterable of str, optional
        What the operation changes (``"RGB"``, ``"R,A"``, ``"diffuse"``, ``["R", "A"]``); other channels stay those of
        the picture below. Default: all.

    Returns
    -------
    Image
        Over the union of the data windows, with the display window, metadata and colour space of the picture below.

    Raises
    ------
    ChannelError
        If a named channel is not there.
    TypeError
        If a picture is none.
    ValueError
        If the operation is unknown, or has no ``alpha_masking``.

    Examples
    --------
    >>> import numpy as np
    >>> from vfx import ops
    >>> red = np.float32([[[0.5, 0.0, 0.0, 0.5]]])
    >>> white = np.ones((1, 1, 4), np.float32)
    >>> ops.merge(red, white).numpy().tolist()
    [[[1.0, 0.5, 0.5, 1.0]]]
    >>> ops.merge([red, red, white], operation="multiply").numpy().tolist()
    [[[0.25, 0.0, 0.0, 0.25]]]
    """
    name = spelled("operation", operation, OPERATIONS)
    if alpha_masking and name not in ALPHA_MASKED:
        listed = ", ".join(ALPHA_MASKED)
        raise ValueError(f"alpha_masking is for operations without alpha of their own, not {name}; these are {listed}")
    if b is not None:
        images = [as_image(a, "a"), as_image(b, "b")]
    else:
        images = as_images(a, "a", ", without b,")
    formula = ("blend", f"masked_{name}") if alpha_masking else ("merge", name)
    return layered(images, formula, Weights(mask, mix, channels))
