"""EXR pixels through OpenEXRCore, whose functions are found in the installed ``OpenEXR`` wheel.

``load`` finds the functions. A ``Reader`` decodes chunks in parallel straight into an interleaved
array, converting on the way; ``write_chunks`` packs, compresses in parallel and writes in order.
Headers, choices and defaults are the business of ``vfx.io``; here every size that a pointer relies on
is checked against what the library itself found in the file.
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy, memset

from vfx._ext.exr_decode cimport decode
from vfx._ext.exr_encode cimport drain, encode
from vfx._ext.exr_failure cimport MISMATCH, OUT_OF_MEMORY, WRITE_FAILED, Failure, begin, look_for_signals
from vfx._ext.exr_pack cimport Packer, Slot, WritePlan
from vfx._ext.exr_rows cimport FLOAT, UINT, sample_size
from vfx._ext.exr_system cimport vfx_get, vfx_message, vfx_open, vfx_pending, vfx_report, vfx_symbol
from vfx._ext.exr_unpack cimport ReadPlan, Worker
from vfx._ext.exrcore cimport Box, Decoder, Encoder, Initializer, Library, Point, context_t

# Room behind a pipeline structure: a newer library may clear a longer one than we declare.
cdef enum:
    SLACK = 4096

cdef Library core
cdef bint loaded = False

# Storage of a part (openexr_attr.h).
cdef enum:
    SCANLINE = 0
    TILED = 1

ctypedef struct Source:
    const uint8_t *data
    uint64_t size

class CoreError(Exception):
    """A failure inside OpenEXRCore; ``args`` are its error code and what it reported."""


def load(path: bytes) -> tuple[int, int, int]:
    """Version of the OpenEXRCore inside the shared library at ``path``, whose functions are used from now on.

    Raises ``ImportError`` when the library cannot be opened or lacks a function.
    """
    global loaded
    cdef void *library = vfx_open(path)
    cdef void **slot = <void **> &core
    cdef int major = 0, minor = 0, patch = 0
    cdef const char *extra = NULL
    if library == NULL:
        raise ImportError(f"cannot open {path!r}")
    for index, name in enumerate(_FUNCTIONS):
        slot[index] = vfx_symbol(library, name)
        if slot[index] == NULL:
            raise ImportError(f"{path!r} has no function {name.decode()}")
    core.get_library_version(&major, &minor, &patch, &extra)
    loaded = True
    return major, minor, patch


# In the order of the fields of ``Library``.
_FUNCTIONS = tuple(b"exr_" + name for name in (
    b"get_library_version", b"start_read", b"start_temporary_context", b"finish", b"get_default_error_message",
    b"get_count", b"get_storage", b"get_data_window", b"get_scanlines_per_chunk", b"get_tile_descriptor",
    b"read_scanline_chunk_info", b"read_tile_chunk_info", b"uncompress_buffer", b"decoding_initialize",
    b"decoding_choose_default_routines", b"decoding_update", b"decoding_run", b"decoding_destroy",
    b"initialize_required_attr", b"set_tile_descriptor", b"add_channel",
    b"set_longname_support", b"set_zip_compression_level", b"set_dwa_compression_level",
    b"compression_lines_per_chunk", b"compress_buffer",
    b"encoding_initialize", b"encoding_choose_default_routines", b"encoding_update", b"encoding_run",
    b"encoding_destroy"))
assert len(_FUNCTIONS) * sizeof(void *) == sizeof(Library)


def lines_per_chunk(compression: int) -> int:
    """Scanlines in one chunk of the compression with this number; -1 when the library does not know it."""
    if not loaded:
        raise RuntimeError("OpenEXRCore is not loaded")
    return core.compression_lines_per_chunk(compression)


cdef object raise_failure(Failure *failure):
    """Raise what went wrong in a parallel loop, if anything did."""
    if failure.interrupted:
        vfx_pending()
    if failure.code > 0:
        message = failure.message.decode("utf-8", "replace")
        reason = core.get_default_error_message(failure.code).decode("utf-8", "replace")
        raise CoreError(failure.code, message or reason)
    if failure.code == OUT_OF_MEMORY:
        raise MemoryError("no memory for the EXR codec's buffers")
    if failure.code == WRITE_FAILED:
        import os
        raise OSError(failure.system_error, os.strerror(failure.system_error))
    if failure.code == MISMATCH:
        raise CoreError(failure.code, "the header does not fit the pixel data")


cdef int64_t read_memory(const void *context, void *user, void *buffer, uint64_t size, uint64_t offset,
                         void *report) noexcept nogil:
    """The library's read function over memory: a short read at the end."""
    cdef Source *source = <Source *> user
    if offset >= source.size:
        return 0
    if size > source.size - offset:
        size = source.size - offset
    memcpy(buffer, source.data + offset, size)
    return <int64_t> size


