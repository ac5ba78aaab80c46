"""Time codes and key codes: packing, text, arithmetic, ranges."""

from __future__ import annotations

import pytest

from vfx.metadata import KeyCode, TimeCode, erase, merge


def test_smpte_word_has_the_fields_of_st_12():
    # OpenEXR's documented example layout: 01:02:03:04 packs its digits as BCD from the top down.
    code = TimeCode(1, 2, 3, 4)
    assert code.to_smpte() == 0x01020304
    assert TimeCode.from_smpte(0x23595923) == TimeCode(23, 59, 59, 23)


def test_every_flag_has_its_own_bit_and_round_trips():
    flags = ["drop_frame", "color_frame", "field_phase", "bgf0", "bgf1", "bgf2"]
    words = {TimeCode(0, 0, 0, 0, **{flag: True}).to_smpte() for flag in flags}
    assert words == {1 << bit for bit in (6, 7, 15, 23, 30, 31)}
    full = TimeCode(12, 34, 56, 12, *[True] * 6, user_bits=0xDEADBEEF)
    assert TimeCode.from_smpte(full.to_smpte(), full.user_bits) == full


def test_text_round_trips_and_marks_drop_frame():
    assert str(TimeCode.from_string("01:02:03;04")) == "01:02:03;04"
    assert TimeCode.from_string("01:02:03:04").drop_frame is False
    for text in ("1:2:3:4", "01:02:03", "aa:bb:cc:dd", "25:00:00:00", "00:60:00:00"):
        with pytest.raises(ValueError):
            TimeCode.from_string(text)


def test_bad_words_and_fields_raise():
    with pytest.raises(ValueError, match="binary-coded"):
        TimeCode.from_smpte(0x0000000F)
    with pytest.raises(ValueError, match="minutes"):
        TimeCode.from_smpte(0x00790000)
    with pytest.raises(ValueError, match="frames up to 39"):
        TimeCode(0, 0, 0, 45).to_smpte()


def test_fields_and_texts_of_another_type_are_named():
    with pytest.raises(TypeError, match="timecode hours must be a whole number, got '1'"):
        TimeCode("1", 0, 0, 0)
    with pytest.raises(TypeError, match="must be text like 01:02:03:04, got None"):
        TimeCode.from_string(None)


def test_advancing_carries_and_wraps_at_midnight():
    assert str(TimeCode(0, 0, 59, 23).advanced(1)) == "00:01:00:00"
    assert str(TimeCode(23, 59, 59, 23).advanced(1)) == "00:00:00:00"
    assert str(TimeCode(0, 0, 0, 0).advanced(-1, 25)) == "23:59:59:24"


def test_keycode_prints_as_on_film():
    assert str(KeyCode(1, 2, 345678, 9012, 3)) == "01 02 345678 9012+03"


# ------------------------------------------------------------------ merge and erase


def test_erase_takes_whole_names_by_pattern_and_leaves_its_input_alone():
    entries = {"owner": "a", "dpx:slate": "b", "dpx:project": "c", "exr:ownerOf": "d"}
    assert erase(entries, "dpx:.*") == {"owner": "a", "exr:ownerOf": "d"}
    assert erase(entries, ["OWNER", "nothing"]) == {key: entries[key] for key in list(entries)[1:]}
    assert len(entries) == 4
    with pytest.raises(ValueError, match=r"'\(' is not a regular expression"):
        erase(entries, "(")


def test_merge_takes_what_is_asked_for_and_says_who_wins():
    ours, theirs = {"owner": "a", "title": "t"}, {"owner": "b", "reel_name": "A001", "exif": b""}
    assert merge(ours, theirs) == {**ours, **theirs}
    assert merge(ours, theirs, overwrite=False) == {**theirs, **ours}
    assert merge(ours, theirs, only=["reel.*", "OWN"]) == {**ours, "reel_name": "A001"}
    with pytest.raises(ValueError, match="is not a regular expression"):
        merge(ours, theirs, only="*")
