"""Chunks of deep data from the file into flat arrays: first how many samples each pixel has, then the samples.

A deep chunk is two runs of bytes, each compressed on its own (OpenEXR file layout, "Deep Scan Line" and "Deep Tiled
Pixel Data")::

    sample counts   one int32 per pixel, summed up from the left end of each line
    samples         line by line, in each line channel by channel, the samples of all its pixels

Both steps read what they need and no more; counts are decoded once and then relied on, so nothing that the file says
later can move a pointer. ZSTD sorts a chunk's bytes in a way of its own and goes through the library's pipeline.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t, uint8_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from vfx._ext.exr_failure cimport MISMATCH, OUT_OF_MEMORY, Failure, fail
from vfx._ext.exr_rows cimport BLOCK, convert, sample_size
from vfx._ext.exr_source cimport Source, fetch
from vfx._ext.exr_zip cimport join_bytes, sum_differences
from vfx._ext.exrcore cimport Chunk, Decoder, Encoder, Library

# Compressions of deep data (openexr_attr.h), and codes of the library (openexr_errors.h).
cdef enum:
    NONE = 0
    RLE = 1
    ZIPS = 2
    ZSTD = 13
    READ_FAILED = 10
    CORRUPT_CHUNK = 23

# The pipeline gives sums, as the file has them, and stops after the counts (openexr_decode.h).
cdef enum:
    COUNTS_ONLY = 4

# Most bytes that one compressed byte may stand for, above what deflate (1032) and run lengths (64) reach.
cdef enum:
    MOST_EXPANSION = 1 << 11
    MOST_ZSTD_EXPANSION = 1 << 18

# Functions beside those of ``Library``.
ctypedef struct DeepLibrary:
    size_t (*rle_uncompress_buffer)(size_t, size_t, const void *, void *) noexcept nogil
    size_t (*rle_compress_buffer)(size_t, const void *, void *, size_t) noexcept nogil
    int32_t (*compress_chunk)(Encoder *) noexcept nogil

ctypedef struct DeepPlan:
    const Library *core
    const DeepLibrary *deep
    const void *context
    Source *source
    int part
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
    int compression
    int channels
    const int32_t *kind_of
    int stored
    int64_t begin_chunk
    Chunk *chunks
    int64_t *skips
    uint32_t *counts
    int64_t *starts
    uint8_t **outs
    const int32_t *targets

# What one thread owns.
ctypedef struct DeepWorker:
    DeepPlan *plan
    Decoder *decoder
    const Chunk *chunk
    int64_t number
    uint8_t *packed
    size_t packed_room
    uint8_t *unpacked
    size_t unpacked_room
    uint8_t *scratch
    size_t scratch_room


cdef inline bint make_room(uint8_t **buffer, size_t *room, size_t size) noexcept nogil:
    """Whether the buffer has that many bytes now."""
    if room[0] < size:
        free(buffer[0])
        buffer[0] = <uint8_t *> malloc(size)
        room[0] = size if buffer[0] != NULL else 0
    return buffer[0] != NULL or size == 0


cdef inline int32_t fetch_packed(DeepWorker *worker, size_t size, uint64_t offset) noexcept nogil:
    """Bytes of the file into the worker's packed ones."""
    if not make_room(&worker.packed, &worker.packed_room, size):
        return OUT_OF_MEMORY
    return 0 if fetch(worker.plan.source, worker.packed, size, offset) == <int64_t> size else READ_FAILED


