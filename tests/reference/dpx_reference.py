"""DPX files made and read bit by bit: slow, plain, and written without a look at the kernel.

``file_of`` makes a file of native codes with any header one may meet; ``codes_of`` reads the codes of a
file's first element back. Nothing here knows of floats or of scaling.
"""

from __future__ import annotations

import struct

import numpy as np

PACKED, FILLED_A, FILLED_B = 0, 1, 2
DESCRIPTORS = {"R": 1, "G": 2, "B": 3, "A": 4, "Y": 6, "CbCr": 7, "Z": 8, "composite": 9, "RGB": 50, "RGBA": 51}
DESCRIPTORS |= {
    "ABGR": 52,
    "CbYCrY": 100,
    "CbYACrYA": 101,
    "CbYCr": 102,
    "CbYCrA": 103,
    "C0C1": 150,
    "C0C1C2C3C4C5C6C7": 156,
}
#: Samples of each pixel; of 4:2:2 one colour sample a pixel, C_B and C_R in turn.
COMPONENTS = {1: 1, 2: 1, 3: 1, 4: 1, 6: 1, 7: 1, 8: 1, 9: 1, 50: 3, 51: 4, 52: 4, 100: 2, 101: 3, 102: 3, 103: 4}
COMPONENTS |= {150: 2, 156: 8}


def fields_of_word(bits: int, packing: int, components: int) -> list[int]:
    """Lowest bit of each code of a 32-bit word, in the order of the samples."""
    if bits == 10:
        low = 2 if packing == FILLED_A else 0
        upward = [low, low + 10, low + 20]
        return upward if components == 1 else upward[::-1]
    raise ValueError(bits)


