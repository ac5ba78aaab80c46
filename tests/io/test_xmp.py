"""XMP packets: the words in them, packets with other words, and packets that are damaged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image as Pillow

from vfx.image import Image
from vfx.io import _exif, _xmp, header, jpeg
from vfx.metadata import TimeCode, erase

RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
NAMES = (
    'xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/" '
    'xmlns:d="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
    'xmlns:xmpDM="http://ns.adobe.com/xmp/1.0/DynamicMedia/" xmlns:own="http://example.org/own/"'
)
PACKET = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {RDF}>
 <rdf:Description rdf:about="" {NAMES} tiff:Make="a maker" xmp:CreatorTool='a "program"' own:grade="7">
  <!-- a remark -->
  <d:title><rdf:Alt>
   <rdf:li xml:lang="de">ein Titel</rdf:li><rdf:li xml:lang="x-default">a title</rdf:li>
  </rdf:Alt></d:title>
  <d:creator><rdf:Seq><rdf:li>one</rdf:li><rdf:li>two</rdf:li></rdf:Seq></d:creator>
  <exif:DateTimeOriginal>2026-11-21T10:20:30.5+01:00</exif:DateTimeOriginal>
  <exif:FNumber>28/10</exif:FNumber>
  <exif:ISOSpeedRatings><rdf:Seq><rdf:li>800</rdf:li></rdf:Seq></exif:ISOSpeedRatings>
  <xmpDM:startTimecode rdf:parseType="Resource">
   <xmpDM:timeFormat>24Timecode</xmpDM:timeFormat><xmpDM:timeValue>01:02:03:04</xmpDM:timeValue>
  </xmpDM:startTimecode>
 </rdf:Description>
</rdf:RDF></x:xmpmeta><?xpacket end="w"?>""".encode()
WORDS: dict[str, Any] = {
    "camera_make": "a maker",
    "software": 'a "program"',
    "title": "a title",
    "owner": "one; two",
    "capture_date": "2026:11:21 10:20:30",
    "aperture": 2.8,
    "iso": 800.0,
    "timecode": TimeCode(1, 2, 3, 4),
}


def test_words_stand_in_attributes_elements_lists_and_structures() -> None:
    assert _xmp.words(PACKET) == WORDS


def test_properties_go_by_the_usual_prefixes() -> None:
    held = _xmp.properties(PACKET)
    assert held["dc:creator"] == ["one", "two"] and held["own:grade"] == "7"
    assert held["xmpDM:startTimecode"]["xmpDM:timeValue"] == "01:02:03:04"


def test_what_is_said_already_stays_byte_for_byte() -> None:
    assert _xmp.for_writing({"xmp": PACKET, **WORDS}) == PACKET
    assert _xmp.for_writing({"xmp": PACKET}) == PACKET
    assert _xmp.for_writing({"owner": "someone"}) is None  # EXIF says it


@pytest.mark.parametrize("word", [word for word in WORDS if word != "timecode"])
def test_each_word_is_changed_where_it_stands(word: str) -> None:
    value: Any = 5.6 if isinstance(WORDS[word], float) else "2001:02:03 04:05:06" if "date" in word else "<new> & 'ö'"
    if word == "iso":
        value = 3200.0
    changed = _xmp.for_writing({"xmp": PACKET, word: value})
    assert changed is not None
    assert _xmp.words(changed) == WORDS | {word: value}
    assert b"<!-- a remark -->" in changed and b'own:grade="7"' in changed
    assert changed.count(b"<rdf:Description") == 1


@pytest.mark.parametrize("word", list(WORDS))
def test_none_takes_a_word_away(word: str) -> None:
    changed = _xmp.for_writing({"xmp": PACKET, word: None})
    assert changed is not None
    assert _xmp.words(changed) == {key: value for key, value in WORDS.items() if key != word}


def test_a_packet_is_made_for_a_title_where_pillow_finds_it(tmp_path: Path) -> None:
    jpeg.write(tmp_path / "a.jpg", Image(np.zeros((2, 2, 3), np.uint8), metadata={"title": "a <title>"}))
    with Pillow.open(tmp_path / "a.jpg") as opened:
        tree = ElementTree.fromstring(opened.info["xmp"])
    item = tree.find(".//{http://purl.org/dc/elements/1.1/}title//{http://www.w3.org/1999/02/22-rdf-syntax-ns#}li")
    assert item is not None and item.text == "a <title>"
    assert jpeg.probe(tmp_path / "a.jpg").metadata["title"] == "a <title>"


def test_a_description_without_content_takes_properties() -> None:
    packet = f'<rdf:RDF {RDF}><rdf:Description rdf:about=""/></rdf:RDF>'.encode()
    assert _xmp.words(_xmp.for_writing({"xmp": packet, "title": "t"}) or b"") == {"title": "t"}


