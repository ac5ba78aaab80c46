r"""The text at the beginning of a Radiance picture.

::

    #?RADIANCE                      or #?RGBE; other comments begin with #
    FORMAT=32-bit_rle_rgbe          variables; EXPOSURE and COLORCORR may come several times
    oconv scene.rad | rpict …       lines without = are the commands that made the picture, indented ones its past
                                    an empty line ends them
    -Y 1080 +X 1920                 how scanlines follow each other, then how pixels do

Source: G. Ward, Radiance file formats (2005), "HDR".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfx.errors import FormatError
from vfx.image import Image
from vfx.io._limits import limits
from vfx.io._raster import likely_aspect
from vfx.metadata import Chromaticities

__all__ = ["MAGIC", "SCANS", "Header", "pack", "parse", "scanned", "upright"]

MAGIC = b"#?"

#: Orders of the pixels: axis and direction of the scanlines, then of the pixels of each.
SCANS = ("-Y +X", "-Y -X", "+Y -X", "+Y +X", "+X -Y", "-X -Y", "-X +Y", "+X +Y")

_FORMATS = {"32-bit_rle_rgbe": False, "32-bit_rle_xyze": True}
_RESOLUTION = re.compile(rb"([+-][XY]) +(\d{1,9}) +([+-][XY]) +(\d{1,9}) *\r?\n")

#: Variables that become metadata under a name that formats share.
_SHARED = {"SOFTWARE": "software", "CAPDATE": "capture_date", "OWNER": "owner", "COPYRIGHT": "copyright"}

#: No line of a header, and no header, is as long as this.
_MOST_HEADER = 2**20


@dataclass
class Header:
    """What the text says.

    Attributes
    ----------
    width, height : int
        Of the upright picture.
    scan : str
        One of ``SCANS``.
    offset : int
        Where the scanlines begin.
    xyz : bool
        Whether the colours are X, Y, Z.
    pixel_aspect : float
        Width of a pixel over its height.
    metadata : dict
        The variables.
    """

    width: int = 0
    height: int = 0
    scan: str = "-Y +X"
    offset: int = 0
    xyz: bool = False
    pixel_aspect: float = 1.0
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def by_columns(self) -> bool:
        """Whether the scanlines are columns of the picture."""
        return self.scan[1] == "X"

    @property
    def plain(self) -> bool:
        """Whether the first scanlines are the first rows."""
        return self.scan.startswith("-Y")

    @property
    def lines(self) -> int:
        """Number of scanlines."""
        return self.width if self.by_columns else self.height

    @property
    def line_pixels(self) -> int:
        """Pixels of a scanline."""
        return self.height if self.by_columns else self.width


def parse(data: memoryview, label: str) -> Header:
    """The header of a Radiance picture.

    Raises
    ------
    FormatError
        If it is not one, is cut off, or describes no supported picture.
    """
    text = bytes(data[:_MOST_HEADER])
    if not text.startswith(MAGIC):
        raise FormatError("not a Radiance picture", path=label, offset=0)
    ending = re.search(rb"\n\r?\n", text)
    if ending is None:
        raise FormatError("the header does not end", path=label, offset=len(text))
    found = _RESOLUTION.match(text, ending.end())
    if found is None:
        raise FormatError("no picture size like '-Y 1080 +X 1920'", path=label, offset=ending.end())
    slow, lines, fast, pixels = (part.decode() for part in found.groups())
    if slow[1] == fast[1]:
        raise FormatError(f"the picture size names {slow[1]} twice", path=label, offset=ending.end())
    head = Header(scan=f"{slow} {fast}", offset=found.end())
    head.height, head.width = (int(lines), int(pixels)) if slow[1] == "Y" else (int(pixels), int(lines))
    if head.width == 0 or head.height == 0:
        raise FormatError(f"a picture of {head.width} x {head.height} pixels", path=label, offset=ending.end())
    limits.check_attribute("the header", ending.end(), label)
    _read_lines(_text(text[: ending.start()]).splitlines()[1:], head, label)
    return head


def _text(raw: bytes) -> str:
    """The header has no declared encoding: UTF-8, else Latin-1."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _read_lines(lines: list[str], head: Header, label: str) -> None:
    """Put the variables into the header."""
    entries = head.metadata
    comments, history = [], []
    for line in lines:
        name, equals, value = line.partition("=")
        value = value.strip()
        if line.startswith("#"):
            comments.append(line[1:].strip())
        elif not equals or line[:1].isspace() or not name.replace("_", "").isalnum():
            history.append(line)
        elif name == "FORMAT":
            if value not in _FORMATS:
                raise FormatError(f"pixels of format {value!r} are not supported", path=label)
            head.xyz = _FORMATS[value]
        elif name in ("EXPOSURE", "COLORCORR", "PIXASPECT", "PRIMARIES"):
            _read_numbers(name, value, head)
        else:
            entries[_SHARED.get(name, f"hdr:{name}")] = value
    for key, found in (("comments", comments), ("hdr:history", history)):
        if any(found):
            entries[key] = "\n".join(found)


