"""What one page of a TIFF file holds: whether it can be trusted, its channels, and its metadata.

tifffile forgives much: it skips damaged tags, guesses missing ones and fills missing tiles. A forgiven fault is
a wrong pixel, so a page is checked here before it is decoded.

Sources: Adobe TIFF 6.0 (1992); TIFF Technical Note 3 (predictor 3); BigTIFF (libtiff).
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from vfx.errors import FormatError, LimitError
from vfx.io import _exif, _exif_tags
from vfx.io._limits import check_size
from vfx.io._raster import likely_aspect
from vfx.io._vocabulary import add_words, xmp_for_writing

__all__ = [
    "Layout",
    "below",
    "channel_names",
    "check_page",
    "density",
    "description",
    "layout",
    "metadata",
    "page_count",
    "pixel_aspect",
    "smaller",
    "writable_tags",
]

#: Tags without which, or with a wrong value of which, the pixels would be others.
_STRUCTURE = frozenset(
    (256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284, 317, 320, 322, 323, 324, 325, 332, 338, 339, 347, 530)
)

#: How many bytes one byte can become, by the compression's number: none; PackBits (two bytes make 128);
#: LZW (at best 4096 - 258 bytes for 12 bits); deflate (zlib's technical notes). The others, at most as Zstandard's
#: run-length blocks: 128 KiB for 4 bytes.
_EXPANSION = {1: 1, 32773: 64, 5: 2600, 8: 1032, 32946: 1032}
_MOST_EXPANSION = 32768

#: A file of more pages is refused.
_MOST_PAGES = 10_000

#: More sub-pages of a page are not looked at.
_MOST_SUB_PAGES = 64

#: Text tags, by their number, as metadata keys.
TEXT_TAGS = {
    269: "tiff:DocumentName",
    270: "comments",
    271: "camera_make",
    272: "camera_model",
    285: "tiff:PageName",
    305: "software",
    306: "capture_date",
    315: "owner",
    316: "tiff:HostComputer",
    33432: "copyright",
}

#: Words that these tags and the page's own options say.
WORDS = frozenset(key for key in TEXT_TAGS.values() if ":" not in key)

ORIENTATION, XMP, ICC_PROFILE, X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 274, 700, 34675, 282, 283, 296

#: Photometric interpretations that are read (TIFF 6.0, tag 262).
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, MASK, SEPARATED, YCBCR = range(7)
CIE_LAB, ICC_LAB = 8, 9

#: Samples of the colour itself in each of them.
_COLOUR_SAMPLES = {WHITE_IS_ZERO: 1, BLACK_IS_ZERO: 1, RGB: 3, PALETTE: 1, MASK: 1, SEPARATED: 4, YCBCR: 3}
_COLOUR_SAMPLES |= {CIE_LAB: 3, ICC_LAB: 3}

#: Compressions that turn YCbCr into RGB by themselves: old and new JPEG, JPEG 2000, lossy DNG.
_JPEG = (6, 7, 34712, 33003, 33004, 33005, 34892)


@dataclass(frozen=True)
class Layout:
    """How the samples of a page become channels.

    Attributes
    ----------
    photometric : int
        Tag 262.
    bits : int
        Bits of one sample.
    floating : bool
        Whether the samples are floating point.
    colours : int
        Stored samples that make the colour; the others follow.
    names : tuple of str
        Of the channels of the image.
    signed : bool
        Whether they are signed integers.
    alpha : str
        ``"associated"``, ``"unassociated"``, ``"unspecified"``, or ``""`` without.
    """

    photometric: int
    bits: int
    floating: bool
    colours: int
    names: tuple[str, ...]
    alpha: str
    signed: bool = False

    @property
    def format(self) -> str:
        """Pixel format of the image; depths that no format has become f32, as in DPX."""
        if self.floating:
            return "f16" if self.bits == 16 else "f32"
        if self.signed or self.lab:
            return "f32"
        return {1: "u8", 2: "u8", 4: "u8", 8: "u8", 16: "u16", 32: "u32"}.get(self.bits, "f32")

    @property
    def lab(self) -> bool:
        """Whether the colours are CIE L*a*b*."""
        return self.photometric in (CIE_LAB, ICC_LAB)

    @property
    def sample_bytes(self) -> int:
        """Bytes of a decoded sample."""
        return (self.bits + 7) // 8


#: The Compression tag's number (TIFF 6.0, section 13).
_LZW = 5


def page_count(tiff: Any, stream: BinaryIO, size: int, label: str) -> int:
    """The number of pages, which are a chain of directories.

    Parameters
    ----------
    tiff : tifffile.TiffFormat
        The file's byte order and sizes.
    stream, size, label
        As in :func:`check_page`.

    Raises
    ------
    FormatError
        If the chain leads out of the file or back into itself (tifffile would follow it for ever).
    LimitError
        If it is longer than any file is.
    """

    def number(at: int, code: str) -> int:
        stream.seek(at)
        return int(struct.unpack(code, stream.read(struct.calcsize(code)))[0])

    seen: set[int] = set()
    offset = number(8 if tiff.offsetsize == 8 else 4, tiff.offsetformat)
    while offset:
        if offset in seen or offset + tiff.tagnosize + tiff.offsetsize > size:
            reason = "the chain of TIFF pages leads back into itself" if offset in seen else "a TIFF page is cut off"
            raise FormatError(reason, path=label, offset=offset)
        if len(seen) >= _MOST_PAGES:
            raise LimitError(f"more than {_MOST_PAGES} pages", path=label, offset=offset)
        seen.add(offset)
        entries = number(offset, tiff.tagnoformat) * tiff.tagsize
        if offset + tiff.tagnosize + entries + tiff.offsetsize > size:
            raise FormatError("a TIFF page is cut off", path=label, offset=offset)
        offset = number(offset + tiff.tagnosize + entries, tiff.offsetformat)
    if not seen:
        raise FormatError("a TIFF file without a page", path=label)
    return len(seen)


def check_page(page: Any, stream: BinaryIO, size: int, label: str, *, size_read: tuple[int, int] | None = None) -> None:
    """Nothing, for a page whose structure is whole.

    Parameters
    ----------
    page : tifffile.TiffPage
        The page.
    stream : binary stream
        The file.
    size : int
        Its length.
    label : str
        For messages.
    size_read : (height, width), optional
        What is to be read of it; all unless given.

    Raises
    ------
    FormatError
        If a tag that matters is damaged, strips or tiles are missing, or the file is too short for the size.
    """
    at = int(page.offset)
    lost = sorted((_stored_tags(page, stream, label) & _STRUCTURE) - {tag.code for tag in page.tags})
    if lost:
        raise FormatError(f"damaged TIFF tags: {', '.join(map(str, lost))}", path=label, offset=at)
    if 256 not in page.tags or 257 not in page.tags:
        raise FormatError("TIFF page without a size", path=label, offset=at)
    if page.imagedepth != 1:
        raise FormatError(f"a volume of {page.imagedepth} slices is not a picture", path=label, offset=at)
    if page.planarconfig not in (1, 2):  # tifffile would leave all but the first plane as memory happens to be
        raise FormatError(f"unknown planar configuration {page.planarconfig}", path=label, offset=at)
    high, wide = size_read or (int(page.imagelength), int(page.imagewidth))
    check_size(wide, high, label)
    if page.is_tiled and not (0 < page.tilewidth < 2**31 and 0 < page.tilelength < 2**31):
        raise FormatError(f"tiles of {page.tilewidth} x {page.tilelength} pixels", path=label, offset=at)
    pieces = math.prod(page.chunked)
    offsets, counts = page.dataoffsets, page.databytecounts
    if len(offsets) != pieces or len(counts) != pieces:
        reason = f"{pieces} strips or tiles are needed, {min(len(offsets), len(counts))} are there"
        raise FormatError(reason, path=label, offset=at)
    for offset, count in zip(offsets, counts, strict=True):
        if offset <= 0 or count <= 0 or offset + count > size:
            raise FormatError(f"a strip or tile of {count} bytes is missing or cut off", path=label, offset=int(offset))
    if int(page.compression) == _LZW:
        # Codes of 9 bits and more, each for at most one byte more than the one before (TIFF 6.0, section 13).
        codes = [int(count) * 8 // 9 + 1 for count in counts]
        most = sum(count * min(count + 1, 2 * 4096) // 2 for count in codes)
        wanted = int(page.imagewidth) * int(page.imagelength) * int(page.samplesperpixel) * int(page.bitspersample) // 8
        if wanted > most:
            raise FormatError(f"{sum(map(int, counts))} bytes of LZW cannot hold its pixels", path=label)
    _check_amount(page, min(sum(counts), size), label)


def _stored_tags(page: Any, stream: BinaryIO, label: str) -> set[int]:
    """The numbers of all tags in the page's directory, the damaged ones too."""
    tiff = page.parent.tiff
    stream.seek(page.offset)
    count = struct.unpack(tiff.tagnoformat, stream.read(tiff.tagnosize))[0]
    entries = stream.read(count * tiff.tagsize)
    if len(entries) < count * tiff.tagsize:
        raise FormatError("the directory of the TIFF page is cut off", path=label, offset=int(page.offset))
    return {struct.unpack_from(tiff.byteorder + "H", entries, at)[0] for at in range(0, len(entries), tiff.tagsize)}


