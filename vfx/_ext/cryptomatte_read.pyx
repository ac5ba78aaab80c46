"""Mattes straight out of EXR files: chunks are decoded in parallel, and no picture is made of them.

``load`` finds OpenEXRCore's functions in the installed wheel, ``read_mattes`` does the work; what happens to one
chunk is in ``cryptomatte_chunks``. Every size that a pointer relies on is checked against what the library found.
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy, memset

from vfx._ext.cryptomatte_chunks cimport MattePlan, MatteWorker, decode_matte
from vfx._ext.cryptomatte_rows cimport fill_wanted
from vfx._ext.exr_failure cimport MISMATCH, Failure, begin, fail, look_for_signals
from vfx._ext.exr_library cimport MOST_SIDE, SLACK, find_library, initialize, raise_failure, refusal
from vfx._ext.exr_system cimport vfx_get
from vfx._ext.exrcore cimport Box, Decoder, Initializer, Library, context_t

__all__ = ["CoreError", "load", "read_mattes"]

cdef Library core
cdef bint loaded = False

# Storage of a part (openexr_attr.h).
cdef enum:
    SCANLINE = 0
    TILED = 1

ctypedef struct Content:
    const uint8_t *data
    uint64_t size


class CoreError(Exception):
    """A failure inside OpenEXRCore; ``args`` are its error code and what it reported."""


def load(path: bytes) -> tuple[int, int, int]:
    """Version of the OpenEXRCore inside the shared library at ``path``, whose functions are used from now on."""
    global loaded
    loaded = False
    version = find_library(&core, path)
    loaded = True
    return version


cdef int64_t read_content(const void *context, void *user, void *buffer, uint64_t size, uint64_t offset,
                          void *report) noexcept nogil:
    """The library's read function over memory: a short read at the end."""
    cdef Content *content = <Content *> user
    if offset >= content.size:
        return 0
    size = min(size, content.size - offset)
    memcpy(buffer, content.data + offset, size)
    return <int64_t> size


cdef int64_t content_size(const void *context, void *user) noexcept nogil:
    """The library's size function over memory."""
    return <int64_t> (<Content *> user).size


def read_mattes(path: bytes, data: object, part: int, kinds: object, pairs: object, ids: object, places: object,
                window: tuple, first: int, out: object, threads: int, reconstruct: bool = False) -> None:
    """Add to ``out``, (rows, width, outputs) float32, the coverage of ``ids`` in the rows of a part from ``first`` on.

    The file is ``data``, or at ``path`` when that is None. ``kinds`` are the types of the part's channels in their
    order, ``pairs``, (ranks, 2) int32, the channels of each rank; ``ids``, ascending uint32, and ``places``, int32,
    say which output each adds to. ``window`` is the data window. Raises ``CoreError``.
    """
    cdef float[:, :, ::1] to = out
    cdef const int32_t[::1] types = kinds
    cdef const int32_t[:, ::1] ranks = pairs
    cdef const unsigned char[::1] bytes_
    cdef Content content
    cdef Initializer options
    cdef MattePlan plan
    cdef context_t context = NULL
    cdef const char *name = path
    cdef int32_t code
    if not loaded:
        raise RuntimeError("OpenEXRCore is not loaded")
    memset(&plan, 0, sizeof(MattePlan))
    if to.shape[0] == 0 or to.shape[1] == 0 or ranks.shape[0] == 0 or ranks.shape[1] != 2 or types.shape[0] == 0:
        raise ValueError("nothing to read")
    if any(not 0 <= channel < len(kinds) for pair in pairs for channel in pair):
        raise ValueError("no such channel")
    fill_wanted(&plan.wanted, ids, places, <int> to.shape[2])
    plan.out, plan.pairs, plan.kinds = &to[0, 0, 0], &ranks[0, 0], &types[0]
    plan.ranks, plan.channels = <int> ranks.shape[0], <int> types.shape[0]
    plan.first, plan.last = first, first + <int> to.shape[0]
    initialize(&options, reconstruct)
    if data is not None:
        bytes_ = data
        if bytes_.shape[0] == 0:
            raise CoreError(0, "no data")
        content.data, content.size = &bytes_[0], bytes_.shape[0]
        options.user_data, options.read, options.query_size = &content, read_content, content_size
    with nogil:
        code = core.start_read(&context, name, &options)
    if code != 0:
        raise CoreError(code, refusal(&core, code))
    try:
        fill_layout(context, part, &plan)
        if (plan.x0, plan.y0, plan.x0 + plan.width - 1, plan.y0 + plan.height - 1) != window:
            raise CoreError(MISMATCH, "the header cannot be read in one way only")
        if not 0 <= plan.first < plan.last <= plan.height or to.shape[1] != plan.width:
            raise ValueError("the output does not fit the request")
        run_chunks(context, part, &plan, max(1, threads))
    finally:
        core.finish(&context)


