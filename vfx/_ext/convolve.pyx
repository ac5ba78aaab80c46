"""Kernels of any shape, given as taps: a result is the sum of weights times pixels at offsets.

Taps of weight zero are simply not listed: a thin line costs its length, and what is not finite reaches only as far
as the kernel really does. A tap of level n stands for the mean of 2**n pixels from its place to the right: a run of
equal weights, as in the disc of a lens, costs the logarithm of its length. Each row's means are made once, level from
level. The picture is worked through in columns, from top to bottom; the rows that the kernel can
see lie in a ring as float32, or are used where they are.
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport uintptr_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from vfx._ext.pictures cimport Picture, describe, describe_output, edge_index, place, store_pixels
from vfx._ext.simd_math cimport plane, source, sqrtf
from vfx._ext.columns cimport band_height, column_width, reach
from vfx._ext.watch cimport Watch, watch as look
from vfx._ext.weighing cimport weigh

__all__ = ["correlate"]

_MOST_THREADS = 1024

cdef enum:
    FARTHEST = 1 << 20          # pixels
    MOST_LEVEL = 12
    MOST_RING = 1 << 22         # floats
    FEW_ROWS = 1 << 17          # floats: half a megabyte

cdef float[2] _HALVES = [0.5, 0.5]

ctypedef struct Taps:
    const int *places           # rows down, columns to the right and level, three numbers a tap
    const float *weights
    int count

ctypedef struct Job:
    Picture src
    Picture dst
    Taps taps
    Taps more                   # a second kernel, or none: the result is then the length of the two
    int left                    # the first column and row that any tap sees, and how many it sees
    int top
    int wide
    int tall
    int levels                  # how many, level 0 is the pixels
    int edge
    Py_ssize_t columns          # how many
    Py_ssize_t column           # their width in pixels
    Py_ssize_t band             # the height of a part in rows
    Py_ssize_t bands
    Py_ssize_t plane            # floats of one level of a row
    Py_ssize_t scratch          # floats of one thread
    float *memory

ctypedef struct Room:
    # One thread's memory: where each row of the ring lies, the streams, two rows of results, the ring.
    const float **rows
    const float **streams
    float *result
    float *second
    float *ring


cdef Room _room(const Job *job, int thread) noexcept nogil:
    """How a thread's share of the memory is divided."""
    cdef Room room
    cdef float *at = job.memory + thread * job.scratch
    room.rows = <const float **>at
    room.streams = room.rows + job.tall
    room.result = <float *>(room.streams + max(job.taps.count, job.more.count, 2))
    room.second = room.result + job.column * job.src.channels
    room.ring = room.second + job.column * job.src.channels
    return room


cdef Py_ssize_t _floats_of_room(const Job *job) noexcept nogil:
    """The size of a thread's share, rounded up to whole cache lines."""
    cdef Py_ssize_t pixels = 2 * job.column
    cdef Py_ssize_t pointers = job.tall + max(job.taps.count, job.more.count, 2)
    return (pixels * job.src.channels + job.tall * job.levels * job.plane + 2 * pointers + 31) // 16 * 16


cdef inline int _slot(const Job *job, Py_ssize_t row) noexcept nogil:
    """The place of a row in the ring; the row may lie above the picture."""
    cdef int found = <int>(row % job.tall)
    return found if found >= 0 else found + job.tall


cdef inline void _fill(const Job *job, const Room *room, Py_ssize_t row, Py_ssize_t first, Py_ssize_t n) noexcept nogil:
    """Makes a row of the column, with what the kernel sees beside it, a row of the ring."""
    cdef int slot = _slot(job, row)
    cdef Py_ssize_t wide = n + job.wide - 1
    cdef Py_ssize_t from_row = edge_index(row, job.src.height, job.edge)
    cdef float *target = room.ring + slot * job.levels * job.plane
    cdef int level, half
    if from_row < 0:
        memset(target, 0, <size_t>(wide * job.src.channels) * 4)
        room.rows[slot] = target
    else:
        room.rows[slot] = reach(&job.src, from_row, first + job.left, wide, job.edge, target)
    room.streams[0] = room.rows[slot]
    for level in range(1, job.levels):
        half = 1 << (level - 1)
        wide -= half
        room.streams[1] = room.streams[0] + half * job.src.channels
        weigh(target + level * job.plane, room.streams, _HALVES, 2, wide * job.src.channels)
        room.streams[0] = target + level * job.plane


