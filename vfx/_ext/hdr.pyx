"""Radiance's scanlines, which are run-length coded, and its colours with a shared exponent.

The decoder fills its whole picture or says where in the data it had to stop; every read is checked against the end of
the data, every run against the end of the scanline.

Sources: G. Ward, "Real Pixels", Graphics Gems II (1991); G. Ward, Radiance file formats (2005), "HDR".
"""

from libc.stdint cimport int32_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from vfx._ext.watch cimport Watch, watch as look

__all__ = ["decode_rgbe", "encode_rgbe", "from_shared_exponent", "most_rgbe_bytes", "to_shared_exponent"]

cdef enum:
    SHORTEST = 8            # scanlines of so many pixels have their components coded apart
    LONGEST = 32767
    MOST_RUN = 127          # of a component
    LEAST_RUN = 4           # a shorter one costs as much as its bytes


cdef int _answer(const Watch *state) except -1:
    """Raises what a signal handler raised meanwhile."""
    return -1 if state.stop else 0


cdef Py_ssize_t _components(const uint8_t *data, Py_ssize_t at, Py_ssize_t size, uint8_t *line,
                            Py_ssize_t width) noexcept nogil:
    """The end of a scanline whose four components are coded one after the other; -1 - place of the fault."""
    cdef Py_ssize_t x, count
    cdef int c
    for c in range(4):
        x = 0
        while x < width:
            if at + 2 > size:
                return -1 - at
            count = data[at]
            if count > 128:
                count -= 128
                if x + count > width:
                    return -1 - at
                while count > 0:
                    line[4 * x + c] = data[at + 1]
                    x += 1
                    count -= 1
                at += 2
            else:
                if count == 0 or x + count > width or at + 1 + count > size:
                    return -1 - at
                at += 1
                while count > 0:
                    line[4 * x + c] = data[at]
                    x += 1
                    at += 1
                    count -= 1
    return at


cdef Py_ssize_t _pixels(const uint8_t *data, Py_ssize_t at, Py_ssize_t size, uint8_t *line,
                        Py_ssize_t width) noexcept nogil:
    """The end of a scanline of whole pixels, in which 1 1 1 n repeats the last one; -1 - place of the fault."""
    cdef Py_ssize_t x = 0
    cdef Py_ssize_t count
    cdef int shift = 0
    while x < width:
        if at + 4 > size:
            return -1 - at
        if data[at] == 1 and data[at + 1] == 1 and data[at + 2] == 1:
            if shift > 24 or x == 0:
                return -1 - at
            count = <Py_ssize_t>data[at + 3] << shift
            if x + count > width:
                return -1 - at
            while count > 0:
                memcpy(line + 4 * x, line + 4 * x - 4, 4)
                x += 1
                count -= 1
            shift += 8
        else:
            memcpy(line + 4 * x, data + at, 4)
            x += 1
            shift = 0
        at += 4
    return at


def decode_rgbe(const unsigned char[::1] data not None, Py_ssize_t offset, unsigned char[:, :, ::1] lines not None):
    """The end of the scanlines in ``data``; a negative number is -1 - the place of what is damaged.

    Parameters
    ----------
    data : bytes-like
        The file.
    offset : int
        Where the scanlines begin.
    lines : (H, W, 4) of uint8
        Filled with the stored R, G, B (or X, Y, Z) and exponent.
    """
    cdef Py_ssize_t size = data.shape[0]
    cdef Py_ssize_t height = lines.shape[0]
    cdef Py_ssize_t width = lines.shape[1]
    cdef Py_ssize_t at = offset
    cdef Py_ssize_t y
    cdef const uint8_t *start
    cdef uint8_t *line
    cdef Watch state
    if lines.shape[2] != 4 or offset < 0:
        raise ValueError("lines must be (H, W, 4), offset at least 0")
    if height == 0 or width == 0 or size <= offset:
        return -1 - offset if height and width else offset
    start = &data[0]
    line = &lines[0, 0, 0]
    state.stop, state.work = False, 0
    with nogil:
        for y in range(height):
            if look(&state, 0, 4 * width):
                break
            if at + 4 > size:
                at = -1 - at
                break
            if SHORTEST <= width <= LONGEST and start[at] == 2 and start[at + 1] == 2 and start[at + 2] < 128:
                if ((<Py_ssize_t>start[at + 2]) << 8 | start[at + 3]) != width:
                    at = -1 - at
                    break
                at = _components(start, at + 4, size, line, width)
            else:
                at = _pixels(start, at, size, line, width)
            if at < 0:
                break
            line += 4 * width
    _answer(&state)
    return at


