"""EXR chunks packed, compressed and written, through OpenEXRCore out of the installed ``OpenEXR`` wheel.

``load`` finds the library's functions. An ``Encoder`` knows one part; it packs and compresses its chunks in
parallel and writes them in order. Headers, choices and defaults are the business of ``vfx.io``; every size that a
pointer relies on is checked here.
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memset

from vfx._ext.exr import CoreError
from vfx._ext.exr_encode cimport LONGEST_LEADER, NONE, drain, encode, store
from vfx._ext.exr_failure cimport Failure, begin, look_for_signals
from vfx._ext.exr_library cimport MOST_SIDE, SLACK, find_library, initialize, raise_failure, refusal
from vfx._ext.exr_pack cimport Packer, Plane, Slot, WritePlan, place_chunk
from vfx._ext.exr_rows cimport FLOAT, UINT
from vfx._ext.exr_system cimport vfx_get
from vfx._ext.exrcore cimport Box, Chunk, Encoder as Pipeline, Initializer, Library, Point, context_t

cdef Library core
cdef bint loaded = False

# Uncompressed chunks that are written in one go: enough for a call of the system to cost little, and to stay in a
# core's own cache.
cdef enum:
    GROUP = 1 << 18


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


cdef class Encoder:
    """Encoder(window, channels, compression, tile, zip_level, dwa_level): what compresses the chunks of one part.

    ``channels`` has (name, type, sampling across, sampling down) of each in the file's order; ``tile`` is (0, 0) for
    scanlines; ``zip_level`` below -1 and a negative ``dwa_level`` mean the library's defaults. Raises ``CoreError``.
    """

    cdef context_t context
    cdef Plane *planes
    cdef int channels
    cdef int x0
    cdef int y0
    cdef int lines
    cdef int tile_width
    cdef int tile_height
    cdef int compression
    cdef int zip_level

    def __cinit__(self, window: tuple, channels: tuple, compression: int, tile: tuple, zip_level: int,
                  dwa_level: float):
        cdef int c
        self.lines = lines_per_chunk(compression)
        self.tile_width, self.tile_height = tile
        self.x0, self.y0 = window[0], window[1]
        self.compression, self.zip_level = compression, zip_level
        self.channels = len(channels)
        if self.lines < 1 or min(tile) < 0 or max(tile) > MOST_SIDE or (tile[0] == 0) != (tile[1] == 0):
            raise ValueError("unknown compression or impossible tile size")
        if self.channels == 0:
            raise ValueError("a part has at least one channel")
        self.planes = <Plane *> calloc(self.channels, sizeof(Plane))
        if self.planes == NULL:
            raise MemoryError
        for c in range(self.channels):
            _, self.planes[c].kind, self.planes[c].x_step, self.planes[c].y_step = channels[c]
            if not UINT <= self.planes[c].kind <= FLOAT or self.planes[c].x_step < 1 or self.planes[c].y_step < 1:
                raise ValueError("no such sample type or sampling")
            if (self.planes[c].x_step > 1 or self.planes[c].y_step > 1) and (
                    self.tile_width or window[0] % self.planes[c].x_step or window[1] % self.planes[c].y_step):
                raise ValueError("tiles are not subsampled, and a window begins where every channel has a sample")
        open_temporary(&self.context, self, window, channels, dwa_level)

    def __dealloc__(self):
        if self.context != NULL:
            core.finish(&self.context)
        free(self.planes)

    def write(self, fd: int, position: int, pixels: tuple, level: tuple, place: tuple, chunks: tuple, part: int,
              decreasing: bool, offsets: object, threads: int) -> int:
        """End of the file after some chunks of a level, written at ``position``; ``offsets`` then has where each is.

        ``pixels`` has for every channel (rows, columns) of uint16 (halves), float32 or uint32 with any strides;
        ``level`` is (number across, number down, width, height), ``place`` the column and row of the level where the
        pixels begin, ``chunks`` the first of the level and how many. ``offsets`` are those of the whole level,
        ``part`` is the number before each chunk, or -1. Raises ``CoreError`` and ``OSError``.
        """
        cdef uint64_t[::1] table = offsets
        cdef WritePlan plan
        cdef Failure failure
        cdef Plane *planes
        memset(&plan, 0, sizeof(WritePlan))
        plan.channels = self.channels
        plan.x0, plan.y0, plan.lines, plan.compression = self.x0, self.y0, self.lines, self.compression
        plan.tile_width, plan.tile_height = self.tile_width, self.tile_height
        plan.level_x, plan.level_y, plan.width, plan.height = level
        plan.left, plan.top = place
        plan.first, plan.chunks = chunks
        plan.part, plan.decreasing, plan.fd, plan.position = part, decreasing, fd, position
        if len(pixels) != self.channels:
            raise ValueError("every channel needs pixels")
        # Of this call alone: another thread may be in here with the pixels of its own.
        planes = <Plane *> malloc(self.channels * sizeof(Plane))
        if planes == NULL:
            raise MemoryError
        try:
            memcpy(planes, self.planes, self.channels * sizeof(Plane))
            for c in range(self.channels):
                point_at(pixels[c], &planes[c])
                if pixels[c].shape != pixels[0].shape:
                    raise ValueError("all channels have the same size")
            plan.planes = planes
            check_place(&plan, pixels[0].shape[1], pixels[0].shape[0], table.shape[0])
            plan.offsets = &table[0]
            if plan.chunks == 0:
                return position
            if self.compression == NONE:
                run_stores(&plan, &failure)
            else:
                run_pipelines(self.context, &plan, self.zip_level, max(1, threads), &failure)
            raise_failure(&core, &failure, CoreError)
        finally:
            free(planes)
        return plan.position


cdef int check_place(WritePlan *plan, Py_ssize_t columns, Py_ssize_t rows, Py_ssize_t entries) except -1:
    """Raise unless the chunks are the level's own and lie in the pixels handed over."""
    cdef int64_t step = plan.tile_height or plan.lines, first, last, left, right
    cdef Chunk largest
    memset(&largest, 0, sizeof(Chunk))
    if not (0 < plan.width <= MOST_SIDE and 0 < plan.height <= MOST_SIDE and 0 <= plan.level_x < 32
            and 0 <= plan.level_y < 32):
        raise ValueError("an impossible level")
    plan.across = (plan.width + plan.tile_width - 1) // plan.tile_width if plan.tile_width else 1
    if entries != plan.across * ((plan.height + step - 1) // step) or entries > 0x7fffffff or entries == 0 \
            or plan.first < 0 or plan.chunks < 0 or plan.first + plan.chunks > entries:
        raise ValueError("the chunks are not those of the level")
    place_chunk(plan, 0, &largest)
    if largest.unpacked_size > 0x7fffffff:
        raise ValueError(f"a chunk would have {largest.unpacked_size} bytes, more than a file can say")
    if plan.chunks == 0:
        return 0
    first, last = plan.first // plan.across, (plan.first + plan.chunks - 1) // plan.across
    left, right = 0, plan.width
    if plan.tile_width and first == last:
        left = (plan.first % plan.across) * plan.tile_width
        right = min(right, ((plan.first + plan.chunks - 1) % plan.across + 1) * plan.tile_width)
    if not (0 <= plan.left <= left and right <= plan.left + columns and 0 <= plan.top <= first * step
            and min(<int64_t> plan.height, (last + 1) * step) <= plan.top + rows):
        raise ValueError("the chunks lie outside the pixels given")
    return 0


cdef int point_at(object pixels, Plane *plane) except -1:
    """Address, strides and type of one channel; the caller keeps it alive."""
    cdef const uint16_t[:, :] halves
    cdef const uint32_t[:, :] numbers
    cdef const float[:, :] floats
    if pixels.ndim != 2 or 0 in pixels.shape or max(pixels.shape) > MOST_SIDE:
        raise ValueError("an image without pixels, or too large")
    if pixels.dtype.itemsize == 2:
        halves = pixels
        plane.pixels, plane.source = <const uint8_t *> &halves[0, 0], 1
    elif pixels.dtype.kind == "f":
        floats = pixels
        plane.pixels, plane.source = <const uint8_t *> &floats[0, 0], 2
    else:
        numbers = pixels
        plane.pixels, plane.source = <const uint8_t *> &numbers[0, 0], 0
    plane.row_step, plane.pixel_step = pixels.strides
    if plane.kind == UINT and plane.source != UINT:
        raise ValueError("only numbers are stored as uint")
    return 0


cdef int open_temporary(context_t *context, Encoder part, tuple window, tuple channels, float dwa_level) except -1:
    """A context without a file that knows the part to be compressed."""
    cdef Initializer options
    cdef Box box
    cdef Point centre
    cdef int32_t code
    cdef int number = 0, c
    initialize(&options, True)
    box.x0, box.y0, box.x1, box.y1 = window
    centre.x = centre.y = 0
    code = core.start_temporary_context(context, b"vfx", &options)
    code = code or core.set_longname_support(context[0], 1)
    code = code or core.initialize_required_attr(context[0], number, &box, &box, 1, &centre, 1, 0, part.compression)
    if code == 0 and part.tile_width:
        code = core.set_tile_descriptor(context[0], number, part.tile_width, part.tile_height, 0, 0)
    for c in range(part.channels):
        code = code or core.add_channel(context[0], number, channels[c][0], part.planes[c].kind, 0,
                                        part.planes[c].x_step, part.planes[c].y_step)
    if code == 0 and part.zip_level >= -1:
        code = core.set_zip_compression_level(context[0], number, part.zip_level)
    if code == 0 and dwa_level >= 0:
        code = core.set_dwa_compression_level(context[0], number, dwa_level)
    if code != 0:
        raise CoreError(code, refusal(&core, code))
    return 0


cdef int run_pipelines(const void *context, WritePlan *plan, int zip_level, int threads, Failure *failure) except -1:
    """Every chunk, compressed in parallel and written in order; what went wrong is in ``failure``."""
    cdef size_t room = sizeof(Pipeline) + SLACK
    cdef uint8_t *pipelines = <uint8_t *> calloc(threads, room)
    cdef Packer *packers = <Packer *> calloc(threads, sizeof(Packer))
    cdef int64_t order
    cdef int c
    begin(failure)
    plan.slots = <Slot *> calloc(plan.chunks, sizeof(Slot))
    if pipelines == NULL or packers == NULL or plan.slots == NULL:
        free(pipelines)
        free(packers)
        free(plan.slots)
        raise MemoryError
    for c in range(threads):
        (<Pipeline *> (pipelines + c * room)).pipe_size = sizeof(Pipeline)
        packers[c].plan = plan
        packers[c].deflate = core.compress_buffer
        packers[c].level = max(zip_level, -1)
    with nogil:
        for order in prange(plan.chunks, schedule="dynamic", chunksize=1, num_threads=threads):
            if vfx_get(&failure.stop) == 0:
                encode(&core, context, plan, packers + threadid(), order,
                       <Pipeline *> (pipelines + threadid() * room), failure)
            if threadid() == 0:
                look_for_signals(failure)
        drain(plan, failure)
        for c in range(threads):
            if (<Pipeline *> (pipelines + c * room)).context != NULL:
                core.encoding_destroy(context, <Pipeline *> (pipelines + c * room))
            free(packers[c].scratch)
        for order in range(plan.chunks):
            free(plan.slots[order].data)
    free(packers)
    free(pipelines)
    free(plan.slots)
    return 0


cdef int run_stores(WritePlan *plan, Failure *failure) except -1:
    """Every chunk, uncompressed; what went wrong is in ``failure``."""
    cdef Chunk largest
    cdef uint64_t room
    cdef uint8_t *scratch
    cdef int64_t order = 0
    memset(&largest, 0, sizeof(Chunk))
    place_chunk(plan, 0, &largest)
    room = max(<uint64_t> GROUP, largest.unpacked_size + LONGEST_LEADER)
    scratch = <uint8_t *> malloc(room)
    if scratch == NULL:
        raise MemoryError
    with nogil:
        begin(failure)
        while order < plan.chunks and vfx_get(&failure.stop) == 0:
            order += store(plan, scratch, order, room, failure)
            look_for_signals(failure)
    free(scratch)
    return 0
