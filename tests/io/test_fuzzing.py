"""The fuzzers of tests/fuzz work, and a short run of each finds nothing."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import mmap
import os
import random
import resource
import signal
import struct
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vfx
from tests.fuzz import campaign
from tests.fuzz.mutations import damaged
from tests.fuzz.openers import Finding
from tests.fuzz.readers import READERS, Reader
from vfx import lut
from vfx.errors import FormatError

ROOT = Path(__file__).resolve().parents[2]


def python(*arguments: str, seconds: float = 60) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False)


# ------------------------------------------------------------------ short runs


def test_every_format_is_fuzzed() -> None:
    assert set(vfx.io.FORMATS) <= set(READERS)
    assert {f".{kind.name}" for kind in lut.FORMATS} - set(READERS) <= {".discreet", ".pandora"}  # .1dl, .m3d
    assert [name for name, reader in READERS.items() if not reader.seeds] == []


def test_damaged_files_end_in_a_result_or_a_clear_refusal(tmp_path: Path) -> None:
    done = python("tests.fuzz.campaign", "--count", "50", "--seed", "2026", "--keep", str(tmp_path))
    assert done.returncode == 0, done.stdout
    assert "MiB grown" in done.stdout and not list(tmp_path.iterdir())


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris has no build for this Python")
def test_guided_fuzzing_finds_nothing_in_a_second() -> None:
    done = python("tests.fuzz.guided", ".cube", "--seconds", "1")  # `.ci/run` gives all readers a minute
    assert done.returncode == 0, done.stdout
    assert ".cube        Done " in done.stdout


def test_an_unknown_reader_is_named() -> None:
    done = python("tests.fuzz.campaign", "tga9")
    assert done.returncode == 2 and "no reader tga9; there are dpx" in done.stderr.replace("exr dpx", "dpx")


# ------------------------------------------------------------------ the fuzzers notice


def misbehaving(content: bytes) -> bool:
    """What the first byte says."""
    action = {
        1: lambda: os.kill(os.getpid(), signal.SIGSEGV),
        2: lambda: [None for _ in iter(int, 1)],
        3: lambda: 1 // 0,
        4: lambda: os.write(2, b"careful\n"),
        5: lambda: (_ for _ in ()).throw(Finding("read takes what probe refuses")),
    }.get(content[0] if content else 0)
    if action:
        action()
    return True


@pytest.mark.parametrize(("byte", "kind"), [(1, "crash"), (2, "hang"), (3, "error"), (4, "noise"), (5, "disagreement")])
def test_a_campaign_notices(byte: int, kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(campaign, "_CPU_SECONDS", 0.1)
    monkeypatch.setattr(campaign, "damaged_input", lambda reader, seed, number: bytes([byte if number == 3 else 0]))
    result = campaign.run(Reader("bad", lambda: [b"\0"], misbehaving), count=6, keep=tmp_path)
    assert {name: count for name, count in result.findings.items() if count} == {kind: 1}, result.details
    assert (result.inputs, result.good + result.refused) == (6, 6 if kind == "noise" else 5)
    assert (tmp_path / "bad-1-3").read_bytes() == bytes([byte])


def test_a_campaign_notices_memory_that_does_not_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Any] = []

    def greedy(content: bytes) -> bool:
        fresh = mmap.mmap(-1, 2**21, flags=mmap.MAP_PRIVATE)  # never memory that was freed before
        fresh.write(b"x" * 2**21)
        kept.append(fresh)
        return True

    result = campaign.run(Reader("greedy", lambda: [b"\0"], greedy), count=120)
    assert result.findings["leak"] == 1 and result.grown_mib > 48
    assert resource.getrlimit(resource.RLIMIT_DATA)[0] != 2**30  # the limits hold in the worker alone


def test_the_same_number_gives_the_same_file() -> None:
    for reader in (READERS["exr"], READERS[".cube"]):
        assert campaign.damaged_input(reader, 1, 7) == campaign.damaged_input(reader, 1, 7)
        assert len({campaign.damaged_input(reader, 1, number) for number in range(40)}) > 30
        assert damaged(b"", random.Random(1), others=[b"a"]) == b""


# ------------------------------------------------------------------ what was found


def test_a_line_of_separators_alone_is_blank(tmp_path: Path) -> None:
    path = tmp_path / "a.cube"
    for blank in ("\x1f", "\u00a0", "\x85 \x1c"):
        path.write_text(f"{blank}\nLUT_1D_SIZE 2\n{blank}\n0 0 0\n1 1 1\n", encoding="utf-8")
        assert lut.read(path) == lut.Lut1D([0, 1])
        path.write_text(blank, encoding="utf-8")
        with pytest.raises(FormatError):
            lut.read(path)


def test_a_domain_beyond_float32_is_refused_without_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "a.spi1d"
    for ends in ("1e39 0", "0 1e39", "1e39 1e38", "-1e38 -1e39"):
        path.write_text(f"Version 1\nFrom {ends}\nLength 2\nComponents 1\n{{\n0\n1\n}}\n")
        with pytest.raises(FormatError, match="domain must run from low to high"):
            lut.read(path)


def test_a_codec_writes_nothing_to_stderr(tmp_path: Path) -> None:
    surplus = """
        import zlib, struct, sys, vfx
        def chunk(kind, data):
            return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
        rows = zlib.compress(bytes(2000))
        data = b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
        print(vfx.read(data).shape)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(surplus)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("(1, 1, 1)", "")


