"""DPX samples to pixels and back (SMPTE ST 268-1:2014, 9: image data).

The lines of a picture go through four plain loops that stay in the L1 cache, one line at a time::

    file or memory --fetch--> words --swap--> native words --unpack--> codes --pick, convert--> pixels
    pixels --gather--> samples --convert--> codes --pack--> native words --swap--> file or memory

Threads take bands of lines. They read (``pread``) and write (``pwrite``) the file themselves, so no copy of
the whole file is made and a file that shrinks meanwhile is an error, not a fault. What a file claims is
checked by the Python above; the doors check again whatever their pointers rely on.
"""

from cpython.buffer cimport (
    PyBUF_FORMAT, PyBUF_SIMPLE, PyBUF_STRIDES, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer,
)
from cython.parallel cimport prange, threadid
from libc.stdint cimport int64_t, uint8_t, uint16_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from vfx._ext.dpx_lines cimport (
    BYTES, CODES8, CODES16, DONE, DOUBLES, ENOMEM, FLOATS, HALVES, MAX_CHANNELS, SHORT, STREAM, UNIT8, UNIT16,
    UNIT_FLOAT, UNIT_HALF, WORDS, Plan, decode_line, encode_line, item_size, swap_line,
)

cdef extern from *:
    """
    #include <errno.h>
    #include <stdint.h>
    #include <string.h>
    #ifdef _WIN32
    /* No pread on Windows: the Python above hands over memory there. */
    static int64_t vfx_pread(int fd, void *to, size_t n, int64_t at) { (void)fd; (void)to; (void)n; (void)at; return -1; }
    static int64_t vfx_pwrite(int fd, const void *from, size_t n, int64_t at) { (void)fd; (void)from; (void)n; (void)at; return -1; }
    #else
    #include <unistd.h>
    static int64_t vfx_pread(int fd, void *to, size_t n, int64_t at) {
        int64_t got;
        do { got = pread(fd, to, n, (off_t)at); } while (got < 0 && errno == EINTR);
        return got;
    }
    static int64_t vfx_pwrite(int fd, const void *from, size_t n, int64_t at) {
        int64_t put;
        do { put = pwrite(fd, from, n, (off_t)at); } while (put < 0 && errno == EINTR);
        return put;
    }
    #endif
    static int vfx_errno(void) { return errno; }
    """
    int64_t vfx_pread(int, void *, size_t, int64_t) noexcept nogil
    int64_t vfx_pwrite(int, const void *, size_t, int64_t) noexcept nogil
    int vfx_errno() noexcept nogil

# Lines are fetched in bands of about this many bytes: large enough to make the system call cheap,
# small enough to stay in the L2 cache.
cdef enum:
    BAND_BYTES = 262144

# -- bands -------------------------------------------------------------------------------------------

cdef int fetch(const Plan *p, int64_t at, int64_t n, uint8_t *to) noexcept nogil:
    cdef int64_t got
    if p.fd < 0:
        memcpy(to, p.memory + at, n)
        return DONE
    while n > 0:
        got = vfx_pread(p.fd, to, n, at)
        if got <= 0:
            return SHORT if got == 0 else vfx_errno()
        at += got
        to += got
        n -= got
    return DONE


cdef int deliver(const Plan *p, int64_t at, int64_t n, const uint8_t *data) noexcept nogil:
    cdef int64_t put
    if p.fd < 0:
        memcpy(p.memory + at, data, n)
        return DONE
    while n > 0:
        put = vfx_pwrite(p.fd, data, n, at)
        if put <= 0:
            return SHORT if put == 0 else vfx_errno()
        at += put
        data += put
        n -= put
    return DONE