cdef inline void _sum(const Job *job, const Room *room, const Taps *taps, Py_ssize_t y, Py_ssize_t n,
                      float *target) noexcept nogil:
    """A kernel's sums for ``n`` pixels of row ``y``."""
    cdef int k, level, slot
    cdef const float *row
    for k in range(taps.count):
        slot = _slot(job, y + taps.places[3 * k])
        level = taps.places[3 * k + 2]
        row = room.rows[slot]
        if level:
            row = room.ring + (slot * job.levels + level) * job.plane
        room.streams[k] = row + (taps.places[3 * k + 1] - job.left) * job.src.channels
    weigh(target, room.streams, taps.weights, taps.count, n * job.src.channels)


cdef inline void _lengths(plane x, source y, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        x[i] = sqrtf(x[i] * x[i] + y[i] * y[i])


cdef inline void _row(const Job *job, const Room *room, Py_ssize_t y, Py_ssize_t first, Py_ssize_t n) noexcept nogil:
    """One row of results from the ring."""
    cdef float *target = <float *>place(&job.dst, y, first) if job.dst.floats else room.result
    _sum(job, room, &job.taps, y, n, target)
    if job.more.count:
        _sum(job, room, &job.more, y, n, room.second)
        _lengths(target, room.second, n * job.src.channels)
    if not job.dst.floats:
        store_pixels(&job.dst, y, first, target, n)


cdef void _part(const Job *job, Py_ssize_t part, int thread, Watch *watch) noexcept nogil:
    """One band of one column."""
    cdef Room room = _room(job, thread)
    cdef Py_ssize_t first = part % job.columns * job.column
    cdef Py_ssize_t n = min(job.column, job.src.width - first)
    cdef Py_ssize_t y = part // job.columns * job.band, end = min(y + job.band, job.src.height), row
    cdef Py_ssize_t work = n * job.src.channels * (job.taps.count + job.more.count) // 8
    for row in range(y + job.top, y + job.top + job.tall - 1):
        if look(watch, thread, n):
            return
        _fill(job, &room, row, first, n)
    for y in range(y, end):
        if look(watch, thread, work):
            return
        _fill(job, &room, y + job.top + job.tall - 1, first, n)
        _row(job, &room, y, first, n)


cdef void _parts(const Job *job, int threads, Watch *watch) noexcept nogil:
    cdef Py_ssize_t i, parts = job.columns * job.bands
    if threads == 1:  # without OpenMP: also safe in a forked child
        for i in range(parts):
            _part(job, i, 0, watch)
        return
    for i in prange(parts, num_threads=threads, schedule="dynamic", chunksize=1):
        _part(job, i, threadid(), watch)


cdef int _taps(const int[:, ::1] places, const float[::1] weights, Taps *taps) except -1:
    """A kernel's taps, checked."""
    if places.shape[0] != weights.shape[0] or places.shape[1] != 3 or places.shape[0] > 1 << 26:
        raise ValueError(f"places must be (N, 3) for N weights, got {places.shape[0]}, {places.shape[1]} "
                         f"and {weights.shape[0]}")
    taps.count = <int>weights.shape[0]
    taps.places = &places[0, 0] if taps.count else NULL
    taps.weights = &weights[0] if taps.count else NULL
    return 0


cdef void _reach(const Taps *taps, int *low, int *high) noexcept nogil:
    """Widens the rows (0), columns (1) and levels (2) that are seen by what a kernel sees."""
    cdef int k, axis, first, more
    for k in range(taps.count):
        for axis in range(3):
            first = taps.places[3 * k + axis]
            more = (1 << min(max(taps.places[3 * k + 2], 0), <int>MOST_LEVEL)) - 1 if axis == 1 else 0
            low[axis] = min(low[axis], first)
            high[axis] = max(high[axis], first + more)


cdef int _extent(Job *job) except -1:
    """Works out the rows, columns and levels that the taps see."""
    cdef int low[3]
    cdef int high[3]
    low[0] = low[1] = low[2] = FARTHEST
    high[0] = high[1] = high[2] = -FARTHEST
    _reach(&job.taps, low, high)
    _reach(&job.more, low, high)
    if job.taps.count < 1 or min(low[0], low[1]) < -FARTHEST or max(high[0], high[1]) > FARTHEST:
        raise ValueError(f"a kernel needs taps, {FARTHEST} pixels away at most")
    if low[2] < 0 or high[2] > MOST_LEVEL:
        raise ValueError(f"levels must be 0 to {MOST_LEVEL}, got {low[2]} to {high[2]}")
    job.top = low[0]
    job.left = low[1]
    job.tall = high[0] - low[0] + 1
    job.wide = high[1] - low[1] + 1
    job.levels = high[2] + 1
    return 0


def correlate(src, dst, const int[:, ::1] places not None, const float[::1] weights not None,
              const int[:, ::1] more_places not None, const float[::1] more_weights not None, int edge, int threads):
    """Nothing; ``dst`` then holds at each pixel the sum of ``weights`` times the pixels of ``src`` at ``places``.

    Parameters
    ----------
    src, dst : numpy.ndarray, (H, W, C) of uint8, uint16, float16 or float32, any strides
        Of one shape, in memory that does not overlap. Formats may differ.
    places : numpy.ndarray of int32, (N, 3)
        For each tap how many rows down and columns to the right of the result its pixel lies, and its level: the tap
        is the mean of ``2**level`` pixels from there to the right.
    weights : numpy.ndarray of float32, (N,)
        Their weights.
    more_places, more_weights : numpy.ndarray
        A second kernel: the result is then the square root of the sum of both sums' squares. Of length 0: none.
    edge : int
        What lies outside, see ``pictures.pxd``.
    threads : int
        How many threads to use.

    Raises
    ------
    ValueError
        For shapes that differ, other dtypes, a read-only ``dst``, or no taps.
    """
    cdef Job job
    describe(src, "src", &job.src)
    describe_output(dst, "dst", &job.dst)
    if src.shape != dst.shape:
        raise ValueError(f"src and dst must have one shape, got {src.shape} and {dst.shape}")
    if not 1 <= threads <= _MOST_THREADS or not 0 <= edge <= 3:
        raise ValueError(f"threads must be 1 to {_MOST_THREADS} and edge 0 to 3, got {threads} and {edge}")
    _taps(places, weights, &job.taps)
    _taps(more_places, more_weights, &job.more)
    _extent(&job)
    job.edge = edge
    job.column = column_width(&job.src, job.tall * job.levels + 1)
    # What lies beside a column is worked out again for the next: a wide kernel has wide columns, within reason.
    if <Py_ssize_t>job.tall * job.levels * 3 * job.wide * job.src.channels < MOST_RING:
        job.column = min(job.src.width, max(job.column, <Py_ssize_t>(2 * job.wide)))
    # New memory is handed out in large pages, from row to row: a few rows that fit the cache come best whole.
    if <Py_ssize_t>job.tall * job.levels * job.src.width * job.src.channels < FEW_ROWS:
        job.column = job.src.width
    job.columns = (job.src.width + job.column - 1) // job.column
    job.band = band_height(job.src.height, job.columns, job.tall // 4, threads)
    job.bands = (job.src.height + job.band - 1) // job.band
    job.plane = (job.column + job.wide) * job.src.channels
    job.scratch = _floats_of_room(&job)
    _run(&job, min(threads, job.columns * job.bands))


cdef int _run(Job *job, int threads) except -1:
    """All parts; raises what a signal handler raised meanwhile."""
    cdef Watch watch
    cdef char *memory = <char *>malloc(<size_t>(threads * job.scratch) * 4 + 64)
    if memory == NULL:
        raise MemoryError("no memory for the kernel's rows")
    job.memory = <float *>((<uintptr_t>memory + 63) & ~<uintptr_t>63)
    watch.stop = False
    watch.work = 0
    with nogil:
        _parts(job, threads, &watch)
    free(memory)
    return -1 if watch.stop else 0
