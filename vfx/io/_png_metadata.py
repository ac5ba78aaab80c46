"""What a PNG file says beside its pixels, as metadata and back.

=====================  ==============  ====================================================================
key                    chunk           value
=====================  ==============  ====================================================================
``icc_profile``        iCCP            bytes
``exif``, ``xmp``      eXIf, iTXt      bytes; ``orientation`` and others come from the EXIF block
``chromaticities``     cHRM            :class:`~vfx.metadata.Chromaticities`
``software`` …         tEXt iTXt zTXt  str: keywords Software, Copyright, Comment, Title, Author (``owner``)
``png:gamma``          gAMA            float, the encoding exponent (0.45455)
``cicp``               cICP            :class:`~vfx.metadata.Cicp`
``mastering_display``  mDCV            :class:`~vfx.metadata.MasteringDisplay`
``content_light``      cLLI            :class:`~vfx.metadata.ContentLight`
``png:srgb_intent``    sRGB            int, 0 to 3
``png:density``        pHYs            (x, y, unit): pixels per metre with unit 1, else only their ratio
``png:significant``    sBIT            bits of each channel that the stored samples were made from
``png:<Keyword>``      tEXt iTXt zTXt  str, every other text
``png:<type>``         any other       bytes, written back when the chunk is safe to copy
=====================  ==============  ====================================================================

Source: W3C Portable Network Graphics (PNG) Specification, third edition, 11.3.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from vfx.errors import LimitError
from vfx.io import _exif
from vfx.io._limits import limits
from vfx.io._png_chunks import Chunk, make_chunk
from vfx.io._raster import likely_aspect
from vfx.io._typed import typed
from vfx.io._vocabulary import add_words, xmp_for_writing
from vfx.metadata import Chromaticities, Cicp, ContentLight, MasteringDisplay

__all__ = ["NATIVE", "keys_of", "metadata", "metadata_chunks", "pixel_aspect"]

#: Keywords with a meaning that other formats share.
_SHARED = {"Software": "software", "Copyright": "copyright", "Comment": "comments", "Author": "owner", "Title": "title"}

#: Words that have a chunk of their own.
NATIVE = frozenset({*_SHARED.values(), "chromaticities"})

_XMP = "XML:com.adobe.xmp"

#: An ICC profile or a text that inflates beyond this is refused.
_MAX_INFLATED = 32 * 2**20

#: Chunks that belong to the stored pixels or to an animation, not to the picture.
_PIXEL_CHUNKS = (b"PLTE", b"tRNS", b"IDAT", b"acTL", b"fcTL", b"fdAT")


def metadata(found: Iterable[Chunk], label: str) -> dict[str, Any]:
    """The metadata in a file's chunks; chunks that make no sense are left out, as libpng does.

    Raises
    ------
    LimitError
        If a text or a profile inflates beyond all use.
    """
    result: dict[str, Any] = {}
    for chunk in found:
        if chunk.kind in _PIXEL_CHUNKS:
            continue
        try:
            result.update(_read_chunk(chunk.kind, bytes(chunk.data), label))
        except LimitError:
            raise
        except (ValueError, IndexError, struct.error, zlib.error):
            continue
    add_words(result)
    return result


def _read_chunk(kind: bytes, data: bytes, label: str) -> dict[str, Any]:
    """The metadata in one chunk."""
    if kind == b"gAMA":
        return {"png:gamma": struct.unpack(">I", data)[0] / 100000}
    if kind == b"cHRM":
        xy = [value / 100000 for value in struct.unpack(">8I", data)]
        white, red, green, blue = (xy[0], xy[1]), (xy[2], xy[3]), (xy[4], xy[5]), (xy[6], xy[7])
        return {"chromaticities": Chromaticities(red, green, blue, white)}
    if kind == b"cICP":
        primaries, transfer, matrix, full = struct.unpack("4B", data)
        return {"cicp": Cicp(primaries, transfer, matrix, bool(full))}
    if kind == b"sRGB":
        return {"png:srgb_intent": struct.unpack("B", data)[0]}
    if kind == b"pHYs":
        return {"png:density": struct.unpack(">IIB", data)}
    if kind == b"mDCV":
        *points, high, low = struct.unpack(">8H2I", data)
        xy = [(points[at] / 50000, points[at + 1] / 50000) for at in (0, 2, 4, 6)]
        return {"mastering_display": MasteringDisplay(Chromaticities(*xy), high / 10000, low / 10000)}
    if kind == b"cLLI":
        pixel, frame = struct.unpack(">2I", data)
        return {"content_light": ContentLight(pixel / 10000, frame / 10000)}
    if kind == b"sBIT":
        return {"png:significant": tuple(data)}
    if kind == b"eXIf":
        return {"exif": data}
    if kind == b"iCCP":
        end = data.index(b"\0")
        return {"icc_profile": _inflate(data[end + 2 :], label)}
    if kind in (b"tEXt", b"zTXt", b"iTXt"):
        return _read_text(kind, data, label)
    return {f"png:{kind.decode('ascii')}": data}


def keys_of(kind: bytes, data: memoryview) -> set[str]:
    """The names of the metadata in one chunk; none for chunks of the pixels, and damaged ones."""
    if kind in (*_PIXEL_CHUNKS, b"IEND"):
        return set()
    try:
        return set(_read_chunk(kind, bytes(data), ""))
    except (ValueError, IndexError, struct.error, zlib.error):
        return set()


def _read_text(kind: bytes, data: bytes, label: str) -> dict[str, Any]:
    """The keyword and the text of a text chunk."""
    word, rest = data.split(b"\0", 1)
    keyword = word.decode("latin-1")
    if kind == b"tEXt":
        text = rest.decode("latin-1")
    elif kind == b"zTXt":
        text = _inflate(rest[1:], label).decode("latin-1")
    else:
        packed = rest[0]
        _language, _translated, raw = rest[2:].split(b"\0", 2)
        content = _inflate(raw, label) if packed else raw
        if keyword == _XMP:
            return {"xmp": content}
        text = content.decode("utf-8", errors="replace")
    return {_SHARED.get(keyword, f"png:{keyword}"): text}


def _inflate(data: bytes, label: str) -> bytes:
    """Decompressed ``data``, of a bounded size."""
    stream = zlib.decompressobj()
    most = min(_MAX_INFLATED, limits.attribute_bytes)
    result = stream.decompress(data, most)
    if stream.unconsumed_tail:
        raise LimitError(f"a text or profile of more than {most} bytes (vfx.io.limits.attribute_bytes)", path=label)
    if not stream.eof:
        raise ValueError("its compressed data is cut off")
    return result


def pixel_aspect(entries: Mapping[str, Any]) -> float:
    """Width of a pixel over its height; 1 where the file does not say."""
    x, y, _unit = entries.get("png:density", (1, 1, 0))
    return likely_aspect(y / x) if x and y else 1.0


def metadata_chunks(entries: Mapping[str, Any], aspect: float, *, gray: bool) -> bytes:
    """The chunks that go between IHDR and the pixels.

    Parameters
    ----------
    entries : mapping
        An image's metadata; keys that PNG has no place for are left out.
    aspect : float
        Pixel aspect ratio.
    gray : bool
        Whether the pixels are gray: an ICC profile of the other kind is left out.
    """
    parts: list[bytes] = []
    profile = entries.get("icc_profile")
    fitting = isinstance(profile, bytes) and (profile[16:20] == b"GRAY") == gray and len(profile) > 128
    if entries.get("cicp") is not None:
        parts.append(make_chunk(b"cICP", bytes(typed("cicp", entries["cicp"]))))
    parts.extend(_light_chunks(entries))
    if isinstance(profile, bytes) and fitting:
        parts.append(make_chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(profile)))
    elif "png:srgb_intent" in entries:
        parts.append(make_chunk(b"sRGB", bytes([entries["png:srgb_intent"]])))
    if "png:gamma" in entries:
        parts.append(make_chunk(b"gAMA", _scaled(entries["png:gamma"])))
    chroma = entries.get("chromaticities")
    if isinstance(chroma, Chromaticities):
        points = (*chroma.white, *chroma.red, *chroma.green, *chroma.blue)
        if all(0 <= value < 2**31 / 100000 for value in points):  # unsigned in the file: AP1 fits, AP0 does not
            parts.append(make_chunk(b"cHRM", b"".join(_scaled(value) for value in points)))
    parts.append(_density_chunk(entries, aspect))
    exif = _exif.for_writing(entries, native=NATIVE)
    if exif is not None:
        parts.append(make_chunk(b"eXIf", exif))
    xmp = xmp_for_writing(entries, native=NATIVE)
    if xmp is not None:
        parts.append(make_chunk(b"iTXt", _XMP.encode() + b"\0\0\0\0\0" + xmp))
    parts.extend(_text_chunks(entries))
    return b"".join(parts)


def _light_chunks(entries: Mapping[str, Any]) -> list[bytes]:
    """What the picture was mastered on, and how bright it becomes (third edition, 11.3.2.7 and 11.3.2.8)."""
    parts = []
    if entries.get("mastering_display") is not None:
        points, high, low = typed("mastering_display", entries["mastering_display"])
        flat = [round(value * 50000) for point in points for value in point]
        parts.append(make_chunk(b"mDCV", struct.pack(">8H2I", *flat, round(high * 10000), round(low * 10000))))
    if entries.get("content_light") is not None:
        light = typed("content_light", entries["content_light"])
        parts.append(make_chunk(b"cLLI", struct.pack(">2I", *(round(value * 10000) for value in light))))
    return parts


def _scaled(value: float) -> bytes:
    """A value as PNG keeps it: times 100000, unsigned."""
    return struct.pack(">I", round(value * 100000))


def _density_chunk(entries: Mapping[str, Any], aspect: float) -> bytes:
    """The pHYs chunk, or nothing for square pixels of unknown size."""
    density = entries.get("png:density")
    if density is not None and abs(pixel_aspect(entries) - aspect) < 1e-4 * aspect:
        return make_chunk(b"pHYs", struct.pack(">IIB", *density))
    if aspect == 1.0:
        return b""
    ratio = Fraction(aspect).limit_denominator(10000)
    return make_chunk(b"pHYs", struct.pack(">IIB", ratio.denominator, ratio.numerator, 0))


def _text_chunks(entries: Mapping[str, Any]) -> list[bytes]:
    """The text chunks, and the chunks of unknown meaning that are safe to copy."""
    parts = []
    keywords = {key: keyword for keyword, key in _SHARED.items()}
    for key, value in entries.items():
        keyword = keywords.get(key) or (key.removeprefix("png:") if key.startswith("png:") else "")
        name = keyword.encode("latin-1", errors="ignore")
        if not 1 <= len(name) <= 79:
            continue
        if isinstance(value, str):
            try:
                parts.append(make_chunk(b"tEXt", name + b"\0" + value.encode("latin-1")))
            except UnicodeEncodeError:
                parts.append(make_chunk(b"iTXt", name + b"\0\0\0\0\0" + value.encode("utf-8", errors="replace")))
        elif isinstance(value, bytes) and len(name) == 4 and name.isalpha() and name[0] & name[3] & 0x20:
            parts.append(make_chunk(name, value))
    return parts
