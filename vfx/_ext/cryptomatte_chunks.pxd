"""One chunk of an EXR file into sums of coverage: the last steps of the decode pipeline, without a picture between.

ZIP stores the bytes at even places before those at odd places. They are left so: the two planes are searched for
the wanted ids as they are, and only the blocks that have one are put together. That, and writing no pixels, is what
makes a matte cheaper than the picture that it comes from.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

from vfx._ext.cryptomatte_rows cimport BLOCK, Wanted, add_wanted, join_planes, may_hold
from vfx._ext.exr_failure cimport MISMATCH, OUT_OF_MEMORY
from vfx._ext.exr_rows cimport FLOAT
from vfx._ext.exr_zip cimport sum_differences
from vfx._ext.exrcore cimport Channel, Chunk, Decoder, Library

# Compressions whose second half is done here, and a chunk that cannot be right (openexr_attr.h, openexr_errors.h).
cdef enum:
    ZIPS = 2
    ZIP = 3
    CORRUPT_CHUNK = 23

ctypedef struct MattePlan:
    Wanted wanted
    float *out
    int x0
    int y0
    int width
    int height
    int first
    int last
    int32_t lines
    int tile_width
    int tile_height
    int across
    int channels
    int ranks
    const int32_t *pairs        # two channels a rank: ids, coverages
    const int32_t *kinds

# What one thread of the decoding loop owns beside its pipeline.
ctypedef struct MatteWorker:
    MattePlan *plan
    int32_t (*inflate)(const void *, const void *, size_t, void *, size_t, size_t *) noexcept nogil
    uint8_t *scratch
    size_t room
    int64_t *offsets            # of each channel's run in the line at hand; -1 where it has none


cdef inline int32_t inflate_planes(Decoder *decoder) noexcept nogil:
    """The pipeline's second step for ZIP and ZIPS: bytes inflated and summed, in two planes."""
    cdef MatteWorker *worker = <MatteWorker *> decoder.user_data
    cdef size_t size = decoder.chunk.unpacked_size, found = 0
    cdef int32_t code
    if decoder.chunk.packed_size == size or size == 0:
        return 0  # stored as it is: the pipeline unpacks what it read
    if worker.room < size:
        free(worker.scratch)
        worker.scratch = <uint8_t *> malloc(size)
        worker.room = size if worker.scratch != NULL else 0
        if worker.scratch == NULL:
            return OUT_OF_MEMORY
    code = worker.inflate(
        decoder.context, decoder.packed_buffer, decoder.chunk.packed_size, worker.scratch, size, &found)
    if code != 0 or found != size:
        return code if code != 0 else CORRUPT_CHUNK
    sum_differences(worker.scratch, size)
    return 0


cdef inline void add_planes(const Wanted *wanted, const uint8_t *even, size_t half, int64_t id_at, int64_t coverage_at,
                            float *out, int width) noexcept nogil:
    """One line of one rank out of the two planes, which are ``half`` bytes apart."""
    cdef uint32_t ids[BLOCK]
    cdef uint32_t coverage[BLOCK]
    cdef const uint8_t *id_even = even + id_at // 2
    cdef const uint8_t *coverage_even = even + coverage_at // 2
    cdef int x = 0, n
    while x < width:
        n = min(<int> BLOCK, width - x)
        if may_hold(wanted, id_even + 2 * x, id_even + half + 2 * x, n):
            join_planes(id_even + 2 * x, id_even + half + 2 * x, ids, n)
            join_planes(coverage_even + 2 * x, coverage_even + half + 2 * x, coverage, n)
            add_wanted(wanted, ids, <const float *> coverage, out + <Py_ssize_t> x * wanted.outputs, n)
        x += n


cdef inline void add_runs(const Wanted *wanted, const uint8_t *id_run, const uint8_t *coverage_run, float *out,
                          int width) noexcept nogil:
    """One line of one rank out of two runs of floats, which may start at any byte."""
    cdef uint32_t ids[BLOCK]
    cdef float coverage[BLOCK]
    cdef int x = 0, n
    while x < width:
        n = min(<int> BLOCK, width - x)
        memcpy(ids, id_run + <Py_ssize_t> x * 4, n * 4)
        memcpy(coverage, coverage_run + <Py_ssize_t> x * 4, n * 4)
        add_wanted(wanted, ids, coverage, out + <Py_ssize_t> x * wanted.outputs, n)
        x += n