cdef int64_t memory_size(const void *context, void *user) noexcept nogil:
    """The library's size function over memory."""
    return <int64_t> (<Source *> user).size


cdef void initialize(Initializer *options, bint reconstruct) noexcept nogil:
    """The library's defaults, and our error callback."""
    memset(options, 0, sizeof(Initializer))
    options.size = sizeof(Initializer)
    options.error_handler = vfx_report
    options.zip_level = -2
    options.dwa_quality = -1
    options.zstd_level = -1
    options.flags = 0 if reconstruct else NO_RECONSTRUCTION
    vfx_message[0] = 0


# A damaged chunk table is an error (openexr_context.h); one that was never written is made anew by our callers.
cdef enum:
    NO_RECONSTRUCTION = 4


cdef class Reader:
    """Reader(path, data, reconstruct=False): an open EXR file, in the file system when ``data`` is None, else those
    bytes. With ``reconstruct`` a bad chunk table is made anew from the chunks.

    Raises ``CoreError`` when the library refuses it. Threads may share it.
    """

    cdef context_t context
    cdef Source source
    cdef const unsigned char[::1] data

    def __cinit__(self, path: bytes, data: object, reconstruct: bool = False):
        cdef Initializer options
        cdef const char *name = path
        cdef int32_t code
        cdef context_t context = NULL
        if not loaded:
            raise RuntimeError("OpenEXRCore is not loaded")
        initialize(&options, reconstruct)
        if data is not None:
            self.data = data
            if self.data.shape[0] == 0:
                raise CoreError(0, "no data")
            self.source.data = &self.data[0]
            self.source.size = self.data.shape[0]
            options.user_data = &self.source
            options.read = read_memory
            options.query_size = memory_size
        with nogil:
            code = core.start_read(&context, name, &options)
        if code != 0:
            message = vfx_message.decode("utf-8", "replace")
            raise CoreError(code, message or core.get_default_error_message(code).decode("utf-8", "replace"))
        self.context = context

    def __dealloc__(self):
        if self.context != NULL:
            core.finish(&self.context)

    def read(self, part: int, window: tuple, column_of: object, kind_of: object, target: int, first: int, last: int,
             out: object, threads: int) -> None:
        """Fill ``out``, the bytes (rows, width, samples) of rows ``first`` to ``last`` of a part.

        ``window`` is the data window, ``column_of`` and ``kind_of`` give for every channel of the file its
        place in the image (-1: not taken) and its type; ``target`` is the type in the image. Raises
        ``CoreError``.
        """
        cdef unsigned char[:, :, ::1] to = out
        cdef const int32_t[::1] columns = column_of
        cdef const int32_t[::1] kinds = kind_of
        cdef ReadPlan plan
        cdef Failure failure
        cdef int number = part
        cdef int64_t begin_chunk, end_chunk
        memset(&plan, 0, sizeof(ReadPlan))
        plan.target = target
        plan.channels = columns.shape[0]
        plan.columns = to.shape[2] // sample_size(plan.target)
        plan.first = first
        plan.last = last
        fill_layout(self.context, number, &plan)
        if (plan.x0, plan.y0, plan.x0 + plan.width - 1, plan.y0 + plan.height - 1) != window:
            raise CoreError(MISMATCH, "the header cannot be read in one way only")
        if (not 0 <= plan.first < plan.last <= plan.height or to.shape[0] != plan.last - plan.first
                or to.shape[1] != plan.width or to.shape[2] != plan.columns * sample_size(plan.target)
                or plan.columns == 0 or kinds.shape[0] != plan.channels or plan.channels == 0):
            raise ValueError("the output does not fit the request")
        taken = [column for column in columns if column >= 0]
        if sorted(taken) != list(range(plan.columns)) or any(column < -1 for column in columns):
            raise ValueError("every column of the image needs one channel")
        numbers = any(column >= 0 and kind != UINT for column, kind in zip(columns, kinds))
        if not UINT <= plan.target <= FLOAT or (plan.target == UINT and numbers):
            raise ValueError("only uint channels give uint pixels")
        plan.out = &to[0, 0, 0]
        plan.row_bytes = to.shape[1] * to.shape[2]
        plan.column_of = &columns[0]
        plan.kind_of = &kinds[0]
        begin_chunk, end_chunk = chunk_range(&plan)
        run_decoders(self.context, number, &plan, begin_chunk, end_chunk, max(1, threads), &failure)
        raise_failure(&failure)


