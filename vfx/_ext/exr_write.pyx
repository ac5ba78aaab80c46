"""EXR chunks packed, compressed and written, through OpenEXRCore out of the installed ``OpenEXR`` wheel.

``load`` finds the library's functions. ``write_chunks`` packs and compresses in parallel and writes in
order. Headers, choices and defaults are the business of ``vfx.io``; every size that a pointer relies on
is checked here.
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport int32_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset

from vfx._ext.exr import CoreError
from vfx._ext.exr_encode cimport drain, encode
from vfx._ext.exr_failure cimport Failure, begin, look_for_signals
from vfx._ext.exr_library cimport MOST_SIDE, SLACK, find_library, initialize, raise_failure, refusal
from vfx._ext.exr_pack cimport Packer, Slot, WritePlan
from vfx._ext.exr_rows cimport FLOAT, UINT, sample_size
from vfx._ext.exr_system cimport vfx_get
from vfx._ext.exrcore cimport Box, Encoder, Initializer, Library, Point, context_t

cdef Library core
cdef bint loaded = False


def load(path: bytes) -> tuple[int, int, int]:
    """Version of the OpenEXRCore inside the shared library at ``path``, whose functions are used from now on.

    Raises ``ImportError`` when the library cannot be opened or lacks a function.
    """
    global loaded
    loaded = False
    version = find_library(&core, path)
    loaded = True
    return version


def lines_per_chunk(compression: int) -> int:
    """Scanlines in one chunk of the compression with this number; -1 when the library does not know it."""
    if not loaded:
        raise RuntimeError("OpenEXRCore is not loaded")
    return core.compression_lines_per_chunk(compression)


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
        raise_failure(&core, &failure, CoreError)
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
        raise CoreError(code, refusal(&core, code))
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
