"""EXIF blocks: what Pillow reads of ours, what we read of cameras', and what a change leaves alone."""

from __future__ import annotations

import math
import struct
import warnings
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from vfx.io import _exif, jpeg
from vfx.io._exif_tags import EMPTY, Tags, TagValue
from vfx.metadata import Chromaticities, TimeCode, erase

WORDS: dict[str, Any] = {
    "camera_make": "a maker",
    "camera_model": "model Ü",
    "camera_serial": "0042",
    "comments": "a plate",
    "software": "a program",
    "owner": "someone",
    "copyright": "© someone",
    "chromaticities": Chromaticities((0.64, 0.33), (0.3, 0.6), (0.15, 0.06), (0.3127, 0.329)),
    "timecode": TimeCode(1, 2, 3, 4, drop_frame=True, bgf2=True, user_bits=0xDEADBEEF),
    "frame_rate": Fraction(24000, 1001),
    "t_stop": 2.9,
    "reel_name": "A001",
    "exposure_time": 0.02,
    "aperture": 2.8,
    "iso": 800.0,
    "capture_date": "2026:11:21 10:20:30",
    "utc_offset": -12600.0,
    "focus_distance": 3.5,
    "focal_length": 35.0,
    "lens_make": "another maker",
    "lens_model": "35 mm",
    "lens_serial": "7",
    "latitude": -33.8568,
    "longitude": 151.2153,
    "altitude": -4.5,
    "orientation": 6,
}


def by_pillow(block: bytes) -> tuple[dict[int, Any], dict[int, Any], dict[int, Any]]:
    """The three directories as Pillow reads them."""
    exif = Pillow.Exif()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the damaged tags of one file
        exif.load(b"Exif\0\0" + block)
        return dict(exif), dict(exif.get_ifd(0x8769)), dict(exif.get_ifd(0x8825))


def block_of(words: dict[str, Any]) -> bytes:
    block = _exif.for_writing(words)
    assert block is not None
    return block


# ------------------------------------------------------------------ words


def test_every_word_comes_back_from_its_tags() -> None:
    found = _exif.words(block_of(WORDS))
    assert found.pop("latitude") == pytest.approx(WORDS["latitude"], abs=1e-9)
    assert found.pop("longitude") == pytest.approx(WORDS["longitude"], abs=1e-9)
    assert found == {word: value for word, value in WORDS.items() if word not in ("latitude", "longitude")}


def test_pillow_reads_the_tags_that_the_standards_name() -> None:
    image, exif, gps = by_pillow(block_of(WORDS))
    assert (image[271], image[305], image[315], image[274]) == ("a maker", "a program", "someone", 6)
    assert [float(number) for number in image[319]] == [0.64, 0.33, 0.3, 0.6, 0.15, 0.06]
    assert (exif[33434], exif[33437], exif[34855], exif[37386]) == (Fraction(1, 50), Fraction(14, 5), 800, 35)
    assert (exif[36867], exif[36881]) == ("2026:11:21 10:20:30", "-03:30")
    assert (gps[1], gps[3], float(gps[6])) == ("S", "E", 4.5)
    assert sum(float(part) / 60**power for power, part in enumerate(gps[2])) == pytest.approx(33.8568, abs=1e-9)
    assert bytes(image[51043]) == struct.pack("<2I", WORDS["timecode"].to_smpte(), 0xDEADBEEF)
    assert image[51044] == Fraction(24000, 1001)


@pytest.mark.parametrize("value", [0.02, 1 / 3, 2.8, 1e-5, 123456.0, 0.1])
def test_float32_numbers_become_the_fraction_that_was_meant(value: float) -> None:
    block = block_of({"exposure_time": float(np.float32(value))})
    assert np.float32(_exif.words(block)["exposure_time"]) == np.float32(value)
    if value in (0.02, 0.1):
        assert by_pillow(block)[1][33434] == Fraction(value).limit_denominator(100)


def test_a_speed_beyond_16_bits_takes_the_longer_tag() -> None:
    _, exif, _ = by_pillow(block_of({"iso": 102400}))
    assert (exif[34855], exif[34867]) == (65535, 102400)
    assert _exif.words(block_of({"iso": 102400})) == {"iso": 102400.0}


def test_infinite_focus_is_kept() -> None:
    assert _exif.words(block_of({"focus_distance": math.inf})) == {"focus_distance": math.inf}


@pytest.mark.parametrize(
    "entries",
    [
        {"exposure_time": math.nan},
        {"aperture": 0.0},
        {"capture_date": "yesterday"},
        {"chromaticities": Chromaticities((0.7347, 0.2653), (0.0, 1.0), (0.0001, -0.077), (0.32168, 0.33767))},
        {"latitude": 500.0},
        {"iso": -1.0},
    ],
)
def test_what_no_tag_can_say_makes_no_block(entries: dict[str, Any]) -> None:
    assert _exif.for_writing(entries) is None


def test_a_word_of_another_type_is_refused() -> None:
    with pytest.raises(TypeError, match="metadata 'camera_make' must be str, got int: 5"):
        _exif.for_writing({"camera_make": 5})
    with pytest.raises(TypeError, match="metadata 'aperture' must be a number"):
        _exif.for_writing({"aperture": "wide"})


# ------------------------------------------------------------------ cameras' blocks


