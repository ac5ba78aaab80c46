"""One chunk of an EXR file through the library's encode pipeline, and its bytes to the file in order.

The library only packs (with our function) and compresses, in a context that has no file. The file is
written here: a chunk's leader, then its bytes (OpenEXR file layout, "Chunk layout")::

    scanlines  y, size                          tiles  x, y, level x, level y, size

Whichever thread finishes a chunk writes all finished chunks that are next in line; the others go on
compressing.
"""

from libc.stdint cimport int32_t, int64_t, uint64_t, uint8_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from vfx._ext.exr_failure cimport MISMATCH, OUT_OF_MEMORY, WRITE_FAILED, Failure, fail
from vfx._ext.exr_pack cimport Packer, Slot, WritePlan, pack
from vfx._ext.exr_system cimport vfx_clear_flag, vfx_get, vfx_set, vfx_take_flag, vfx_write
from vfx._ext.exr_zip_pack cimport compress_zip
from vfx._ext.exrcore cimport Chunk, Encoder, Library

# Compressions whose first half is done here (openexr_attr.h).
cdef enum:
    ZIPS = 2
    ZIP = 3


cdef inline void place_chunk(const WritePlan *plan, int index, Chunk *chunk) noexcept nogil:
    """What chunk ``index`` of the offset table covers."""
    memset(chunk, 0, sizeof(Chunk))
    chunk.idx = index
    chunk.compression = <uint8_t> plan.compression
    if plan.tile_width:
        chunk.type = 1
        chunk.start_x = index % plan.across
        chunk.start_y = index // plan.across
        chunk.width = min(plan.tile_width, plan.width - chunk.start_x * plan.tile_width)
        chunk.height = min(plan.tile_height, plan.height - chunk.start_y * plan.tile_height)
    else:
        chunk.start_x = plan.x0
        chunk.start_y = plan.y0 + index * plan.lines
        chunk.width = plan.width
        chunk.height = min(plan.lines, plan.height - index * plan.lines)
    chunk.unpacked_size = <uint64_t> chunk.width * <uint64_t> chunk.height * plan.pixel_bytes


cdef inline int32_t prepare_encoder(const Library *core, const void *context, WritePlan *plan, Packer *packer,
                                    const Chunk *chunk, Encoder *encoder) noexcept nogil:
    """The pipeline of one thread: our packing, the library's compressing, no writing."""
    cdef int c
    cdef int32_t code = core.encoding_initialize(context, 0, chunk, encoder)
    if code == 0 and encoder.channel_count != plan.channels:
        return MISMATCH
    if code == 0:
        for c in range(plan.channels):
            # The library wants every channel to have a source, though only our packing looks for one.
            encoder.channels[c].data = <uint8_t *> plan.pixels
        code = core.encoding_choose_default_routines(context, 0, encoder)
        encoder.convert_and_pack_fn = pack
        encoder.yield_until_ready_fn = NULL
        encoder.write_fn = NULL
        encoder.user_data = packer
        if plan.compression in (ZIPS, ZIP):
            encoder.compress_fn = compress_zip
    return code


cdef inline int32_t keep(const WritePlan *plan, const Encoder *encoder, Slot *slot) noexcept nogil:
    """The chunk as it stands in the file, in memory of its own.

    A reader takes a chunk as long as its pixels for uncompressed. B44 copies float channels in an order of
    its own, to just that length, so there and where a codec gained nothing the packed lines go in.
    """
    cdef int32_t leader[5]
    cdef int count = 2
    cdef const Chunk *chunk = &encoder.chunk
    cdef const void *data = encoder.compressed_buffer
    cdef uint64_t size = encoder.compressed_bytes
    if size >= encoder.packed_bytes:
        data, size = encoder.packed_buffer, encoder.packed_bytes
    leader[0] = chunk.start_y
    if plan.tile_width:
        leader[0], leader[1], leader[2], leader[3] = chunk.start_x, chunk.start_y, 0, 0
        count = 5
    leader[count - 1] = <int32_t> size
    slot.data = <uint8_t *> malloc(4 * count + size)
    if slot.data == NULL:
        return OUT_OF_MEMORY
    memcpy(slot.data, leader, 4 * count)
    memcpy(slot.data + 4 * count, data, size)
    slot.size = 4 * count + size
    return 0


cdef inline void drain(WritePlan *plan, Failure *failure) noexcept nogil:
    """Write the finished chunks that are next in the file, unless another thread is at it."""
    cdef Slot *slot
    cdef int index
    if not vfx_take_flag(&plan.draining):
        return
    while plan.next_slot < plan.chunks and vfx_get(&plan.slots[plan.next_slot].ready) and vfx_get(&failure.stop) == 0:
        slot = &plan.slots[plan.next_slot]
        index = plan.chunks - 1 - plan.next_slot if plan.decreasing else plan.next_slot
        if vfx_write(plan.fd, slot.data, slot.size, plan.position) != 0:
            fail(failure, WRITE_FAILED, index)
        free(slot.data)
        slot.data = NULL
        plan.offsets[index] = plan.position
        plan.position += slot.size
        plan.next_slot += 1
    vfx_clear_flag(&plan.draining)


cdef inline void encode(const Library *core, const void *context, WritePlan *plan, Packer *packer, int order,
                        Encoder *encoder, Failure *failure) noexcept nogil:
    """The ``order``-th chunk of the file, compressed, and written when its turn has come."""
    cdef Chunk chunk
    cdef int32_t code
    place_chunk(plan, plan.chunks - 1 - order if plan.decreasing else order, &chunk)
    if encoder.channels == NULL:
        code = prepare_encoder(core, context, plan, packer, &chunk, encoder)
    else:
        code = core.encoding_update(context, 0, &chunk, encoder)
    if code == 0:
        code = core.encoding_run(context, 0, encoder)
    if code == 0:
        code = keep(plan, encoder, &plan.slots[order])
    fail(failure, code, order)
    if code == 0:
        vfx_set(&plan.slots[order].ready, 1)
        drain(plan, failure)
