"""One line of a DPX picture: from the file's words to a row of pixels, and back.

A ``Plan`` says everything about a picture; it is filled in and checked by the doors of ``dpx.pyx``.
"""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from vfx._ext.dpx_codes cimport (
    bits_to_unit8, bits_to_unit16, codes_to_bytes, codes_to_float, codes_to_half, codes_to_unit8, codes_to_unit16,
    copy_bytes, copy_codes, doubles_to_floats, float_to_codes, floats_to_doubles, table_to_codes8, table_to_codes16,
    unit16_to_codes,
)
from vfx._ext.dpx_words cimport (
    pack_bytes, pack_halves, pack_stream, pack_stream10, pack_stream12, pack_words, swap16, swap32, swap64,
    unpack_bytes, unpack_halves, unpack_stream, unpack_stream10, unpack_stream12, unpack_words, unpack_words_float,
)

# How samples lie in the file.
cdef enum:
    BYTES = 0    # one byte each
    HALVES = 1   # 16 bits each, the code in the high (filled A) or low (filled B) bits
    WORDS = 2    # three 10-bit codes in each 32-bit word
    STREAM = 3   # codes without gaps, the first in the lowest bits of the first 32-bit word
    FLOATS = 4   # 32-bit IEEE floats
    DOUBLES = 5  # 64-bit IEEE floats

# What a pixel array holds.
cdef enum:
    CODES8 = 0   # native codes as uint8
    CODES16 = 1  # native codes as uint16
    UNIT8 = 2    # full scale is 255
    UNIT16 = 3   # full scale is 65535
    UNIT_HALF = 4
    UNIT_FLOAT = 5

# How a call ended; a positive status is an errno.
cdef enum:
    DONE = 0
    SHORT = -1
    TOO_BIG = -2
    ENOMEM = 12

cdef enum:
    MAX_CHANNELS = 8

cdef struct Plan:
    int fd                 # -1: memory, -2: not set
    uint8_t *memory
    int64_t offset         # of the first line
    int64_t stride         # bytes from line to line in the file
    int64_t line_bytes     # bytes of a line that hold samples, whole words
    Py_ssize_t width
    Py_ssize_t height
    int channels           # samples of a pixel in the file
    int layout
    int bits
    int shift              # HALVES: right shift of the code
    int shifts[3]          # WORDS: right shift of each code
    bint swap              # words are of the other byte order
    bint continuous        # WORDS: codes run on from line to line
    int picks[MAX_CHANNELS]
    int n_picks            # channels of the pixel array
    bint pick              # the array's channels are not the file's
    int kind               # of the pixel array
    const uint16_t *table  # UNIT_HALF: code to half; encoding: half or byte to code
    uint8_t *pixels
    Py_ssize_t row_stride
    Py_ssize_t pixel_stride
    Py_ssize_t channel_stride
    bint direct            # the array's rows are the file's lines, but for their byte order
    Py_ssize_t band        # lines of a band
    Py_ssize_t raw_bytes   # scratch: the words of a band,
    Py_ssize_t code_bytes  # the codes of a line,
    Py_ssize_t scratch_bytes  # and the samples of a line


ctypedef fused Sample:
    uint8_t
    uint16_t
    uint32_t


cdef inline void pick_samples(const Sample *src, Sample *dst, const Plan *p) noexcept nogil:
    # File order to array order.
    cdef Py_ssize_t x, k = p.n_picks, n = p.channels
    cdef int c
    for c in range(p.n_picks):
        for x in range(p.width):
            dst[x * k + c] = src[x * n + p.picks[c]]


cdef inline void gather(const uint8_t *row, Sample *dst, const Plan *p) noexcept nogil:
    # Array order, any strides, to file order.
    cdef Py_ssize_t x, sx = p.pixel_stride, k = p.n_picks
    cdef int c
    cdef const uint8_t *src
    for c in range(p.n_picks):
        src = row + p.picks[c] * p.channel_stride
        for x in range(p.width):
            dst[x * k + c] = (<const Sample *> (src + x * sx))[0]


