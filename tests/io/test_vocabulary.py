"""One vocabulary: a fact keeps its name, its type and its value from format to format."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

import vfx
from vfx.image import Image
from vfx.io import _exr_metadata
from vfx.io._typed import WORDS, typed
from vfx.metadata import Chromaticities, Cicp, ContentLight, KeyCode, MasteringDisplay, TimeCode

XMP = (
    b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
    b"<rdf:Description rdf:about=''/></rdf:RDF></x:xmpmeta>"
)
REC709 = Chromaticities((0.64, 0.33), (0.3, 0.6), (0.15, 0.06), (0.3127, 0.329))
VALUES: dict[str, Any] = {
    "timecode": TimeCode(1, 2, 3, 4, user_bits=0x12345678),
    "keycode": KeyCode(2, 34, 567890, 1234, 56),
    "frame_rate": Fraction(24000, 1001),
    "capture_rate": Fraction(48),
    "reel_name": "A001",
    "capture_date": "2026:11:21 10:20:30",
    "utc_offset": 3600.0,
    "chromaticities": REC709,
    "white_luminance": 100.0,
    "color_interop_id": "lin_ap1_scene",
    "cicp": Cicp(9, 16, 0, True),
    "mastering_display": MasteringDisplay(REC709, 1000.0, 0.005),
    "content_light": ContentLight(1000.0, 400.0),
    "icc_profile": bytes(16) + b"RGB " + bytes(120),
    "exif": b"II*\0\x08\0\0\0\x01\0\x4f\x92\x02\0\x02\0\0\0x\0\0\0\0\0\0\0",
    "xmp": XMP,
    "orientation": 6,
    "owner": "someone",
    "copyright": "© someone",
    "title": "a plate",
    "comments": "line 1",
    "software": "a program",
    "camera_make": "a maker",
    "camera_model": "a model",
    "camera_serial": "42",
    "lens_make": "another",
    "lens_model": "35 mm",
    "lens_serial": "7",
    "exposure_time": 0.02,
    "shutter_angle": 172.8,
    "aperture": 2.8,
    "t_stop": 2.9,
    "iso": 800.0,
    "focal_length": 35.0,
    "focus_distance": 3.5,
    "latitude": -33.8568,
    "longitude": 151.2153,
    "altitude": 12.5,
    "alpha": "unassociated",
}
#: What each format has no place for.
NOT_IN: dict[str, set[str]] = {
    "exr": {"alpha", "cicp", "content_light", "exif", "icc_profile", "mastering_display", "orientation", "xmp"},
    "dpx": set(VALUES)
    - {"timecode", "keycode", "frame_rate", "capture_date", "copyright", "software", "shutter_angle"},
}
NOT_IN["png"] = NOT_IN["jpeg"] = NOT_IN["tiff"] = {
    "alpha",
    "capture_rate",
    "color_interop_id",
    "content_light",
    "keycode",
    "mastering_display",
    "shutter_angle",
    "white_luminance",
}
NOT_IN["png"] = NOT_IN["png"] - {"content_light", "mastering_display"}
NOT_IN["jpeg"] = NOT_IN["jpeg"] | {"cicp"}
NOT_IN["tiff"] = NOT_IN["tiff"] | {"cicp"}
NOT_IN["webp"] = NOT_IN["jp2"] = NOT_IN["jpeg"]
NOT_IN["jxl"] = NOT_IN["jpeg"] | {"icc_profile"}
NOT_IN["avif"] = NOT_IN["jpeg"] - {"cicp"}
EXTENSIONS = {"exr": "exr", "dpx": "dpx", "png": "png", "jpeg": "jpg", "tiff": "tif"}
EXTENSIONS |= {name: name for name in ("webp", "avif", "jxl", "jp2")}


def alike(ours: Any, theirs: Any) -> bool:
    """Whether two values say the same within float32, or a millionth of a second of arc."""
    if isinstance(ours, tuple):
        return len(ours) == len(theirs) and all(map(alike, ours, theirs))
    return math.isclose(ours, theirs, rel_tol=1e-7) if isinstance(ours, float) else bool(ours == theirs)


def through(format: str, metadata: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The metadata after writing and reading a file."""
    path = folder / f"a.{EXTENSIONS[format]}"
    pixels = np.zeros((4, 4, 3), np.float32 if format in ("exr", "dpx") else np.uint8)
    vfx.write(path, Image(pixels, metadata=metadata))
    return vfx.read(path).metadata


def test_the_table_of_words_is_the_one_in_the_documentation() -> None:
    listed = vfx.metadata.__doc__ or ""
    assert set(WORDS) == set(VALUES)
    assert [word for word in WORDS if f"``{word}``" not in listed] == []


