"""The processor: in place at once, the same operations as Look and Image, its backends."""

from __future__ import annotations

import inspect
import threading
from typing import Any

import numpy as np
import pytest

from vfx import _late, backends
from vfx.errors import BackendError, ChannelError, ReadOnlyError
from vfx.image import Image
from vfx.look import Look
from vfx.lut import Lut3D, ProcessList, Range
from vfx.operations import Operations
from vfx.processor import Processor

# How each operation is called in the tests below.
ARGUMENTS: dict[str, dict[str, Any]] = {
    "cdl": {"slope": [1.1, 1.0, 0.9], "offset": 0.01, "power": 1.1, "saturation": 0.9, "clamp": True},
    "clamp": {"low": 0.1, "high": 0.9},
    "clf": {"process_list": ProcessList([Range(0.0, 1.0, 0.1, 0.8)])},
    "contrast": {"contrast": 1.2, "pivot": 0.5},
    "contrast_log": {"contrast": 1.2},
    "convert": {"src": "ACEScg", "dst": "sRGB", "adaptation": "cat02"},
    "curves": {"r": [(0, 0), (0.5, 0.6), (1, 1)], "master": [(0, 0.02), (1, 0.9)]},
    "decode": {"curve": "logc3", "ei": 400},
    "encode": {"curve": "pq", "nits": 203},
    "exposure": {"stops": 0.5},
    "from_hsv": {},
    "gain": {"gain": [1.0, 2.0, 3.0]},
    "gamma": {"gamma": 1.8},
    "gamut_compress": {"threshold": 0.5, "limit": 1.2, "power": 1.5, "space": "Rec.709"},
    "hlg_ootf": {"peak": 2000.0, "nits": 1000.0},
    "grade": {"blackpoint": 0.05, "gain": [1.2, 1.1, 1.0], "gamma": 1.3, "white_clamp": True},
    "hue": {"degrees": 30},
    "invert": {},
    "lift_gamma_gain": {"lift": 0.02, "gamma": 1.2, "gain": [1.1, 1.0, 0.9]},
    "lut": {"lut": Lut3D.identity(5), "interpolation": "trilinear"},
    "matrix": {"matrix": np.eye(3) * 2},
    "offset": {"offset": -0.1},
    "saturation": {"saturation": 0.3},
    "to_hsv": {},
    "tone": {"shadows": 1.0, "highlights": -0.5},
    "vibrance": {"vibrance": 0.4},
    "white_balance": {"kelvin": 3200, "tint": 5, "space": "ACEScg"},
}


def names(kind: type) -> set[str]:
    """The public methods of a class."""
    return {name for name, member in vars(kind).items() if inspect.isfunction(member) and not name.startswith("_")}


def test_processor_look_and_image_offer_the_same_operations() -> None:
    assert names(Operations) == set(_late.BUILDERS) == set(ARGUMENTS)
    assert names(Processor) - {"apply", "apply_clf", "apply_lut"} == names(Operations)
    assert issubclass(Look, Operations) and issubclass(Image, Operations)


@pytest.mark.parametrize("name", ARGUMENTS)
def test_processor_look_and_builder_take_the_same_parameters(name: str) -> None:
    look = list(inspect.signature(getattr(Look, name)).parameters.values())
    eager = list(inspect.signature(getattr(Processor, name)).parameters.values())
    assert eager[1].name == "img"
    assert [str(p) for p in [eager[0], *eager[2:]]] == [str(p) for p in look]
    built = inspect.signature(_late.builder(name)).parameters
    wanted = [p.name for p in look[1:] if p.name not in ("unpremult", "parameters")]
    assert [n for n in built if n != "params"] == wanted


@pytest.mark.parametrize("name", ARGUMENTS)
def test_the_three_ways_to_apply_an_operation_agree(name: str) -> None:
    source = np.random.default_rng(8).random((21, 34, 4), np.float32)
    image = Image(source.copy())
    proc = Processor()
    assert getattr(proc, name)(image, **ARGUMENTS[name]) is proc
    new = getattr(Image(source), name)(**ARGUMENTS[name])
    look = getattr(Look(), name)(**ARGUMENTS[name])
    assert image.numpy().tobytes() == new.numpy().tobytes() == look(Image(source)).numpy().tobytes()
    assert name == "lut" or image.numpy().tobytes() != source.tobytes()


