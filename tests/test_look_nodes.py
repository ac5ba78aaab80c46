"""Looks as process lists: the nodes, and that they do the same, here and in OpenColorIO."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vfx import transfer
from vfx._look_nodes import nodes_from_ops
from vfx.image import Image
from vfx.look import Look
from vfx.lut import Lut1D, Lut3D, LutChain, ProcessList, ProcessNode, Range, write_clf, write_ctf
from vfx.pixelop import PixelOp

CUBE = Lut3D(np.random.default_rng(0).random((5, 5, 5, 3)))
LIST = ProcessList([ProcessNode(Range(0.0, 1.0, 0.0, 0.5), in_depth="10i", out_depth="8i")])

LOOKS: dict[str, tuple[Look, str]] = {
    "linear": (Look().exposure(0.5).gain([1, 1.1, 0.9]).offset(0.01).contrast(1.2).saturation(0.8).hue(20).invert(),
               " ".join(["Matrix"] * 7)),
    "matrix with alpha": (Look().matrix(np.eye(4) + 0.01), "Matrix"),
    "cdl": (Look().cdl(slope=1.1, offset=0.02, power=1.2, saturation=0.9), "ASC_CDL"),
    "gamma": (Look().gamma([1.8, 2.2, 0.7]), "Exponent"),
    "contrast_log": (Look().contrast_log(1.3), "Matrix Exponent Matrix"),
    "clamp": (Look().clamp(-0.1, 0.9), "Range"),
    "one-sided clamp": (Look().clamp(0.0, np.inf), "Range"),
    "clamp by channel": (Look().clamp([0.0, 0.1, 0.2], 0.9), "LUT1D"),
    "luts": (Look().lut(Lut1D([0.0, 0.2, 1.0])).lut(CUBE).lut(LutChain(Lut1D([0.0, 1.0]), CUBE)),
             "LUT1D LUT3D LUT1D LUT3D"),
    "process list": (Look().clf(LIST), "Range"),
    "power curve": (Look().decode("gamma22").encode("gamma24"), "Exponent Exponent"),
    "log curve": (Look().encode("acescct"), "Log"),
    "log curve back": (Look().decode("acescct"), "Log"),
    "curve without a node": (Look().encode("srgb"), "LUT1D"),
    "conversion": (Look().convert("ACEScg", "ACEScct"), "Log"),
}  # fmt: skip


#: Between half floats a table is a line: that cuts the corner of a clamp.
TOLERANCE = {"clamp by channel": 2e-4}
NEEDED = {"gamma": {"gamma": 2.4}, "moncurve": {"gamma": 2.4, "offset": 0.055}}


def off_by(ours: np.ndarray, expected: np.ndarray) -> float:
    """The largest difference, absolute below 1 and relative above."""
    return float((np.abs(ours - expected) / np.maximum(1, np.abs(expected))).max())


def apply(ops: tuple[PixelOp, ...], colours: np.ndarray) -> np.ndarray:
    rgba = np.concatenate([colours, np.full((len(colours), 1), 0.5, np.float32)], axis=1)
    image = Image(rgba[None].copy())
    return Look(ops).apply(image).numpy()[0]


@pytest.fixture(scope="module")
def inside(colours: np.ndarray) -> np.ndarray:
    """Colours that half floats reach."""
    return np.clip(colours, -2.0, 2.0)


@pytest.mark.parametrize("name", LOOKS)
def test_nodes_do_what_the_look_does(name: str, inside: np.ndarray) -> None:
    look, elements = LOOKS[name]
    nodes = nodes_from_ops(look.ops)
    assert " ".join(node.element for node in nodes) == elements
    ours, expected = apply(tuple(node.op for node in nodes), inside), apply(look.ops, inside)
    assert off_by(ours, expected) <= TOLERANCE.get(name, 2e-6)


@pytest.mark.parametrize("name", LOOKS)
def test_opencolorio_reads_the_nodes_as_the_look(
    name: str, tmp_path: Path, inside: np.ndarray, ocio: Any, by_ocio: Callable[..., np.ndarray]
) -> None:
    look, _ = LOOKS[name]
    path = tmp_path / "look.ctf"
    write_ctf(path, ProcessList(nodes_from_ops(look.ops)))
    rgba = np.concatenate([inside, np.full((len(inside), 1), 0.5, np.float32)], axis=1)
    expected = by_ocio(ocio.FileTransform(str(path)), rgba)
    assert off_by(apply(look.ops, inside), expected) <= max(1e-5, TOLERANCE.get(name, 0.0))


@pytest.mark.parametrize("curve", transfer.curves())
def test_every_curve_has_nodes(curve: str, tmp_path: Path) -> None:
    codes = np.repeat(np.linspace(0.0, 1.0, 1001, dtype=np.float32)[:, None], 3, axis=1)
    look = Look().decode(curve, **NEEDED.get(curve, {}))
    nodes = nodes_from_ops(look.ops)
    if nodes:
        write_clf(tmp_path / "a.clf", ProcessList(nodes))
    ours, expected = apply(tuple(node.op for node in nodes), codes), apply(look.ops, codes)
    assert off_by(ours, expected) <= 1e-4  # the steepest log curve between two half floats


def test_fixed_functions_are_for_ctf() -> None:
    nodes = nodes_from_ops(Look().to_hsv().from_hsv().gamut_compress().ops)
    assert [node.op.style for node in nodes] == ["RGB_TO_HSV", "HSV_TO_RGB", "GamutComp13Fwd"]  # type: ignore[attr-defined]


def test_what_is_nothing_makes_no_node() -> None:
    assert nodes_from_ops(Look().exposure(0).clamp(-np.inf, np.inf).ops) == []


@pytest.mark.parametrize("look", [Look().offset(0.1, unpremult=True), Look().vibrance(0.5)])
def test_ops_that_no_node_holds_are_refused(look: Look) -> None:
    with pytest.raises(ValueError, match="bake"):
        nodes_from_ops(look.ops)
