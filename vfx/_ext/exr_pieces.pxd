"""Which bytes of a chunk are wanted, where only some rows, columns or channels of it are."""

from libc.stdint cimport int64_t

from vfx._ext.exr_unpack cimport ReadPlan
from vfx._ext.exrcore cimport Decoder

# A place in a chunk: ``at`` is the byte where channel ``c`` of a line begins.
ctypedef struct Pieces:
    int64_t at
    int64_t line_bytes
    int line
    int c
    int top
    int first
    int last


cdef inline bint in_pieces(const ReadPlan *plan, const Decoder *decoder) noexcept nogil:
    """Whether a part of the chunk is wanted, and its layout is plain: no subsampled channels."""
    cdef int c
    if plan.whole:
        return False
    for c in range(plan.channels):
        if decoder.channels[c].x_samples != 1 or decoder.channels[c].y_samples != 1:
            return False
    return True


cdef inline bint begin_pieces(const ReadPlan *plan, const Decoder *decoder, Pieces *place) noexcept nogil:
    """The beginning of a chunk; false where its size is not that of its lines, or nothing of it is wanted."""
    cdef int left = 0, c
    place.at, place.line_bytes, place.line, place.c = 0, 0, 0, 0
    place.top = decoder.chunk.start_y - plan.y0
    if plan.tile_width:
        left, place.top = decoder.chunk.start_x * plan.tile_width, decoder.chunk.start_y * plan.tile_height
    place.first, place.last = max(plan.left - left, 0), min(plan.right - left, decoder.chunk.width)
    for c in range(plan.channels):
        place.line_bytes += <int64_t> decoder.chunk.width * decoder.channels[c].bytes_per_element
    return place.first < place.last and place.line_bytes * decoder.chunk.height == <int64_t> decoder.chunk.unpacked_size


cdef inline bint next_piece(const ReadPlan *plan, const Decoder *decoder, Pieces *place, int64_t gap, int64_t *begin,
                            int64_t *end) noexcept nogil:
    """Whether there is a next run of wanted bytes, from ``begin`` to ``end``; runs no more than ``gap`` apart are one."""
    cdef int element
    cdef int64_t wanted
    begin[0] = end[0] = -1
    while place.line < decoder.chunk.height:
        if not plan.first <= place.top + place.line < plan.last:
            place.at += place.line_bytes
            place.line += 1
            continue
        while place.c < plan.channels:
            element = decoder.channels[place.c].bytes_per_element
            if plan.column_of[place.c] >= 0:
                wanted = place.at + <int64_t> place.first * element
                if end[0] >= 0 and wanted - end[0] > gap:
                    return True
                if end[0] < 0:
                    begin[0] = wanted
                end[0] = place.at + <int64_t> place.last * element
            place.at += <int64_t> decoder.chunk.width * element
            place.c += 1
        place.c = 0
        place.line += 1
    return end[0] >= 0