def test_a_numpy_view_sees_each_change_at_once() -> None:
    pixels = np.full((4, 4, 4), 0.25, np.float32)
    image = Image(pixels)
    proc = Processor()
    proc.exposure(image, 1)
    assert pixels[0, 0].tolist() == [0.5, 0.5, 0.5, 0.25]
    proc.gain(image, 2).offset(image, 1)
    assert pixels[0, 0].tolist() == [2.0, 2.0, 2.0, 0.25]


def test_an_array_works_like_an_image_over_it() -> None:
    pixels = np.full((3, 3, 3), 0.25, np.float32)
    Processor().exposure(pixels, 1)
    assert (pixels == 0.5).all()
    with pytest.raises(TypeError, match="must be an Image or a NumPy array, got list"):
        Processor().exposure([[0.5]], 1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="float64"):
        Processor().exposure(np.zeros((2, 2, 3)), 1)


def test_a_look_and_a_lut_apply_as_in_the_document() -> None:
    source = np.random.default_rng(9).random((8, 8, 3), np.float32)
    look = Look().exposure(0.5).saturation(0.5)
    image = Image(source.copy())
    proc = Processor()
    assert proc.apply(image, look).apply_lut(image, Lut3D.identity(17)) is proc
    expected = look.lut(Lut3D.identity(17))(Image(source)).numpy()
    np.testing.assert_array_equal(image.numpy(), expected)


def test_the_documented_first_calls_work() -> None:
    image = Image(np.full((2, 2, 3), 0.18, np.float32))
    proc = Processor(backend="cpu")
    proc.exposure(image, 1.5)
    proc.saturation(image, 1.2)
    proc.contrast(image, 1.1, pivot=0.18)
    proc.cdl(image, slope=[1.1, 1.0, 0.9], offset=[0, 0, 0], power=[1, 1, 1])
    proc.exposure(image, 1.5).saturation(image, 1.2).contrast(image, 1.1)
    assert np.isfinite(image.numpy()).all()


def test_unfit_images_are_refused() -> None:
    frozen = np.zeros((2, 2, 3), np.float32)
    frozen.setflags(write=False)
    proc = Processor()
    with pytest.raises(ReadOnlyError, match="read-only"):
        proc.exposure(frozen, 1)
    with pytest.raises(TypeError, match="unsigned 32-bit"):
        proc.exposure(Image(np.zeros((2, 2, 3), np.uint32)), 1)
    with pytest.raises(ChannelError, match="R, G and B"):
        proc.saturation(np.zeros((2, 2), np.float32), 2)
    for wrong in (None, [1], "look"):
        with pytest.raises(TypeError, match="look must be a Look"):
            proc.apply(np.zeros((2, 2), np.float32), wrong)  # type: ignore[arg-type]


def test_a_failed_call_leaves_the_image_alone() -> None:
    image = Image(np.full((2, 2, 3), 0.5, np.float32))
    with pytest.raises(ValueError, match="interpolation"):
        Processor().lut(image, Lut3D.identity(3), "cubic")
    with pytest.raises(ValueError, match="curve must be one of"):
        Processor().encode(image, "rec708")
    assert (image.numpy() == 0.5).all()


def test_auto_is_the_cpu_and_says_so() -> None:
    proc = Processor()
    assert proc.backend == "cpu" and proc.device_name
    assert repr(proc) == f"<Processor cpu: {proc.device_name}>"
    assert Processor(threads=3).threads == 3 and proc.threads is None


def test_backends_that_are_not_here_say_why() -> None:
    with pytest.raises(BackendError, match="'wgpu' is not available: .*CPU only"):
        Processor(backend="wgpu")
    with pytest.raises(ValueError, match="backend must be one of auto, cpu, wgpu, got 'gpu'"):
        Processor(backend="gpu")
    with pytest.raises(ValueError, match="threads"):
        Processor(threads=0)
    assert backends.names() == ("auto", "cpu", "wgpu")


def test_thread_counts_and_two_python_threads_give_the_same_bytes() -> None:
    source = np.random.default_rng(10).random((400, 400, 3), np.float32)
    first, second = Image(source.copy()), Image(source.copy())
    workers = [
        threading.Thread(target=lambda image, count: Processor(threads=count).encode(image, "srgb"), args=pair)
        for pair in ((first, 1), (second, 2))
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert first.numpy().tobytes() == second.numpy().tobytes() != source.tobytes()
