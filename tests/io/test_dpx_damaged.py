"""Damaged DPX files end in a picture or an error with path and reason: never a crash, hang or huge allocation."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.reference.dpx_reference import COMPONENTS, DESCRIPTORS, file_of
from vfx.errors import FormatError
from vfx.io import _dpx_read, dpx

ReadDamaged = Callable[..., dict[Path, str]]


@pytest.mark.each_shared_file("dpx/bomb*.dpx")
def test_a_header_that_promises_gigabytes_allocates_nothing(shared_case: Path, read_damaged: ReadDamaged) -> None:
    verdict = read_damaged([shared_case], seconds=2, gib=0.5)[shared_case]
    assert verdict.startswith("FormatError: ")
    assert str(shared_case) in verdict and "promises 46341 x 46341 pixels" in verdict


FILES = {
    "rgb10": {"bits": 10, "kind": "RGB"},
    "luma10": {"bits": 10, "kind": "Y"},
    "packed10": {"bits": 10, "kind": "RGBA", "packing": 0},
    "packed12": {"bits": 12, "kind": "RGB", "packing": 0, "order": "<"},
    "bytes": {"bits": 8, "kind": "RGB", "header": 1664},
    "pairs": {"bits": 10, "kind": "CbYACrYA"},
    "runs": {"bits": 8, "kind": "RGB", "encoding": 1},
    "runs12": {"bits": 12, "kind": "RGBA", "encoding": 1, "packing": 0, "order": "<"},
    "bits": {"bits": 1, "kind": "RGB", "packing": 0},
}


def sample(name: str) -> bytes:
    options: dict[str, Any] = dict(FILES[name])
    components = COMPONENTS[DESCRIPTORS[options["kind"]]]
    codes = np.random.default_rng(2).integers(0, 2 ** options["bits"], (17, 23, components), np.uint16)
    codes[:, 5:15] = codes[:, 5:6]
    return file_of(codes, **options)


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_anywhere_is_an_error(name: str, tmp_path: Path) -> None:
    data = sample(name)
    for length in [*range(1, len(data), 64), len(data) - 8]:
        with pytest.raises(FormatError):
            dpx.read(data[:length])
    path = tmp_path / "cut.dpx"
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(FormatError, match=r"cut\.dpx"):
        dpx.read(path)
    path.write_bytes(b"")
    with pytest.raises(FormatError, match="empty"):
        dpx.read(path)


@pytest.mark.parametrize("name", FILES)
def test_flipped_bytes_never_crash(name: str, tmp_path: Path, read_damaged: ReadDamaged) -> None:
    data = sample(name)
    rng = np.random.default_rng(len(name))
    paths = []
    for number in range(120):
        broken = bytearray(data)
        # Most flips where they matter: the fields that say how large and where things are.
        places = [(0, 40), (660, 664), (768, 852), (1408, 1664), (0, len(data))][number % 5]
        for at in rng.integers(*places, size=int(rng.integers(1, 6))):
            broken[at] = rng.choice([0, 1, 2, 0x7F, 0x80, 0xFF, int(rng.integers(256))])
        paths.append(tmp_path / f"{number:03d}.dpx")
        paths[-1].write_bytes(broken)
    verdicts = read_damaged(paths, seconds=2, gib=0.5)
    wrong = {p.name: v for p, v in verdicts.items() if not v.startswith(("picture", "FormatError", "LimitError"))}
    assert wrong == {}
    assert sum(verdict.startswith("picture") for verdict in verdicts.values()) > 10


def test_random_headers_never_crash(tmp_path: Path, read_damaged: ReadDamaged) -> None:
    rng = np.random.default_rng(7)
    paths = []
    for number in range(60):
        noise = bytearray(rng.integers(0, 256, int(rng.integers(4, 9000)), np.uint8).tobytes())
        noise[:4] = b"SDPX" if number % 2 else b"XPDS"
        paths.append(tmp_path / f"{number:03d}.dpx")
        paths[-1].write_bytes(noise)
    verdicts = read_damaged(paths, seconds=2, gib=0.5)
    assert {p.name: v for p, v in verdicts.items() if not v.startswith("FormatError")} == {}


def test_a_file_that_shrinks_while_it_is_read_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.dpx"
    path.write_bytes(sample("rgb10"))
    decode = _dpx_read._decode

    def shrink(*arguments: Any) -> None:
        os.truncate(path, 2100)
        decode(*arguments)

    monkeypatch.setattr(_dpx_read, "_decode", shrink)
    with pytest.raises(FormatError, match="shorter while it was read"):
        dpx.read(path)


@pytest.mark.parametrize("name", FILES)
def test_damage_ends_in_a_format_error_whatever_is_asked_for(name: str) -> None:
    data = sample(name)
    rng = np.random.default_rng(len(name))
    for number in range(60):
        broken = bytearray(data)
        for at in rng.choice([*range(768, 820), *range(len(data) - 400, len(data))], 3):
            broken[at] = rng.choice([0, 1, 2, 0x7F, 0x80, 0xFF, int(rng.integers(256))])
        for options in ({"raw": True}, {"codes": True}, {"dtype": "u8", "rows": (3, 5)}, {"datum_order": "high"}):
            ended = outcome(bytes(broken), options)
            assert ended.startswith(
                ("picture", "FormatError: <bytes>: ", "ValueError: codes=True", "ValueError: rows")
            ), number


def outcome(data: bytes, options: dict[str, Any]) -> str:
    """What reading ends in. ValueError: what is asked for is not in the file any more."""
    try:
        return f"picture of {dpx.read(data, **options).width}"
    except ValueError as error:
        return f"{type(error).__name__}: {error}"
