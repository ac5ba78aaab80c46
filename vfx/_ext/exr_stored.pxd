"""Chunks that are stored as they are: only the bytes of the wanted rows, columns and channels are fetched.

Four channels of 64 are then a sixteenth of the reading. Pieces less than a page apart are fetched together, because a
call into the system costs as much as copying a page (0.3 µs).
"""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport free, malloc

from vfx._ext.exr_failure cimport MISMATCH, OUT_OF_MEMORY
from vfx._ext.exr_source cimport Source, fetch
from vfx._ext.exr_unpack cimport ReadPlan, Worker, unpack_from
from vfx._ext.exrcore cimport Chunk, Decoder

# Compressions that leave a chunk alone which they cannot make smaller, and the one that always does (openexr_attr.h).
cdef enum:
    NONE = 0
    ZIPS = 2
    ZIP = 3

cdef enum:
    PAGE = 4096

# EXR_ERR_READ_IO (openexr_errors.h).
cdef enum:
    READ_FAILED = 10


cdef inline bint sparse(const ReadPlan *plan, const Decoder *decoder) noexcept nogil:
    """Whether a chunk can be taken piece by piece, and whether that spares anything."""
    cdef int c
    if plan.whole or decoder.chunk.packed_size != decoder.chunk.unpacked_size:
        return False
    for c in range(plan.channels):
        if decoder.channels[c].x_samples != 1 or decoder.channels[c].y_samples != 1:
            return False
    return decoder.chunk.compression in (NONE, ZIPS, ZIP)


cdef inline int32_t take_stored(Worker *worker, Decoder *decoder) noexcept nogil:
    """The wanted pixels of a chunk without compression or subsampling, from the file into the image."""
    cdef ReadPlan *plan = worker.plan
    cdef Chunk *chunk = &decoder.chunk
    cdef size_t size = chunk.unpacked_size
    cdef int64_t at = 0, begin = 0, end = 0, wanted, line_bytes = 0
    cdef int line, c, element, left = 0, top = chunk.start_y - plan.y0, first, last
    if plan.tile_width:
        left, top = chunk.start_x * plan.tile_width, chunk.start_y * plan.tile_height
    first, last = max(plan.left - left, 0), min(plan.right - left, chunk.width)
    for c in range(plan.channels):
        line_bytes += <int64_t> chunk.width * decoder.channels[c].bytes_per_element
    if line_bytes * chunk.height != <int64_t> size or first >= last:
        return MISMATCH
    if worker.room < size:
        free(worker.scratch)
        worker.scratch = <uint8_t *> malloc(size)
        worker.room = size if worker.scratch != NULL else 0
        if worker.scratch == NULL:
            return OUT_OF_MEMORY
    for line in range(chunk.height):
        for c in range(plan.channels):
            element = decoder.channels[c].bytes_per_element
            if plan.column_of[c] >= 0 and plan.first <= top + line < plan.last:
                wanted = at + <int64_t> first * element
                if wanted - end > PAGE:
                    if not take_piece(plan.source, worker.scratch, chunk, begin, end):
                        return READ_FAILED
                    begin = wanted
                elif end == begin:
                    begin = wanted
                end = at + <int64_t> last * element
            at += <int64_t> chunk.width * element
    if not take_piece(plan.source, worker.scratch, chunk, begin, end):
        return READ_FAILED
    return unpack_from(decoder, worker.scratch)


cdef inline bint take_piece(Source *source, uint8_t *scratch, const Chunk *chunk, int64_t begin,
                            int64_t end) noexcept nogil:
    """Whether bytes ``begin`` to ``end`` of the chunk now are at their place in the scratch memory."""
    return fetch(source, scratch + begin, end - begin, chunk.data_offset + begin) == end - begin
