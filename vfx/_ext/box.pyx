"""Means over boxes, at a cost that hardly depends on the box.

Across the rows: the rows that a box sees are cut into blocks of as many rows as the box is high. A box that begins in
one block ends in the next, so its sum is that of the last rows of one (made once, from the bottom up) and the first
rows of the other (added one by one): three additions whatever the height. Nothing is ever subtracted, so what is
not finite, or large, leaves no trace outside the box.

Along the rows: sums of a few pixels, sums of those, and so on; a box is a handful of the widest.

The picture is worked through in columns, from top to bottom, so that a block stays in the cache.
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport uintptr_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from vfx._ext.pictures cimport Picture, describe, describe_output, edge_index, place, store_pixels
from vfx._ext.columns cimport NARROWEST, band_height, reach
from vfx._ext.watch cimport Watch, watch as look
from vfx._ext.weighing cimport weigh
from vfx._ext.box_rows cimport MOST_QUADS, box_quads

__all__ = ["box"]

_MOST_THREADS = 1024

cdef enum:
    MOST_LEVELS = 20
    MOST_RADIX = 16
    MOST_TERMS = 512            # of one sum along a row
    MOST_INNER = (1 << 17) + 1
    WIDE_SUM = 32               # from more rows on, float32 sums would show their rounding
    PIECE = 1024                # floats
    MOST_BLOCK = 1 << 22        # floats of a block's sums in a column: whole rows come best from memory

cdef extern from *:
    """
    typedef float *__restrict vfx_single_sums;
    typedef double *__restrict vfx_double_sums;
    typedef float *__restrict vfx_row_out;
    typedef const float *__restrict vfx_row_in;
    """
    ctypedef float *single_sums "vfx_single_sums"
    ctypedef double *double_sums "vfx_double_sums"
    ctypedef float *row_out "vfx_row_out"
    ctypedef const float *row_in "vfx_row_in"

ctypedef fused sums:
    single_sums
    double_sums

ctypedef struct Box:
    # One axis: `inner` whole pixels, an odd number, and on both sides one more that counts `rest`.
    Py_ssize_t inner
    Py_ssize_t side             # pixels on each side of the middle one
    float rest

ctypedef struct Plan:
    # Along a row: the sums of each level are of `radix` sums of the level below.
    int levels
    int radix[MOST_LEVELS]
    Py_ssize_t size[MOST_LEVELS + 1]
    int terms
    int level[MOST_TERMS]
    Py_ssize_t offset[MOST_TERMS]
    float weights[MOST_TERMS]

ctypedef struct Job:
    Picture src
    Picture dst
    Box along
    Box across
    Plan plan
    float scale                 # a power of two: sums of scaled rows cannot overflow
    float norm                  # what a scaled sum is multiplied with
    bint wide                   # sums in float64
    bint quads                  # four channels and a box that ``box_quads`` knows
    int edge
    Py_ssize_t columns          # how many
    Py_ssize_t column           # their width in pixels
    Py_ssize_t line             # the floats of a row with its neighbours, whole cache lines
    Py_ssize_t band             # the height of a part in rows
    Py_ssize_t bands
    Py_ssize_t scratch          # floats of one thread
    float *memory

ctypedef struct Room:
    # One thread's memory: where the rows of a block lie, the rows that must be copied, the sums of the last rows of
    # a block, the sum of the first rows of the next, and the levels of a row of sums.
    const float **rows
    float *copies
    float *last
    float *first
    float *levels
    float *result


cdef inline Py_ssize_t _lines(Py_ssize_t floats) noexcept nogil:
    """As many floats as whole cache lines have."""
    return (floats + 15) // 16 * 16


cdef Py_ssize_t _divide(const Job *job, int thread, Room *room) noexcept nogil:
    """How a thread's share of the memory is divided; gives its size in floats."""
    cdef Py_ssize_t n = job.across.inner, each = job.line * (2 if job.wide else 1)
    cdef float *begin = job.memory + thread * job.scratch
    cdef float *at = begin
    room.rows = <const float **>at
    at += _lines(2 * n)
    room.copies = at            # two more, for the rows at the ends of a box
    at += (n + 2) * job.line
    room.last = at
    at += n * each
    room.first = at
    at += each
    room.levels = at
    at += (job.plan.levels + 2) * job.line
    room.result = at
    at += job.line
    return at - begin


