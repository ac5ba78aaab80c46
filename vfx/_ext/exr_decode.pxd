"""One chunk of an EXR file through the library's decode pipeline, with our unpacking as its last step."""

from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset

from vfx._ext.exr_failure cimport MISMATCH, OUT_OF_MEMORY, Failure, fail
from vfx._ext.exr_source cimport vfx_count
from vfx._ext.exr_stored cimport sparse, take_stored
from vfx._ext.exr_system cimport vfx_message
from vfx._ext.exr_unpack cimport ReadPlan, Worker, unpack
from vfx._ext.exr_zip cimport decompress_zip
from vfx._ext.exrcore cimport Chunk, Decoder, Library

# Compressions whose second half is done here (openexr_attr.h).
cdef enum:
    ZIPS = 2
    ZIP = 3


cdef inline int32_t chunk_info(const Library *core, const void *context, int part, ReadPlan *plan, int64_t index,
                              Chunk *chunk) noexcept nogil:
    """Where chunk ``index`` of the plan (line blocks from the top, or tiles in rows) lies in the file."""
    if plan.tile_width:
        return core.read_tile_chunk_info(
            context, part, plan.tile_left + <int> (index % plan.across), plan.tile_top + <int> (index // plan.across),
            plan.level_x, plan.level_y, chunk)
    return core.read_scanline_chunk_info(
        context, part, <int> (plan.y0 + (plan.tile_top + index) * plan.lines), chunk)


cdef inline int32_t prepare_decoder(const Library *core, const void *context, int part, Worker *worker, Chunk *chunk,
                                    Decoder *decoder) noexcept nogil:
    """The pipeline of one thread: the library's reading and decompressing, our unpacking."""
    cdef ReadPlan *plan = worker.plan
    cdef int c
    cdef int32_t code = core.decoding_initialize(context, part, chunk, decoder)
    if code != 0:
        return code
    if decoder.channel_count != plan.channels:
        return MISMATCH
    for c in range(plan.channels):
        if decoder.channels[c].data_type != plan.kind_of[c]:
            return MISMATCH
    code = core.decoding_choose_default_routines(context, part, decoder)
    decoder.unpack_and_convert_fn = unpack
    decoder.user_data = worker
    if chunk.compression in (ZIPS, ZIP):
        decoder.decompress_fn = decompress_zip
    return code


cdef inline void decode(const Library *core, const void *context, int part, Worker *worker, int64_t index,
                        Decoder *decoder, Failure *failure) noexcept nogil:
    """One chunk from the file into the image."""
    cdef Chunk chunk
    cdef int32_t code
    memset(&chunk, 0, sizeof(Chunk))
    code = chunk_info(core, context, part, worker.plan, index, &chunk)
    if code == 0:
        if decoder.channels == NULL:
            code = prepare_decoder(core, context, part, worker, &chunk, decoder)
            if code != 0:  # the header's fault, not the chunk's
                fail(failure, code, index)
                return
        else:
            code = core.decoding_update(context, part, &chunk, decoder)
    if code == 0:
        if sparse(worker.plan, decoder):
            code = take_stored(worker, decoder)
        else:
            code = core.decoding_run(context, part, decoder)
    if code != 0 and code != OUT_OF_MEMORY and worker.plan.lenient:
        vfx_count(&worker.plan.missing, 1)
        vfx_message[0] = 0
        return
    fail(failure, code, index)
