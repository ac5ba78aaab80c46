"""Run-length encoded DPX lines (SMPTE ST 268-1:2014, 9.3: encoding 1).

A line is a row of packets and begins on a 32-bit word. A packet is one flag of a sample's size and the
samples of one or more pixels, packed as any other samples are::

    flag = 2 * count + 1   one pixel follows, which stands for ``count`` equal ones
    flag = 2 * count       ``count`` pixels follow

No packet reaches into the next line. Every read is checked against the end of the data.
"""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from vfx._ext.dpx_words cimport (
    pack_bytes, pack_halves, pack_stream, pack_words, swap16, swap32,
)

cdef enum:
    BYTES = 0    # the layouts of dpx_lines.pxd
    HALVES = 1
    WORDS = 2
    STREAM = 3

cdef enum:
    CUT = -1       # the data ends within a line
    TOO_LONG = -2  # a packet reaches beyond its line

cdef struct Form:
    int layout
    int bits
    int shift
    int shifts[3]
    bint swap


cdef inline uint32_t word_at(const uint8_t *at, bint swap) noexcept nogil:
    cdef uint32_t word
    memcpy(&word, at, 4)
    if swap:
        swap32(&word, 1)
    return word


cdef inline int64_t bytes_of(const Form *f, int64_t n) noexcept nogil:
    # Bytes of n samples, in whole 32-bit words.
    if f.layout == BYTES:
        return (n + 3) // 4 * 4
    if f.layout == HALVES:
        return (n + 1) // 2 * 4
    if f.layout == WORDS:
        return (n + 2) // 3 * 4
    return (n * f.bits + 31) // 32 * 4


cdef inline int64_t needed(const Form *f, int64_t n) noexcept nogil:
    # Bytes that must be there to read n samples: the last line of a file may end within a word.
    if f.layout == BYTES:
        return n
    return 2 * n if f.layout == HALVES else bytes_of(f, n)


