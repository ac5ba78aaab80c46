"""Deep EXR data through OpenEXRCore: counts and samples in flat arrays, read and written chunk by chunk in parallel.

``load`` finds the functions. A ``DeepReader`` gives the counts first, so that the caller can allocate just what the
samples need, then the samples; ``write_deep_chunks`` is the way back. Headers and defaults are the business of
``vfx.io``; here every size that a pointer relies on is checked against what the library itself found in the file.
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset

from vfx._ext.exr_deep_chunks cimport NONE, RLE, ZIPS, ZSTD, DeepLibrary, DeepPlan, DeepWorker, load as load_chunk
from vfx._ext.exr_deep_pack cimport DEEP_SCANLINE, DEEP_TILED, DeepPacker, DeepSlot, DeepWritePlan, pack_chunk
from vfx._ext.exr_failure cimport MISMATCH, WRITE_FAILED, Failure, begin, fail, look_for_signals
from vfx._ext.exr_library cimport MOST_SIDE, SLACK, find_library, initialize, raise_failure, refusal
from vfx._ext.exr_rows cimport FLOAT, UINT, sample_size
from vfx._ext.exr_source cimport Source, read_source, source_size, vfx_close
from vfx._ext.exr_system cimport vfx_get, vfx_open, vfx_symbol, vfx_write
from vfx._ext.exrcore cimport Box, Chunk, Decoder, Encoder, Initializer, Library, Point, context_t

cdef Library core
cdef DeepLibrary deep
cdef bint loaded = False

# Unpacked bytes of a batch of chunks: waiting for the slowest of a batch takes time, keeping them takes memory.
cdef enum:
    BATCH = 1 << 26

# Fewest pixels that a thread takes at a time: single lines are too little work to hand out one by one.
cdef enum:
    PIXELS_A_TASK = 1 << 14


class DeepError(Exception):
    """A failure inside OpenEXRCore; ``args`` are its error code and what it reported."""


def load(path: bytes) -> tuple[int, int, int]:
    """Version of the OpenEXRCore inside the shared library at ``path``, whose functions are used from now on.

    Raises ``ImportError`` when the library cannot be opened or lacks a function.
    """
    global loaded
    cdef void **slot = <void **> &deep
    loaded = False
    version = find_library(&core, path)
    names = (b"exr_rle_uncompress_buffer", b"exr_rle_compress_buffer", b"exr_compress_chunk")
    if len(names) * sizeof(void *) != sizeof(DeepLibrary):
        raise ImportError("the functions named are not the functions declared")
    for index, name in enumerate(names):
        slot[index] = vfx_symbol(vfx_open(path), name)
        if slot[index] == NULL and name != b"exr_compress_chunk":  # only packing with ZSTD needs it
            raise ImportError(f"{path!r} has no function {name.decode()}")
    loaded = True
    return version


cdef class DeepReader:
    """DeepReader(name, data, fd, size, part, rows, kind_of, compression, reconstruct=False): one deep part of an open EXR
    file of ``size`` bytes.

    Its bytes are ``data``, or those of the open file ``fd`` where that is None; the file is then the reader's own, which
    closes it in the end. ``rows`` is half-open and counted from the top of the data window; ``kind_of`` are the types of
    the file's channels. First ``counts``, then ``samples``. Raises ``DeepError`` when the library refuses the file.
    """

    cdef context_t context
    cdef Source source
    cdef const unsigned char[::1] data
    cdef const int32_t[::1] kinds
    cdef DeepPlan plan
    cdef int64_t chunks
    cdef bint counted
    cdef bint owns

    def __cinit__(self, name: bytes, data: object, fd: int, size: int, part: int, rows: tuple, kind_of: object,
                  compression: int, reconstruct: bool = False):
        cdef Initializer options
        cdef const char *label = name
        cdef int32_t code
        cdef context_t context = NULL
        self.source.fd = fd
        self.owns = True
        if not loaded:
            raise RuntimeError("OpenEXRCore is not loaded")
        initialize(&options, reconstruct)
        self.source.size = size
        if data is not None:
            self.data = data
            if self.data.shape[0] == 0 or self.data.shape[0] != size:
                raise DeepError(0, "no data")
            self.source.data = &self.data[0]
        options.user_data = &self.source
        options.read = read_source
        options.query_size = source_size
        with nogil:
            code = core.start_read(&context, label, &options)
        if code != 0:
            raise DeepError(code, refusal(&core, code))
        self.context = context
        self.kinds = kind_of
        self.plan_part(part, rows, compression)

    cdef int plan_part(self, int part, tuple rows, int compression) except -1:
        """The layout of the part as the library found it, and which of its chunks the rows touch."""
        cdef DeepPlan *plan = &self.plan
        cdef int64_t step
        plan.core, plan.deep, plan.context, plan.part = &core, &deep, self.context, part
        plan.source = &self.source
        if compression not in (NONE, RLE, ZIPS, ZSTD):
            raise DeepError(MISMATCH, "deep data of a compression that deep data cannot have")
        plan.compression = compression
        plan.first, plan.last = rows
        fill_layout(self.context, part, plan)
        plan.channels = self.kinds.shape[0]
        if not 0 <= plan.first < plan.last <= plan.height or plan.channels == 0:
            raise DeepError(MISMATCH, "the header cannot be read in one way only")
        for kind in self.kinds:
            if not UINT <= kind <= FLOAT:
                raise ValueError("no such sample type")
            plan.stored += sample_size(kind)
        plan.kind_of = &self.kinds[0]
        step = plan.tile_height if plan.tile_width else plan.lines
        plan.begin_chunk = plan.first // step * plan.across
        self.chunks = (plan.last + step - 1) // step * plan.across - plan.begin_chunk
        plan.chunks = <Chunk *> calloc(self.chunks, sizeof(Chunk))
        plan.skips = <int64_t *> calloc(self.chunks, sizeof(int64_t))
        if plan.chunks == NULL or plan.skips == NULL:
            raise MemoryError("no memory for the list of chunks")
        return 0

    def __dealloc__(self):
        free(self.plan.chunks)
        free(self.plan.skips)
        if self.context != NULL:
            core.finish(&self.context)
        if self.owns and self.source.fd >= 0:
            vfx_close(self.source.fd)

    @property
    def taken(self) -> int:
        """Bytes of the file that were fetched so far."""
        return self.source.taken

    @property
    def window(self) -> tuple[int, int, int, int]:
        """The data window as the library reads it."""
        cdef DeepPlan *plan = &self.plan
        return plan.x0, plan.y0, plan.x0 + plan.width - 1, plan.y0 + plan.height - 1

    @property
    def runs(self) -> int:
        """Stretches of pixels that lie together in a chunk: one per line, or one per line of every tile."""
        return (self.plan.last - self.plan.first) * self.plan.across

    def counts(self, out: object, starts: object, threads: int) -> None:
        """Fill ``out``, (rows, width) uint32, with the samples per pixel, and ``starts`` with those per run.

        ``starts`` are ``runs`` + 1 int64: the caller makes sums of them. Raises ``DeepError``.
        """
        cdef uint32_t[:, ::1] to = out
        cdef int64_t[::1] totals = starts
        if to.shape[0] != self.plan.last - self.plan.first or to.shape[1] != self.plan.width \
                or totals.shape[0] != self.runs + 1:
            raise ValueError("the output does not fit the request")
        self.plan.counts, self.plan.starts = &to[0, 0], &totals[0]
        run(self, True, max(1, threads))
        self.counted = True

    def samples(self, starts: object, outs: tuple, target_of: object, threads: int) -> None:
        """Fill ``outs``, the bytes of one flat array per channel (None: not taken), of the types ``target_of``.

        ``starts`` say where the samples of each run begin, and at their end how many there are. Raises
        ``DeepError``.
        """
        cdef int64_t[::1] begins = starts
        cdef const int32_t[::1] targets = target_of
        cdef uint8_t[::1] to
        cdef int c
        if not self.counted:
            raise ValueError("the counts come first")
        if begins.shape[0] != self.runs + 1 or len(outs) != self.plan.channels \
                or targets.shape[0] != self.plan.channels:
            raise ValueError("the output does not fit the request")
        check_starts(begins)
        pointers = bytearray(self.plan.channels * sizeof(void *))
        cdef uint8_t **slots = <uint8_t **> <char *> pointers
        for c in range(self.plan.channels):
            if outs[c] is None:
                continue
            to = outs[c]
            if not UINT <= targets[c] <= FLOAT or (targets[c] == UINT) != (self.kinds[c] == UINT) \
                    or to.shape[0] != begins[begins.shape[0] - 1] * sample_size(targets[c]):
                raise ValueError("an output does not fit the samples")
            slots[c] = &to[0] if to.shape[0] else NULL
        self.plan.starts, self.plan.outs, self.plan.targets = &begins[0], slots, &targets[0]
        run(self, False, max(1, threads))


cdef int check_starts(const int64_t[::1] starts) except -1:
    """Raise unless these rise from 0."""
    cdef Py_ssize_t i
    cdef int64_t falls = 0 if starts[0] == 0 else -1
    for i in range(starts.shape[0] - 1):
        falls |= starts[i + 1] - starts[i]
    if falls < 0:
        raise ValueError("the runs do not follow each other")
    return 0


cdef int fill_layout(const void *context, int part, DeepPlan *plan) except -1:
    """Size, position and chunks of the part as the library found them."""
    cdef Box box
    cdef int storage = -1, parts = 0, level = 0, rounding = 0
    cdef uint32_t tile_width = 0, tile_height = 0
    cdef int32_t code = core.get_count(context, &parts)
    if code != 0 or not 0 <= part < parts:
        raise DeepError(MISMATCH, f"no part {part} among the library's {parts}")
    code = core.get_storage(context, part, &storage)
    code = code or core.get_data_window(context, part, &box)
    if code == 0 and storage == DEEP_TILED:
        code = core.get_tile_descriptor(context, part, &tile_width, &tile_height, &level, &rounding)
    elif code == 0 and storage == DEEP_SCANLINE:
        code = core.get_scanlines_per_chunk(context, part, &plan.lines)
    if code != 0 or storage not in (DEEP_SCANLINE, DEEP_TILED):
        raise DeepError(code, "the part is not deep")
    if box.x1 < box.x0 or box.y1 < box.y0 or <int64_t> box.x1 - box.x0 > MOST_SIDE \
            or <int64_t> box.y1 - box.y0 > MOST_SIDE or tile_width > MOST_SIDE or tile_height > MOST_SIDE:
        raise DeepError(MISMATCH, "impossible data window or tile size")
    plan.x0, plan.y0 = box.x0, box.y0
    plan.width, plan.height = box.x1 - box.x0 + 1, box.y1 - box.y0 + 1
    plan.tile_width, plan.tile_height = <int> tile_width, <int> tile_height
    plan.across = (plan.width + plan.tile_width - 1) // plan.tile_width if tile_width else 1
    if (storage == DEEP_TILED) != (tile_width > 0 and tile_height > 0) or (tile_width == 0 and plan.lines < 1):
        raise DeepError(MISMATCH, "impossible chunk size")
    return 0


cdef int run(DeepReader reader, bint counting, int threads) except -1:
    """One of the two steps over every chunk, in parallel."""
    cdef DeepPlan *plan = &reader.plan
    cdef size_t room = sizeof(Decoder) + SLACK
    cdef uint8_t *decoders = <uint8_t *> calloc(threads, room)
    cdef DeepWorker *workers = <DeepWorker *> calloc(threads, sizeof(DeepWorker))
    cdef int64_t chunks = reader.chunks, task, index, tasks, step
    cdef int64_t pixels = <int64_t> plan.tile_width * plan.tile_height or <int64_t> plan.width * plan.lines
    cdef Failure failure
    cdef int c
    step = max(1, PIXELS_A_TASK // pixels)
    tasks = (chunks + step - 1) // step
    begin(&failure)
    if decoders == NULL or workers == NULL:
        free(decoders)
        free(workers)
        raise MemoryError("no memory for the EXR codec's buffers")
    for c in range(threads):
        workers[c].plan = plan
        workers[c].decoder = <Decoder *> (decoders + c * room)
        workers[c].decoder.pipe_size = sizeof(Decoder)
    with nogil:
        for task in prange(tasks, schedule="dynamic", chunksize=1, num_threads=threads, use_threads_if=threads > 1):
            for index in range(task * step, min((task + 1) * step, chunks)):
                if vfx_get(&failure.stop) == 0:
                    load_chunk(workers + threadid(), plan.begin_chunk + index, counting, &failure)
            if threadid() == 0:
                look_for_signals(&failure)
        for c in range(threads):
            if workers[c].decoder.context != NULL:
                core.decoding_destroy(plan.context, workers[c].decoder)
            free(workers[c].packed)
            free(workers[c].unpacked)
            free(workers[c].scratch)
    free(workers)
    free(decoders)
    raise_failure(&core, &failure, DeepError)
    return 0


def write_deep_chunks(fd: int, position: int, counts: object, offsets: object, samples: tuple, source_kinds: object,
                      kinds: object, names: tuple, y0: int, compression: int, tile: tuple, decreasing: bool, zip_level: int,
                      table: object, threads: int) -> int:
    """End of the file after the chunks of one deep picture, written at ``position``; ``table`` then says where each is.

    ``counts`` is (height, width) uint32 and ``offsets`` (height * width + 1,) int64, their sums; ``samples`` are the
    bytes of the file's channels in its order, ``source_kinds`` their types, ``kinds`` those to store and ``names`` their
    names; ``tile`` is (0, 0) for scanlines; a ``zip_level`` below 0 means the library's default. Raises ``OSError`` and ``DeepError``.
    """
    cdef const uint32_t[:, ::1] numbers = counts
    cdef const int64_t[::1] places = offsets
    cdef const int32_t[::1] sources = source_kinds, stored = kinds
    cdef uint64_t[::1] begins = table
    cdef const uint8_t[::1] bytes_of
    cdef DeepWritePlan plan
    cdef Py_ssize_t c, pixels = counts.size
    if not loaded:
        raise RuntimeError("OpenEXRCore is not loaded")
    memset(&plan, 0, sizeof(DeepWritePlan))
    plan.core, plan.deep = &core, &deep
    plan.y0, plan.width, plan.height = y0, numbers.shape[1], numbers.shape[0]
    plan.tile_width, plan.tile_height = tile
    plan.compression, plan.level, plan.decreasing = compression, max(zip_level, -1), decreasing
    plan.channels = len(samples)
    if pixels == 0 or max(counts.shape) > MOST_SIDE or min(tile) < 0 or (tile[0] == 0) != (tile[1] == 0) \
            or compression not in (NONE, RLE, ZIPS, ZSTD) or len(names) != plan.channels or places.shape[0] != pixels + 1 or places[0] != 0 \
            or plan.channels == 0 or sources.shape[0] != plan.channels or stored.shape[0] != plan.channels:
        raise ValueError("the sizes given do not fit each other")
    for c in range(pixels):
        if places[c + 1] - places[c] != numbers[c // plan.width, c % plan.width]:
            raise ValueError("the offsets are not the sums of the counts")
    plan.across = (plan.width + plan.tile_width - 1) // plan.tile_width if plan.tile_width else 1
    plan.chunks = plan.height
    if plan.tile_width:
        plan.chunks = <int64_t> plan.across * ((plan.height + plan.tile_height - 1) // plan.tile_height)
    if begins.shape[0] != plan.chunks:
        raise ValueError("the table does not fit the chunks")
    pointers = bytearray(plan.channels * sizeof(void *))
    plan.samples = <const uint8_t **> <char *> pointers
    for c in range(plan.channels):
        bytes_of = samples[c]
        if not UINT <= sources[c] <= FLOAT or not UINT <= stored[c] <= FLOAT \
                or (sources[c] == UINT) != (stored[c] == UINT) \
                or bytes_of.shape[0] != places[pixels] * sample_size(sources[c]):
            raise ValueError("a channel does not fit the counts")
        plan.samples[c] = &bytes_of[0] if bytes_of.shape[0] else NULL
        plan.bytes_of_all += places[pixels] * sample_size(stored[c])
    plan.bytes_of_all += 4 * pixels
    plan.source_kinds, plan.kinds = &sources[0], &stored[0]
    plan.counts, plan.offsets = &numbers[0, 0], &places[0]
    if compression == ZSTD and (deep.compress_chunk == NULL or core.compression_lines_per_chunk(ZSTD) != 1):
        raise DeepError(MISMATCH, "the installed OpenEXR packs no deep data with zstd")
    if compression != ZSTD:
        return run_packers(&plan, fd, position, &begins[0], max(1, threads))
    cdef context_t context = NULL
    try:
        open_temporary(&context, names, stored)
        plan.context = context
        return run_packers(&plan, fd, position, &begins[0], max(1, threads))
    finally:
        core.finish(&context)


cdef int open_temporary(context_t *context, tuple names, const int32_t[::1] kinds) except -1:
    """A context without a file that knows the channels, and packs with ZSTD."""
    cdef Initializer options
    cdef Box box
    cdef Point centre
    cdef int32_t code
    cdef int c
    initialize(&options, True)
    box.x0 = box.y0 = box.x1 = box.y1 = 0
    centre.x = centre.y = 0
    code = core.start_temporary_context(context, b"vfx", &options)
    code = code or core.set_longname_support(context[0], 1)
    code = code or core.initialize_required_attr(context[0], 0, &box, &box, 1, &centre, 1, 0, ZSTD)
    for c in range(kinds.shape[0]):
        code = code or core.add_channel(context[0], 0, names[c], kinds[c], 0, 1, 1)
    if code != 0:
        raise DeepError(code, refusal(&core, code))
    return 0


cdef int64_t run_packers(DeepWritePlan *plan, int fd, int64_t position, uint64_t *table, int threads) except -1:
    """Every chunk: a batch of them is packed in parallel, then written in order. Where the file ends."""
    cdef int64_t plain = (plan.bytes_of_all + plan.chunks - 1) // plan.chunks  # of a chunk, on average
    cdef int64_t batch = max(<int64_t> 4 * threads, min(plan.chunks, BATCH // max(1, plain)))
    cdef DeepPacker *packers = <DeepPacker *> calloc(threads, sizeof(DeepPacker))
    cdef DeepSlot *slots = <DeepSlot *> calloc(batch, sizeof(DeepSlot))
    cdef size_t room = sizeof(Encoder) + SLACK
    cdef uint8_t *encoders = <uint8_t *> calloc(threads, room)
    cdef int64_t done = 0, count, i, number
    cdef Failure failure
    begin(&failure)
    if packers == NULL or slots == NULL or encoders == NULL:
        free(packers)
        free(slots)
        free(encoders)
        raise MemoryError("no memory for the EXR codec's buffers")
    for i in range(threads):
        packers[i].plan = plan
        packers[i].encoder = <Encoder *> (encoders + i * room)
        packers[i].encoder.pipe_size = sizeof(Encoder)
    with nogil:
        while done < plan.chunks and vfx_get(&failure.stop) == 0:
            count = min(batch, plan.chunks - done)
            for i in prange(count, schedule="dynamic", chunksize=1, num_threads=threads, use_threads_if=threads > 1):
                if vfx_get(&failure.stop) == 0:
                    pack_chunk(packers + threadid(), plan.chunks - 1 - done - i if plan.decreasing else done + i,
                               slots + i, &failure)
                if threadid() == 0:
                    look_for_signals(&failure)
            for i in range(count):
                number = plan.chunks - 1 - done - i if plan.decreasing else done + i
                if vfx_get(&failure.stop) == 0:
                    if vfx_write(fd, slots[i].data, slots[i].size, position) != 0:
                        fail(&failure, WRITE_FAILED, number)
                    table[number] = position
                    position += slots[i].size
                free(slots[i].data)
                slots[i].data = NULL
            done += count
        for i in range(threads):
            if packers[i].encoder.context != NULL:
                core.encoding_destroy(plan.context, packers[i].encoder)
            free(packers[i].plain)
            free(packers[i].sorted)
            free(packers[i].packed)
    free(packers)
    free(slots)
    free(encoders)
    raise_failure(&core, &failure, DeepError)
    return position