def _check_amount(page: Any, stored: int, label: str) -> None:
    """Refuse a size that ``stored`` bytes cannot hold, before anything of that size is allocated."""
    bits = max(page.bitspersample) if isinstance(page.bitspersample, tuple) else page.bitspersample
    if page.is_tiled:
        samples = math.prod(page.chunked) * math.prod(page.chunks)
    else:
        samples = page.imagewidth * page.imagelength * page.samplesperpixel
    expansion = _EXPANSION.get(int(page.compression), _MOST_EXPANSION)
    if page.photometric == YCBCR and page.is_subsampled:
        expansion *= 3
    if samples * bits > (stored + 64) * expansion * 8:
        reason = f"{stored} bytes cannot hold {page.imagewidth} x {page.imagelength} x {page.samplesperpixel} samples"
        raise FormatError(reason, path=label, offset=int(page.offset))


def below(page: Any, *, level: int, subifd: int | None, label: str) -> Any:
    """The page itself, a smaller version of it, or one of its sub-pages.

    Raises
    ------
    FormatError
        If there is none.
    """
    if subifd is not None:
        subs = _sub_pages(page)
        if subifd >= len(subs):
            raise FormatError(f"no sub-page {subifd}; the page has {len(subs)}", path=label, offset=int(page.offset))
        return subs[subifd]
    if level == 0:
        return page
    found = smaller(page)
    if level > len(found):
        raise FormatError(f"no level {level}; the page has {1 + len(found)}", path=label, offset=int(page.offset))
    return found[level - 1]


