"""From a decompressed chunk into an interleaved image: the last step of the decode pipeline.

A chunk holds its lines one after the other, and in each line one run of samples per channel, in the
file's (alphabetical) order. Runs are converted and joined block by block; channels that the image does not
take are skipped; samples of a subsampled channel are repeated over the pixels that they stand for. Of rows and
columns only those asked for are written.
"""

from libc.stdint cimport int32_t, int64_t, uint16_t, uint32_t, uint64_t, uint8_t
from libc.string cimport memcpy

from vfx._ext.exr_rows cimport BLOCK, convert, join16, join32, sample_size
from vfx._ext.exr_failure cimport MISMATCH
from vfx._ext.exr_source cimport Source
from vfx._ext.exrcore cimport Channel, Decoder

# Images of more channels than this are stored channel by channel.
cdef enum:
    MOST_JOINED = 16

# Rows ``first`` to ``last`` and columns ``left`` to ``right`` of a level at ``x0, y0``; ``columns`` samples a pixel.
# Of tiles, those from column ``tile_left`` and row ``tile_top`` on, ``across`` in a row; else ``lines`` a chunk, from
# chunk ``tile_top`` on. ``whole`` is whether every stored byte of a chunk is wanted. With ``lenient`` chunks that cannot
# be decoded are ``missing``, and no failure.
ctypedef struct ReadPlan:
    Source *source
    uint8_t *out
    Py_ssize_t row_bytes
    int x0
    int y0
    int width
    int height
    int first
    int last
    int left
    int right
    int level_x
    int level_y
    int columns
    int target
    int32_t lines
    int tile_width
    int tile_height
    int tile_left
    int tile_top
    int across
    int channels
    bint whole
    bint lenient
    uint64_t missing
    const int32_t *column_of
    const int32_t *kind_of


# What one thread of the decoding loop owns beside its pipeline.
ctypedef struct Worker:
    ReadPlan *plan
    int32_t (*inflate)(const void *, const void *, size_t, void *, size_t, size_t *) noexcept nogil
    uint8_t *scratch
    size_t room


cdef inline void scatter(ReadPlan *plan, const Channel *channel, const uint8_t *line, int kind, int column,
                         int x_origin, int row) noexcept nogil:
    """One line of a subsampled channel, each sample repeated over the pixels that it stands for."""
    cdef int size = sample_size(plan.target), i, n, start = 0
    cdef int64_t step = channel.x_samples, x, y, from_x, to_x
    cdef uint32_t buffer[BLOCK]
    cdef uint8_t *samples = <uint8_t *> buffer
    cdef uint8_t *to
    while start < channel.width:
        n = min(<int> BLOCK, channel.width - start)
        convert(line + <Py_ssize_t> start * sample_size(kind), kind, samples, plan.target, n)
        for y in range(max(row, plan.first), min(<int64_t> row + channel.y_samples, <int64_t> plan.last)):
            to = plan.out + (y - plan.first) * plan.row_bytes + column * size
            for i in range(n):
                from_x = max(x_origin + (start + i) * step, <int64_t> plan.left)
                to_x = min(x_origin + (start + i + 1) * step, <int64_t> plan.right)
                for x in range(from_x, to_x):
                    memcpy(to + <Py_ssize_t> (x - plan.left) * plan.columns * size, samples + i * size, size)
        start += n


cdef inline void join_line(ReadPlan *plan, const uint8_t *const *runs, const int32_t *kinds, uint8_t *out,
                    int width) noexcept nogil:
    """One line of full-resolution channels, converted and interleaved; ``runs`` in column order."""
    cdef int size = sample_size(plan.target), start = 0, n, k
    cdef uint32_t converted[MOST_JOINED][BLOCK]
    cdef const uint8_t *from_[MOST_JOINED]
    while start < width:
        n = min(<int> BLOCK, width - start)
        for k in range(plan.columns):
            # A run of floats may start at an odd pair of bytes, after an odd number of halves.
            if kinds[k] == plan.target and (<size_t> runs[k]) % size == 0:
                from_[k] = runs[k] + <Py_ssize_t> start * size
            else:
                from_[k] = <uint8_t *> converted[k]
                convert(runs[k] + <Py_ssize_t> start * sample_size(kinds[k]), kinds[k], <uint8_t *> converted[k],
                        plan.target, n)
        if size == 2:
            join16(<uint16_t *> out + <Py_ssize_t> start * plan.columns, <const uint16_t *const *> from_,
                   plan.columns, n)
        else:
            join32(<uint32_t *> out + <Py_ssize_t> start * plan.columns, <const uint32_t *const *> from_,
                   plan.columns, n)
        start += n


