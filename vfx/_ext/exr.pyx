"""EXR pixels read through OpenEXRCore, whose functions are found in the installed ``OpenEXR`` wheel.

``load`` finds the functions. A ``Reader`` decodes chunks in parallel straight into an interleaved
array, converting on the way; ``exr_write`` is the way back. Headers, choices and defaults are the business
of ``vfx.io``; here every size that a pointer relies on is checked against what the library itself found in
the file.
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset

from vfx._ext.exr_decode cimport decode
from vfx._ext.exr_failure cimport MISMATCH, Failure, begin, look_for_signals
from vfx._ext.exr_library cimport MOST_SIDE, SLACK, find_library, initialize, raise_failure, refusal
from vfx._ext.exr_rows cimport FLOAT, UINT, sample_size
from vfx._ext.exr_source cimport Source, read_source, source_size, vfx_close
from vfx._ext.exr_system cimport vfx_get
from vfx._ext.exr_unpack cimport ReadPlan, Worker
from vfx._ext.exrcore cimport Box, Decoder, Initializer, Library, context_t

cdef Library core
cdef bint loaded = False

# Storage of a part (openexr_attr.h).
cdef enum:
    SCANLINE = 0
    TILED = 1

class CoreError(Exception):
    """A failure inside OpenEXRCore; ``args`` are its error code and what it reported."""


def load(path: bytes) -> tuple[int, int, int]:
    """Version of the OpenEXRCore inside the shared library at ``path``, whose functions are used from now on.

    Raises ``ImportError`` when the library cannot be opened or lacks a function.
    """
    global loaded
    loaded = False
    version = find_library(&core, path)
    loaded = True
    return version


cdef class Reader:
    """Reader(name, data, fd, size, reconstruct=False): an open EXR file of ``size`` bytes.

    Its bytes are ``data``, or those of the open file ``fd`` where that is None; the file is then the reader's own, which
    closes it in the end. With ``reconstruct`` a bad chunk table is made anew from the chunks. Raises ``CoreError``
    when the library refuses it. Threads may share it.
    """

    cdef context_t context
    cdef Source source
    cdef const unsigned char[::1] data
    cdef bint owns

    def __cinit__(self, name: bytes, data: object, fd: int, size: int, reconstruct: bool = False):
        cdef Initializer options
        cdef const char *label = name
        cdef int32_t code
        cdef context_t context = NULL
        self.source.fd = fd
        self.owns = True  # before this line fd is 0, which is somebody else's
        if not loaded:
            raise RuntimeError("OpenEXRCore is not loaded")
        initialize(&options, reconstruct)
        self.source.size = size
        if data is not None:
            self.data = data
            if self.data.shape[0] == 0 or self.data.shape[0] != size:
                raise CoreError(0, "no data")
            self.source.data = &self.data[0]
        options.user_data = &self.source
        options.read = read_source
        options.query_size = source_size
        with nogil:
            code = core.start_read(&context, label, &options)
        if code != 0:
            raise CoreError(code, refusal(&core, code))
        self.context = context

    def __dealloc__(self):
        if self.context != NULL:
            core.finish(&self.context)
        if self.owns and self.source.fd >= 0:
            vfx_close(self.source.fd)

    @property
    def taken(self) -> int:
        """Bytes of the file that were fetched so far."""
        return self.source.taken

    def read(self, part: int, level: tuple, window: tuple, box: tuple, reach: int, column_of: object, kind_of: object,
             target: int, out: object, threads: int, lenient: bool = False) -> bool:
        """Fill ``out``, the bytes (rows, columns, samples) of a box of a level of a part.

        ``window`` is the data window of ``level``; ``box`` is (left, top, right, bottom) in pixels of it, half-open;
        ``reach`` is how many rows a sample stands for. ``column_of`` and ``kind_of`` give for every channel of the file
        its place in the image (-1: not taken) and its type; ``target`` is the type in the image. Raises ``CoreError``,
        whose last two arguments are the rows of the chunk that failed, where it was one. With ``lenient`` the pixels of
        such chunks are left alone, and the result is whether any chunk was decoded.
        """
        cdef unsigned char[:, :, ::1] to = out
        cdef const int32_t[::1] columns = column_of
        cdef const int32_t[::1] kinds = kind_of
        cdef ReadPlan plan
        cdef Failure failure
        cdef int64_t chunks
        memset(&plan, 0, sizeof(ReadPlan))
        plan.source = &self.source
        plan.target = target
        plan.channels = columns.shape[0]
        plan.columns = to.shape[2] // sample_size(plan.target)
        plan.level_x, plan.level_y = level
        plan.left, plan.first, plan.right, plan.last = box
        fill_layout(self.context, part, &plan)
        if (plan.x0, plan.y0, plan.x0 + plan.width - 1, plan.y0 + plan.height - 1) != window:
            raise CoreError(MISMATCH, "the header cannot be read in one way only")
        if (not 0 <= plan.first < plan.last <= plan.height or to.shape[0] != plan.last - plan.first
                or not 0 <= plan.left < plan.right <= plan.width or to.shape[1] != plan.right - plan.left
                or to.shape[2] != plan.columns * sample_size(plan.target)
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
        plan.lenient = lenient
        plan.whole = (len(taken) == plan.channels
                      and (plan.left, plan.first, plan.right, plan.last) == (0, 0, plan.width, plan.height))
        chunks = cut_chunks(&plan, reach)
        run_decoders(self.context, part, &plan, chunks, max(1, threads), &failure)
        try:
            raise_failure(&core, &failure, CoreError)
        except CoreError as error:
            step = plan.tile_height or plan.lines
            row = (plan.tile_top + failure.chunk // (plan.across if plan.tile_width else 1)) * step
            raise CoreError(*error.args[:2], row, min(row + step, plan.height)) from None
        return <int64_t> plan.missing < chunks


cdef int64_t cut_chunks(ReadPlan *plan, int reach) noexcept:
    """How many chunks the box touches; the first one is noted in the plan."""
    if plan.tile_width:
        plan.tile_left, plan.tile_top = plan.left // plan.tile_width, plan.first // plan.tile_height
        plan.across = (plan.right - 1) // plan.tile_width + 1 - plan.tile_left
        return <int64_t> plan.across * ((plan.last - 1) // plan.tile_height + 1 - plan.tile_top)
    # A subsampled line stands for rows below it too.
    plan.tile_top = max(0, plan.first + 1 - max(reach, 1)) // plan.lines
    return (plan.last - 1) // plan.lines + 1 - plan.tile_top


cdef int fill_layout(const void *context, int part, ReadPlan *plan) except -1:
    """Size, position and chunks of the part's level as the library found them."""
    cdef Box box
    cdef int storage = -1, parts = 0, level = 0, rounding = 0
    cdef int32_t width = 0, height = 0
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
    if plan.level_x or plan.level_y:
        # Of a level that there is not, the library says so.
        code = core.get_level_sizes(context, part, plan.level_x, plan.level_y, &width, &height)
        if code != 0 or storage != TILED or not 0 < width <= plan.width or not 0 < height <= plan.height:
            raise CoreError(code or MISMATCH, f"no level ({plan.level_x}, {plan.level_y})")
        plan.width, plan.height = width, height
    if (storage == TILED and (tile_width == 0 or tile_height == 0)) or (storage == SCANLINE and plan.lines < 1):
        raise CoreError(MISMATCH, "impossible chunk size")
    return 0


cdef int run_decoders(const void *context, int part, ReadPlan *plan, int64_t chunks, int threads,
                      Failure *failure) except -1:
    """Every chunk of the box, in parallel; what went wrong is in ``failure``."""
    cdef size_t room = sizeof(Decoder) + SLACK
    cdef uint8_t *decoders = <uint8_t *> calloc(threads, room)
    cdef Worker *workers = <Worker *> calloc(threads, sizeof(Worker))
    cdef int64_t task, index, tasks, step = 1
    cdef int c
    # Single lines are too little work to hand out one by one.
    if not plan.tile_width and plan.lines < 16:
        step = 16 // plan.lines
    tasks = (chunks + step - 1) // step
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
            for index in range(task * step, min((task + 1) * step, chunks)):
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