cdef inline int32_t inflate(DeepWorker *worker, size_t packed_size, uint8_t *out, size_t size) noexcept nogil:
    """``size`` bytes out of the worker's packed bytes."""
    cdef const DeepPlan *plan = worker.plan
    cdef size_t found = 0
    cdef int32_t code = 0
    if size == 0:
        return 0
    if packed_size == size:
        memcpy(out, worker.packed, size)
        return 0
    if plan.compression == NONE or packed_size == 0:
        return CORRUPT_CHUNK
    if not make_room(&worker.scratch, &worker.scratch_room, size):
        return OUT_OF_MEMORY
    if plan.compression == RLE:
        found = plan.deep.rle_uncompress_buffer(packed_size, size, worker.packed, worker.scratch)
    else:
        code = plan.core.uncompress_buffer(plan.context, worker.packed, packed_size, worker.scratch, size, &found)
    if code != 0 or found != size:
        return CORRUPT_CHUNK
    sum_differences(worker.scratch, size)
    join_bytes(worker.scratch, worker.scratch + (size + 1) // 2, out, size // 2)
    if size % 2:
        out[size - 1] = worker.scratch[size // 2]
    return 0


cdef inline void chunk_place(const DeepPlan *plan, int64_t number, int *left, int *top, int *width,
                             int *height) noexcept nogil:
    """The rectangle of a chunk, counted from the data window's corner."""
    if plan.tile_width:
        left[0] = <int> (number % plan.across) * plan.tile_width
        top[0] = <int> (number // plan.across) * plan.tile_height
        width[0] = min(plan.tile_width, plan.width - left[0])
        height[0] = min(plan.tile_height, plan.height - top[0])
    else:
        left[0] = 0
        top[0] = <int> number * plan.lines
        width[0] = plan.width
        height[0] = min(plan.lines, plan.height - top[0])


cdef inline int32_t find_chunk(const DeepPlan *plan, int64_t number, Chunk *chunk) noexcept nogil:
    """Where a chunk lies in the file, of just the size that the header promises."""
    cdef int left = 0, top = 0, width = 0, height = 0
    cdef int32_t code
    cdef uint64_t most = MOST_ZSTD_EXPANSION if plan.compression == ZSTD else MOST_EXPANSION
    cdef uint64_t table, longest
    chunk_place(plan, number, &left, &top, &width, &height)
    memset(chunk, 0, sizeof(Chunk))
    if plan.tile_width:
        code = plan.core.read_tile_chunk_info(
            plan.context, plan.part, <int> (number % plan.across), <int> (number // plan.across), 0, 0, chunk)
    else:
        code = plan.core.read_scanline_chunk_info(plan.context, plan.part, plan.y0 + top, chunk)
    if code != 0:
        return code
    table = longest = <uint64_t> width * <uint64_t> height * 4
    if plan.compression == NONE:
        # OpenEXR's C++ writer gives the narrow tiles at the edges a table as long as a full tile's.
        longest = max(table, <uint64_t> plan.tile_width * <uint64_t> plan.tile_height * 4)
    if chunk.width != width or chunk.height != height:
        return MISMATCH
    if chunk.sample_count_table_size == 0 or chunk.sample_count_table_size > longest:
        return CORRUPT_CHUNK
    if plan.compression == NONE and chunk.sample_count_table_size < table:
        return CORRUPT_CHUNK
    if table // most > chunk.sample_count_table_size or chunk.unpacked_size // most > chunk.packed_size:
        return CORRUPT_CHUNK
    return 0


cdef inline int32_t take_counts(DeepWorker *worker, const int32_t *sums) noexcept nogil:
    """The counts of one chunk into the image, from sums along its lines; every line's total into ``starts``."""
    cdef DeepPlan *plan = worker.plan
    cdef int left = 0, top = 0, width = 0, height = 0, line, x
    cdef int64_t total = 0, index = worker.number - plan.begin_chunk
    cdef const int32_t *sum
    cdef uint32_t *counts
    cdef int64_t falls
    chunk_place(plan, worker.number, &left, &top, &width, &height)
    plan.skips[index] = 0
    for line in range(height):
        sum = sums + <Py_ssize_t> line * width
        falls = sum[0]
        for x in range(1, width):
            falls |= <int64_t> sum[x] - sum[x - 1]
        if falls < 0:
            return CORRUPT_CHUNK
        total += sum[width - 1]
        if top + line < plan.first:
            plan.skips[index] = total
        if not plan.first <= top + line < plan.last:
            continue
        counts = plan.counts + <Py_ssize_t> (top + line - plan.first) * plan.width + left
        counts[0] = <uint32_t> sum[0]
        for x in range(1, width):
            counts[x] = <uint32_t> (sum[x] - sum[x - 1])
        plan.starts[<Py_ssize_t> (top + line - plan.first) * plan.across + worker.number % plan.across] = sum[width - 1]
    if <uint64_t> total > worker.chunk.unpacked_size // <uint64_t> plan.stored:
        return CORRUPT_CHUNK
    return 0


cdef inline int32_t run_pipeline(DeepWorker *worker, int flags) noexcept nogil:
    """The library's own way through a chunk, up to ``unpack_and_convert_fn``."""
    cdef DeepPlan *plan = worker.plan
    cdef Decoder *decoder = worker.decoder
    cdef int32_t code
    if decoder.channels == NULL:
        code = plan.core.decoding_initialize(plan.context, plan.part, worker.chunk, decoder)
        if code == 0 and decoder.channel_count != plan.channels:
            return MISMATCH
        if code == 0:
            decoder.decode_flags = flags
            code = plan.core.decoding_choose_default_routines(plan.context, plan.part, decoder)
        decoder.unpack_and_convert_fn = hand_over
        decoder.user_data = worker
    else:
        code = plan.core.decoding_update(plan.context, plan.part, worker.chunk, decoder)
    return code or plan.core.decoding_run(plan.context, plan.part, decoder)


cdef inline int32_t hand_over(Decoder *decoder) noexcept nogil:
    """The pipeline's last step: the samples, if it counts them as we did."""
    cdef DeepWorker *worker = <DeepWorker *> decoder.user_data
    cdef DeepPlan *plan = worker.plan
    cdef int left = 0, top = 0, width = 0, height = 0, line
    cdef int64_t before = 0, total = 0, found, row
    chunk_place(plan, worker.number, &left, &top, &width, &height)
    for line in range(height):
        found = decoder.sample_count_table[<Py_ssize_t> (line + 1) * width - 1]
        total += found
        if top + line < plan.first:
            before = total
        elif top + line < plan.last:
            row = <int64_t> (top + line - plan.first) * plan.across + worker.number % plan.across
            if found != plan.starts[row + 1] - plan.starts[row]:
                return MISMATCH
    if before != plan.skips[worker.number - plan.begin_chunk]:
        return MISMATCH
    return take_samples(worker, <const uint8_t *> decoder.unpacked_buffer)


cdef inline int32_t take_samples(DeepWorker *worker, const uint8_t *samples) noexcept nogil:
    """The samples of one chunk into the flat arrays of the channels that are taken."""
    cdef DeepPlan *plan = worker.plan
    cdef int left = 0, top = 0, width = 0, height = 0, line, c, size
    cdef int64_t row, count, done, n
    cdef const uint8_t *at = samples + plan.skips[worker.number - plan.begin_chunk] * plan.stored
    cdef const uint8_t *end = samples + worker.chunk.unpacked_size
    cdef uint8_t *to
    chunk_place(plan, worker.number, &left, &top, &width, &height)
    for line in range(max(top, plan.first) - top, min(top + height, plan.last) - top):
        row = <int64_t> (top + line - plan.first) * plan.across + worker.number % plan.across
        count = plan.starts[row + 1] - plan.starts[row]
        for c in range(plan.channels):
            size = sample_size(plan.kind_of[c])
            if count * size > end - at:
                return MISMATCH
            to = plan.outs[c]
            if to != NULL and plan.targets[c] == plan.kind_of[c]:
                memcpy(to + plan.starts[row] * size, at, count * size)
            elif to != NULL:
                to += plan.starts[row] * sample_size(plan.targets[c])
                done = 0
                while done < count:
                    n = min(<int64_t> BLOCK, count - done)
                    convert(at + done * size, plan.kind_of[c], to + done * sample_size(plan.targets[c]),
                            plan.targets[c], <int> n)
                    done += n
            at += count * size
    return 0


cdef inline int32_t load_counts(DeepWorker *worker) noexcept nogil:
    """How many samples the pixels of one chunk have."""
    cdef DeepPlan *plan = worker.plan
    cdef Chunk *chunk = &plan.chunks[worker.number - plan.begin_chunk]
    cdef int32_t code = find_chunk(plan, worker.number, chunk)
    cdef size_t table
    if code != 0:
        return code
    worker.chunk = chunk
    if plan.compression == ZSTD:
        code = run_pipeline(worker, COUNTS_ONLY)
        return code or take_counts(worker, worker.decoder.sample_count_table)
    table = <size_t> chunk.width * <size_t> chunk.height * 4
    if plan.compression == NONE:
        table = chunk.sample_count_table_size
    if not make_room(&worker.unpacked, &worker.unpacked_room, table):
        return OUT_OF_MEMORY
    code = fetch_packed(worker, chunk.sample_count_table_size, chunk.sample_count_data_offset)
    code = code or inflate(worker, chunk.sample_count_table_size, worker.unpacked, table)
    return code or take_counts(worker, <const int32_t *> worker.unpacked)


cdef inline int32_t load_samples(DeepWorker *worker) noexcept nogil:
    """The samples of one chunk whose counts are known."""
    cdef DeepPlan *plan = worker.plan
    cdef const Chunk *chunk = &plan.chunks[worker.number - plan.begin_chunk]
    cdef int32_t code
    worker.chunk = chunk
    if plan.compression == ZSTD:
        return run_pipeline(worker, 0)
    if chunk.unpacked_size == 0:
        return 0
    if not make_room(&worker.unpacked, &worker.unpacked_room, chunk.unpacked_size):
        return OUT_OF_MEMORY
    code = fetch_packed(worker, chunk.packed_size, chunk.data_offset)
    if code == 0 and chunk.packed_size == chunk.unpacked_size:
        return take_samples(worker, worker.packed)
    code = code or inflate(worker, chunk.packed_size, worker.unpacked, chunk.unpacked_size)
    return code or take_samples(worker, worker.unpacked)


cdef inline void load(DeepWorker *worker, int64_t number, bint counting, Failure *failure) noexcept nogil:
    """One chunk's counts, or its samples."""
    worker.number = number
    fail(failure, load_counts(worker) if counting else load_samples(worker), number)