cdef inline void place(ReadPlan *plan, const uint8_t *run, int kind, uint8_t *out, int width) noexcept nogil:
    """One channel's line into every ``columns``-th sample: images of many or of subsampled channels."""
    cdef int size = sample_size(plan.target), start = 0, n, i
    cdef uint32_t buffer[BLOCK]
    cdef uint8_t *samples = <uint8_t *> buffer
    while start < width:
        n = min(<int> BLOCK, width - start)
        convert(run + <Py_ssize_t> start * sample_size(kind), kind, samples, plan.target, n)
        if size == 2:
            for i in range(n):
                memcpy(out + <Py_ssize_t> (start + i) * plan.columns * 2, samples + i * 2, 2)
        else:
            for i in range(n):
                memcpy(out + <Py_ssize_t> (start + i) * plan.columns * 4, samples + i * 4, 4)
        start += n


cdef inline int32_t unpack(Decoder *decoder) noexcept nogil:
    """The pipeline's last step: the chunk's lines, channel after channel, into the image."""
    # With nothing in the file to decompress, the buffer would be whatever memory held.
    if decoder.chunk.packed_size == 0 or (
            decoder.decompress_fn == NULL and decoder.chunk.packed_size != decoder.chunk.unpacked_size):
        return MISMATCH
    return unpack_from(decoder, <const uint8_t *> decoder.unpacked_buffer)


cdef inline int32_t unpack_from(Decoder *decoder, const uint8_t *at) noexcept nogil:
    """The wanted pixels of the chunk whose stored form is at ``at``, ``unpacked_size`` bytes, into the image."""
    cdef ReadPlan *plan = (<Worker *> decoder.user_data).plan
    cdef const uint8_t *end = at + decoder.chunk.unpacked_size
    cdef const uint8_t *runs[MOST_JOINED]
    cdef int32_t kinds[MOST_JOINED]
    cdef Channel *channel
    cdef int origin = 0, top = decoder.chunk.start_y - plan.y0, line, row, c, column, seen, left, right
    cdef int size = sample_size(plan.target)
    cdef uint8_t *out
    cdef bint wanted, joined = plan.columns <= MOST_JOINED
    if plan.tile_width:
        origin = decoder.chunk.start_x * plan.tile_width
        top = decoder.chunk.start_y * plan.tile_height
    if origin < 0 or top < 0 or origin + decoder.chunk.width > plan.width \
            or top + decoder.chunk.height > plan.height:
        return MISMATCH
    # Columns of the chunk that the image takes.
    left, right = max(plan.left - origin, 0), min(plan.right - origin, decoder.chunk.width)
    for c in range(plan.channels):
        if plan.column_of[c] >= 0 and (decoder.channels[c].x_samples > 1 or decoder.channels[c].y_samples > 1):
            joined = False
    for line in range(decoder.chunk.height):
        row = top + line
        wanted = plan.first <= row < plan.last and left < right
        seen = 0
        out = plan.out + (row - plan.first) * plan.row_bytes \
            + <Py_ssize_t> (origin + left - plan.left) * plan.columns * size
        for c in range(plan.channels):
            channel = &decoder.channels[c]
            if channel.height == 0 or (channel.y_samples > 1 and (plan.y0 + row) % channel.y_samples != 0):
                continue
            column = plan.column_of[c]
            if at + <Py_ssize_t> channel.width * channel.bytes_per_element > end:
                return MISMATCH
            if column >= 0:
                if channel.x_samples > 1 or channel.y_samples > 1:
                    scatter(plan, channel, at, plan.kind_of[c], column, origin, row)
                elif channel.width != decoder.chunk.width:
                    return MISMATCH
                elif joined:
                    runs[column] = at + <Py_ssize_t> left * channel.bytes_per_element
                    kinds[column] = plan.kind_of[c]
                    seen += 1
                elif wanted:
                    place(plan, at + <Py_ssize_t> left * channel.bytes_per_element, plan.kind_of[c],
                          out + column * size, right - left)
            at += <Py_ssize_t> channel.width * channel.bytes_per_element
        if joined and wanted:
            if seen != plan.columns:
                return MISMATCH
            join_line(plan, runs, kinds, out, right - left)
    return 0