cdef inline int64_t find_runs(MatteWorker *worker, Decoder *decoder, int row, int64_t at) noexcept nogil:
    """Where each channel's run of a line lies, the line beginning at byte ``at``; the end of the line."""
    cdef Channel *channel
    cdef int c
    for c in range(worker.plan.channels):
        channel = &decoder.channels[c]
        worker.offsets[c] = -1
        if channel.height == 0 or (channel.y_samples > 1 and (worker.plan.y0 + row) % channel.y_samples != 0):
            continue
        worker.offsets[c] = at
        at += <int64_t> channel.width * channel.bytes_per_element
    return at


cdef inline int32_t add_chunk(Decoder *decoder) noexcept nogil:
    """The pipeline's last step: the coverage of the wanted ids in this chunk, added to the output."""
    cdef MatteWorker *worker = <MatteWorker *> decoder.user_data
    cdef MattePlan *plan = worker.plan
    cdef size_t size = decoder.chunk.unpacked_size
    cdef bint planes = decoder.chunk.compression in (ZIPS, ZIP) and decoder.chunk.packed_size != size
    cdef uint8_t *data = worker.scratch if planes else <uint8_t *> decoder.unpacked_buffer
    cdef int64_t at = 0, id_at, coverage_at
    cdef int left = 0, top = decoder.chunk.start_y - plan.y0, line, row, r
    cdef float *out
    if plan.tile_width:
        left = decoder.chunk.start_x * plan.tile_width
        top = decoder.chunk.start_y * plan.tile_height
    # With nothing in the file to decompress, the buffer would be whatever memory held.
    if decoder.chunk.packed_size == 0 or data == NULL or (
            decoder.decompress_fn == NULL and decoder.chunk.packed_size != size):
        return MISMATCH
    if left < 0 or top < 0 or left + decoder.chunk.width > plan.width or top + decoder.chunk.height > plan.height:
        return MISMATCH
    for line in range(decoder.chunk.height):
        row = top + line
        at = find_runs(worker, decoder, row, at)
        if at > <int64_t> size:
            return MISMATCH
        if not plan.first <= row < plan.last:
            continue
        out = plan.out + ((row - plan.first) * <Py_ssize_t> plan.width + left) * plan.wanted.outputs
        for r in range(plan.ranks):
            id_at, coverage_at = worker.offsets[plan.pairs[2 * r]], worker.offsets[plan.pairs[2 * r + 1]]
            if id_at < 0 or coverage_at < 0:
                return MISMATCH
            if planes:
                add_planes(&plan.wanted, data, (size + 1) // 2, id_at, coverage_at, out, decoder.chunk.width)
            else:
                add_runs(&plan.wanted, data + id_at, data + coverage_at, out, decoder.chunk.width)
    return 0


cdef inline int32_t prepare_matte(const Library *core, const void *context, int part, MatteWorker *worker,
                                  Chunk *chunk, Decoder *decoder) noexcept nogil:
    """The pipeline of one thread: the library's reading and decompressing, our last steps."""
    cdef MattePlan *plan = worker.plan
    cdef Channel *channel
    cdef int c
    cdef int32_t code = core.decoding_initialize(context, part, chunk, decoder)
    if code != 0:
        return code
    if decoder.channel_count != plan.channels:
        return MISMATCH
    for c in range(plan.channels):
        if decoder.channels[c].data_type != plan.kinds[c]:
            return MISMATCH
    for c in range(2 * plan.ranks):
        channel = &decoder.channels[plan.pairs[c]]
        if channel.data_type != FLOAT or channel.x_samples != 1 or channel.y_samples != 1 \
                or channel.bytes_per_element != 4:
            return MISMATCH
    code = core.decoding_choose_default_routines(context, part, decoder)
    decoder.unpack_and_convert_fn = add_chunk
    decoder.user_data = worker
    if chunk.compression in (ZIPS, ZIP):
        decoder.decompress_fn = inflate_planes
    return code


cdef inline int32_t decode_matte(const Library *core, const void *context, int part, MatteWorker *worker,
                                 int64_t index, Decoder *decoder) noexcept nogil:
    """One chunk from the file into the sums; the library's code, or ours."""
    cdef Chunk chunk
    cdef MattePlan *plan = worker.plan
    cdef int32_t code
    if plan.tile_width:
        code = core.read_tile_chunk_info(
            context, part, <int> (index % plan.across), <int> (index // plan.across), 0, 0, &chunk)
    else:
        code = core.read_scanline_chunk_info(context, part, <int> (plan.y0 + index * plan.lines), &chunk)
    if code == 0:
        if decoder.channels == NULL:
            code = prepare_matte(core, context, part, worker, &chunk, decoder)
        else:
            code = core.decoding_update(context, part, &chunk, decoder)
    if code == 0:
        for index in range(plan.channels):
            if decoder.channels[index].width not in (0, chunk.width) and decoder.channels[index].x_samples == 1:
                return MISMATCH
        code = core.decoding_run(context, part, decoder)
    return code
