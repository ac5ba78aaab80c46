"""Same bytes for any thread count, tile size and layout, and for x86-64-v3 and v4."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from reference.engine_programs import Step, as_format, everything, picture, typical

from vfx import _ext
from vfx._ext.engine import Program
from vfx._ext.kernels import KERNELS

RGBA = (0, 1, 2, 3)
SIZE = (311, 373)  # odd, and several tiles
TESTS = Path(__file__).resolve().parent.parent


def digest(array: NDArray[np.generic]) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def result(steps: list[Step], values: NDArray[np.generic], threads: int = 1, tile: int = 0) -> str:
    out = np.zeros_like(values)
    Program(steps).run(values, out, RGBA, threads, tile)
    return digest(out)


PROGRAMS = {"a long chain": everything(), **{label: [step] for label, step in typical().items()}}


@pytest.mark.parametrize("label", PROGRAMS)
def test_threads_and_tiles_change_no_byte(label: str) -> None:
    values = picture(*SIZE)
    expected = result(PROGRAMS[label], values, 1, 1024)
    for threads, tile in ((1, 1), (2, 64), (3, 192), (1, 65536), (7, 320), (2, 0)):
        assert result(PROGRAMS[label], values, threads, tile) == expected, (threads, tile)


@pytest.mark.parametrize("kind", ["u1", "u2", "f2", "f4"])
def test_layouts_and_places_change_no_byte(kind: str) -> None:
    values = as_format(picture(*SIZE), kind)
    program = Program(everything())
    expected = np.zeros_like(values)
    program.run(values, expected, RGBA, 1)
    for view in (np.asfortranarray(values), values.copy()[::-1], np.repeat(values, 2, axis=1)[:, ::2]):
        out = np.zeros_like(values, order="F")
        program.run(view, out, RGBA, 2)
        assert digest(out) == digest(expected if view.strides[0] > 0 else expected[::-1])
    # A pixel's result does not depend on its neighbours or on where in a tile it lies.
    for y, x, height, width in ((0, 0, 1, 1), (5, 7, 1, 200), (100, 3, 60, 17), (310, 372, 1, 1)):
        part = values[y : y + height, x : x + width]
        out = np.zeros(part.shape, part.dtype)
        program.run(part, out, RGBA, 1)
        assert digest(out) == digest(expected[y : y + height, x : x + width])


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5, 6])
def test_the_interleaved_path_gives_the_bytes_of_the_planar_path(channels: int) -> None:
    steps: list[Step] = [("gain", (1.1, 0.9, 1.3), None), ("affine", (1.2, 1.1, 0.7, 0.1, 0.2, -0.3), None)]
    values = picture(*SIZE, channels)
    names = (*range(min(channels, 3)), *([-1] * (3 - channels)), 3 if channels > 3 else -1)
    direct = np.zeros_like(values)
    Program(steps).run(values, direct, names, 2)
    planar = np.zeros_like(values, order="F")
    Program(steps).run(values, planar, names, 1)
    assert digest(direct) == digest(planar)
    in_place = values.copy()
    Program(steps).run(in_place, in_place, names, 2, 64)
    assert digest(in_place) == digest(direct)


@pytest.mark.parametrize("names", [(0, 1, 2, 3), (2, 1, 0, 3), (1, 2, 0, -1)])
@pytest.mark.parametrize("entries", [2, 1024, 8192, 8193])
def test_a_table_on_interleaved_pixels_gives_the_bytes_of_the_planar_path(
    names: tuple[int, int, int, int], entries: int
) -> None:
    table = np.random.default_rng(entries).random((entries, 3)).astype(np.float32)
    steps: list[Step] = [
        ("lut1d", (-0.5, 0.0, 0.1, 1.5, 1.0, 0.9, 1), table),
        ("gain", (1.1, 0.9, 1.3), None),
    ]
    for height, width in (SIZE, (1, 1), (3, 7)):
        values = picture(height, width, 4)
        direct = values.copy()
        Program(steps).run(direct, direct, names, 2)
        planar = np.zeros_like(values, order="F")
        Program(steps).run(values, planar, names, 1)
        assert digest(direct) == digest(planar)
        assert digest(direct[..., 3]) == digest(values[..., 3])


SHAPES = [(37, 61, 4), (41, 33, 3), (9, 7, 1), (50, 90, 2), (11, 23, 8), (7, 9, 6), (1, 1, 4)]
INTERLEAVED = [label for label, (name, _, _) in typical().items() if KERNELS[name].interleaved]


@pytest.mark.parametrize("label", INTERLEAVED)
def test_a_curve_on_interleaved_pixels_gives_the_bytes_of_the_planar_path(label: str) -> None:
    steps = [typical()["gain"], typical()[label]]
    for shape in SHAPES:
        channels = shape[-1]
        values = picture(*shape)
        values[0, 0] = np.nan
        names = (*range(min(channels, 3)), *([-1] * (3 - channels)), 3 if channels > 3 else -1)
        planar = np.zeros_like(values, order="F")
        Program(steps).run(values, planar, names, 1)
        apart = np.zeros_like(values)
        Program(steps).run(values, apart, names, 2)
        in_place = values.copy()
        Program(steps).run(in_place, in_place, names, 2, 64)
        # Which NaN it is, is not promised.
        np.testing.assert_array_equal(apart, planar)
        np.testing.assert_array_equal(in_place, planar)
        assert digest(apart[..., 3:]) == digest(values[..., 3:])


IN_ANOTHER_LEVEL = textwrap.dedent("""
    import sys
    import numpy as np
    sys.path[:0] = sys.argv[2:]
    from reference.engine_programs import as_format, everything, picture, typical
    from vfx import _ext
    from vfx._ext import engine
    from vfx._ext.engine import Program
    programs = {"a long chain": everything(), **{label: [step] for label, step in typical().items()}}
    found = {"level": np.array(_ext.LEVEL), "module": np.array(engine.__file__)}
    for label, steps in programs.items():
        for kind in ("f4", "f2", "u2", "u1"):
            values = as_format(picture(97, 113), kind)
            out = np.zeros_like(values)
            Program(steps).run(values, out, (0, 1, 2, 3), 1)
            found[label + " " + kind] = out
    np.savez(sys.argv[1], **found)