@pytest.mark.each_shared_file("jpeg/*.jpg", "photo/*.jpg", "photo/*/*.jpg")
def test_words_of_cameras_are_those_that_pillow_reads(shared_case: Path) -> None:
    try:
        entries = jpeg.probe(shared_case).metadata
    except ValueError:
        return  # a broken file, which other tests hold to its error
    if "exif" not in entries:
        assert not {"camera_make", "exposure_time"} & set(entries)
        return
    try:
        image, exif, _ = by_pillow(entries["exif"])
    except (struct.error, SyntaxError, ValueError):
        return
    for word, held, number in (("camera_model", image, 272), ("aperture", exif, 33437), ("exposure_time", exif, 33434)):
        theirs = held.get(number)
        if isinstance(theirs, str) and theirs.strip("\0 "):
            assert entries[word] == theirs.split("\0")[0].strip()
        elif theirs is not None and not isinstance(theirs, (str, bytes, tuple)) and float(theirs) > 0:
            assert entries[word] == pytest.approx(float(theirs), rel=1e-9)
    assert _exif.for_writing(entries, native=("comments",)) == entries["exif"]  # nothing is changed by the way


def test_changing_a_word_moves_nothing_else(shared_file: Callable[[str], Path]) -> None:
    entries = dict(jpeg.probe(shared_file("photo/tahoe-gps.jpg")).metadata)
    before = entries["exif"]
    changed = _exif.for_writing(
        entries | {"owner": "a long name that was not there", "iso": 3200.0}, native=("comments",)
    )
    assert changed is not None
    old, new = Tags(before), Tags(changed)
    kept = [place for place in old.places() if place not in (("image", 315), ("exif", 34855), ("exif", 34867))]
    assert kept
    for place in kept:
        ours, theirs = new.entry(*place), old.entry(*place)
        assert ours is not None and theirs is not None
        assert new.value(*place) == old.value(*place)
        if theirs.size > 4:  # makers' notes hold offsets: they must stay where they are
            assert ours.place == theirs.place
    assert _exif.words(changed)["owner"] == "a long name that was not there"
    assert _exif.words(changed)["iso"] == 3200.0


def test_an_erased_position_is_gone_for_every_program(shared_file: Callable[[str], Path]) -> None:
    entries = jpeg.probe(shared_file("photo/tahoe-gps.jpg")).metadata
    degrees = Tags(entries["exif"]).entry("gps", 2)
    assert degrees is not None
    raw = entries["exif"][degrees.place : degrees.place + degrees.size]
    cleaned = erase(entries, ["latitude", "longitude", "altitude", "exif:GPS.*"])
    assert not {"latitude", "longitude"} & set(cleaned)
    assert by_pillow(cleaned["exif"])[2] == {}
    assert raw not in cleaned["exif"]  # not merely unlinked
    assert cleaned["camera_make"] == entries["camera_make"]


def test_none_takes_a_word_out_of_the_block() -> None:
    block = block_of(WORDS)
    changed = _exif.for_writing({"exif": block, "owner": None, "timecode": None})
    assert changed is not None
    assert _exif.words(changed) == {k: v for k, v in _exif.words(block).items() if k not in ("owner", "timecode")}


# ------------------------------------------------------------------ the structure


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True])
def test_tags_of_both_orders_and_both_sizes_are_changed(order: str, big: bool) -> None:
    mark = b"II" if order == "<" else b"MM"
    if big:
        data = mark + struct.pack(order + "HHHQ", 43, 8, 0, 16) + struct.pack(order + "Q", 1)
        data += struct.pack(order + "HHQ", 305, 2, 2) + b"x\0" + bytes(6) + bytes(8)
    else:
        data = (
            mark + struct.pack(order + "HI", 42, 8) + struct.pack(order + "HHHI", 1, 305, 2, 2) + b"x\0\0\0" + bytes(4)
        )
    changes = {
        ("image", 270): TagValue(2, b"a description\0"),
        ("image", 305): None,
        ("exif", 33437): TagValue(5, (Fraction(28, 10),)),
        ("gps", 1): TagValue(2, b"N\0"),
    }
    tags = Tags(Tags(data).edited(changes).applied(data))
    assert tags.order == order
    assert list(tags.places()) == [("image", 270), ("exif", 33437), ("gps", 1)]
    assert tags.value("image", 270) == "a description"
    assert tags.value("exif", 33437) == Fraction(14, 5)


def test_a_value_that_fits_goes_where_the_old_one_was() -> None:
    block = block_of({"owner": "someone else"})
    changed = block_of({"exif": block, "owner": "another name"})
    assert len(changed) == len(block) and _exif.words(changed)["owner"] == "another name"


def test_damaged_blocks_are_left_alone() -> None:
    block = block_of(WORDS)
    for length in range(0, len(block), 7):
        cut = block[:length]
        found = _exif.words(cut)
        assert set(found) <= set(WORDS)
        written = _exif.for_writing({"exif": cut, "orientation": 3})
        assert isinstance(written, bytes)
    loop = b"II*\0\x08\0\0\0" + struct.pack("<HHHIII", 1, 34665, 4, 1, 8, 8)
    assert _exif.words(loop) == {}
    assert _exif.other_tags(b"nonsense") == {} and _exif.words(EMPTY) == {}


def test_random_damage_never_raises() -> None:
    block = block_of(WORDS)
    generator = np.random.default_rng(5)
    for _ in range(300):
        damaged = bytearray(block)
        for at in generator.integers(0, len(block), 4):
            damaged[at] = generator.integers(0, 256)
        found = _exif.words(bytes(damaged))
        _exif.other_tags(bytes(damaged))
        _exif.for_writing({**found, "exif": bytes(damaged), "owner": "x" * 40})