cdef inline void gather_rgb_of_rgba(const uint32_t *src, uint32_t *dst, Py_ssize_t width) noexcept nogil:
    cdef Py_ssize_t x
    for x in range(width):
        dst[3 * x] = src[4 * x]
        dst[3 * x + 1] = src[4 * x + 1]
        dst[3 * x + 2] = src[4 * x + 2]


cdef inline void swap_line(uint8_t *line, const Plan *p, Py_ssize_t n_bytes) noexcept nogil:
    if not p.swap or p.layout == BYTES:
        return
    if p.layout == HALVES:
        swap16(<uint16_t *> line, n_bytes // 2)
    elif p.layout == DOUBLES:
        swap64(<uint64_t *> line, n_bytes // 8)
    else:
        swap32(<uint32_t *> line, n_bytes // 4)


cdef inline void unpack_line(const uint8_t *line, uint16_t *codes, const Plan *p, Py_ssize_t n) noexcept nogil:
    if p.layout == BYTES:
        unpack_bytes(line, codes, n)
    elif p.layout == HALVES:
        unpack_halves(<const uint16_t *> line, codes, n, p.shift, (1 << p.bits) - 1)
    elif p.layout == WORDS:
        unpack_words(<const uint32_t *> line, codes, (n + 2) // 3, p.shifts[0], p.shifts[1], p.shifts[2])
    elif p.bits == 12:
        unpack_stream12(<const uint32_t *> line, codes, n)
    elif p.bits == 10:
        unpack_stream10(<const uint32_t *> line, codes, n)
    else:
        unpack_stream(<const uint32_t *> line, codes, n, p.bits)


cdef inline void convert_codes(const uint16_t *codes, uint8_t *out, const Plan *p, Py_ssize_t n) noexcept nogil:
    if p.kind == CODES8:
        codes_to_bytes(codes, out, n)
    elif p.kind == CODES16:
        memcpy(out, codes, 2 * n)
    elif p.kind == UNIT8 and p.bits == 1:
        bits_to_unit8(codes, out, n)
    elif p.kind == UNIT16 and p.bits == 1:
        bits_to_unit16(codes, <uint16_t *> out, n)
    elif p.kind == UNIT8:
        codes_to_unit8(codes, out, n, p.bits)
    elif p.kind == UNIT16:
        codes_to_unit16(codes, <uint16_t *> out, n, p.bits)
    elif p.kind == UNIT_HALF:
        codes_to_half(codes, <uint16_t *> out, n, p.table)
    else:
        codes_to_float(codes, <float *> out, n, <float> ((1 << p.bits) - 1))


cdef inline void decode_line(uint8_t *line, uint8_t *scratch, uint8_t *out, const Plan *p, int phase) noexcept nogil:
    # phase: codes of the line before that share its first word.
    cdef Py_ssize_t n = p.width * p.channels
    cdef uint16_t *codes = <uint16_t *> scratch
    cdef void *picked = scratch + p.code_bytes
    if p.direct:
        memcpy(out, line, p.line_bytes)
        return
    if p.layout == DOUBLES:
        doubles_to_floats(<const double *> line, <float *> (picked if p.pick else out), n)
        if p.pick:
            pick_samples[uint32_t](<const uint32_t *> picked, <uint32_t *> out, p)
        return
    if p.layout == FLOATS:
        if p.pick:
            pick_samples[uint32_t](<const uint32_t *> line, <uint32_t *> out, p)
        else:
            memcpy(out, line, 4 * n)
        return
    if p.layout == WORDS and p.kind == UNIT_FLOAT and not p.pick and phase == 0 and n % 3 == 0:
        unpack_words_float(
            <const uint32_t *> line, <float *> out, n // 3, p.shifts[0], p.shifts[1], p.shifts[2]
        )
        return
    unpack_line(line, codes, p, n + phase)
    codes += phase
    if p.pick:
        pick_samples[uint16_t](codes, <uint16_t *> picked, p)
        codes = <uint16_t *> picked
    convert_codes(codes, out, p, p.width * p.n_picks)


cdef inline int encode_codes(const uint8_t *samples, uint16_t *codes, const Plan *p, Py_ssize_t n) noexcept nogil:
    cdef int full = (1 << p.bits) - 1
    if p.kind == CODES8:
        return TOO_BIG if copy_bytes(samples, codes, n, <uint8_t> min(full, 255)) else DONE
    elif p.kind == CODES16:
        return TOO_BIG if copy_codes(<const uint16_t *> samples, codes, n, <uint16_t> full) else DONE
    elif p.kind == UNIT8:
        table_to_codes8(samples, codes, n, p.table)
    elif p.kind == UNIT16:
        unit16_to_codes(<const uint16_t *> samples, codes, n, full)
    elif p.kind == UNIT_HALF:
        table_to_codes16(<const uint16_t *> samples, codes, n, p.table)
    else:
        float_to_codes(<const float *> samples, codes, n, <float> full)
    return DONE


cdef inline int item_size(int kind) noexcept nogil:
    if kind == UNIT_FLOAT:
        return 4
    return 1 if kind == CODES8 or kind == UNIT8 else 2


cdef inline bint is_rgb_of_rgba(const Plan *p) noexcept nogil:
    return (
        p.n_picks == 3 and p.channel_stride == 4 and p.pixel_stride == 16
        and p.picks[0] == 0 and p.picks[1] == 1 and p.picks[2] == 2
    )


cdef inline const uint8_t *contiguous(const uint8_t *row, uint8_t *scratch, const Plan *p, int size) noexcept nogil:
    # The samples of a row in file order: the row itself where it already is so.
    if not p.pick and p.channel_stride == size and p.pixel_stride == p.n_picks * size:
        return row
    if size == 1:
        gather[uint8_t](row, scratch, p)
    elif size == 2:
        gather[uint16_t](row, <uint16_t *> scratch, p)
    elif is_rgb_of_rgba(p):
        gather_rgb_of_rgba(<const uint32_t *> row, <uint32_t *> scratch, p.width)
    else:
        gather[uint32_t](row, <uint32_t *> scratch, p)
    return scratch


cdef inline int encode_line(const uint8_t *row, uint8_t *scratch, uint8_t *line, const Plan *p) noexcept nogil:
    cdef Py_ssize_t n = p.width * p.n_picks, i
    cdef uint16_t *codes = <uint16_t *> scratch
    cdef int size = item_size(p.kind)
    cdef int status
    cdef const uint8_t *samples
    if p.direct:
        memcpy(line, row, p.line_bytes)
        swap_line(line, p, p.line_bytes)
        memset(line + p.line_bytes, 0, p.stride - p.line_bytes)
        return DONE
    samples = contiguous(row, scratch + p.code_bytes, p, size)
    if p.layout == FLOATS or p.layout == DOUBLES:
        if p.layout == DOUBLES:
            floats_to_doubles(<const float *> samples, <double *> line, n)
        else:
            memcpy(line, samples, 4 * n)
        swap_line(line, p, p.line_bytes)
        memset(line + p.line_bytes, 0, p.stride - p.line_bytes)
        return DONE
    status = encode_codes(samples, codes, p, n)
    for i in range(n, n + 16):
        codes[i] = 0
    if p.layout == BYTES:
        pack_bytes(codes, line, n)
    elif p.layout == HALVES:
        pack_halves(codes, <uint16_t *> line, n, p.shift)
    elif p.layout == WORDS:
        pack_words(codes, <uint32_t *> line, (n + 2) // 3, p.shifts[0], p.shifts[1], p.shifts[2])
    elif p.bits == 12:
        pack_stream12(codes, <uint32_t *> line, (n + 7) // 8)
    elif p.bits == 10:
        pack_stream10(codes, <uint32_t *> line, (n + 15) // 16)
    else:
        pack_stream(codes, <uint32_t *> line, n, p.bits)
    swap_line(line, p, p.line_bytes)
    memset(line + p.line_bytes, 0, p.stride - p.line_bytes)
    return status