cdef inline uint16_t sample(const uint8_t *line, const Form *f, int64_t i) noexcept nogil:
    cdef uint16_t half
    cdef int64_t bit
    cdef uint64_t pair
    if f.layout == BYTES:
        return line[i]
    if f.layout == HALVES:
        memcpy(&half, line + 2 * i, 2)
        if f.swap:
            swap16(&half, 1)
        return <uint16_t> ((half >> f.shift) & ((1 << f.bits) - 1))
    if f.layout == WORDS:
        return <uint16_t> ((word_at(line + i // 3 * 4, f.swap) >> f.shifts[i % 3]) & 1023)
    bit = i * f.bits
    pair = word_at(line + bit // 32 * 4, f.swap)
    if bit % 32 + f.bits > 32:
        pair |= <uint64_t> word_at(line + bit // 32 * 4 + 4, f.swap) << 32
    return <uint16_t> ((pair >> (bit % 32)) & ((1 << f.bits) - 1))


cdef int64_t decode_line(const uint8_t *data, int64_t size, const Form *f, Py_ssize_t width, int channels,
                         uint16_t *codes) noexcept nogil:
    # Samples that the line took, CUT or TOO_LONG.
    cdef int64_t i = 0
    cdef Py_ssize_t x = 0, count, k
    cdef int c, flag
    while x < width:
        if needed(f, i + 1) > size:
            return CUT
        flag = sample(data, f, i)
        i += 1
        count = flag >> 1
        if count > width - x:
            return TOO_LONG
        if needed(f, i + channels * (1 if flag & 1 else count)) > size:
            return CUT
        if flag & 1:
            for k in range(count):
                for c in range(channels):
                    codes[(x + k) * channels + c] = sample(data, f, i + c)
            i += channels
        else:
            for k in range(count * channels):
                codes[x * channels + k] = sample(data, f, i + k)
            i += count * channels
        x += count
    return i


cdef inline bint same(const uint16_t *a, const uint16_t *b, int channels) noexcept nogil:
    cdef int c
    for c in range(channels):
        if a[c] != b[c]:
            return False
    return True


cdef int64_t encode_line(const uint16_t *codes, Py_ssize_t width, int channels, Py_ssize_t most,
                         uint16_t *out) noexcept nogil:
    # Samples of the line's packets. Runs of two pixels pay where a pixel is larger than a flag, and never cost.
    cdef Py_ssize_t x = 0, run, flag_at = -1
    cdef int64_t n = 0
    while x < width:
        run = 1
        while x + run < width and run < most and same(codes + x * channels, codes + (x + run) * channels, channels):
            run += 1
        if run > 2 or (run == 2 and channels > 1):
            out[n] = <uint16_t> (2 * run + 1)
            memcpy(out + n + 1, codes + x * channels, 2 * channels)
            n += 1 + channels
            x += run
            flag_at = -1
            continue
        if flag_at < 0 or out[flag_at] >> 1 == most:
            flag_at = n
            out[n] = 0
            n += 1
        memcpy(out + n, codes + x * channels, 2 * channels)
        n += channels
        x += 1
        out[flag_at] += 2
    return n


cdef void pack_line(uint16_t *samples, int64_t n, const Form *f, uint8_t *line) noexcept nogil:
    cdef int64_t i
    memset(line, 0, bytes_of(f, n))
    for i in range(n, n + 3):
        samples[i] = 0
    if f.layout == BYTES:
        pack_bytes(samples, line, n)
        return
    if f.layout == HALVES:
        pack_halves(samples, <uint16_t *> line, n, f.shift)
        if f.swap:
            swap16(<uint16_t *> line, n)
        return
    if f.layout == WORDS:
        pack_words(samples, <uint32_t *> line, (n + 2) // 3, f.shifts[0], f.shifts[1], f.shifts[2])
    else:
        pack_stream(samples, <uint32_t *> line, n, f.bits)
    if f.swap:
        swap32(<uint32_t *> line, bytes_of(f, n) // 4)


cdef Form form_of(tuple form) except *:
    cdef Form f
    f.layout, f.bits, f.shift, f.shifts[0], f.shifts[1], f.shifts[2], f.swap, _ = form
    if not (
        (f.layout == BYTES and f.bits == 8)
        or (f.layout == HALVES and 8 <= f.bits <= 16 and 0 <= f.shift <= 16 - f.bits)
        or (f.layout == WORDS and f.bits == 10 and all(0 <= f.shifts[i] <= 22 for i in range(3)))
        or (f.layout == STREAM and 8 <= f.bits <= 16)
    ):
        raise ValueError(f"no run-length encoded samples have this form: {form}")
    return f


def decode(const uint8_t[::1] data not None, tuple form not None, long long padding,
           uint16_t[:, :, ::1] codes not None, int first) -> int:
    """0 once ``codes`` holds the lines; -1 if the data ends early, -2 if a packet reaches beyond its line.

    Parameters
    ----------
    data : bytes
        From the first line of the picture on.
    form : tuple of int
        See :func:`vfx._ext.dpx.decode`.
    padding : int
        Bytes between a line's last word and the next line.
    codes : array of uint16, (H, W, C)
        Receives the codes.
    first : int
        Lines to pass over.
    """
    cdef Form f = form_of(form)
    cdef Py_ssize_t height = codes.shape[0], width = codes.shape[1], y
    cdef int channels = <int> codes.shape[2]
    cdef int64_t at = 0, n = 0
    if not 0 <= padding < 1 << 31 or first < 0 or not 1 <= channels <= 8:
        raise ValueError(f"{channels} channels, {padding} bytes of padding, {first} lines to pass over: out of range")
    if height == 0 or width == 0:
        return 0
    with nogil:
        for y in range(first + height):
            if at >= data.shape[0]:
                n = CUT
                break
            # Lines to pass over are decoded into the first line, which its own codes overwrite.
            n = decode_line(
                &data[at], data.shape[0] - at, &f, width, channels, &codes[y - first if y >= first else 0, 0, 0]
            )
            if n < 0:
                break
            at += bytes_of(&f, n) + padding
    return <int> n if n < 0 else 0


def encode(const uint16_t[:, :, ::1] codes not None, tuple form not None) -> bytes:
    """The lines of ``codes`` (H, W, C), encoded."""
    cdef Form f = form_of(form)
    cdef Py_ssize_t height = codes.shape[0], width = codes.shape[1], y, most = (1 << (f.bits - 1)) - 1
    cdef int channels = <int> codes.shape[2]
    # A flag before every pixel is more than a line can take.
    cdef int64_t longest = width * (channels + 1) + 3, n, line_bytes = bytes_of(&f, longest)
    cdef uint16_t *samples
    cdef uint8_t *line
    if not 1 <= channels <= 8:
        raise ValueError(f"channels must be between 1 and 8, got {channels}")
    if height == 0 or width == 0:
        return b""
    samples = <uint16_t *> malloc(2 * longest)
    line = <uint8_t *> malloc(line_bytes)
    parts = []
    try:
        if samples == NULL or line == NULL:
            raise MemoryError("no memory for a line of a DPX picture")
        for y in range(height):
            with nogil:
                n = encode_line(&codes[y, 0, 0], width, channels, most, samples)
                pack_line(samples, n, &f, line)
            parts.append((<char *> line)[:bytes_of(&f, n)])
    finally:
        free(samples)
        free(line)
    return b"".join(parts)
