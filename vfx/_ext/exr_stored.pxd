"""Chunks that are stored as they are: only the bytes of the wanted rows, columns and channels are fetched.

Four channels of 64 are then a sixteenth of the reading. Pieces less than a page apart are fetched together, because a
call into the system costs as much as copying a page (0.3 µs).
"""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport free, malloc

from vfx._ext.exr_failure cimport MISMATCH, OUT_OF_MEMORY
from vfx._ext.exr_pieces cimport Pieces, begin_pieces, in_pieces, next_piece
from vfx._ext.exr_source cimport fetch
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
    """Whether a chunk can be fetched piece by piece, and whether that spares anything."""
    if decoder.chunk.packed_size != decoder.chunk.unpacked_size or not in_pieces(plan, decoder):
        return False
    return decoder.chunk.compression in (NONE, ZIPS, ZIP)


cdef inline int32_t take_stored(Worker *worker, Decoder *decoder) noexcept nogil:
    """The wanted pixels of a chunk without compression or subsampling, from the file into the image."""
    cdef ReadPlan *plan = worker.plan
    cdef Chunk *chunk = &decoder.chunk
    cdef Pieces place
    cdef int64_t begin, end
    if not begin_pieces(plan, decoder, &place):
        return MISMATCH
    if worker.room < chunk.unpacked_size:
        free(worker.scratch)
        worker.scratch = <uint8_t *> malloc(chunk.unpacked_size)
        worker.room = chunk.unpacked_size if worker.scratch != NULL else 0
        if worker.scratch == NULL:
            return OUT_OF_MEMORY
    while next_piece(plan, decoder, &place, PAGE, &begin, &end):
        if fetch(plan.source, worker.scratch + begin, end - begin, chunk.data_offset + begin) != end - begin:
            return READ_FAILED
    return unpack_from(decoder, worker.scratch)
