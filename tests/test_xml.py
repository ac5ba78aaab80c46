"""XML trees: names, namespaces, lines, and what is refused."""

from __future__ import annotations

import pytest

from vfx._xml import line_of_text, parse
from vfx.errors import FormatError, LimitError


def test_elements_have_names_without_namespace_lines_attributes_and_text() -> None:
    root = parse(b'<a xmlns="urn:x">one<b\n c="2"/>\ntwo<!-- no -->!</a>', "x")
    assert (root.tag, root.namespace, root.text) == ("a", "urn:x", "one\ntwo!")
    assert [(child.tag, child.line, child.attributes) for child in root.children] == [("b", 1, {"c": "2"})]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_encodings_of_xml_are_read(encoding: str) -> None:
    assert parse("<a>\u6a19</a>".encode(encoding), "x").text == "\u6a19"


def test_the_line_of_a_piece_of_text_counts_comments_and_children() -> None:
    data = b"<a>\n<b>x</b>1 <!-- two\nlines --> 2\n3</a>"
    text = parse(data, "x").text
    assert [line_of_text(data, 0, text.index(digit)) for digit in "123"] == [2, 3, 4]
    assert line_of_text(data, 1, 0) == 2


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<a>",
        b"<a></b>",
        b"<!DOCTYPE a><a/>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b"<a>&b;</a>",
        b'<?xml version="1.0" encoding="klingon"?><a/>',
        b"<a>" * 65 + b"</a>" * 65,
    ],
)
def test_what_is_no_plain_xml_is_refused_with_its_line(data: bytes) -> None:
    with pytest.raises(FormatError) as caught:
        parse(data, "x")
    assert caught.value.line


def test_a_flood_of_elements_is_refused() -> None:
    with pytest.raises(LimitError, match="elements"):
        parse(b"<a>" + b"<b/>" * (1 << 18) + b"</a>", "x")
