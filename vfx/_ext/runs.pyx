"""Pixels of TGA files and Windows bitmaps: run lengths, and colours that begin with blue.

Each decoder fills its whole picture or says where in the data it had to stop; every read is checked against the end of
the data, every run against the end of the line or picture.

Sources: Truevision TGA File Format Specification 2.0 (1991); Microsoft, "Bitmap Compression" (BI_RLE4, BI_RLE8).
"""

from libc.stdint cimport uint8_t
from libc.string cimport memcpy, memset

from vfx._ext.watch cimport Watch, watch as look

__all__ = ["decode_bmp", "decode_tga", "encode_tga", "most_tga_bytes", "swap_red_and_blue"]

cdef enum:
    MOST_PACKET = 128       # pixels of a TGA packet


cdef int _answer(const Watch *state) except -1:
    """Raises what a signal handler raised meanwhile."""
    return -1 if state.stop else 0


# ------------------------------------------------------------------ TGA


def decode_tga(const unsigned char[::1] data not None, Py_ssize_t offset, unsigned char[:, ::1] pixels not None):
    """The end of the packets in ``data``; a negative number is -1 - the place of what is damaged.

    Parameters
    ----------
    data : bytes-like
        The file.
    offset : int
        Where the packets begin.
    pixels : (N, B) of uint8
        Filled with N pixels of B stored bytes. A packet may run over the end of a line, as old writers make it.
    """
    cdef Py_ssize_t size = data.shape[0]
    cdef Py_ssize_t count = pixels.shape[0]
    cdef Py_ssize_t each = pixels.shape[1]
    cdef Py_ssize_t at = offset
    cdef Py_ssize_t i = 0
    cdef Py_ssize_t k, number
    cdef const uint8_t *start
    cdef uint8_t *out
    cdef Watch state
    if not 1 <= each <= 4 or offset < 0:
        raise ValueError("pixels must be (N, 1 to 4), offset at least 0")
    if count == 0 or size <= offset:
        return offset if count == 0 else -1 - offset
    start = &data[0]
    out = &pixels[0, 0]
    state.stop, state.work = False, 0
    with nogil:
        while i < count:
            if look(&state, 0, MOST_PACKET):
                break
            if at + 1 + each > size:
                at = -1 - at
                break
            number = (start[at] & 127) + 1
            if i + number > count or (start[at] < 128 and at + 1 + number * each > size):
                at = -1 - at
                break
            if start[at] < 128:
                memcpy(out + i * each, start + at + 1, number * each)
                at += 1 + number * each
            else:
                for k in range(number):
                    memcpy(out + (i + k) * each, start + at + 1, each)
                at += 1 + each
            i += number
    _answer(&state)
    return at


def most_tga_bytes(Py_ssize_t width, Py_ssize_t each):
    """The most bytes that the packets of a line of ``width`` pixels of ``each`` bytes take."""
    return width * each + (width + MOST_PACKET - 1) // MOST_PACKET + 1


cdef inline bint _same(const uint8_t *a, const uint8_t *b, Py_ssize_t each) noexcept nogil:
    """Whether two pixels are equal."""
    cdef Py_ssize_t k
    for k in range(each):
        if a[k] != b[k]:
            return False
    return True


cdef inline bint _begins_run(const uint8_t *at, Py_ssize_t left, Py_ssize_t each, Py_ssize_t least) noexcept nogil:
    """Whether ``least`` equal pixels, 2 or 3, begin here, where ``left`` are left."""
    if left < least or not _same(at, at + each, each):
        return False
    return least == 2 or _same(at, at + 2 * each, each)


cdef Py_ssize_t _code_line(const uint8_t *line, Py_ssize_t width, Py_ssize_t each, uint8_t *out) noexcept nogil:
    """The bytes written for one line: runs of equal pixels where they are shorter, and the others as they are.

    Two single bytes are as long as their run, which would also part those beside them: a line would outgrow
    ``most_tga_bytes``.
    """
    cdef Py_ssize_t x = 0
    cdef Py_ssize_t at = 0
    cdef Py_ssize_t run
    cdef Py_ssize_t least = 3 if each == 1 else 2
    while x < width:
        run = 1
        while x + run < width and run < MOST_PACKET and _same(line + (x + run) * each, line + x * each, each):
            run += 1
        if run >= least:
            out[at] = <uint8_t>(127 + run)
            memcpy(out + at + 1, line + x * each, each)
            at += 1 + each
        else:
            run = 1
            while x + run < width and run < MOST_PACKET and not _begins_run(
                    line + (x + run) * each, width - x - run, each, least):
                run += 1
            out[at] = <uint8_t>(run - 1)
            memcpy(out + at + 1, line + x * each, run * each)
            at += 1 + run * each
        x += run
    return at


def encode_tga(const unsigned char[:, :, ::1] lines not None, unsigned char[::1] out not None):
    """The number of bytes written into ``out``; no packet runs over the end of a line, as version 2.0 asks.

    Parameters
    ----------
    lines : (H, W, B) of uint8
        Pixels of B stored bytes.
    out : uint8, at least ``H * most_tga_bytes(W, B)``
        Where to write.
    """
    cdef Py_ssize_t height = lines.shape[0]
    cdef Py_ssize_t width = lines.shape[1]
    cdef Py_ssize_t each = lines.shape[2]
    cdef Py_ssize_t at = 0
    cdef Py_ssize_t y
    cdef const uint8_t *line
    cdef uint8_t *to
    cdef Watch state
    if not 1 <= each <= 4 or out.shape[0] < height * most_tga_bytes(width, each):
        raise ValueError("lines must be (H, W, 1 to 4), and out large enough")
    if height == 0 or width == 0:
        return 0
    line = &lines[0, 0, 0]
    to = &out[0]
    state.stop, state.work = False, 0
    with nogil:
        for y in range(height):
            if look(&state, 0, 4 * width):
                break
            at += _code_line(line, width, each, to + at)
            line += width * each
    _answer(&state)
    return at