def test_a_word_that_exif_says_already_leaves_the_packet_alone(tmp_path: Path) -> None:
    block = _exif.for_writing({"software": "another program"})
    metadata = {"exif": block, "xmp": PACKET, "software": "another program"}
    jpeg.write(tmp_path / "a.jpg", Image(np.zeros((2, 2, 3), np.uint8), metadata=metadata))
    found = jpeg.probe(tmp_path / "a.jpg").metadata
    assert (found["xmp"], found["exif"]) == (PACKET, block)
    header.edit(tmp_path / "a.jpg", changes={"software": "a third"})
    found = jpeg.probe(tmp_path / "a.jpg").metadata
    assert _xmp.words(found["xmp"])["software"] == _exif.words(found["exif"])["software"] == "a third"


def test_erased_words_are_gone_from_the_packet() -> None:
    cleaned = erase({"xmp": PACKET, **WORDS}, ["owner", "xmp:own:.*"])
    assert "owner" not in cleaned
    assert not {"dc:creator", "own:grade"} & set(_xmp.properties(cleaned["xmp"]))
    assert b"one" not in cleaned["xmp"]
    assert erase({"xmp": PACKET, **WORDS, "owner": "another"}, "xmp") == {"owner": "another"}


def test_the_extensions_of_a_packet_stay_with_it(tmp_path: Path) -> None:
    digits = b"0123456789ABCDEF" * 2
    packet = PACKET.replace(b'own:grade="7"', b'own:grade="7" own:HasExtendedXMP="' + digits + b'"')
    pieces = [digits + bytes(8) + b"x" * 60000, digits + bytes(8) + b"y" * 10]
    picture = Image(np.zeros((2, 2, 3), np.uint8), metadata={"xmp": packet, "jpeg:xmp_extension": pieces})
    jpeg.write(tmp_path / "a.jpg", picture)
    assert jpeg.read(tmp_path / "a.jpg").metadata["jpeg:xmp_extension"] == pieces
    header.edit(tmp_path / "a.jpg", changes={"title": "another"})
    assert jpeg.probe(tmp_path / "a.jpg").metadata["jpeg:xmp_extension"] == pieces
    header.edit(tmp_path / "a.jpg", erase="xmp")
    assert "jpeg:xmp_extension" not in jpeg.probe(tmp_path / "a.jpg").metadata
    picture.metadata["xmp"] = PACKET  # it names none
    jpeg.write(tmp_path / "a.jpg", picture)
    assert "jpeg:xmp_extension" not in jpeg.read(tmp_path / "a.jpg").metadata


@pytest.mark.each_shared_file("jpeg/*.jpg", "photo/*.jpg", "photo/*/*.jpg", "png/[!x]*.png")
def test_packets_of_other_programs_survive_unchanged(shared_case: Path) -> None:
    import vfx

    try:
        entries = vfx.probe(shared_case).metadata
    except ValueError:
        return  # broken on purpose
    if "xmp" in entries:
        from vfx.io._vocabulary import xmp_for_writing

        assert xmp_for_writing(entries) == entries["xmp"]


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"nonsense",
        b"<x:xmpmeta/>",
        PACKET[:300],
        PACKET.decode().encode("utf-16"),
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b"<a>" * 100 + b"</a>" * 100,
        f'<rdf:RDF {RDF}><rdf:Description a:b="c"/></rdf:RDF>'.encode(),
    ],
)
def test_damaged_packets_say_nothing_and_stay(packet: bytes) -> None:
    assert _xmp.words(packet) == {}
    assert _xmp.for_writing({"xmp": packet, "owner": "x"}) == packet
    assert _xmp.without(packet, lambda _: True) == packet


def test_random_damage_never_raises() -> None:
    generator = np.random.default_rng(3)
    for _ in range(300):
        damaged = bytearray(PACKET)
        for at in generator.integers(0, len(PACKET), 3):
            damaged[at] = generator.integers(32, 127)
        found = _xmp.words(bytes(damaged))
        changed = _xmp.for_writing({**found, "xmp": bytes(damaged), "title": "t", "owner": "o"})
        assert isinstance(changed, bytes)


def test_packets_without_end_are_no_burden(run_limited: Callable[..., Any]) -> None:
    outcome = run_limited(
        """
        from vfx.io import _xmp
        head = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="">'
        print(len(_xmp.words(head + b"<a>" * 10**6)), len(_xmp.words(head + b"<a b='" * 10**5)))
        print(len(_xmp.words(head + b"<c:d xmlns:c='e'>1</c:d>" * 10**5)))
        """
    )
    assert outcome.stdout.split() == ["0", "0", "0"]