def line_of(codes: np.ndarray, bits: int, packing: int, components: int, order: str) -> bytes:
    """One line of codes as bytes, up to the last word or sample."""
    values = [int(code) for code in codes]
    if bits == 8:
        return bytes(values)
    if bits == 16:
        return struct.pack(f"{order}{len(values)}H", *values)
    if bits == 12 and packing != PACKED:
        shift = 4 if packing == FILLED_A else 0
        return struct.pack(f"{order}{len(values)}H", *(value << shift for value in values))
    words = []
    if packing == PACKED:
        whole = sum(value << (bits * place) for place, value in enumerate(values))
        words = [whole >> (32 * k) & 0xFFFFFFFF for k in range((bits * len(values) + 31) // 32)]
    else:
        places = fields_of_word(bits, packing, components)
        for k in range(0, len(values), 3):
            words.append(sum(value << place for value, place in zip(values[k : k + 3], places, strict=False)))
    return struct.pack(f"{order}{len(words)}I", *words)


def codes_of_line(line: bytes, count: int, bits: int, packing: int, components: int, order: str) -> list[int]:
    """The first ``count`` codes of a line."""
    if bits == 8:
        return list(line[:count])
    if bits == 16 or (bits == 12 and packing != PACKED):
        shift = 4 if bits == 12 and packing == FILLED_A else 0
        return [v >> shift & (2**bits - 1) for v in struct.unpack_from(f"{order}{count}H", line)]
    words = struct.unpack(f"{order}{len(line) // 4}I", line[: len(line) // 4 * 4])
    if packing == PACKED:
        whole = sum(word << (32 * k) for k, word in enumerate(words))
        return [whole >> (bits * place) & (2**bits - 1) for place in range(count)]
    places = fields_of_word(bits, packing, components)
    return [words[k // 3] >> places[k % 3] & 1023 for k in range(count)]


def runs_of_line(pixels: list[list[int]], bits: int, longest: int | None = None) -> list[int]:
    """A line of pixels as flags and samples: every stretch of equal pixels is a run, also of one."""
    most = longest or 2 ** (bits - 1) - 1
    samples: list[int] = []
    at = 0
    while at < len(pixels):
        count = 1
        while at + count < len(pixels) and pixels[at + count] == pixels[at] and count < most:
            count += 1
        if count > 1 or at % 3 == 0:
            samples += [2 * count + 1, *pixels[at]]
        else:  # single pixels as they are
            samples += [2 * count, *pixels[at]]
        at += count
    return samples


def pixels_of_runs(samples: list[int], width: int, components: int) -> tuple[list[list[int]], int]:
    """The pixels of a line of flags and samples, and how many of these it took."""
    pixels: list[list[int]] = []
    at = 0
    while len(pixels) < width:
        flag, at = samples[at], at + 1
        count = flag // 2
        if flag % 2:
            pixels += [samples[at : at + components]] * count
            at += components
        else:
            pixels += [samples[at + k * components : at + (k + 1) * components] for k in range(count)]
            at += count * components
    return pixels, at


def elements_of(*files: bytes) -> bytes:
    """One file of the elements of several, which are alike but for their pixels and kinds of samples."""
    order = ">" if files[0][:4] == b"SDPX" else "<"
    data = bytearray(files[0])
    struct.pack_into(f"{order}H", data, 770, len(files))
    for index, other in enumerate(files[1:], 1):
        start = 780 + 72 * index
        data[start : start + 72] = other[780:852]
        struct.pack_into(f"{order}I", data, start + 28, len(data))
        data += other[2048:]
    struct.pack_into(f"{order}I", data, 16, len(data))
    return bytes(data)


def file_of(
    codes: np.ndarray,
    *,
    bits: int,
    packing: int = FILLED_A,
    order: str = ">",
    kind: str = "RGB",
    header: int = 2048,
    image_offset: int | None = None,
    element_offset: int | None = None,
    orientation: int = 0,
    padded: bool = True,
    line_padding: int = 0,
    encoding: int = 0,
    raw: bytes | None = None,
) -> bytes:
    """A file of ``codes`` (H, W, C). Offsets are ``header`` unless given; ``raw`` replaces the pixel bytes."""
    height, width, components = codes.shape
    head = bytearray(b"\xff" * header)
    head[0:4] = b"SDPX" if order == ">" else b"XPDS"
    for start, end in ((8, 16), (36, 660), (1432, 1620)):
        head[start:end] = bytes(end - start)
    head[8:12] = b"V2.0"
    if header >= 2048:
        head[1664:1712] = bytes(48)
        head[1732:1920] = bytes(188)
    lines = []
    for row in codes.reshape(height, -1):
        if encoding == 1:
            row = runs_of_line(row.reshape(width, components).tolist(), bits)
        line = line_of(row, bits, packing, components, order)
        lines.append(line + (bytes(-len(line) % 4) if padded else b"") + bytes(line_padding))
    pixels = b"".join(lines) if raw is None else raw
    struct.pack_into(f"{order}I", head, 4, header if image_offset is None else image_offset)
    struct.pack_into(f"{order}I", head, 16, header + len(pixels))
    struct.pack_into(f"{order}HHII", head, 768, orientation, 1, width, height)
    head[800:804] = bytes([DESCRIPTORS[kind], 0, 0, bits])
    offset = header if element_offset is None else element_offset
    struct.pack_into(f"{order}IHHIII", head, 780, 0, 0, 0, 0, 0, 0)
    struct.pack_into(f"{order}I", head, 780, 0)
    head[784:800] = b"\xff" * 16
    struct.pack_into(f"{order}HHIII", head, 804, packing, encoding, offset, line_padding, 0)
    head[820:852] = bytes(32)
    return bytes(head) + pixels


def codes_of(data: bytes) -> np.ndarray:
    """The codes (H, W, C) of a file's first element; lines end on 32-bit words."""
    order = ">" if data[:4] == b"SDPX" else "<"
    _, _, width, height = struct.unpack_from(f"{order}HHII", data, 768)
    descriptor, bits = data[800], data[803]
    packing, _, offset = struct.unpack_from(f"{order}HHI", data, 804)
    components = COMPONENTS[descriptor]
    count = width * components
    stride = len(line_of(np.zeros(count, int), bits, packing, components, order))
    stride += -stride % 4
    rows = [
        codes_of_line(data[offset + y * stride : offset + (y + 1) * stride], count, bits, packing, components, order)
        for y in range(height)
    ]
    return np.array(rows, np.uint16).reshape(height, width, components)
