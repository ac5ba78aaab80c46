"""From images of any strides into a chunk: the first step of the encode pipeline.

A chunk holds its lines one after the other, and in each line one run of samples per channel, in the file's
order. Every channel has a source of its own, so halves, floats and numbers of several arrays share a file. A
subsampled channel takes the pixels whose coordinates its sampling divides ("OpenEXR File Layout", "Channel List").
"""

from libc.stdint cimport int64_t, int32_t, uint16_t, uint32_t, uint64_t, uint8_t

from vfx._ext.exr_failure cimport MISMATCH
from vfx._ext.exr_rows cimport BLOCK, convert, sample_size, take16, take32
from vfx._ext.exrcore cimport Chunk, Encoder

# One channel of the file, and where its samples come from: the first row and column handed over.
ctypedef struct Plane:
    const uint8_t *pixels
    Py_ssize_t row_step
    Py_ssize_t pixel_step
    int source
    int kind
    int x_step
    int y_step

ctypedef struct Slot:
    uint8_t *data
    uint64_t size
    int ready

# Some chunks of one level: the level's corner and size, and where the rows handed over lie in it.
ctypedef struct WritePlan:
    const Plane *planes
    int channels
    int x0
    int y0
    int width
    int height
    int left
    int top
    int level_x
    int level_y
    int lines
    int tile_width
    int tile_height
    int across
    int compression
    int part
    int64_t first
    int64_t chunks
    bint decreasing
    uint64_t *offsets
    Slot *slots
    int fd
    int draining
    int64_t next_slot
    uint64_t position


# What one thread of the encoding loop owns beside its pipeline.
ctypedef struct Packer:
    const WritePlan *plan
    int32_t (*deflate)(const void *, int, const void *, size_t, void *, size_t, size_t *) noexcept nogil
    int level
    uint8_t *scratch
    size_t room


cdef inline int64_t chunk_at(const WritePlan *plan, int64_t order) noexcept nogil:
    """The chunk of the level that comes ``order``-th in the file."""
    return plan.first + (plan.chunks - 1 - order if plan.decreasing else order)


cdef inline int samples(int start, int count, int step) noexcept nogil:
    """How many of ``count`` coordinates from ``start`` on the step divides."""
    cdef int64_t skipped
    if step == 1:
        return count
    skipped = (step - start % step) % step  # C's remainder of a negative start is negative or 0
    return <int> ((count - skipped + step - 1) // step) if count > skipped else 0


cdef inline void place_chunk(const WritePlan *plan, int64_t index, Chunk *chunk) noexcept nogil:
    """What chunk ``index`` of the level covers, and how many bytes that is."""
    cdef int c
    cdef uint64_t size = 0
    chunk.idx = <int32_t> index
    chunk.compression = <uint8_t> plan.compression
    if plan.tile_width:
        chunk.type = 1
        chunk.start_x = <int32_t> (index % plan.across)
        chunk.start_y = <int32_t> (index // plan.across)
        chunk.width = min(plan.tile_width, plan.width - chunk.start_x * plan.tile_width)
        chunk.height = min(plan.tile_height, plan.height - chunk.start_y * plan.tile_height)
        chunk.level_x = <uint8_t> plan.level_x
        chunk.level_y = <uint8_t> plan.level_y
    else:
        chunk.start_x = plan.x0
        chunk.start_y = plan.y0 + <int32_t> index * plan.lines
        chunk.width = plan.width
        chunk.height = min(plan.lines, plan.height - <int32_t> index * plan.lines)
    for c in range(plan.channels):
        size += <uint64_t> plane_width(plan, c, chunk) * plane_height(plan, c, chunk) * sample_size(plan.planes[c].kind)
    chunk.unpacked_size = size


cdef inline int plane_width(const WritePlan *plan, int c, const Chunk *chunk) noexcept nogil:
    """Samples in a line of a channel."""
    return samples(chunk.start_x if not plan.tile_width else 0, chunk.width, plan.planes[c].x_step)


cdef inline int plane_height(const WritePlan *plan, int c, const Chunk *chunk) noexcept nogil:
    """Lines of a channel."""
    return samples(chunk.start_y if not plan.tile_width else 0, chunk.height, plan.planes[c].y_step)


cdef inline void pack_run(const Plane *plane, const uint8_t *src, uint8_t *out, int width) noexcept nogil:
    """One line of one channel, gathered and converted."""
    cdef uint32_t buffer[BLOCK]
    cdef uint8_t *to
    cdef int start = 0, n, size = sample_size(plane.source)
    cdef Py_ssize_t step = plane.pixel_step * plane.x_step
    # A run of floats may start at an odd pair of bytes, after an odd number of halves.
    cdef bint direct = plane.kind == plane.source and (<size_t> out) % size == 0
    while start < width:
        n = min(<int> BLOCK, width - start)
        to = out + <Py_ssize_t> start * size if direct else <uint8_t *> buffer
        if size == 2:
            take16(<uint16_t *> to, src + start * step, step, n)
        else:
            take32(<uint32_t *> to, src + start * step, step, n)
        if not direct:
            convert(to, plane.source, out + <Py_ssize_t> start * sample_size(plane.kind), plane.kind, n)
        start += n


cdef inline uint8_t *pack_chunk(const WritePlan *plan, const Chunk *chunk, uint8_t *at) noexcept nogil:
    """The chunk's lines to ``at``, channel after channel in the file's order; where they end.

    The first column of a chunk is one that every sampling divides: data windows begin at such, and tiles are not
    subsampled.
    """
    cdef const Plane *plane
    cdef Py_ssize_t left = -plan.left, top = -plan.top
    cdef int line, c, width
    if plan.tile_width:
        left += <Py_ssize_t> chunk.start_x * plan.tile_width
        top += <Py_ssize_t> chunk.start_y * plan.tile_height
    else:
        top += chunk.start_y - plan.y0
    for line in range(chunk.height):
        for c in range(plan.channels):
            plane = &plan.planes[c]
            if plane.y_step > 1 and (chunk.start_y + line) % plane.y_step != 0:
                continue
            width = plane_width(plan, c, chunk)
            pack_run(plane, plane.pixels + (top + line) * plane.row_step + left * plane.pixel_step, at, width)
            at += <Py_ssize_t> width * sample_size(plane.kind)
    return at


cdef inline int32_t pack(Encoder *encoder) noexcept nogil:
    """The pipeline's first step."""
    cdef const WritePlan *plan = (<Packer *> encoder.user_data).plan
    if encoder.packed_alloc_size < encoder.chunk.unpacked_size:
        return MISMATCH
    pack_chunk(plan, &encoder.chunk, <uint8_t *> encoder.packed_buffer)
    encoder.packed_bytes = encoder.chunk.unpacked_size
    return 0
