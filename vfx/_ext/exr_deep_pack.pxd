"""Chunks of deep data from flat arrays to the bytes of the file; ``exr_deep_chunks`` draws what they look like.

In front of a chunk stands its leader: where it is (the line; for tiles x, y and the level), then as 64-bit numbers the
packed size of the counts, the packed size of the samples, and their size unpacked. ZSTD is packed by the library, in a
context without a file that knows the channels.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t, uint8_t
from libc.stdlib cimport malloc
from libc.string cimport memcpy, memset

from vfx._ext.exr_deep_chunks cimport NONE, RLE, ZSTD, DeepLibrary, make_room
from vfx._ext.exr_failure cimport OUT_OF_MEMORY, Failure, fail
from vfx._ext.exr_rows cimport BLOCK, convert, sample_size
from vfx._ext.exr_zip_pack cimport split_halves, take_differences
from vfx._ext.exrcore cimport Chunk, Encoder, Library

# Storage of a part (openexr_attr.h).
cdef enum:
    DEEP_SCANLINE = 2
    DEEP_TILED = 3

ctypedef struct DeepSlot:
    uint8_t *data
    uint64_t size

ctypedef struct DeepWritePlan:
    const Library *core
    const DeepLibrary *deep
    const void *context
    int y0
    int width
    int height
    int tile_width
    int tile_height
    int across
    int64_t chunks
    int compression
    int level
    bint decreasing
    int channels
    const uint8_t **samples
    const int32_t *source_kinds
    const int32_t *kinds
    const uint32_t *counts
    const int64_t *offsets
    int64_t bytes_of_all

ctypedef struct DeepPacker:
    const DeepWritePlan *plan
    uint8_t *plain
    size_t plain_room
    uint8_t *sorted
    size_t sorted_room
    uint8_t *packed
    size_t packed_room
    Encoder *encoder


cdef inline uint64_t squeeze_by_library(DeepPacker *packer, Chunk *chunk, size_t size, int32_t *sums,
                                        uint8_t *to) noexcept nogil:
    """The plain bytes, packed by the library: counts without ``sums``, samples with them; 0 where it fails."""
    cdef Encoder *encoder = packer.encoder
    cdef int32_t code = 0
    chunk.unpacked_size = size
    if encoder.channels == NULL:
        code = packer.plan.core.encoding_initialize(packer.plan.context, 0, chunk, encoder)
    if code == 0 and encoder.channel_count != packer.plan.channels:
        return 0
    if code == 0:
        # An allocation size of 0 tells the library that a buffer is not its own; the sums are looked at where they have
        # one, and are not its own either, so they do not stay.
        encoder.chunk = chunk[0]
        encoder.packed_buffer, encoder.packed_bytes, encoder.packed_alloc_size = packer.plain, size, 0
        encoder.sample_count_table = sums
        encoder.sample_count_alloc_size = <size_t> chunk.width * <size_t> chunk.height * 4 if sums != NULL else 0
        encoder.skip_sample_count_table_compression = 1
        code = packer.plan.deep.compress_chunk(encoder)
        encoder.packed_buffer = encoder.sample_count_table = NULL
        encoder.sample_count_alloc_size = 0
    if code != 0:
        return 0
    if encoder.compressed_bytes >= size:
        memcpy(to, packer.plain, size)
        return size
    memcpy(to, encoder.compressed_buffer, encoder.compressed_bytes)
    return encoder.compressed_bytes


cdef inline uint64_t squeeze(DeepPacker *packer, size_t size, uint8_t *to) noexcept nogil:
    """The plain bytes, packed into ``to``: how many there are. What does not shrink goes as it is; 0: no memory."""
    cdef const DeepWritePlan *plan = packer.plan
    cdef size_t found = 0
    if plan.compression == NONE or size < 2:
        memcpy(to, packer.plain, size)
        return size
    # Run lengths are at most twice as long.
    if not make_room(&packer.sorted, &packer.sorted_room, size) \
            or not make_room(&packer.packed, &packer.packed_room, 2 * size + 64):
        return 0
    split_halves(packer.plain, packer.sorted, size)
    take_differences(packer.sorted, size)
    if plan.compression == RLE:
        found = plan.deep.rle_compress_buffer(size, packer.sorted, packer.packed, 2 * size + 64)
    elif plan.core.compress_buffer(NULL, plan.level, packer.sorted, size, packer.packed, size, &found) != 0:
        found = 0
    # A reader takes what is as long as it was for not packed.
    if found == 0 or found >= size:
        memcpy(to, packer.plain, size)
        return size
    memcpy(to, packer.packed, found)
    return found


cdef inline int32_t gather_chunk(DeepPacker *packer, int64_t number, DeepSlot *slot) noexcept nogil:
    """One chunk as it stands in the file."""
    cdef const DeepWritePlan *plan = packer.plan
    cdef int left = 0, top = 0, width = plan.width, height = 1, line, x, c, bytes_of = 0
    cdef int leader = 28
    cdef int64_t pixel, total = 0, sum, size
    cdef uint64_t table, packed
    cdef uint8_t *at
    cdef int32_t *sums = NULL
    cdef int32_t place[4]
    cdef Chunk chunk
    if plan.tile_width:
        leader = 40
        left, top = <int> (number % plan.across) * plan.tile_width, <int> (number // plan.across) * plan.tile_height
        width, height = min(plan.tile_width, plan.width - left), min(plan.tile_height, plan.height - top)
        place[0], place[1], place[2], place[3] = <int32_t> (number % plan.across), <int32_t> (number // plan.across), 0, 0
    else:
        top = <int> number
        place[0] = plan.y0 + top
    for c in range(plan.channels):
        bytes_of += sample_size(plan.kinds[c])
    for line in range(height):
        pixel = <int64_t> (top + line) * plan.width + left
        total += plan.offsets[pixel + width] - plan.offsets[pixel]
    table, packed = <uint64_t> width * height * 4, <uint64_t> total * bytes_of
    slot.data = <uint8_t *> malloc(leader + table + packed)
    if slot.data == NULL or not make_room(&packer.plain, &packer.plain_room, max(table, packed)):
        return OUT_OF_MEMORY
    memcpy(slot.data, place, leader - 24)
    memcpy(slot.data + leader - 8, &packed, 8)
    for line in range(height):
        pixel, sum = <int64_t> (top + line) * plan.width + left, 0
        for x in range(width):
            sum += plan.counts[pixel + x]
            (<int32_t *> packer.plain)[<Py_ssize_t> line * width + x] = <int32_t> sum
    size = table
    if plan.compression == ZSTD:
        memset(&chunk, 0, sizeof(Chunk))
        chunk.width, chunk.height, chunk.compression = width, height, ZSTD
        chunk.type = DEEP_TILED if plan.tile_width else DEEP_SCANLINE
        if not make_room(&packer.packed, &packer.packed_room, table):
            return OUT_OF_MEMORY
        memcpy(packer.packed, packer.plain, table)
        sums = <int32_t *> packer.packed
        table = squeeze_by_library(packer, &chunk, table, NULL, slot.data + leader)
    else:
        table = squeeze(packer, table, slot.data + leader)
    if table == 0:
        return OUT_OF_MEMORY
    at = packer.plain
    for line in range(height):
        pixel = <int64_t> (top + line) * plan.width + left
        for c in range(plan.channels):
            at = put_run(plan, c, plan.offsets[pixel], plan.offsets[pixel + width], at)
    size = packed
    if plan.compression == ZSTD and size:
        packed = squeeze_by_library(packer, &chunk, packed, sums, slot.data + leader + table)
    else:
        packed = squeeze(packer, packed, slot.data + leader + table)
    if packed == 0 and size:
        return OUT_OF_MEMORY
    memcpy(slot.data + leader - 24, &table, 8)
    memcpy(slot.data + leader - 16, &packed, 8)
    slot.size = leader + table + packed
    return 0


cdef inline uint8_t *put_run(const DeepWritePlan *plan, int c, int64_t first, int64_t last, uint8_t *at) noexcept nogil:
    """The samples of one channel on one line, in the type that they are stored in; where the next go."""
    cdef int source = plan.source_kinds[c], kind = plan.kinds[c], n
    cdef const uint8_t *samples = plan.samples[c]
    if first == last:
        return at
    if source == kind:
        memcpy(at, samples + first * sample_size(kind), (last - first) * sample_size(kind))
        return at + (last - first) * sample_size(kind)
    while first < last:
        n = <int> min(<int64_t> BLOCK, last - first)
        convert(samples + first * sample_size(source), source, at, kind, n)
        at += n * sample_size(kind)
        first += n
    return at


cdef inline void pack_chunk(DeepPacker *packer, int64_t number, DeepSlot *slot, Failure *failure) noexcept nogil:
    """One chunk into its slot."""
    fail(failure, gather_chunk(packer, number, slot), number)
