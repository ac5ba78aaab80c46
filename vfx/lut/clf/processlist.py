"""The process list: operations in order, with what files say about them.

::

    ProcessList ── nodes ── ProcessNode(op, id, name, descriptions, bit depths)
        │                       └── a pixel op: Matrix, CDL, LUT, Range, Log, Exponent …
        └── .ops ── one pass of the pixel engine

Bit depths only say how a file writes its numbers. The list itself works on normalised values: 1.0 is
white, whatever the depth.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from vfx import checks
from vfx.lut._base import Picture
from vfx.lut.clf.fixed import FixedFunction
from vfx.lut.clf.ops import Exponent, ExposureContrast, Log, Range
from vfx.lut.pixelops import ApplyLut1D, ApplyLut3D, InvertLut1D, InvertLut3D, apply_op
from vfx.pixelop import PixelOp, Step

__all__ = ["DEPTHS", "ApplyProcessList", "ProcessList", "ProcessNode", "clf", "element_name"]

#: Bit depth -> the number that stands for 1.0 (S-2014-006, 4.1).
DEPTHS: dict[str, float] = {"8i": 255.0, "10i": 1023.0, "12i": 4095.0, "16i": 65535.0, "16f": 1.0, "32f": 1.0}

_ELEMENTS: dict[type[PixelOp], str] = {
    ApplyLut1D: "LUT1D",
    ApplyLut3D: "LUT3D",
    Exponent: "Exponent",
    ExposureContrast: "ExposureContrast",
    FixedFunction: "FixedFunction",
    InvertLut1D: "InverseLUT1D",
    InvertLut3D: "InverseLUT3D",
    Log: "Log",
    Range: "Range",
}


def element_name(op: object) -> str:
    """The name of the element that holds this op, or an empty string."""
    found = _ELEMENTS.get(type(op))  # type: ignore[arg-type]
    if found is not None:
        return found
    if not isinstance(op, PixelOp):
        return ""
    if op.name == "cdl":
        return "ASC_CDL"
    # Every op of the colour room that is linear, whatever its name, can say which matrix it is.
    return "Matrix" if hasattr(op, "as_matrix") else ""


@dataclass(frozen=True)
class ProcessNode:
    """One operation of a process list and what its file says about it.

    Parameters
    ----------
    op : PixelOp
        A matrix or another linear op of ``vfx.color``, a CDL, a LUT, or an op of ``vfx.lut``:
        Range, Log, Exponent, ExposureContrast, FixedFunction.
    id, name : str, optional
        Free texts.
    descriptions : tuple of str, optional
        Free texts.
    in_depth, out_depth : str, optional
        ``8i 10i 12i 16i 16f 32f``: how a file writes the numbers.
    raw_halfs : bool, optional
        Whether a file writes a 1D LUT's numbers as the bits of half floats.

    Examples
    --------
    >>> ProcessNode(Range(0.0, 1.0, 0.0, 1.0), name="legal").element
    'Range'
    """

    op: PixelOp
    id: str = field(default="", kw_only=True)
    name: str = field(default="", kw_only=True)
    descriptions: tuple[str, ...] = field(default=(), kw_only=True)
    in_depth: str = field(default="32f", kw_only=True)
    out_depth: str = field(default="32f", kw_only=True)
    raw_halfs: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        """Check the op and the texts."""
        if not element_name(self.op):
            raise TypeError(
                f"a process list holds matrices, CDLs, LUTs, Range, Log, Exponent, ExposureContrast and "
                f"FixedFunction, got {self.op!r}"
            )
        checks.one_of("in_depth", self.in_depth, DEPTHS)
        checks.one_of("out_depth", self.out_depth, DEPTHS)
        _check_texts(self, "id", "name")
        object.__setattr__(self, "descriptions", _texts(self.descriptions))
        if self.raw_halfs and not isinstance(self.op, (ApplyLut1D, InvertLut1D)):
            raise ValueError("raw_halfs is for 1D LUTs")

    @property
    def element(self) -> str:
        """The name of its element: ``Matrix``, ``Range``, ``LUT1D`` …."""
        return element_name(self.op)

    def inverse(self) -> ProcessNode:
        """The inverse op with the depths exchanged.

        Raises
        ------
        NotInvertibleError
            If the op has no inverse.
        """
        return replace(self, op=self.op.inverse(), in_depth=self.out_depth, out_depth=self.in_depth)


def _check_texts(owner: object, *names: str) -> None:
    """Raise for an attribute that is no text."""
    for name in names:
        if not isinstance(getattr(owner, name), str):
            raise TypeError(f"{name} must be text, got {getattr(owner, name)!r}")


def _texts(given: Iterable[str]) -> tuple[str, ...]:
    """The descriptions as a tuple; one text is a tuple of one."""
    found = (given,) if isinstance(given, str) else tuple(given)
    for text in found:
        if not isinstance(text, str):
            raise TypeError(f"descriptions must be texts, got {text!r}")
    return found


class ProcessList:
    """An immutable list of operations, as CLF and CTF files hold it.

    Parameters
    ----------
    nodes : sequence of ProcessNode or PixelOp
        The operations, first one first; a plain op becomes a node.
    id, name : str, optional
        What the file calls it.
    inverse_of : str, optional
        The id of the list that this one undoes.
    descriptions : sequence of str, optional
        Free texts.
    input_descriptor, output_descriptor : str, optional
        What comes in and goes out, in words.
    info : str, optional
        The XML inside the file's ``Info`` element, kept as it is.

    Raises
    ------
    TypeError
        If a node is not an operation that such a list can hold.
    ValueError
        If the list is empty, or the bit depths of neighbours differ.

    Examples
    --------
    >>> from vfx.lut import Exponent
    >>> steps = ProcessList([Range(0.0, 1.0, 0.0, 1.0), Exponent("basicFwd", 2.2)], name="decode")
    >>> steps
    <ProcessList Range Exponent name='decode'>
    >>> steps.inverse()
    <ProcessList Exponent Range name='decode'>
    """

    __slots__ = ("_hash", "_nodes", "descriptions", "id", "info", "input_descriptor", "inverse_of", "name",
                 "output_descriptor")  # fmt: skip
    _fields: ClassVar[tuple[str, ...]] = (
        "id", "name", "inverse_of", "descriptions", "input_descriptor", "output_descriptor", "info"
    )  # fmt: skip

    id: str
    name: str
    inverse_of: str
    descriptions: tuple[str, ...]
    input_descriptor: str
    output_descriptor: str
    info: str

    def __init__(
        self,
        nodes: Iterable[ProcessNode | PixelOp],
        *,
        id: str = "",
        name: str = "",
        inverse_of: str = "",
        descriptions: Sequence[str] = (),
        input_descriptor: str = "",
        output_descriptor: str = "",
        info: str = "",
    ) -> None:
        if not isinstance(nodes, Iterable):
            raise TypeError(f"nodes must be nodes or operations in order, got {nodes!r}")
        made = tuple(node if isinstance(node, ProcessNode) else ProcessNode(node) for node in nodes)
        if not made:
            raise ValueError("a process list needs at least one node")
        for number, (node, after) in enumerate(itertools.pairwise(made), start=1):
            if node.out_depth != after.in_depth:
                raise ValueError(
                    f"bit depths of neighbours must match: node {number} ({node.element}) gives {node.out_depth}, "
                    f"node {number + 1} ({after.element}) takes {after.in_depth}"
                )
        texts = (id, name, inverse_of, _texts(descriptions), input_descriptor, output_descriptor, info)
        object.__setattr__(self, "_nodes", made)
        object.__setattr__(self, "_hash", None)
        for key, text in zip(self._fields, texts, strict=True):
            object.__setattr__(self, key, text)
        _check_texts(self, *(key for key in self._fields if key != "descriptions"))
        if info:
            _check_info(info)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a ProcessList does not change: make a new one with another {name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a ProcessList does not change: {name} stays")

    @property
    def nodes(self) -> tuple[ProcessNode, ...]:
        """The operations with what the file says about them."""
        return self._nodes  # type: ignore[no-any-return,attr-defined]  # a slot that only __init__ fills

    @property
    def ops(self) -> tuple[PixelOp, ...]:
        """The operations alone, as ``Look`` takes them."""
        return tuple(node.op for node in self.nodes)

    def __len__(self) -> int:
        return len(self.nodes)

    def __iter__(self) -> Iterator[ProcessNode]:
        return iter(self.nodes)

    def __getitem__(self, index: int) -> ProcessNode:
        return self.nodes[index]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ProcessList):
            return NotImplemented
        return self.nodes == other.nodes and self._about() == other._about()

    def __hash__(self) -> int:
        if self._hash is None:  # type: ignore[attr-defined]  # a slot that only __init__ fills
            object.__setattr__(self, "_hash", hash((self.nodes, tuple(self._about().values()))))
        return self._hash  # type: ignore[no-any-return,attr-defined]

    def __repr__(self) -> str:
        parts = [node.element for node in self.nodes]
        parts += [f"{key}={getattr(self, key)!r}" for key in ("id", "name") if getattr(self, key)]
        return f"<ProcessList {' '.join(parts)}>"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle through the constructor."""
        return _rebuild, (self.nodes, self._about())

    def _about(self) -> dict[str, Any]:
        """The texts by name."""
        return {key: getattr(self, key) for key in self._fields}

    def inverse(self) -> ProcessList:
        """The list that undoes this one: the inverse nodes in reverse order.

        Raises
        ------
        NotInvertibleError
            If a node has no inverse.
        """
        about = self._about()
        about.update(id="", inverse_of=self.id)
        about.update(input_descriptor=self.output_descriptor, output_descriptor=self.input_descriptor)
        return ProcessList([node.inverse() for node in reversed(self.nodes)], **about)

    def apply(self, picture: Picture) -> Picture:
        """A new image (or array) after all operations, in one pass; the input is left alone.

        Parameters
        ----------
        picture : Image, or array_like
            An image of any format: the result has the same. An array: (..., 3) or (..., 4) are colours; arrays keep
            their dtype, and float64 is worked on in float32.

        Examples
        --------
        >>> import numpy as np
        >>> ProcessList([Range(0.0, 1.0, 0.0, 1.0)]).apply(np.array([-1.0, 0.5, 2.0])).tolist()
        [0.0, 0.5, 1.0]
        """
        return apply_op(ApplyProcessList(self), picture)