def _read_numbers(name: str, value: str, head: Header) -> None:
    """One variable of numbers; what is no number is kept as text."""
    entries = head.metadata
    count = {"EXPOSURE": 1, "COLORCORR": 3, "PIXASPECT": 1, "PRIMARIES": 8}[name]
    try:
        numbers = [float(word) for word in value.split()]
    except ValueError:
        numbers = []
    if len(numbers) != count or not np.isfinite(numbers).all() or (name != "PRIMARIES" and min(numbers) <= 0):
        entries[f"hdr:{name}"] = value
    elif name == "EXPOSURE":
        entries["hdr:exposure"] = entries.get("hdr:exposure", 1.0) * numbers[0]
    elif name == "COLORCORR":
        before = entries.get("hdr:colorcorr", (1.0, 1.0, 1.0))
        entries["hdr:colorcorr"] = tuple(a * b for a, b in zip(before, numbers, strict=True))
    elif name == "PIXASPECT":  # "the height of each pixel divided by its width"
        head.pixel_aspect = likely_aspect(head.pixel_aspect / numbers[0])
    else:
        red, green, blue, white = ((numbers[at], numbers[at + 1]) for at in (0, 2, 4, 6))
        entries["chromaticities"] = Chromaticities(red, green, blue, white)


def upright(lines: NDArray[np.uint8], head: Header) -> NDArray[np.uint8]:
    """A view of the scanlines (lines, pixels, 4) as rows from the top, left to right."""
    pixels = lines.transpose(1, 0, 2) if head.by_columns else lines
    return pixels[:: -1 if "+Y" in head.scan else 1, :: -1 if "-X" in head.scan else 1]


def scanned(pixels: NDArray[np.uint8], scan: str) -> NDArray[np.uint8]:
    """A view of the rows as scanlines in the order of ``scan``."""
    pixels = pixels[:: -1 if "+Y" in scan else 1, :: -1 if "-X" in scan else 1]
    return pixels.transpose(1, 0, 2) if scan[1] == "X" else pixels


def pack(image: Image, size: tuple[int, int], scan: str, *, xyz: bool) -> bytes:
    """The text for an image of ``size`` (width, height)."""
    entries = image.metadata
    lines = ["#?RADIANCE"]
    if isinstance(entries.get("comments"), str):
        lines += [f"# {line}" for line in entries["comments"].splitlines()]
    if isinstance(entries.get("hdr:history"), str):
        lines += [line for line in entries["hdr:history"].splitlines() if line.strip()]
    lines.append(f"FORMAT={'32-bit_rle_xyze' if xyz else '32-bit_rle_rgbe'}")
    for name, key in _SHARED.items():
        if isinstance(entries.get(key), str):
            lines.append(f"{name}={_one_line(entries[key])}")
    chroma = entries.get("chromaticities")
    if isinstance(chroma, Chromaticities) and not xyz:
        lines.append("PRIMARIES=" + " ".join(f"{value:.9g}" for point in chroma for value in point))
    if "hdr:exposure" in entries:
        lines.append(f"EXPOSURE={float(entries['hdr:exposure']):.9g}")
    if "hdr:colorcorr" in entries:
        lines.append("COLORCORR=" + " ".join(f"{float(value):.9g}" for value in entries["hdr:colorcorr"]))
    if image.pixel_aspect != 1.0:
        lines.append(f"PIXASPECT={1 / image.pixel_aspect:.9g}")
    for key, value in entries.items():
        name = key.removeprefix("hdr:")
        if key.startswith("hdr:") and name.isupper() and name.replace("_", "").isalnum() and isinstance(value, str):
            lines.append(f"{name}={_one_line(value)}")
    axes = {"X": size[0], "Y": size[1]}
    slow, fast = scan.split()
    resolution = f"{slow} {axes[slow[1]]} {fast} {axes[fast[1]]}\n"
    return ("\n".join(lines) + "\n\n" + resolution).encode("utf-8", errors="replace")


def _one_line(text: str) -> str:
    """A text that cannot end the header."""
    return " ".join(text.split())