cdef int decode_band(const Plan *p, Py_ssize_t y0, uint8_t *scratch) noexcept nogil:
    cdef Py_ssize_t y, lines = min(p.band, p.height - y0)
    cdef uint8_t *line
    cdef int status, phase = 0
    cdef int64_t n = p.width * p.channels, first, at, length
    if p.direct and p.stride == p.line_bytes and p.row_stride == p.line_bytes:
        # Nothing to unpack: lines go where they belong.
        line = p.pixels + y0 * p.row_stride
        status = fetch(p, p.offset + y0 * p.stride, lines * p.stride, line)
        if status == DONE:
            swap_line(line, p, lines * p.stride)
        return status
    if not p.continuous:
        status = fetch(p, p.offset + y0 * p.stride, (lines - 1) * p.stride + p.line_bytes, scratch)
        if status != DONE:
            return status
    for y in range(lines):
        if p.continuous:
            first = (y0 + y) * n
            phase = <int> (first % 3)
            at = first // 3 * 4
            length = (phase + n + 2) // 3 * 4
            line = scratch
            status = fetch(p, p.offset + at, length, line)
            if status != DONE:
                return status
        else:
            line = scratch + y * p.stride
            length = p.line_bytes
        swap_line(line, p, length)
        decode_line(line, scratch + p.raw_bytes, p.pixels + (y0 + y) * p.row_stride, p, phase)
    return DONE


cdef int encode_band(const Plan *p, Py_ssize_t y0, uint8_t *scratch) noexcept nogil:
    cdef Py_ssize_t y, lines = min(p.band, p.height - y0)
    cdef int status
    if p.direct and not p.swap and p.stride == p.line_bytes and p.row_stride == p.line_bytes:
        return deliver(p, p.offset + y0 * p.stride, lines * p.stride, p.pixels + y0 * p.row_stride)
    for y in range(lines):
        status = encode_line(
            p.pixels + (y0 + y) * p.row_stride, scratch + p.raw_bytes, scratch + y * p.stride, p
        )
        if status != DONE:
            return status
    return deliver(p, p.offset + y0 * p.stride, lines * p.stride, scratch)


cdef int one_band(const Plan *p, bint decoding, Py_ssize_t band, uint8_t *scratch) noexcept nogil:
    return decode_band(p, band * p.band, scratch) if decoding else encode_band(p, band * p.band, scratch)


cdef void parallel_bands(const Plan *p, bint decoding, Py_ssize_t bands, uint8_t *scratch, int threads,
                         int *status) noexcept nogil:
    # A race on status is harmless: any of the failures is reported.
    cdef Py_ssize_t band
    cdef int found
    for band in prange(bands, schedule="dynamic", num_threads=threads):
        if status[0] == DONE:
            found = one_band(p, decoding, band, scratch + threadid() * p.scratch_bytes)
            if found != DONE:
                status[0] = found


cdef int run_bands(const Plan *p, bint decoding, int threads) noexcept nogil:
    cdef Py_ssize_t band, bands = (p.height + p.band - 1) // p.band
    cdef int status = DONE
    cdef uint8_t *scratch
    threads = <int> max(1, min(bands, threads))
    scratch = <uint8_t *> malloc(threads * p.scratch_bytes)
    if scratch == NULL:
        return ENOMEM
    if threads > 1:
        parallel_bands(p, decoding, bands, scratch, threads, &status)
    else:
        for band in range(bands):
            status = one_band(p, decoding, band, scratch)
            if status != DONE:
                break
    free(scratch)
    return status


# -- doors -------------------------------------------------------------------------------------------

cdef int64_t words_of(int layout, int bits, int64_t n) noexcept nogil:
    # Bytes that n codes of a line take, in whole words of the layout.
    if layout == BYTES:
        return n
    if layout == HALVES:
        return 2 * n
    if layout == WORDS:
        return (n + 2) // 3 * 4
    if layout == STREAM:
        return (n * bits + 31) // 32 * 4
    return 8 * n if layout == DOUBLES else 4 * n