def _rebuild(nodes: tuple[ProcessNode, ...], about: dict[str, Any]) -> ProcessList:
    """Unpickle a process list."""
    return ProcessList(nodes, **about)


def _check_info(info: str) -> None:
    """Raise when the text is no content of an XML element."""
    from vfx._xml import parse
    from vfx.errors import FormatError

    try:
        parse(f"<Info>{info}</Info>".encode(), "info")
    except FormatError as error:
        raise ValueError(f"info must be XML that an element can hold: {error.reason}") from None


@dataclass(frozen=True)
class ApplyProcessList(PixelOp):
    """All operations of a process list, as one.

    Parameters
    ----------
    process_list : ProcessList
        The operations.
    """

    process_list: ProcessList
    name: ClassVar[str] = "clf"

    def __post_init__(self) -> None:
        if not isinstance(self.process_list, ProcessList):
            given = type(self.process_list).__name__
            raise TypeError(f"process_list must be a ProcessList, as vfx.lut.read_clf gives, got {given}")

    def __repr__(self) -> str:
        """As the fluent method is written."""
        return f"clf({self.process_list!r})"

    @property
    def ops(self) -> tuple[PixelOp, ...]:
        """The operations one by one."""
        return self.process_list.ops

    def steps(self) -> tuple[Step, ...]:
        """The steps of the operations in order."""
        return tuple(step for op in self.ops if not op.is_identity for step in op.steps())

    @property
    def is_identity(self) -> bool:
        """Whether no operation changes anything."""
        return all(op.is_identity for op in self.ops)

    def inverse(self) -> ApplyProcessList:
        """The inverse list.

        Raises
        ------
        NotInvertibleError
            If one of the operations has no inverse.
        """
        return ApplyProcessList(self.process_list.inverse())


def clf(process_list: ProcessList) -> ApplyProcessList:
    """The op that applies a process list, as :func:`vfx.lut.read_clf` and ``read_ctf`` give it.

    Raises
    ------
    TypeError
        If it is no ProcessList.

    Examples
    --------
    >>> clf(ProcessList([Range(0.0, 1.0, 0.0, 1.0)]))
    clf(<ProcessList Range>)
    """
    return ApplyProcessList(process_list)