@pytest.mark.parametrize("format", list(EXTENSIONS))
def test_every_word_with_a_place_survives(format: str, tmp_path: Path) -> None:
    found = through(format, VALUES, tmp_path)
    for word in set(VALUES) - NOT_IN[format] - {"exif", "software", "xmp"}:
        assert word in found, word
        assert isinstance(found[word], WORDS[word]), word
        # The matrix of an AVIF file is that of its planes, not of the RGB pixels that it was made from.
        kept = 2 if (format, word) == ("avif", "cicp") else None
        ours, theirs = (value[:kept] if kept else value for value in (found[word], VALUES[word]))
        assert alike(ours, theirs), (word, found[word])
    assert not NOT_IN[format] & set(found) - {"alpha"}


@pytest.mark.parametrize("first", ["dpx", "exr", "jpeg", "png", "tiff"])
@pytest.mark.parametrize("second", ["dpx", "exr", "jpeg", "png", "tiff"])
def test_what_two_formats_hold_goes_from_one_to_the_other_and_back(first: str, second: str, tmp_path: Path) -> None:
    # The creator of a DPX file is the program that wrote it, not the one that wrote the file it came from.
    words = (
        set(VALUES)
        - NOT_IN[first]
        - NOT_IN[second]
        - {"exif", "xmp"}
        - ({"software"} if "dpx" in (first, second) else set())
    )
    start = {word: VALUES[word] for word in words}
    once = through(first, start, tmp_path)
    back = through(first, through(second, once, tmp_path), tmp_path)
    for word in words:
        assert alike(back[word], VALUES[word]), (word, back[word])


def test_camera_words_of_an_exr_are_read_by_pillow_from_the_jpeg(tmp_path: Path) -> None:
    through("jpeg", through("exr", VALUES, tmp_path), tmp_path)
    with Pillow.open(tmp_path / "a.jpg") as opened:
        exif = opened.getexif()
        assert (exif[271], exif[272]) == ("a maker", "a model")
        assert exif.get_ifd(0x8769)[33434] == Fraction(1, 50)


def test_pillow_reads_the_exif_directories_of_our_tiff(tmp_path: Path) -> None:
    through("tiff", VALUES, tmp_path)
    with Pillow.open(tmp_path / "a.tif") as opened:
        exif = opened.getexif()
        assert exif.get_ifd(0x8769)[33437] == Fraction(14, 5)
        assert exif.get_ifd(0x8825)[1] == "S"
        assert np.array(opened).shape == (4, 4, 3)


@pytest.mark.parametrize("format", ["exr", "png", "jpeg", "tiff", "webp"])
def test_openimageio_reads_our_words_by_its_names(format: str, tmp_path: Path) -> None:
    oiio = pytest.importorskip("OpenImageIO")
    through(format, {**VALUES, "software": "a program"}, tmp_path)
    opened = oiio.ImageInput.open(str(tmp_path / f"a.{EXTENSIONS[format]}"))
    found = {attribute.name: attribute.value for attribute in opened.spec().extra_attribs}
    opened.close()
    assert [found[name] for name in ("ExposureTime", "FNumber")] == pytest.approx([0.02, 2.8])
    own = {"cameraMake": "a maker", "lensModel": "35 mm", "framesPerSecond": (24000, 1001), "reelName": "A001"}
    exif = {"Make": "a maker", "Exif:LensModel": "35 mm", "Exif:FocalLength": 35.0, "GPS:LatitudeRef": "S"}
    for name, value in (own if format == "exr" else exif).items():
        assert found[name] == value, name


def test_utc_offset_counts_the_other_way_in_openexr() -> None:
    stored = _exr_metadata.attributes_of({"utc_offset": 3600.0})["utcOffset"]
    assert stored == ("float", np.float32(-3600).tobytes())  # capDate + utcOffset is UTC


@pytest.mark.parametrize("word", sorted(set(WORDS)))
def test_values_of_another_type_are_refused_by_name(word: str) -> None:
    with pytest.raises((TypeError, ValueError), match=word):
        typed(word, object())


@pytest.mark.parametrize(
    ("word", "simple", "value"),
    [
        ("timecode", "01:02:03:04", TimeCode(1, 2, 3, 4)),
        ("frame_rate", 23.976, Fraction(24000, 1001)),
        ("chromaticities", [list(pair) for pair in REC709], REC709),
        ("cicp", [9, 16, 0, 1], Cicp(9, 16, 0, True)),
        ("content_light", (1000, 400), ContentLight(1000.0, 400.0)),
        ("mastering_display", (REC709, 1000, 0.005), MasteringDisplay(REC709, 1000.0, 0.005)),
        ("iso", 800, 800.0),
        ("iso", np.float32(800), 800.0),
        ("orientation", np.int64(6), 6),
    ],
)
def test_simpler_ways_to_say_a_value_are_understood(word: str, simple: Any, value: Any) -> None:
    assert typed(word, simple) == value and type(typed(word, simple)) is type(value)


@pytest.mark.parametrize(("word", "value"), [("orientation", 9), ("cicp", (1, 2, 3)), ("iso", True)])
def test_impossible_values_are_refused(word: str, value: Any) -> None:
    with pytest.raises((TypeError, ValueError), match=word):
        typed(word, value)