# ------------------------------------------------------------------ BMP


cdef inline uint8_t _code_at(const uint8_t *data, Py_ssize_t i, int bits) noexcept nogil:
    """The i-th code of 8 or 4 bits."""
    if bits == 8:
        return data[i]
    return data[i >> 1] & 15 if i & 1 else data[i >> 1] >> 4


def decode_bmp(const unsigned char[::1] data not None, Py_ssize_t offset, int bits, unsigned char[:, ::1] codes not None):
    """The end of a BI_RLE8 or BI_RLE4 picture; a negative number is -1 - the place of what is damaged.

    Parameters
    ----------
    data : bytes-like
        The file.
    offset : int
        Where the codes begin.
    bits : int
        8 or 4.
    codes : (H, W) of uint8
        Filled in the order of the file, from the bottom row; what the file jumps over becomes 0.
    """
    cdef Py_ssize_t size = data.shape[0]
    cdef Py_ssize_t height = codes.shape[0]
    cdef Py_ssize_t width = codes.shape[1]
    cdef Py_ssize_t at = offset
    cdef Py_ssize_t x = 0
    cdef Py_ssize_t y = 0
    cdef Py_ssize_t k, count, taken
    cdef const uint8_t *start
    cdef uint8_t *out
    cdef Watch state
    if bits not in (4, 8) or offset < 0:
        raise ValueError("bits must be 4 or 8, offset at least 0")
    if height == 0 or width == 0 or size <= offset:
        return -1 - offset
    start = &data[0]
    out = &codes[0, 0]
    state.stop, state.work = False, 0
    with nogil:
        memset(out, 0, height * width)
        while True:
            if look(&state, 0, 256):
                break
            if at + 2 > size:
                at = at if y >= height - 1 and x == width or y >= height else -1 - at
                break
            count = start[at]
            if count == 0 and start[at + 1] <= 1:
                at += 2
                if start[at - 1] == 1:
                    break
                x = 0
                y += 1
                continue
            if count == 0 and start[at + 1] == 2:
                if at + 4 > size:
                    at = -1 - at
                    break
                x += start[at + 2]
                y += start[at + 3]
                at += 4
                if x > width or y > height:
                    at = -1 - (at - 4)
                    break
                continue
            taken = 0
            if count == 0:
                count = start[at + 1]
                taken = (count * bits + 15) // 16 * 2   # whole words
            if y >= height or x + count > width or at + 2 + taken > size:
                at = -1 - at
                break
            for k in range(count):
                if taken:
                    out[y * width + x + k] = _code_at(start + at + 2, k, bits)
                else:   # one code of 8 bits, or two of 4 in turn
                    out[y * width + x + k] = _code_at(start + at + 1, k & 1 if bits == 4 else 0, bits)
            x += count
            at += 2 + taken
    _answer(&state)
    return at


# ------------------------------------------------------------------ blue, green, red


cdef void _swap_line(const uint8_t *line, int each, uint8_t *out, int kept, Py_ssize_t width) noexcept nogil:
    """One line of pixels of ``each`` bytes as pixels of ``kept`` bytes, the first three in reverse."""
    cdef Py_ssize_t x
    if each == 3:
        for x in range(width):
            out[3 * x], out[3 * x + 1], out[3 * x + 2] = line[3 * x + 2], line[3 * x + 1], line[3 * x]
    elif kept == 3:
        for x in range(width):
            out[3 * x], out[3 * x + 1], out[3 * x + 2] = line[4 * x + 2], line[4 * x + 1], line[4 * x]
    else:
        for x in range(width):
            out[4 * x], out[4 * x + 1], out[4 * x + 2] = line[4 * x + 2], line[4 * x + 1], line[4 * x]
            out[4 * x + 3] = line[4 * x + 3]


def swap_red_and_blue(const unsigned char[:, :] source not None, unsigned char[:, :] out not None, int each, int kept):
    """Nothing; the lines of ``out`` are then those of ``source`` with the first and third byte of each pixel exchanged.

    Parameters
    ----------
    source : (H, at least W * each) of uint8
        Lines anywhere in memory, upside down too; their bytes side by side.
    out : (H, W * kept) of uint8, or more
        Where they go; what is beyond ``W * kept`` in a line is left alone. W is ``out.shape[1] // kept``.
    each, kept : int
        Bytes of a pixel, 3 and 3, 4 and 4, or 4 and 3.
    """
    cdef Py_ssize_t height = source.shape[0]
    cdef Py_ssize_t y, width
    cdef Watch state
    if not (3 <= kept <= each <= 4):
        raise ValueError("bytes of a pixel must be 3 and 3, 4 and 4, or 4 and 3")
    width = min(source.shape[1] // each, out.shape[1] // kept)
    if out.shape[0] != height or (width and (source.strides[1] != 1 or out.strides[1] != 1)):
        raise ValueError("lines must be as many on both sides, and bytes must be side by side")
    if height == 0 or width == 0:
        return
    state.stop, state.work = False, 0
    with nogil:
        for y in range(height):
            if look(&state, 0, width):
                break
            _swap_line(&source[y, 0], each, &out[y, 0], kept, width)
    _answer(&state)