cdef int fill_layout(const void *context, int part, MattePlan *plan) except -1:
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


cdef int run_chunks(const void *context, int part, MattePlan *plan, int threads) except -1:
    """Every chunk of the rows, in parallel."""
    cdef size_t room = sizeof(Decoder) + SLACK
    cdef uint8_t *decoders = <uint8_t *> calloc(threads, room)
    cdef MatteWorker *workers = <MatteWorker *> calloc(threads, sizeof(MatteWorker))
    cdef int64_t *offsets = <int64_t *> calloc(<size_t> threads * plan.channels, sizeof(int64_t))
    cdef int64_t step = plan.tile_height if plan.tile_width else plan.lines
    cdef int64_t begin_chunk = plan.first // step * plan.across
    cdef int64_t end_chunk = (plan.last + step - 1) // step * plan.across
    # Single lines are too little work to hand out one by one.
    cdef int64_t batch = 16 // plan.lines if not plan.tile_width and plan.lines < 16 else 1
    cdef int64_t task, tasks = (end_chunk - begin_chunk + batch - 1) // batch
    cdef Failure failure
    cdef int c
    begin(&failure)
    if decoders == NULL or workers == NULL or offsets == NULL:
        free(decoders)
        free(workers)
        free(offsets)
        raise MemoryError
    for c in range(threads):
        workers[c].plan = plan
        workers[c].inflate = core.uncompress_buffer
        workers[c].offsets = offsets + <Py_ssize_t> c * plan.channels
        (<Decoder *> (decoders + c * room)).pipe_size = sizeof(Decoder)
    with nogil:
        if threads == 1:
            for task in range(tasks):
                run_batch(context, part, workers, <Decoder *> decoders, begin_chunk + task * batch,
                          min(begin_chunk + (task + 1) * batch, end_chunk), &failure)
                look_for_signals(&failure)
        else:
            for task in prange(tasks, schedule="dynamic", chunksize=1, num_threads=threads):
                run_batch(context, part, workers + threadid(), <Decoder *> (decoders + threadid() * room),
                          begin_chunk + task * batch, min(begin_chunk + (task + 1) * batch, end_chunk), &failure)
                if threadid() == 0:
                    look_for_signals(&failure)
        for c in range(threads):
            if (<Decoder *> (decoders + c * room)).context != NULL:
                core.decoding_destroy(context, <Decoder *> (decoders + c * room))
            free(workers[c].scratch)
    free(workers)
    free(decoders)
    free(offsets)
    raise_failure(&core, &failure, CoreError)
    return 0


cdef void run_batch(const void *context, int part, MatteWorker *worker, Decoder *decoder, int64_t start, int64_t end,
                    Failure *failure) noexcept nogil:
    """Some chunks, one after the other, until one fails."""
    cdef int64_t index
    for index in range(start, end):
        if vfx_get(&failure.stop) == 0:
            fail(failure, decode_matte(&core, context, part, worker, index, decoder), index)
