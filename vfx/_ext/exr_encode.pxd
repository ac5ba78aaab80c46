"""One chunk of an EXR file through the library's encode pipeline, and its bytes to the file in order.

The library only packs (with our function) and compresses, in a context that has no file. The file is
written here: a chunk's leader, then its bytes (OpenEXR file layout, "Chunk layout")::

    [part]  in files of several parts, then
    scanlines  y, size                          tiles  x, y, level x, level y, size

Whichever thread finishes a chunk writes all finished chunks that are next in line; the others go on
compressing. Uncompressed chunks are packed and written in groups by one thread: two wait for each other in
the system, and took 47 to 72 ms for a frame of 66 MB that one writes in 39 to 44 (tmpfs, minima of 61).
"""

from libc.stdint cimport int32_t, int64_t, uint64_t, uint8_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from vfx._ext.exr_failure cimport MISMATCH, OUT_OF_MEMORY, WRITE_FAILED, Failure, fail
from vfx._ext.exr_pack cimport Packer, Slot, WritePlan, chunk_at, pack, pack_chunk, place_chunk, plane_height, \
    plane_width
from vfx._ext.exr_system cimport vfx_clear_flag, vfx_get, vfx_set, vfx_take_flag, vfx_write
from vfx._ext.exr_zip_pack cimport compress_zip
from vfx._ext.exrcore cimport Chunk, Encoder, Library

# Compressions that are dealt with here, all or in part (openexr_attr.h).
cdef enum:
    NONE = 0
    ZIPS = 2
    ZIP = 3

# Bytes of a leader: a part, four numbers of a tile, a size.
cdef enum:
    LONGEST_LEADER = 24


cdef inline void size_channels(const WritePlan *plan, Encoder *encoder) noexcept nogil:
    """The lines and samples of every channel, counted as ours are: the library miscounts at negative odd places."""
    cdef int c
    for c in range(plan.channels):
        encoder.channels[c].width = plane_width(plan, c, &encoder.chunk)
        encoder.channels[c].height = plane_height(plan, c, &encoder.chunk)


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
            encoder.channels[c].data = <uint8_t *> plan.planes[c].pixels
        code = core.encoding_choose_default_routines(context, 0, encoder)
        encoder.convert_and_pack_fn = pack
        encoder.yield_until_ready_fn = NULL
        encoder.write_fn = NULL
        encoder.user_data = packer
        if plan.compression in (ZIPS, ZIP):
            encoder.compress_fn = compress_zip
    return code


cdef inline int write_leader(const WritePlan *plan, const Chunk *chunk, uint64_t size, uint8_t *to) noexcept nogil:
    """The leader of a chunk of ``size`` bytes to ``to``; its own length."""
    cdef int32_t leader[6]
    cdef int count = 0
    if plan.part >= 0:
        leader[0] = plan.part
        count = 1
    if plan.tile_width:
        leader[count] = chunk.start_x
        leader[count + 1] = chunk.start_y
        leader[count + 2] = chunk.level_x
        leader[count + 3] = chunk.level_y
        count += 4
    else:
        leader[count] = chunk.start_y
        count += 1
    leader[count] = <int32_t> size
    memcpy(to, leader, 4 * (count + 1))
    return 4 * (count + 1)


cdef inline int32_t keep(const WritePlan *plan, const Encoder *encoder, Slot *slot) noexcept nogil:
    """The chunk as it stands in the file, in memory of its own.

    A reader takes a chunk as long as its pixels for uncompressed. B44 copies float channels in an order of
    its own, to just that length, so there and where a codec gained nothing the packed lines go in.
    """
    cdef int length
    cdef const void *data = encoder.compressed_buffer
    cdef uint64_t size = encoder.compressed_bytes
    if size >= encoder.packed_bytes:
        data, size = encoder.packed_buffer, encoder.packed_bytes
    slot.data = <uint8_t *> malloc(LONGEST_LEADER + size)
    if slot.data == NULL:
        return OUT_OF_MEMORY
    length = write_leader(plan, &encoder.chunk, size, slot.data)
    memcpy(slot.data + length, data, size)
    slot.size = length + size
    return 0


cdef inline void drain(WritePlan *plan, Failure *failure) noexcept nogil:
    """Write the finished chunks that are next in the file, unless another thread is at it."""
    cdef Slot *slot
    cdef int64_t index
    if not vfx_take_flag(&plan.draining):
        return
    while plan.next_slot < plan.chunks and vfx_get(&plan.slots[plan.next_slot].ready) and vfx_get(&failure.stop) == 0:
        slot = &plan.slots[plan.next_slot]
        index = chunk_at(plan, plan.next_slot)
        if vfx_write(plan.fd, slot.data, slot.size, plan.position) != 0:
            fail(failure, WRITE_FAILED, index)
        free(slot.data)
        slot.data = NULL
        plan.offsets[index] = plan.position
        plan.position += slot.size
        plan.next_slot += 1
    vfx_clear_flag(&plan.draining)


cdef inline void encode(const Library *core, const void *context, WritePlan *plan, Packer *packer, int64_t order,
                        Encoder *encoder, Failure *failure) noexcept nogil:
    """The ``order``-th chunk of the file, compressed, and written when its turn has come."""
    cdef Chunk chunk
    cdef int32_t code
    memset(&chunk, 0, sizeof(Chunk))
    place_chunk(plan, chunk_at(plan, order), &chunk)
    if encoder.channels == NULL:
        code = prepare_encoder(core, context, plan, packer, &chunk, encoder)
    else:
        code = core.encoding_update(context, 0, &chunk, encoder)
    if code == 0:
        size_channels(plan, encoder)
        code = core.encoding_run(context, 0, encoder)
    if code == 0:
        code = keep(plan, encoder, &plan.slots[order])
    fail(failure, code, order)
    if code == 0:
        vfx_set(&plan.slots[order].ready, 1)
        drain(plan, failure)


cdef inline int64_t store(WritePlan *plan, uint8_t *scratch, int64_t order, uint64_t room,
                          Failure *failure) noexcept nogil:
    """As many uncompressed chunks as ``room`` holds, from the ``order``-th of the file on, in one go; how many."""
    cdef Chunk chunk
    cdef int64_t count = 0, index
    cdef uint8_t *at = scratch
    memset(&chunk, 0, sizeof(Chunk))
    while order + count < plan.chunks:
        index = chunk_at(plan, order + count)
        place_chunk(plan, index, &chunk)
        if LONGEST_LEADER + chunk.unpacked_size > room - <uint64_t> (at - scratch):
            break
        plan.offsets[index] = plan.position + (at - scratch)
        at += write_leader(plan, &chunk, chunk.unpacked_size, at)
        at = pack_chunk(plan, &chunk, at)
        count += 1
    if vfx_write(plan.fd, scratch, at - scratch, plan.position) != 0:
        fail(failure, WRITE_FAILED, order)
    plan.position += at - scratch
    return count