cdef tuple chunk_range(ReadPlan *plan):
    """First and one-past-last chunk that rows ``first`` to ``last`` touch."""
    cdef int64_t step = plan.tile_height if plan.tile_width else plan.lines
    # A subsampled line stands for rows below it too (samplings beyond 4 do not occur).
    cdef int64_t first = max(0, plan.first - 3) // step, last = (plan.last + step - 1) // step
    if plan.tile_width:
        return first * plan.across, last * plan.across
    return first, last


cdef int fill_layout(const void *context, int part, ReadPlan *plan) except -1:
    """Size, position and chunks of the part as the library found them."""
    cdef Box box
    cdef int storage = -1, parts = 0, level = 0, rounding = 0
    cdef uint32_t tile_width = 0, tile_height = 0
    cdef int32_t code = core.get_count(context, &parts)
    if code != 0 or not 0 <= part < parts:
        raise CoreError(MISMATCH, f"no part {part} among the library's {parts}")
    code = core.get_storage(context, part, &storage)
    code = code or core.get_data_window(context, part, &box)
    if code == 0 and storage == TILED:
        code = core.get_tile_descriptor(context, part, &tile_width, &tile_height, &level, &rounding)
    elif code == 0 and storage == SCANLINE:
        code = core.get_scanlines_per_chunk(context, part, &plan.lines)
    if code != 0 or storage not in (SCANLINE, TILED):
        raise CoreError(code, "the part is not a plain picture")
    if box.x1 < box.x0 or box.y1 < box.y0 or <int64_t> box.x1 - box.x0 > MOST_SIDE \
            or <int64_t> box.y1 - box.y0 > MOST_SIDE or tile_width > MOST_SIDE or tile_height > MOST_SIDE:
        raise CoreError(MISMATCH, "impossible data window or tile size")
    plan.x0, plan.y0 = box.x0, box.y0
    plan.width, plan.height = box.x1 - box.x0 + 1, box.y1 - box.y0 + 1
    plan.tile_width, plan.tile_height = <int> tile_width, <int> tile_height
    plan.across = (plan.width + plan.tile_width - 1) // plan.tile_width if tile_width else 1
    if (storage == TILED and (tile_width == 0 or tile_height == 0)) or (storage == SCANLINE and plan.lines < 1):
        raise CoreError(MISMATCH, "impossible chunk size")
    return 0


# Sums of two sides stay within 32 bits.
cdef enum:
    MOST_SIDE = 1 << 29