def _sub_pages(page: Any) -> list[Any]:
    """The pages in a page's tag SubIFDs (Adobe TIFF Technical Note 1), up to the first damaged one."""
    import tifffile

    found = []
    offsets: Sequence[int] = page.subifds or ()
    if len(offsets) and 0 < offsets[0] < page.parent.filehandle.size:
        for index in range(min(len(offsets), _MOST_SUB_PAGES)):
            try:
                found.append(page.pages[index].aspage())
            except (tifffile.TiffFileError, ValueError, LookupError, TypeError, RuntimeError, struct.error):
                break
    return found


def smaller(page: Any) -> list[Any]:
    """The smaller versions of a page, each smaller than the one before (NewSubfileType, bit 0).

    They are sub-pages, or, where the page has none, pages of the file behind it.
    """
    candidates = _sub_pages(page)
    if not candidates and not page.subfiletype & 1 and isinstance(page.index, int):
        chain = page.parent.pages
        following = page.index + 1
        while following < page.index + _MOST_SUB_PAGES and following < len(chain):
            candidate = chain[following].aspage()
            if not candidate.subfiletype & 1:
                break
            candidates.append(candidate)
            following += 1
    found = [page]
    for candidate in candidates:
        reduced = candidate.imagewidth < found[-1].imagewidth or candidate.imagelength < found[-1].imagelength
        if candidate.subfiletype & 1 and reduced:
            found.append(candidate)
    return found[1:]


def layout(page: Any, label: str) -> Layout:
    """How the page's samples become channels.

    Raises
    ------
    FormatError
        If its kind of pixels is not supported.
    """
    photometric, bits = int(page.photometric), page.bitspersample
    kind = int(page.sampleformat) if not isinstance(page.sampleformat, tuple) else 0
    floating = kind == 3
    supported = {2: (8, 16, 32), 3: (16, 24, 32, 64)}.get(kind, (*range(1, 17), 32))
    if isinstance(bits, tuple) or kind not in (1, 2, 3, 4) or bits not in supported:
        reason = f"TIFF samples of {bits} bits and sample format {kind} are not supported"
        raise FormatError(reason, path=label, offset=int(page.offset))
    signed = kind == 2
    unknown = photometric not in _COLOUR_SAMPLES or (photometric == YCBCR and int(page.compression) not in _JPEG)
    lab = photometric in (CIE_LAB, ICC_LAB)
    unknown |= lab and (bits not in (8, 16) or floating)
    if unknown or (signed and photometric not in (BLACK_IS_ZERO, RGB)):
        reason = f"TIFF pixels of photometric interpretation {photometric} are not supported"
        raise FormatError(reason, path=label, offset=int(page.offset))
    colours, samples = _COLOUR_SAMPLES[photometric], int(page.samplesperpixel)
    if samples < colours or (photometric == PALETTE and (samples != 1 or floating)):
        reason = f"{samples} samples do not make photometric interpretation {photometric}"
        raise FormatError(reason, path=label, offset=int(page.offset))
    if photometric == PALETTE and getattr(page.colormap, "shape", None) != (3, 2**bits):
        raise FormatError(f"the palette does not have 3 x {2**bits} values", path=label, offset=int(page.offset))
    names = ["R", "G", "B"] if photometric in (RGB, PALETTE, SEPARATED, YCBCR) else ["Y"]
    names = ["Lab.L", "Lab.a", "Lab.b"] if lab else names
    alpha = ""
    extras = [int(extra) for extra in page.extrasamples or ()]
    for index in range(samples - colours):
        extra = extras[index] if index < len(extras) else 0
        if not alpha and (extra in (1, 2) or samples - colours == 1):
            alpha = {1: "associated", 2: "unassociated"}.get(extra, "unspecified")
            names.append("A")
        else:
            names.append(f"C{len(names)}")
    described = channel_names(page.description)
    chosen = described if len(described) == len(names) else tuple(names)
    return Layout(photometric, bits, floating, colours, chosen, alpha, signed)


