"""The pictures of a DPX file: elements that belong together are one (SMPTE ST 268-1:2014, 5.3).

======================================  =================================
elements                                read as
======================================  =================================
RGB, RGBA, ABGR                         R G B (A)
R, G, B (, A), each an element          R G B (A)
RGB, A                                  R G B A
Y (, A)                                 Y (A)
CbYCrY, CbYCr, CbYACrYA, CbYCrA         R G B (A), or Y Cb Cr (A) when raw
Y, CbCr (, A)                           R G B (A), or Y Cb Cr (A) when raw
two of any of these (two eyes)          two parts
======================================  =================================
"""

from __future__ import annotations

from dataclasses import dataclass

from vfx.errors import FormatError
from vfx.io._dpx_header import Element, Header
from vfx.io._dpx_layout import names_of

__all__ = ["Part", "parts_of"]

_RGBA = ("R", "G", "B", "A")
# One picture's samples, in the order of memory; elements join while their samples are of one row, each once.
_FAMILIES = (_RGBA, ("Y", "CbCr", "A"))


@dataclass(frozen=True)
class Part:
    """One picture.

    Attributes
    ----------
    elements : tuple of int
        Its elements.
    samples : tuple of tuple of str
        What each element has in a pixel, in the file's order.
    """

    elements: tuple[int, ...]
    samples: tuple[tuple[str, ...], ...]

    @property
    def subsampling(self) -> str:
        """``"4:2:2"`` or ``"4:4:4"`` where the colours are differences, else empty."""
        found = self._all
        if "Y" in found and ("CbCr" in found or "C" in found):
            return "4:2:2"
        return "4:4:4" if "Cb" in found and "Cr" in found else ""

    @property
    def _all(self) -> tuple[str, ...]:
        """The samples of all elements."""
        return tuple(name for names in self.samples for name in names)

    def names(self, *, raw: bool) -> tuple[str, ...]:
        """The channels that it is read as, in the order of memory; ``raw``: colour differences as they are."""
        found = self._all
        if self.subsampling:
            colours = ("Y", "Cb", "Cr") if raw else ("R", "G", "B")
            return (*colours, "A") if "A" in found else colours
        if set(found) <= set(_RGBA):
            return tuple(name for name in _RGBA if name in found)
        return found


def parts_of(header: Header) -> tuple[Part, ...]:
    """The pictures of a file, at least one. An element that is not supported is a part that cannot be read.

    Raises
    ------
    FormatError
        If no element is of a kind that is supported.
    """
    parts: list[Part] = []
    kinds = [_kind_of(element, header.label) for element in header.elements]
    if not any(kinds):
        names_of(header.elements[0], header.label)
    for element, names in zip(header.elements, kinds, strict=True):
        if not names:
            parts.append(Part((element.index,), (("unknown",),)))
        elif parts and _belongs(parts[-1], names, element, header.elements[parts[-1].elements[0]]):
            last = parts.pop()
            parts.append(Part((*last.elements, element.index), (*last.samples, names)))
        else:
            parts.append(Part((element.index,), (names,)))
    return tuple(parts)


def _kind_of(element: Element, label: str) -> tuple[str, ...]:
    """What an element has in a pixel; nothing where it is not supported."""
    try:
        return names_of(element, label)
    except FormatError:
        return ()


def _belongs(part: Part, names: tuple[str, ...], element: Element, first: Element) -> bool:
    """Whether an element completes a picture: other samples of one family, and as many bits."""
    found = [name for samples in part.samples for name in samples]
    together = [*found, *names]
    return (
        element.bit_depth == first.bit_depth
        and len(set(together)) == len(together)
        and any(set(together) <= set(family) for family in _FAMILIES)
    )