def test_an_unknown_planar_configuration_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    vfx.write(path, np.zeros((9, 13, 3), np.uint8), compression="lzw")
    content = path.read_bytes()
    tag = struct.pack("<HHI", 284, 3, 1)
    assert content.count(tag + b"\1\0") == 1
    for value in (3, 4, 0):
        with pytest.raises(FormatError, match="<bytes>: unknown planar configuration"):
            vfx.io.tiff.read(content.replace(tag + b"\1\0", tag + bytes([value, 0])))


def test_saving_a_damaged_exr_file_again_names_the_file() -> None:
    stream = io.BytesIO()
    vfx.io.exr.write(stream, vfx.Image(np.zeros((2, 2, 3), np.float16)))
    for damaged_name in (b"channelz\0chlist", b"channels\0chlisT"):
        content = stream.getvalue().replace(b"channels\0chlist", damaged_name)
        with pytest.raises(FormatError, match="<bytes>: .*channels"):
            vfx.io.exr.rewrite(content, io.BytesIO(), edit={"owner": "me"})


def test_a_number_beyond_float64_is_no_value() -> None:
    from vfx.io.header import from_text

    for text in (f"1{'0' * 400}/3", "1/0", f"1{'0' * 400}"):
        for key in ("aperture", "pixel_aspect", "frame_rate"):
            with contextlib.suppress(ValueError):
                from_text(key, text)
    with pytest.raises(ValueError, match="exr:matrix"):
        from_text("exr:matrix", "1e39 0 0 0 1 0 0 0 1")


def test_an_edit_that_would_reach_pixels_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    vfx.write(path, vfx.Image(np.zeros((30, 30, 3), np.uint8), metadata={"copyright": "x" * 40}), compression="none")
    content = path.read_bytes()
    place = content.index(b"x" * 40)
    pixels = struct.unpack_from("<I", content, content.index(struct.pack("<HHI", 273, 4, 1)) + 8)[0]
    damaged_content = content.replace(struct.pack("<I", place), struct.pack("<I", pixels + 60))
    assert damaged_content != content
    path.write_bytes(damaged_content)
    with pytest.raises(FormatError, match=r"a\.tif: its tags lie over other parts of the file"):
        vfx.io.header.edit(path, changes={"copyright": "me"})
    assert path.read_bytes() == damaged_content


def test_an_avif_picture_of_another_depth_than_its_header_says_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import imagecodecs

    path = tmp_path / "a.avif"
    for written, decoded in ((np.uint16, np.uint8), (np.uint8, np.uint16)):
        vfx.write(path, np.zeros((16, 16, 3), written))
        # As of a coded picture whose own header is damaged.
        picture = np.zeros((16, 16, 3), decoded)
        monkeypatch.setattr(imagecodecs, "avif_decode", lambda *_, picture=picture, **__: picture)
        with pytest.raises(FormatError, match="contradict each other"):
            vfx.read(path)


def test_a_number_of_millions_of_digits_is_refused_at_once(run_limited: Any) -> None:
    outcome = run_limited(
        """
        from vfx.io import _xmp
        from vfx.io.header import from_text
        for key in ("frame_rate", "aperture", "pixel_aspect"):
            for text in ("1e39_000_000", ".1E+99999999", "1e400/3", "1e999"):
                try:
                    assert key != "frame_rate" or not from_text(key, text)
                except ValueError:
                    continue
        packet = (
            '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            '<rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:FNumber="1e99999999" '
            'exif:ExposureTime="1/50"/></rdf:RDF></x:xmpmeta>'
        )
        print(_xmp.words(packet.encode()))
        """,
        seconds=20,
    )
    assert outcome.stdout.splitlines() == ["{'exposure_time': 0.02}"], outcome