""")


def at_level(level: str, folder: Path) -> dict[str, NDArray[np.generic]]:
    """Every typical program's output from a process that runs at ``level``."""
    target = folder / f"{level}.npz"
    paths = [str(TESTS), *(p for p in sys.path if p)]
    subprocess.run([sys.executable, "-c", IN_ANOTHER_LEVEL, str(target), *paths],
                   check=True, timeout=100, env={**os.environ, "VFX_SIMD": level})  # fmt: skip
    with np.load(target) as found:
        return dict(found)


@pytest.fixture(scope="module")
def levels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, NDArray[np.generic]]]:
    """What each level that this CPU can run gives, whatever level this process runs."""
    if _ext.BASELINE != "x86_64_v2":
        pytest.skip("one build only on this kind of CPU")
    folder = tmp_path_factory.mktemp("levels")
    found = [at_level(name, folder) for name in ("x86_64_v2", "x86_64_v3", "x86_64_v4")]
    return {str(outputs.pop("level")): outputs for outputs in found}


def test_v3_and_v4_give_the_same_bytes(levels: dict[str, dict[str, NDArray[np.generic]]]) -> None:
    if "x86_64_v4" not in levels:
        pytest.skip("this CPU cannot run x86_64_v4")
    three, four = levels["x86_64_v3"], levels["x86_64_v4"]
    assert str(three["module"]) != str(four["module"])
    assert [name for name in three if name != "module" and digest(three[name]) != digest(four[name])] == []


def test_the_baseline_agrees_within_1e_6(levels: dict[str, dict[str, NDArray[np.generic]]]) -> None:
    if len(levels) == 1:
        pytest.skip("this CPU runs the baseline only")
    wide, narrow = levels[max(levels)], levels["x86_64_v2"]
    assert str(wide["module"]) != str(narrow["module"])
    # Step by step: a chain multiplies a last bit by the slopes of its tables. The same holds
    # for PQ decode, which ends in a power of 6.3 of a difference (api.md grants it 4e-5), and for a
    # power of a luminance that channels of either sign nearly cancel.
    # Chromaticities divide by a sum that cancels in the same way.
    chromatic = dict.fromkeys(("luv_to_xyz", "xyz_to_luv", "xyz_to_uvy", "xyz_to_xyy"), 2e-4)
    looser = {"pq_decode": 4e-5} | chromatic
    for label in typical():
        a, b = (outputs[f"{label} f4"].astype(np.float64) for outputs in (narrow, wide))
        worst = np.max(np.abs(a - b) / np.maximum(1, np.abs(b)))
        allowed = 1e-4 if "luminance_power" in label else looser.get(label, 1e-6)
        assert worst <= allowed, label