cdef inline const float *_row(const Job *job, Py_ssize_t row, Py_ssize_t first, Py_ssize_t n,
                              float *copy) noexcept nogil:
    """A row of the column with what boxes see beside it; the row may lie outside the picture."""
    cdef Py_ssize_t source = edge_index(row, job.src.height, job.edge), wide = n + 2 * job.along.side
    if source < 0:
        memset(copy, 0, <size_t>(wide * job.src.channels) * 4)
        return copy
    return reach(&job.src, source, first - job.along.side, wide, job.edge, copy)


cdef inline void _add(sums total, sums below, row_in row, float scale, Py_ssize_t n) noexcept nogil:
    """``total``: a row and the sum of those below it."""
    cdef Py_ssize_t i
    for i in range(n):
        total[i] = below[i] + row[i] * scale


cdef inline void _begin(sums total, row_in row, float scale, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        total[i] = row[i] * scale


cdef inline void _join(sums first, sums last, row_in row, float scale, row_out out, Py_ssize_t n) noexcept nogil:
    """Adds a row to ``first``; ``out`` is then that and ``last``."""
    cdef Py_ssize_t i
    for i in range(n):
        first[i] = first[i] + row[i] * scale
        out[i] = <float>(first[i] + last[i])


cdef inline void _only(sums last, row_out out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <float>last[i]


cdef inline void _ends(row_out out, row_in above, row_in below, float weight, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = out[i] + (above[i] + below[i]) * weight


cdef inline void _last(sums last, const Job *job, const Room *room, Py_ssize_t n) noexcept nogil:
    """The sums of the last rows of the block in the room."""
    cdef Py_ssize_t j, i = 0, part
    while i < n:  # a piece of all rows at a time: the sum below is then still in the first-level cache
        part = min(n - i, <Py_ssize_t>PIECE)
        j = job.across.inner - 1
        _begin(last + j * job.line + i, room.rows[j] + i, job.scale, part)
        while j > 0:
            j -= 1
            _add(last + j * job.line + i, last + (j + 1) * job.line + i, room.rows[j] + i, job.scale, part)
        i += part


cdef inline void _sum(sums last, sums first, const Job *job, const Room *room, Py_ssize_t j,
                      Py_ssize_t n) noexcept nogil:
    """The sum of a box that begins ``j`` rows below a block's first one, as level 0."""
    if j == 0:
        _only(last, room.levels, n)
        return
    if j == 1:
        memset(<void *>first, 0, <size_t>n * sizeof(first[0]))
    _join(first, last + j * job.line, room.rows[j - 1], job.scale, room.levels, n)


cdef inline void _along(const Job *job, const Room *room, Py_ssize_t y, Py_ssize_t first, Py_ssize_t n) noexcept nogil:
    """A row of results from the sums in level 0."""
    cdef const float *streams[MOST_TERMS]
    cdef float shares[MOST_RADIX]
    cdef int level, k, channels = job.src.channels
    cdef Py_ssize_t wide = n + 2 * job.along.side
    cdef float *target = <float *>place(&job.dst, y, first) if job.dst.floats else room.result
    for level in range(job.plan.levels):
        wide -= job.plan.size[level] * (job.plan.radix[level] - 1)
        for k in range(job.plan.radix[level]):
            streams[k] = room.levels + level * job.line + k * job.plan.size[level] * channels
            shares[k] = 1.0
        weigh(room.levels + (level + 1) * job.line, streams, shares, job.plan.radix[level], wide * channels)
    for k in range(job.plan.terms):
        streams[k] = room.levels + job.plan.level[k] * job.line + job.plan.offset[k] * channels
    weigh(target, streams, job.plan.weights, job.plan.terms, n * channels)
    if not job.dst.floats:
        store_pixels(&job.dst, y, first, target, n)


cdef inline void _quads(const Job *job, const Room *room, Py_ssize_t y, Py_ssize_t j, Py_ssize_t first,
                        Py_ssize_t n) noexcept nogil:
    """The same in one go, for four channels."""
    cdef float *target = <float *>place(&job.dst, y, first) if job.dst.floats else room.result
    cdef const float *row = room.rows[j - 1] if j else NULL
    cdef Py_ssize_t next_row = y + job.across.inner // 2 + 1
    cdef const float *soon = room.last
    if job.src.floats and next_row < job.src.height:
        soon = <const float *>place(&job.src, next_row, first)
    if j == 1:
        memset(room.first, 0, <size_t>job.line * 4)
    box_quads(target, room.first, row, room.last + j * job.line, job.scale, job.norm, <int>job.along.inner, 4 * n,
              room.levels, room.levels + job.line, soon)
    if not job.dst.floats:
        store_pixels(&job.dst, y, first, target, n)


cdef inline void _one(const Job *job, const Room *room, Py_ssize_t y, Py_ssize_t j, Py_ssize_t first,
                      Py_ssize_t n) noexcept nogil:
    """One row of results, ``j`` rows below the first one of its block."""
    cdef Py_ssize_t inner = job.across.inner, floats = (n + 2 * job.along.side) * job.src.channels
    cdef Py_ssize_t top = y - inner // 2
    cdef const float *above
    cdef const float *below
    if j > 0:
        room.rows[j - 1] = _row(job, top + inner - 1, first, n, room.copies + (j - 1) * job.line)
    if job.quads:
        _quads(job, room, y, j, first, n)
        return
    if job.wide:
        _sum(<double_sums>room.last, <double_sums>room.first, job, room, j, floats)
    else:
        _sum(<single_sums>room.last, <single_sums>room.first, job, room, j, floats)
    if job.across.rest > <float>0.0:
        above = _row(job, top - 1, first, n, room.copies + inner * job.line)
        below = _row(job, top + inner, first, n, room.copies + (inner + 1) * job.line)
        _ends(room.levels, above, below, job.across.rest * job.scale, floats)
    _along(job, room, y, first, n)


cdef void _part(const Job *job, Py_ssize_t part, int thread, Watch *watch) noexcept nogil:
    """One band of one column."""
    cdef Room room
    cdef Py_ssize_t first = part % job.columns * job.column
    cdef Py_ssize_t n = min(job.column, job.src.width - first), inner = job.across.inner
    cdef Py_ssize_t y = part // job.columns * job.band, end = min(y + job.band, job.src.height), j
    cdef Py_ssize_t wide = n + 2 * job.along.side, work = wide * job.src.channels
    _divide(job, thread, &room)
    for j in range(inner - 1):
        if look(watch, thread, work // 4):
            return
        room.rows[j] = _row(job, y - inner // 2 + j, first, n, room.copies + j * job.line)
    j = inner
    while y < end:
        if look(watch, thread, work):
            return
        if j == inner:
            room.rows[j - 1] = _row(job, y + inner // 2, first, n, room.copies + (j - 1) * job.line)
            if job.wide:
                _last(<double_sums>room.last, job, &room, work)
            else:
                _last(<single_sums>room.last, job, &room, work)
            j = 0
        _one(job, &room, y, j, first, n)
        j += 1
        y += 1


cdef void _parts(const Job *job, int threads, Watch *watch) noexcept nogil:
    cdef Py_ssize_t i, parts = job.columns * job.bands
    if threads == 1:  # without OpenMP: also safe in a forked child
        for i in range(parts):
            _part(job, i, 0, watch)
        return
    for i in prange(parts, num_threads=threads, schedule="dynamic", chunksize=1):
        _part(job, i, threadid(), watch)


cdef int _box(Py_ssize_t inner, double rest, str name, Box *box) except -1:
    """One axis of a box, checked."""
    if not 1 <= inner <= MOST_INNER or inner % 2 == 0 or not 0.0 <= rest < 1.0:
        raise ValueError(f"{name} must be an odd number up to {MOST_INNER} and a share of 0 to 1, "
                         f"got {inner} and {rest}")
    box.inner = inner
    box.rest = rest
    box.side = inner // 2 + (rest > 0.0)
    return 0


cdef int _plan(const int[::1] radices, const Box *along, double norm, Plan *plan) except -1:
    """The levels and terms of a sum along a row; ``norm`` is the weight of a whole pixel."""
    cdef int level
    cdef Py_ssize_t at = along.side - along.inner // 2, left = along.inner
    if radices.shape[0] > MOST_LEVELS:
        raise ValueError(f"radices may be {MOST_LEVELS}, got {radices.shape[0]}")
    plan.levels = <int>radices.shape[0]
    plan.size[0] = 1
    for level in range(plan.levels):
        if not 2 <= radices[level] <= MOST_RADIX or plan.size[level] * radices[level] > along.inner:
            raise ValueError(f"radices must be 2 to {MOST_RADIX}, their product {along.inner} at most, "
                             f"got {list(radices)}")
        plan.radix[level] = radices[level]
        plan.size[level + 1] = plan.size[level] * radices[level]
    plan.terms = 0
    level = plan.levels
    while left:
        if plan.size[level] > left:
            level -= 1
            continue
        if plan.terms == MOST_TERMS - 2:
            raise ValueError(f"radices leave more than {MOST_TERMS - 2} terms, got {list(radices)}")
        _term(plan, level, at, norm)
        at += plan.size[level]
        left -= plan.size[level]
    if along.rest > <float>0.0:
        _term(plan, 0, 0, norm * along.rest)
        _term(plan, 0, 2 * along.side, norm * along.rest)
    return 0


cdef void _term(Plan *plan, int level, Py_ssize_t offset, double weight) noexcept:
    plan.level[plan.terms] = level
    plan.offset[plan.terms] = offset
    plan.weights[plan.terms] = weight
    plan.terms += 1


cdef void _cut(Job *job, int threads) noexcept:
    """Columns, bands and memory."""
    cdef Room room
    cdef Py_ssize_t rows = job.across.inner * (1 + (2 if job.wide else 1))
    job.column = MOST_BLOCK // (rows * job.src.channels) - 2 * job.along.side
    # What lies beside a column is worked out again for the next.
    job.column = min(job.src.width, max(job.column, 4 * job.along.side, <Py_ssize_t>NARROWEST))
    job.columns = (job.src.width + job.column - 1) // job.column
    job.column = (job.src.width + job.columns - 1) // job.columns
    job.line = _lines((job.column + 2 * job.along.side) * job.src.channels)
    job.band = band_height(job.src.height, job.columns, job.across.inner, threads)
    # Whole blocks: where they begin shows in the last bit, and must not depend on the threads.
    job.band = (job.band + job.across.inner - 1) // job.across.inner * job.across.inner
    job.bands = (job.src.height + job.band - 1) // job.band
    job.memory = NULL
    job.scratch = 0
    job.scratch = _divide(job, 0, &room)


def box(src, dst, Py_ssize_t width, double width_rest, Py_ssize_t height, double height_rest,
        const int[::1] radices not None, int edge, int threads):
    """Nothing; ``dst`` then holds the means of ``src`` over boxes.

    Parameters
    ----------
    src, dst : numpy.ndarray, (H, W, C) of uint8, uint16, float16 or float32, any strides
        Of one shape, in memory that does not overlap. Formats may differ.
    width, height : int
        How many whole pixels a box covers, odd.
    width_rest, height_rest : float
        How much it covers of the next ones on both sides, 0 to 1.
    radices : numpy.ndarray of int32
        Along a row, how many pixels are added up first, how many of those sums next, and so on: 2 to 16 each, and not
        more than ``width`` together.
    edge : int
        What lies outside, see ``pictures.pxd``.
    threads : int
        How many threads to use.

    Raises
    ------
    ValueError
        For shapes that differ, other dtypes, a read-only ``dst``, or sizes that are none.
    """
    cdef Job job
    cdef double area = (width + 2.0 * width_rest) * (height + 2.0 * height_rest)
    describe(src, "src", &job.src)
    describe_output(dst, "dst", &job.dst)
    if src.shape != dst.shape:
        raise ValueError(f"src and dst must have one shape, got {src.shape} and {dst.shape}")
    if not 1 <= threads <= _MOST_THREADS or not 0 <= edge <= 3:
        raise ValueError(f"threads must be 1 to {_MOST_THREADS} and edge 0 to 3, got {threads} and {edge}")
    _box(width, width_rest, "width", &job.along)
    _box(height, height_rest, "height", &job.across)
    job.scale = 1.0
    while job.scale * area > 1.0:
        job.scale *= 0.5
    _plan(radices, &job.along, 1.0 / (area * job.scale), &job.plan)
    job.wide = height > WIDE_SUM
    job.quads = (job.src.channels == 4 and width <= MOST_QUADS and width_rest == 0.0 and height_rest == 0.0
                 and not job.wide)
    job.norm = 1.0 / (area * job.scale)
    job.edge = edge
    _cut(&job, threads)
    _run(&job, min(threads, job.columns * job.bands))


cdef int _run(Job *job, int threads) except -1:
    """All parts; raises what a signal handler raised meanwhile."""
    cdef Watch watch
    cdef char *memory = <char *>malloc(<size_t>(threads * job.scratch) * 4 + 64)
    if memory == NULL:
        raise MemoryError("no memory for the box's rows")
    job.memory = <float *>((<uintptr_t>memory + 63) & ~<uintptr_t>63)
    watch.stop = False
    watch.work = 0
    with nogil:
        _parts(job, threads, &watch)
    free(memory)
    return -1 if watch.stop else 0