cdef void set_form(Plan *p, tuple form, tuple picks) except *:
    # What the file's samples are, and which of them the array holds.
    cdef int i
    p.layout, p.bits, p.shift, p.shifts[0], p.shifts[1], p.shifts[2], p.swap, p.continuous = form
    if not (
        (p.layout == BYTES and p.bits == 8)
        or (p.layout == HALVES and 8 <= p.bits <= 16 and 0 <= p.shift <= 16 - p.bits)
        or (p.layout == WORDS and p.bits == 10 and all(0 <= p.shifts[i] <= 22 for i in range(3)))
        or (p.layout == STREAM and (p.bits == 1 or 8 <= p.bits <= 16))
        or (p.layout == FLOATS and p.bits == 32)
        or (p.layout == DOUBLES and p.bits == 64)
    ):
        raise ValueError(f"no such form of samples: {form}")
    if p.continuous and p.layout != WORDS:
        raise ValueError("only 10-bit words run on from line to line")
    if not (1 <= p.channels <= MAX_CHANNELS and 1 <= len(picks) <= MAX_CHANNELS):
        raise ValueError(f"channels must be between 1 and {MAX_CHANNELS}, got {p.channels} and {len(picks)}")
    p.n_picks = len(picks)
    p.pick = picks != tuple(range(p.channels))
    for i in range(p.n_picks):
        p.picks[i] = picks[i]


cdef void set_pixels(Plan *p, Py_buffer *view, int kind) except *:
    # The memory of the pixel array (height, width, channels).
    if not CODES8 <= kind <= UNIT_FLOAT or view.ndim != 3 or view.itemsize != item_size(kind):
        raise ValueError(f"pixels must be (height, width, channels) of the size of kind {kind}")
    if p.bits >= 32 and kind != UNIT_FLOAT or kind == CODES8 and p.bits > 8:
        raise ValueError(f"{p.bits}-bit samples have no pixels of kind {kind}")
    p.kind = kind
    p.height = view.shape[0]
    p.width = view.shape[1]
    p.pixels = <uint8_t *> view.buf
    p.row_stride = view.strides[0]
    p.pixel_stride = view.strides[1]
    p.channel_stride = view.strides[2]


cdef void set_direct(Plan *p, bint contiguous) noexcept:
    # 8-bit codes are bytes, 16-bit ones halves, and both are values of full range as they are.
    cdef bint whole = (
        (p.layout == BYTES and (p.kind == CODES8 or p.kind == UNIT8))
        or (p.layout == HALVES and p.bits == 16 and p.shift == 0 and (p.kind == CODES16 or p.kind == UNIT16))
        or p.layout == FLOATS
    )
    p.direct = contiguous and whole and not p.pick


cdef void set_table(Plan *p, const uint16_t[::1] table, Py_ssize_t size) except *:
    if table is None or table.shape[0] != size:
        raise ValueError(f"this kind of pixels needs a table of {size} entries")
    p.table = &table[0]