cdef int run_decoders(const void *context, int part, ReadPlan *plan, int64_t begin_chunk, int64_t end_chunk,
                      int threads, Failure *failure) except -1:
    """Every chunk of the range, in parallel; what went wrong is in ``failure``."""
    cdef size_t room = sizeof(Decoder) + SLACK
    cdef uint8_t *decoders = <uint8_t *> calloc(threads, room)
    cdef Worker *workers = <Worker *> calloc(threads, sizeof(Worker))
    cdef int64_t task, index, tasks, step = 1
    cdef int c
    # Single lines are too little work to hand out one by one.
    if not plan.tile_width and plan.lines < 16:
        step = 16 // plan.lines
    tasks = (end_chunk - begin_chunk + step - 1) // step
    begin(failure)
    if decoders == NULL or workers == NULL:
        free(decoders)
        free(workers)
        raise MemoryError
    for c in range(threads):
        workers[c].plan = plan
        workers[c].inflate = core.uncompress_buffer
        (<Decoder *> (decoders + c * room)).pipe_size = sizeof(Decoder)
    with nogil:
        for task in prange(tasks, schedule="dynamic", chunksize=1, num_threads=threads):
            for index in range(begin_chunk + task * step, min(begin_chunk + (task + 1) * step, end_chunk)):
                if vfx_get(&failure.stop) == 0:
                    decode(&core, context, part, workers + threadid(), index,
                           <Decoder *> (decoders + threadid() * room), failure)
            if threadid() == 0:
                look_for_signals(failure)
        for c in range(threads):
            if (<Decoder *> (decoders + c * room)).context != NULL:
                core.decoding_destroy(context, <Decoder *> (decoders + c * room))
            free(workers[c].scratch)
    free(workers)
    free(decoders)
    return 0


