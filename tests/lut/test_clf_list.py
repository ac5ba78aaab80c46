"""Process lists as values, and their operations: published numbers, inverses, what is refused."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from vfx.color.grade import matrix
from vfx.errors import NotInvertibleError
from vfx.image import Image
from vfx.look import Look
from vfx.lut import Exponent, ExposureContrast, FixedFunction, Log, Lut1D, Lut3D, ProcessList, ProcessNode, Range
from vfx.lut.clf.fixed import FIXED_STYLES, style_named
from vfx.lut.pixelops import ApplyLut1D, ApplyLut3D
from vfx.pixelop import PixelOp, Unpremultiply
from vfx.processor import Processor

CUBE = Lut3D(np.random.default_rng(0).random((5, 5, 5, 3)))
STEPS = ProcessList(
    [matrix(np.diag([1.1, 1.0, 0.9])), ApplyLut1D(Lut1D([0.0, 0.3, 1.0])), ApplyLut3D(CUBE), Exponent("basicFwd", 2.2)],  # type: ignore[arg-type]
    id="one", name="grade",
)  # fmt: skip


def one(op: PixelOp, *values: float) -> list[float]:
    """Grey values after an op."""
    colours = np.repeat(np.array(values, np.float32)[:, None], 3, axis=1)
    return [float(value) for value in ProcessList([op]).apply(colours)[:, 0]]


def test_equal_lists_are_equal_and_hash_alike() -> None:
    again = ProcessList(list(STEPS), id="one", name="grade")
    assert again == STEPS and hash(again) == hash(STEPS)
    assert ProcessList(list(STEPS), id="two", name="grade") != STEPS
    assert STEPS != "one"
    assert pickle.loads(pickle.dumps(STEPS)) == STEPS
    assert copy.deepcopy(STEPS) == STEPS


def test_a_list_does_not_change() -> None:
    with pytest.raises(AttributeError, match="does not change"):
        STEPS.name = "x"  # type: ignore[misc]
    with pytest.raises(AttributeError, match="does not change"):
        del STEPS.id
    with pytest.raises(AttributeError):
        STEPS[0].name = "x"  # type: ignore[misc]


def test_a_list_is_a_sequence_of_nodes() -> None:
    assert len(STEPS) == 4
    assert [node.element for node in STEPS] == ["Matrix", "LUT1D", "LUT3D", "Exponent"]
    assert STEPS[1] is STEPS.nodes[1]
    assert STEPS.ops == tuple(node.op for node in STEPS)
    assert repr(STEPS) == "<ProcessList Matrix LUT1D LUT3D Exponent id='one' name='grade'>"


def test_one_pass_is_the_ops_one_after_the_other() -> None:
    picture = Image(np.random.default_rng(1).uniform(-0.2, 1.2, (7, 9, 4)).astype(np.float32))
    expected = Look(STEPS.ops).apply(picture.copy()).numpy()
    assert np.array_equal(STEPS.apply(picture).numpy(), expected)
    assert np.array_equal(picture.clf(STEPS).numpy(), expected)
    assert np.array_equal(Look().clf(STEPS).apply(picture.copy()).numpy(), expected)
    eager = picture.copy()
    assert np.array_equal(Processor().apply_clf(eager, STEPS) and eager.numpy(), expected)
    assert np.array_equal(STEPS.apply(picture.numpy()), expected)


def test_a_picture_of_any_format_keeps_it() -> None:
    for dtype in (np.uint8, np.uint16, np.float16, np.float64):
        values = np.full((2, 3), 0.5 if np.dtype(dtype).kind == "f" else 100, dtype)
        assert ProcessList([Range(0.0, 1.0, 0.0, 0.5)]).apply(values).dtype == dtype


def test_bit_depths_of_neighbours_must_match() -> None:
    nodes = [ProcessNode(Range(0.0, 1.0, 0.0, 1.0), out_depth="10i"), ProcessNode(Range(0.0, 1.0, 0.0, 1.0))]
    with pytest.raises(ValueError, match=r"node 1 \(Range\) gives 10i, node 2 \(Range\) takes 32f"):
        ProcessList(nodes)


@pytest.mark.parametrize("nodes", [[Unpremultiply()], ["x"], [None]])
def test_a_list_holds_what_files_hold(nodes: list[object]) -> None:
    with pytest.raises(TypeError, match="a process list holds"):
        ProcessList(nodes)  # type: ignore[arg-type]


def test_an_empty_list_and_wrong_texts_are_refused() -> None:
    with pytest.raises(TypeError, match="nodes must be nodes or operations in order, got 5"):
        ProcessList(5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at least one node"):
        ProcessList([])
    with pytest.raises(TypeError, match="name must be text"):
        ProcessList([Range(0.0, 1.0, 0.0, 1.0)], name=3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="descriptions"):
        ProcessList([Range(0.0, 1.0, 0.0, 1.0)], descriptions=[3])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="info must be XML"):
        ProcessList([Range(0.0, 1.0, 0.0, 1.0)], info="<a>")
    with pytest.raises(ValueError, match="1D LUTs"):
        ProcessNode(Range(0.0, 1.0, 0.0, 1.0), raw_halfs=True)


def test_only_process_lists_are_applied_as_such() -> None:
    with pytest.raises(TypeError, match="read_clf"):
        Look().clf(CUBE)


def test_the_inverse_is_the_inverse_nodes_backwards() -> None:
    steps = ProcessList(
        [
            ProcessNode(Exponent("monCurveFwd", 2.4, 0.055), in_depth="10i", out_depth="16f"),  # type: ignore[arg-type]
            ProcessNode(matrix(np.diag([2.0, 1.0, 0.5])), in_depth="16f", out_depth="12i"),
        ],
        id="a", input_descriptor="in", output_descriptor="out",
    )  # fmt: skip
    back = steps.inverse()
    assert [(node.element, node.in_depth, node.out_depth) for node in back] == [
        ("Matrix", "12i", "16f"),
        ("Exponent", "16f", "10i"),
    ]
    assert (back.id, back.inverse_of, back.input_descriptor, back.output_descriptor) == ("", "a", "out", "in")
    colours = np.random.default_rng(2).uniform(-0.5, 2.0, (100, 3)).astype(np.float32)
    assert back.apply(steps.apply(colours)) == pytest.approx(colours, abs=2e-6)
    assert Look().clf(steps).inverse().apply(Look().clf(steps).apply(Image(colours[None].copy()))).numpy()[0] == (
        pytest.approx(colours, abs=2e-6)
    )


def test_what_has_no_inverse_says_so() -> None:
    with pytest.raises(NotInvertibleError, match="everything becomes"):
        ProcessList([Range(0.0, 1.0, 0.5, 0.5)]).inverse()
    with pytest.raises(NotInvertibleError):
        ProcessList([matrix(np.zeros((3, 3)))]).inverse()


# Common LUT Format v3 (Academy S-2014-006), 5.5 to 5.7, worked out by hand.
@pytest.mark.parametrize(
    ("op", "given", "expected"),
    [
        (Range(0.0, 1.0, 0.0, 2.0), (-1.0, 0.25, 3.0), (0.0, 0.5, 2.0)),
        (Range(0.0, 1.0, 0.0, 2.0, clamp=False), (-1.0, 0.25, 3.0), (-2.0, 0.5, 6.0)),
        (Range(min_in=0.5, min_out=0.5), (-1.0, 0.25, 3.0), (0.5, 0.5, 3.0)),
        (Range(max_in=0.5, max_out=0.5), (-1.0, 0.25, 3.0), (-1.0, 0.25, 0.5)),
        (Log("log10"), (0.001, 1.0, 100.0), (-3.0, 0.0, 2.0)),
        (Log("antiLog2"), (-1.0, 0.0, 3.0), (0.5, 1.0, 8.0)),
        (Log("linToLog", 10.0, (0.5,) * 3, (0.1,) * 3), (0.01, 1.0, 10.0), (-0.9, 0.1, 0.6)),
        (Exponent("basicFwd", (2.0,) * 3), (-3.0, 0.5, 3.0), (0.0, 0.25, 9.0)),
        (Exponent("basicMirrorFwd", (2.0,) * 3), (-3.0, 0.5, 3.0), (-9.0, 0.25, 9.0)),
        (Exponent("basicPassThruRev", (2.0,) * 3), (-3.0, 0.25, 9.0), (-3.0, 0.5, 3.0)),
        (Exponent("monCurveFwd", (2.4,) * 3, (0.055,) * 3), (0.0, 0.5, 1.0), (0.0, 0.21404114, 1.0)),
        (ExposureContrast("linear", exposure=1.0), (-1.0, 0.18, 1.0), (-2.0, 0.36, 2.0)),
        (ExposureContrast("linear", contrast=2.0, pivot=0.5), (-1.0, 0.25, 1.0), (0.0, 0.125, 2.0)),
        (ExposureContrast("log", exposure=1.0), (0.0, 0.4, 1.0), (0.088, 0.488, 1.088)),
    ],
)  # fmt: skip
def test_ops_give_the_published_values(op: PixelOp, given: tuple[float, ...], expected: tuple[float, ...]) -> None:
    assert one(op, *given) == pytest.approx(expected, abs=1e-6)


def test_an_exposure_of_log_pictures_is_undone_with_its_own_step() -> None:
    # OpenColorIO 2.6 takes the default step backwards, whatever the file says.
    op = ExposureContrast("log", exposure=1.5, contrast=1.3, log_exposure_step=0.1, log_mid_gray=0.4)
    assert one(op.inverse(), *one(op, 0.1, 0.5, 0.9)) == pytest.approx((0.1, 0.5, 0.9), abs=1e-6)


@pytest.mark.parametrize(
    "make",
    [
        Range,
        lambda: Range(min_in=0.0),
        lambda: Range(1.0, 0.0, 0.0, 1.0),
        lambda: Range(0.0, 1.0, 1.0, 0.0),
        lambda: Range(min_in=0.0, min_out=0.5),
        lambda: Range(min_in=0.0, min_out=0.0, clamp=False),
        lambda: Log("log3"),
        lambda: Log("log10", 2.0),
        lambda: Log("linToLog", -1.0),
        lambda: Log("cameraLinToLog", linear_slope=(1.0,) * 3),
        lambda: Exponent("basic"),
        lambda: Exponent("basicFwd", (0.0,) * 3),
        lambda: ExposureContrast("film"),
        lambda: ExposureContrast("log", dynamic=("pivot",)),
        lambda: FixedFunction("RedMod04Fwd"),
        lambda: FixedFunction("Rec2100SurroundFwd"),
        lambda: FixedFunction("RedMod03Fwd", (1.0,)),
        lambda: style_named("RGB_TO_JMh_20"),
    ],
)
def test_contradictory_parameters_are_refused(make: object) -> None:
    with pytest.raises(ValueError, match=r"must|needs|takes|belongs|not"):
        make()  # type: ignore[operator]


@pytest.mark.parametrize("style", FIXED_STYLES)
def test_every_fixed_function_has_an_opposite_and_a_name_in_any_case(style: str) -> None:
    assert style_named(style.upper()) == style
    numbers = {7: (1.147, 1.264, 1.312, 0.815, 0.803, 0.88, 1.2), 1: (0.8,), 0: (),
               10: (0.0, 1 / 12, 0.5, 3**0.5, 0.0, 2.718281828, 0.17883277, 0.807825590164, 1.0, -0.07116723),
               13: (10.0, 0.1, 0.5, -1.0, -1.0, -1.0, 0.2, 1.0, 1.0, 1.0, 0.5, 1.0, 0.0)}  # fmt: skip
    made = None
    for params in numbers.values():
        try:
            made = FixedFunction(style, params)
        except ValueError:
            continue
    assert made is not None
    assert made.inverse().inverse() == made
    assert made.inverse() != made


def test_reprs_are_the_calls_that_make_them() -> None:
    for op in (Range(0.0, 1.0, 0.1, 0.9), Log("log2"), Exponent("basicRev", (2.0, 2.1, 2.2)),
               ExposureContrast("log", exposure=1.0, reverse=True), FixedFunction("Glow10Fwd")):  # fmt: skip
        assert eval(repr(op)) == op
