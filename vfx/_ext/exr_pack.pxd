"""From an image of any strides into a chunk: the first step of the encode pipeline."""

from libc.stdint cimport int32_t, uint16_t, uint32_t, uint64_t, uint8_t

from vfx._ext.exr_rows cimport BLOCK, HALF, convert, sample_size, take16, take32
from vfx._ext.exrcore cimport Encoder

ctypedef struct Slot:
    uint8_t *data
    uint64_t size
    int ready

ctypedef struct WritePlan:
    const uint8_t *pixels
    Py_ssize_t row_step
    Py_ssize_t pixel_step
    Py_ssize_t sample_step
    int source
    int x0
    int y0
    int width
    int height
    int lines
    int tile_width
    int tile_height
    int across
    int compression
    int chunks
    bint decreasing
    int channels
    uint64_t pixel_bytes
    const int32_t *column_of
    const int32_t *kind_of
    uint64_t *offsets
    Slot *slots
    int fd
    int draining
    int next_slot
    uint64_t position


# What one thread of the encoding loop owns beside its pipeline.
ctypedef struct Packer:
    const WritePlan *plan
    int32_t (*deflate)(const void *, int, const void *, size_t, void *, size_t, size_t *) noexcept nogil
    int level
    uint8_t *scratch
    size_t room


cdef inline void pack_run(const WritePlan *plan, const uint8_t *src, int kind, uint8_t *out, int width) noexcept nogil:
    """One channel of one line, gathered and converted."""
    cdef uint32_t buffer[BLOCK]
    cdef uint8_t *to
    cdef int start = 0, n, size = sample_size(plan.source)
    # A run of floats may start at an odd pair of bytes, after an odd number of halves.
    cdef bint direct = kind == plan.source and (<size_t> out) % size == 0
    while start < width:
        n = min(<int> BLOCK, width - start)
        to = out + <Py_ssize_t> start * size if direct else <uint8_t *> buffer
        if size == 2:
            take16(<uint16_t *> to, src + start * plan.pixel_step, plan.pixel_step, n)
        else:
            take32(<uint32_t *> to, src + start * plan.pixel_step, plan.pixel_step, n)
        if not direct:
            convert(to, plan.source, out + <Py_ssize_t> start * sample_size(kind), kind, n)
        start += n


cdef inline int32_t pack(Encoder *encoder) noexcept nogil:
    """The pipeline's first step: the chunk's lines, channel after channel in the file's order."""
    cdef const WritePlan *plan = (<Packer *> encoder.user_data).plan
    cdef uint8_t *at = <uint8_t *> encoder.packed_buffer
    cdef Py_ssize_t left = 0, top = encoder.chunk.start_y - plan.y0
    cdef int line, c
    if plan.tile_width:
        left = <Py_ssize_t> encoder.chunk.start_x * plan.tile_width
        top = <Py_ssize_t> encoder.chunk.start_y * plan.tile_height
    for line in range(encoder.chunk.height):
        for c in range(plan.channels):
            pack_run(plan, plan.pixels + (top + line) * plan.row_step + left * plan.pixel_step
                     + plan.column_of[c] * plan.sample_step, plan.kind_of[c], at, encoder.chunk.width)
            at += <Py_ssize_t> encoder.chunk.width * sample_size(plan.kind_of[c])
    encoder.packed_bytes = at - <uint8_t *> encoder.packed_buffer
    return 0