def channel_names(text: Any) -> tuple[str, ...]:
    """Channel names that this package wrote into the description; none for any other description."""
    try:
        names = json.loads(text)["channels"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return ()
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        return ()
    return tuple(names) if len(set(names)) == len(names) else ()


def description(names: Sequence[str], comments: str | None) -> str:
    """The description that carries channel names and comments."""
    return json.dumps({"channels": list(names)} | ({"comments": comments} if comments else {}))


def metadata(page: Any, shape: Layout) -> dict[str, Any]:
    """The metadata of a page."""
    result: dict[str, Any] = {}
    for code, key in TEXT_TAGS.items():
        value = page.tags.valueof(code)
        if isinstance(value, str) and value:
            result[key] = value
    if channel_names(page.description):
        comments = json.loads(result.pop("comments")).get("comments")
        if isinstance(comments, str):
            result["comments"] = comments
    turned = page.tags.valueof(ORIENTATION)
    if isinstance(turned, int) and 1 <= turned <= 8:
        result["orientation"] = int(turned)
    for code, key in ((ICC_PROFILE, "icc_profile"), (XMP, "xmp")):
        value = page.tags.valueof(code)
        if isinstance(value, bytes) and value:
            result[key] = value
    if shape.photometric == SEPARATED and "icc_profile" in result:
        result["tiff:cmyk_icc_profile"] = result.pop("icc_profile")
    found = _stored_density(page)
    if found is not None:
        result["tiff:density"] = found
    if shape.alpha in ("unassociated", "unspecified"):
        result["alpha"] = shape.alpha
    said = _exif.of_tiff(_exif_tags.FileBytes(page.parent.filehandle), int(page.offset), page.parent.filehandle.name)
    if "capture_date" in said:
        result["capture_date"] = said["capture_date"]  # EXIF's, where DateTime is when the file was changed
    result = said | result
    add_words(result)
    return result


def _stored_density(page: Any) -> tuple[float, float, int] | None:
    """Pixels per unit across and down, and the unit (1 none, 2 inch, 3 centimetre)."""
    values = []
    for code in (X_RESOLUTION, Y_RESOLUTION):
        value = page.tags.valueof(code)
        if not (isinstance(value, tuple) and len(value) == 2) or value[0] <= 0 or value[1] <= 0:
            return None
        values.append(value[0] / value[1])
    unit = page.tags.valueof(RESOLUTION_UNIT)
    return values[0], values[1], int(unit) if unit in (1, 2, 3) else 2


def pixel_aspect(entries: Mapping[str, Any]) -> float:
    """Width of a pixel over its height: more pixels per inch across means narrower ones."""
    x, y, _unit = entries.get("tiff:density", (1.0, 1.0, 1))
    return likely_aspect(y / x) if x > 0 and y > 0 else 1.0


def density(entries: Mapping[str, Any], aspect: float) -> tuple[float, float, int]:
    """The density to write for an image: the one it was read with, unless its pixel aspect was changed."""
    if "tiff:density" in entries and abs(pixel_aspect(entries) - aspect) < 1e-4 * aspect:
        x, y, unit = entries["tiff:density"]
        return float(x), float(y), int(unit)
    return 1.0, float(aspect), 1


def writable_tags(entries: Mapping[str, Any]) -> list[tuple[int, str, int, Any, bool]]:
    """The tags that a writer adds for an image's metadata, as tifffile's ``extratags``."""
    tags: list[tuple[int, str, int, Any, bool]] = []
    for code, key in TEXT_TAGS.items():
        value = entries.get(key)
        if code not in (270, 305) and isinstance(value, str) and value:
            tags.append((code, "s", 0, value.encode("utf-8", errors="replace"), True))
    turned = entries.get("orientation")
    if isinstance(turned, int) and 1 <= turned <= 8:
        tags.append((ORIENTATION, "H", 1, turned, True))
    xmp = xmp_for_writing(entries, native=WORDS)
    if xmp is not None:
        tags.append((XMP, "B", len(xmp), xmp, True))
    return tags