def write_chunks(fd: int, position: int, pixels: object, window: tuple, names: tuple, column_of: object,
                 kind_of: object, compression: int, tile: tuple, decreasing: bool, zip_level: int, dwa_level: float,
                 offsets: object, threads: int) -> int:
    """End of the file after the chunks of one picture, written at ``position``; ``offsets`` then says where each is.

    ``pixels`` is (height, width, channels) of uint16 (halves), float32 or uint32 with any strides;
    ``names``, ``column_of`` and ``kind_of`` describe the file's channels in its order; ``tile`` is (0, 0) for
    scanlines; ``zip_level`` below -1 and a negative ``dwa_level`` mean the library's defaults. Raises
    ``CoreError`` and ``OSError``.
    """
    cdef const int32_t[::1] columns = column_of
    cdef const int32_t[::1] kinds = kind_of
    cdef uint64_t[::1] table = offsets
    cdef WritePlan plan
    cdef Failure failure
    cdef context_t context = NULL
    cdef int c
    memset(&plan, 0, sizeof(WritePlan))
    point_at(pixels, &plan)
    plan.x0, plan.y0 = window[0], window[1]
    plan.tile_width, plan.tile_height = tile
    plan.compression = compression
    plan.lines = lines_per_chunk(compression)
    plan.decreasing = decreasing
    plan.channels = columns.shape[0]
    plan.fd = fd
    plan.position = position
    if plan.lines < 1 or min(tile) < 0 or (tile[0] == 0) != (tile[1] == 0):
        raise ValueError("unknown compression or impossible tile size")
    plan.across = (plan.width + plan.tile_width - 1) // plan.tile_width if plan.tile_width else 1
    down = plan.tile_height or plan.lines
    plan.chunks = plan.across * ((plan.height + down - 1) // down)
    if (window[2] - window[0] + 1, window[3] - window[1] + 1) != (plan.width, plan.height) \
            or table.shape[0] != plan.chunks or plan.channels == 0 or kinds.shape[0] != plan.channels \
            or len(names) != plan.channels:
        raise ValueError("the sizes given do not fit each other")
    for c in range(plan.channels):
        if not 0 <= columns[c] < pixels.shape[2] or not UINT <= kinds[c] <= FLOAT \
                or (kinds[c] == UINT and plan.source != UINT):
            raise ValueError("no such channel or sample type")
        plan.pixel_bytes += sample_size(kinds[c])
    plan.column_of, plan.kind_of, plan.offsets = &columns[0], &kinds[0], &table[0]
    try:
        open_temporary(&context, &plan, window, names, zip_level, dwa_level)
        run_encoders(context, &plan, zip_level, max(1, threads), &failure)
        raise_failure(&failure)
    finally:
        core.finish(&context)
    return plan.position


cdef int point_at(object pixels, WritePlan *plan) except -1:
    """Address, strides and type of the image; the caller keeps it alive."""
    cdef const uint16_t[:, :, :] halves
    cdef const uint32_t[:, :, :] numbers
    cdef const float[:, :, :] floats
    if pixels.dtype.itemsize == 2:
        halves = pixels
        plan.pixels, plan.source = <const uint8_t *> &halves[0, 0, 0], 1
    elif pixels.dtype.kind == "f":
        floats = pixels
        plan.pixels, plan.source = <const uint8_t *> &floats[0, 0, 0], 2
    else:
        numbers = pixels
        plan.pixels, plan.source = <const uint8_t *> &numbers[0, 0, 0], 0
    plan.height, plan.width = pixels.shape[0], pixels.shape[1]
    plan.row_step, plan.pixel_step, plan.sample_step = pixels.strides
    if 0 in pixels.shape or max(pixels.shape) > MOST_SIDE:
        raise ValueError("an image without pixels, or too large")
    return 0


cdef int open_temporary(context_t *context, WritePlan *plan, tuple window, tuple names, int zip_level,
                        float dwa_level) except -1:
    """A context without a file that knows the part to be compressed."""
    cdef Initializer options
    cdef Box box
    cdef Point centre
    cdef int32_t code
    cdef int part = 0, c
    initialize(&options, True)
    box.x0, box.y0, box.x1, box.y1 = window
    centre.x = centre.y = 0
    code = core.start_temporary_context(context, b"vfx", &options)
    code = code or core.set_longname_support(context[0], 1)
    code = code or core.initialize_required_attr(context[0], part, &box, &box, 1, &centre, 1, 0, plan.compression)
    if code == 0 and plan.tile_width:
        code = core.set_tile_descriptor(context[0], part, plan.tile_width, plan.tile_height, 0, 0)
    for c in range(plan.channels):
        code = code or core.add_channel(context[0], part, names[c], plan.kind_of[c], 0, 1, 1)
    if code == 0 and zip_level >= -1:
        code = core.set_zip_compression_level(context[0], part, zip_level)
    if code == 0 and dwa_level >= 0:
        code = core.set_dwa_compression_level(context[0], part, dwa_level)
    if code != 0:
        message = vfx_message.decode("utf-8", "replace")
        raise CoreError(code, message or core.get_default_error_message(code).decode("utf-8", "replace"))
    return 0


cdef int run_encoders(const void *context, WritePlan *plan, int zip_level, int threads, Failure *failure) except -1:
    """Every chunk, compressed in parallel and written in order; what went wrong is in ``failure``."""
    cdef size_t room = sizeof(Encoder) + SLACK
    cdef uint8_t *encoders = <uint8_t *> calloc(threads, room)
    cdef Packer *packers = <Packer *> calloc(threads, sizeof(Packer))
    cdef int order, c
    begin(failure)
    plan.slots = <Slot *> calloc(plan.chunks, sizeof(Slot))
    if encoders == NULL or packers == NULL or plan.slots == NULL:
        free(encoders)
        free(packers)
        free(plan.slots)
        raise MemoryError
    for c in range(threads):
        (<Encoder *> (encoders + c * room)).pipe_size = sizeof(Encoder)
        packers[c].plan = plan
        packers[c].deflate = core.compress_buffer
        packers[c].level = max(zip_level, -1)
    with nogil:
        for order in prange(plan.chunks, schedule="dynamic", chunksize=1, num_threads=threads):
            if vfx_get(&failure.stop) == 0:
                encode(&core, context, plan, packers + threadid(), order,
                       <Encoder *> (encoders + threadid() * room), failure)
            if threadid() == 0:
                look_for_signals(failure)
        drain(plan, failure)
        for c in range(threads):
            if (<Encoder *> (encoders + c * room)).context != NULL:
                core.encoding_destroy(context, <Encoder *> (encoders + c * room))
            free(packers[c].scratch)
        for c in range(plan.chunks):
            free(plan.slots[c].data)
    free(packers)
    free(encoders)
    free(plan.slots)
    return 0