def most_rgbe_bytes(Py_ssize_t width):
    """The most bytes that a coded scanline of ``width`` pixels takes."""
    return 4 + 4 * (width + width // MOST_RUN + 2)


cdef Py_ssize_t _code_component(const uint8_t *line, Py_ssize_t width, uint8_t *out) noexcept nogil:
    """The bytes written for one component, every fourth byte of ``line``."""
    cdef Py_ssize_t x = 0
    cdef Py_ssize_t at = 0
    cdef Py_ssize_t first, run, count
    while x < width:
        first = x
        run = 0
        while first < width:    # the next run that is worth its two bytes
            run = 1
            while run < MOST_RUN and first + run < width and line[4 * (first + run)] == line[4 * first]:
                run += 1
            if run >= LEAST_RUN:
                break
            first += run
            run = 0
        while x < first:
            count = min(first - x, 128)
            out[at] = <uint8_t>count
            at += 1
            while count > 0:
                out[at] = line[4 * x]
                at += 1
                x += 1
                count -= 1
        if run:
            out[at] = <uint8_t>(128 + run)
            out[at + 1] = line[4 * x]
            at += 2
            x += run
    return at


def encode_rgbe(const unsigned char[:, :, ::1] lines not None, unsigned char[::1] out not None):
    """The number of bytes written into ``out``: scanlines of 8 to 32767 pixels, their components coded apart.

    Parameters
    ----------
    lines : (H, W, 4) of uint8
        R, G, B and exponent.
    out : uint8, at least ``H * most_rgbe_bytes(W)``
        Where to write.
    """
    cdef Py_ssize_t height = lines.shape[0]
    cdef Py_ssize_t width = lines.shape[1]
    cdef Py_ssize_t at = 0
    cdef Py_ssize_t y
    cdef int c
    cdef const uint8_t *line
    cdef uint8_t *to
    cdef Watch state
    if lines.shape[2] != 4 or not SHORTEST <= width <= LONGEST:
        raise ValueError("lines must be (H, 8 to 32767, 4)")
    if out.shape[0] < height * most_rgbe_bytes(width):
        raise ValueError("out is too small")
    if height == 0:
        return 0
    line = &lines[0, 0, 0]
    to = &out[0]
    state.stop, state.work = False, 0
    with nogil:
        for y in range(height):
            if look(&state, 0, 16 * width):
                break
            to[at] = 2
            to[at + 1] = 2
            to[at + 2] = <uint8_t>(width >> 8)
            to[at + 3] = <uint8_t>(width & 255)
            at += 4
            for c in range(4):
                at += _code_component(line + c, width, to + at)
            line += 4 * width
    _answer(&state)
    return at


cdef inline float _power(int exponent) noexcept nogil:
    """2**(exponent - 136) of a stored exponent: a mantissa of 8 bits, a bias of 128 (Real Pixels)."""
    cdef uint32_t bits
    cdef float value
    # The smallest, of exponents 1 to 9, are subnormal in single precision.
    bits = <uint32_t>(exponent - 9) << 23 if exponent > 9 else <uint32_t>1 << (exponent + 13)
    memcpy(&value, &bits, 4)
    return value


def from_shared_exponent(const unsigned char[:, ::1] codes not None, float[:, ::1] colours not None):
    """Nothing; ``colours`` (N, 3) are then mantissa * 2**(exponent - 136) of ``codes`` (N, 4); 0 where it is 0."""
    cdef Py_ssize_t count = codes.shape[0]
    cdef Py_ssize_t i
    cdef float powers[256]
    cdef float scale
    cdef const uint8_t *code
    cdef float *colour
    if codes.shape[1] != 4 or colours.shape[1] != 3 or colours.shape[0] != count:
        raise ValueError("codes must be (N, 4) and colours (N, 3)")
    if count == 0:
        return
    powers[0] = <float>0.0
    for i in range(1, 256):
        powers[i] = _power(<int>i)
    code = &codes[0, 0]
    colour = &colours[0, 0]
    with nogil:
        for i in range(count):
            scale = powers[code[4 * i + 3]]
            colour[3 * i] = <float>code[4 * i] * scale
            colour[3 * i + 1] = <float>code[4 * i + 1] * scale
            colour[3 * i + 2] = <float>code[4 * i + 2] * scale


cdef inline double _sane(float value) noexcept nogil:
    """The value from 0 to the largest that can be coded, 255 * 2**119; NaN becomes 0."""
    cdef float most = <float>1.6947656946257677e38
    value = value if value > <float>0.0 else <float>0.0
    return value if value < most else most


cdef void _code(const float *colour, uint8_t *code) noexcept nogil:
    """The nearest code of one colour: the largest component has a mantissa of 128 to 255."""
    cdef double r = _sane(colour[0])
    cdef double g = _sane(colour[1])
    cdef double b = _sane(colour[2])
    cdef double top = max(r, max(g, b))
    cdef double scale
    cdef uint64_t bits
    cdef int32_t exponent
    memcpy(&bits, &top, 8)
    exponent = <int32_t>(bits >> 52) - 1023 + 129   # top is [1, 2) * 2**(exponent - 129)
    if exponent < 1:
        memset(code, 0, 4)
        return
    bits = <uint64_t>(1023 + 136 - exponent) << 52
    memcpy(&scale, &bits, 8)                        # 2**(136 - exponent)
    if top * scale >= 255.5:
        exponent += 1
        scale *= 0.5
    code[0] = <uint8_t>(r * scale + 0.5)
    code[1] = <uint8_t>(g * scale + 0.5)
    code[2] = <uint8_t>(b * scale + 0.5)
    code[3] = <uint8_t>exponent


def to_shared_exponent(const float[:, ::1] colours not None, unsigned char[:, ::1] codes not None):
    """Nothing; ``codes`` (N, 4) are then those nearest to ``colours`` (N, 3); below 2**-128 they are black."""
    cdef Py_ssize_t count = colours.shape[0]
    cdef Py_ssize_t i
    cdef const float *colour
    cdef uint8_t *code
    if codes.shape[1] != 4 or colours.shape[1] != 3 or codes.shape[0] != count:
        raise ValueError("codes must be (N, 4) and colours (N, 3)")
    if count == 0:
        return
    colour = &colours[0, 0]
    code = &codes[0, 0]
    with nogil:
        for i in range(count):
            _code(colour + 3 * i, code + 4 * i)