cdef void set_place(Plan *p, source, int64_t offset, int64_t stride, Py_buffer *memory, bint writing) except *:
    # Where the lines are in the file or memory, and how much scratch a band takes.
    cdef int64_t n = p.width * p.channels, unit = 1, end
    p.line_bytes = words_of(p.layout, p.bits, n)
    p.offset, p.stride = offset, stride
    if offset < 0 or not p.continuous and (stride < p.line_bytes or stride > p.line_bytes + (1 << 30)):
        raise ValueError(f"lines of {p.line_bytes} bytes cannot be {stride} apart from byte {offset}")
    if isinstance(source, int):
        p.fd = source
        if p.fd < 0:
            p.fd = -2
            raise ValueError("a file descriptor is not negative")
    else:
        PyObject_GetBuffer(source, memory, PyBUF_WRITABLE if writing else PyBUF_SIMPLE)
        p.fd = -1
        p.memory = <uint8_t *> memory.buf
        end = (p.height - 1) * stride + (stride if writing else p.line_bytes)
        if p.continuous:
            end = (p.height * n + 2) // 3 * 4
        if p.height > 0 and memory.len - offset < end:
            raise ValueError(f"{end} bytes from byte {offset} do not fit in {memory.len}")
    if p.layout != BYTES:
        unit = 2 if p.layout == HALVES else 8 if p.layout == DOUBLES else 4
    p.band = max(1, min(p.height, BAND_BYTES // max(1, stride))) if stride % unit == 0 else 1
    p.raw_bytes = (p.band * max(stride, p.line_bytes) + 8 + 127) // 64 * 64
    p.code_bytes = (2 * (max(n, p.width * p.n_picks) + 16) + 63) // 64 * 64
    p.scratch_bytes = p.raw_bytes + p.code_bytes + (4 * (max(n, p.width * p.n_picks) + 16) + 63) // 64 * 64


def decode(source not None, long long offset, long long stride, int channels, tuple form not None,
           pixels not None, tuple picks not None, int kind, table, int threads) -> int:
    """0 once ``pixels`` holds the picture; -1 if the file ended early, an ``errno`` if it cannot be read.

    Parameters
    ----------
    source : int or buffer
        A file descriptor that ``pread`` takes, or memory.
    offset, stride : int
        Byte of the first line, and bytes from line to line.
    channels : int
        Samples of a pixel in the file, 1 to 8.
    form : tuple of int
        Layout, bits, right shift of a half, three shifts of a word, other byte order, codes run over lines.
    pixels : array, (H, W, C), u8, u16, f16 or f32, writable, rows of any stride
        Receives the picture.
    picks : tuple of int
        For each channel of ``pixels`` the sample of the file's pixel.
    kind : int
        0 codes u8, 1 codes u16, 2 u8 of 255, 3 u16 of 65535, 4 half, 5 float.
    table : array of uint16, or None
        Kind 4: the half of each code.
    threads : int
        Most threads to use.
    """
    cdef Plan p
    cdef Py_buffer view, memory
    cdef int status
    memset(&p, 0, sizeof(Plan))
    p.fd = -2
    p.channels = channels
    set_form(&p, form, picks)
    if min(picks) < 0 or max(picks) >= channels:
        raise ValueError(f"picks must be between 0 and {channels - 1}, got {picks}")
    PyObject_GetBuffer(pixels, &view, PyBUF_STRIDES | PyBUF_FORMAT | PyBUF_WRITABLE)
    try:
        set_pixels(&p, &view, kind)
        if view.shape[2] != p.n_picks or p.width > 0 and (
            p.channel_stride != view.itemsize or p.pixel_stride != view.itemsize * p.n_picks
        ):
            raise ValueError(f"pixels must have {p.n_picks} channels and contiguous rows")
        set_direct(&p, True)
        if kind == UNIT_HALF:
            set_table(&p, table, 1 << p.bits)
        set_place(&p, source, offset, stride, &memory, False)
        if p.height == 0 or p.width == 0:
            return DONE
        with nogil:
            status = run_bands(&p, True, threads)
    finally:
        PyBuffer_Release(&view)
        if p.fd == -1:
            PyBuffer_Release(&memory)
    return status


def encode(target not None, long long offset, long long stride, tuple form not None,
           pixels not None, tuple picks not None, int kind, table, int threads) -> int:
    """0 once ``target`` holds the picture's lines; -2 if a code is too large, an ``errno`` if writing failed.

    Parameters
    ----------
    target : int or buffer
        A file descriptor that ``pwrite`` takes, or writable memory.
    offset, stride, form, kind, threads
        As for :func:`decode`.
    pixels : array, (H, W, C), u8, u16, f16 or f32, any strides
        The picture.
    picks : tuple of int
        For each sample of the file's pixel the channel of ``pixels``.
    table : array of uint16, or None
        Kind 2 (256 entries) and kind 4 (65536): the code of each value.
    """
    cdef Plan p
    cdef Py_buffer view, memory
    cdef int status
    memset(&p, 0, sizeof(Plan))
    p.fd = -2
    p.channels = len(picks)
    set_form(&p, form, picks)
    PyObject_GetBuffer(pixels, &view, PyBUF_STRIDES | PyBUF_FORMAT)
    try:
        set_pixels(&p, &view, kind)
        if min(picks) < 0 or max(picks) >= view.shape[2]:
            raise ValueError(f"picks must be between 0 and {view.shape[2] - 1}, got {picks}")
        p.pick = p.pick or view.shape[2] != p.n_picks
        set_direct(&p, p.channel_stride == view.itemsize and p.pixel_stride == view.itemsize * p.n_picks)
        if kind == UNIT8 or kind == UNIT_HALF:
            set_table(&p, table, 256 if kind == UNIT8 else 65536)
        set_place(&p, target, offset, stride, &memory, True)
        if p.height == 0 or p.width == 0:
            return DONE
        with nogil:
            status = run_bands(&p, False, threads)
    finally:
        PyBuffer_Release(&view)
        if p.fd == -1:
            PyBuffer_Release(&memory)
    return status
