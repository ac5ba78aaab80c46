"""Files as other programs may write them, made at random, are read as OpenColorIO reads them.

Sizes, domains, preluts, shapers, depths, notations, blanks, comments and line ends vary. A case's number always gives
the same file.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vfx.lut import read

CASES = 30


class Maker:
    """One random file's ingredients."""

    def __init__(self, seed: str) -> None:
        self.chance = random.Random(seed)
        self.numbers = np.random.default_rng(self.chance.randrange(1 << 30))
        self.form = self.chance.choice(["%.6f", "%.9g", "%.7e", "%g"])
        self.blank = self.chance.choice([" ", "  ", "\t"])

    def row(self, values: Any) -> str:
        """Numbers on a line, as floats."""
        return self.blank.join(self.form % value for value in values) + "\n"

    def cube(self, size: int) -> str:
        """Rows of a random cube, in and out of range."""
        wide = self.chance.random() < 0.4
        values = self.numbers.normal(0.5, 0.7, (size**3, 3)) if wide else self.numbers.random((size**3, 3))
        return "".join(map(self.row, values))

    def dressed(self, text: str, comments: bool = True) -> bytes:
        """The text with comments, blank lines and other line ends."""
        if comments and self.chance.random() < 0.4:
            text = text.replace("\n", "\n# comment\n", self.chance.randrange(1, 9))
        if self.chance.random() < 0.3:
            text = text.rstrip()
        return text.replace("\n", self.chance.choice(["\n", "\n", "\r\n"])).encode()


def prelut(make: Maker, kind: str) -> str:
    """One channel's points; they do not stand so close that the curve shows float32's steps."""
    if kind == "none":
        return "0\n\n\n"
    if kind == "identity":
        return "2\n0.0 1.0\n0.0 1.0\n"
    low, high = make.chance.uniform(-1, 0.3), make.chance.uniform(0.6, 4)
    if kind == "domain":
        return "2\n" + make.row([low, high]) + "0 1\n"
    if kind == "line":
        return "2\n" + make.row([low, high]) + make.row([make.chance.uniform(-0.2, 0.3), make.chance.uniform(0.5, 1.2)])
    count = make.chance.choice([3, 4, 5, 11, 40])
    inputs = np.linspace(low, high, count) + make.numbers.uniform(-0.3, 0.3, count) * (high - low) / (count - 1)
    rising = np.linspace(0, 1, count) ** make.chance.uniform(0.5, 2)
    return f"{count}\n{make.row(inputs)}{make.row(rising)}"


def csp(make: Maker) -> bytes:
    """A cube or curves behind preluts."""
    kind = make.chance.choice(["none", "identity", "domain", "line", "curve", "mixed"])
    kinds = [kind if kind != "mixed" else make.chance.choice(["none", "domain", "curve"]) for _ in range(3)]
    metadata = make.chance.choice(["", "BEGIN METADATA\nEND METADATA\n", "BEGIN METADATA\na\n\n# b\nEND METADATA\n"])
    size = make.chance.choice([2, 3, 6])
    cubic = make.chance.random() < 0.7
    table = make.cube(size)
    if cubic:
        table = f"{size} {size} {size}\n{table}"
    else:  # few entries: between many random ones float32's rounding shows
        table = "8\n" + "".join(table.splitlines(keepends=True)[:8])
    blank = make.chance.choice(["", "\n"])
    preluts = blank.join(prelut(make, one) for one in kinds)
    text = f"CSPLUTV100\n{'3D' if cubic else '1D'}\n{blank}{metadata}{blank}{preluts}{blank}{table}"
    return make.dressed(text, comments=False)


def threedl(make: Maker) -> bytes:
    """Codes of some depth, with or without a shaper."""
    size, top = (
        make.chance.choice([2, 3, 5, 9]),
        make.chance.choice([128, 255, 511, 512, 1023, 2047, 4095, 8191, 65535]),
    )
    codes = make.numbers.integers(-9 if make.chance.random() < 0.2 else 0, top + 1, (size**3, 3))
    codes[0] = top
    text = "".join(make.blank.join(map(str, row)) + "\n" for row in codes)
    if make.chance.random() < 0.7:
        count, white = make.chance.choice([4, 5, 17, 256]), make.chance.choice([255, 1022, 1023, 1024, 4095, 65535])
        shaper = np.linspace(0, 1, count) ** make.chance.choice([1, 1, 0.7, 2]) * white
        text = make.blank.join(str(round(code)) for code in shaper) + "\n" + text
    mesh = (size - 1).bit_length() - 1
    if top in (4095, 8191) and make.chance.random() < 0.5:
        text = f"3DMESH\nMesh {mesh} 12\n{text}\nLUT8\ngamma 1.0\n"
    return make.dressed(text)


def itx(make: Maker) -> bytes:
    """A cube."""
    size = make.chance.choice([2, 3, 7])
    return make.dressed(f"LUT_3D_SIZE {size}\n{make.cube(size)}")


def m3d(make: Maker) -> bytes:
    """Numbered codes."""
    size, codes = make.chance.choice([2, 3, 6]), make.chance.choice([256, 1024, 4096, 65536])
    head = [f"in {size**3}", f"out {codes}", "format lut", "channel 3d"]
    make.chance.shuffle(head)
    values = make.numbers.integers(0, codes + codes // 4, (size**3, 3))
    rows = "".join(make.blank.join(map(str, [i, *row])) + "\n" for i, row in enumerate(values))
    return make.dressed("\n".join([*head, "values red green blue"]) + "\n" + rows)


def vf(make: Maker) -> bytes:
    """A cube, with or without a matrix."""
    size = make.chance.choice([2, 3, 6])
    matrix = np.diag(make.numbers.uniform(0.1, 2, 3))
    if make.chance.random() < 0.5:
        matrix += make.numbers.uniform(-0.05, 0.05, (3, 3))
    rows = np.eye(4)
    rows[:3, :3] = matrix / size
    head = [f"grid_size {size} {size} {size}", "element_size 3"]
    if make.chance.random() < 0.7:
        head.append("global_transform " + " ".join(f"{value:.9g}" for value in rows.ravel()))
    make.chance.shuffle(head)
    text = "\n".join(["#Inventor V2.1 ascii", *head, "data"]) + "\n" + make.cube(size)
    return make.dressed(text)


@pytest.mark.parametrize("number", range(CASES))
@pytest.mark.parametrize("kind", [csp, itx, m3d, threedl, vf], ids=lambda kind: kind.__name__)
def test_a_generated_file_is_read_as_opencolorio_reads_it(
    kind: Callable[[Maker], bytes], number: int, tmp_path: Path, colours: np.ndarray, ocio_file: Callable
) -> None:
    path = tmp_path / ("a.3dl" if kind is threedl else f"a.{kind.__name__}")
    path.write_bytes(kind(Maker(f"{kind.__name__} {number}")))
    lut = read(path)
    expected = ocio_file(path, colours, "best")
    off = np.abs((lut.apply(colours) - expected) / np.maximum(1, np.abs(expected))).max()
    assert off <= 1e-5
