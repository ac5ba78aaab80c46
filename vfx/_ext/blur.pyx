"""Separable filters: along each row, then across the rows, while the rows are in the cache.

``separable`` works in columns of a picture, from top to bottom. Each row of a column is filtered along itself once and
kept in a ring of little more rows than the vertical kernel has taps; results are weighted sums of it. No picture
of float32 lies between the two passes.

::

    columns.pxd       stretches that reach over the edge, columns that fit the cache
    weighing.pxd      weighted sums
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport uintptr_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from vfx._ext.pictures cimport Picture, describe, describe_output, edge_index, place, store_pixels
from vfx._ext.columns cimport band_height, column_width, reach
from vfx._ext.watch cimport Watch, watch as look
from vfx._ext.weighing cimport ROWS, weigh, weigh_rows

__all__ = ["separable"]

_MOST_THREADS = 1024

ctypedef struct Kernel:
    const float *weights
    int taps
    int origin                  # the tap that stands on the result's pixel

ctypedef struct Job:
    Picture src
    Picture dst
    Kernel along
    Kernel across
    int edge
    Py_ssize_t columns          # how many
    Py_ssize_t column           # their width in pixels
    Py_ssize_t line             # the floats of a row of the ring, whole cache lines
    Py_ssize_t band             # the height of a part in rows
    Py_ssize_t bands
    Py_ssize_t scratch          # floats of one thread
    float *memory


ctypedef struct Room:
    # One thread's memory: the stretch read, the ring, a row of results, the streams of both passes.
    float *stretch
    float *ring
    float *result
    const float **along
    const float **across


cdef inline Py_ssize_t _lines(Py_ssize_t floats) noexcept nogil:
    """As many floats as whole cache lines have."""
    return (floats + 15) // 16 * 16


cdef Room _room(const Job *job, int thread) noexcept nogil:
    """How a thread's share of the memory is divided."""
    cdef Room room
    cdef float *at = job.memory + thread * job.scratch
    room.along = <const float **>at
    room.across = room.along + job.along.taps
    room.ring = at + _lines(2 * (job.along.taps + job.across.taps + ROWS))
    room.result = room.ring + (job.across.taps + ROWS - 1) * job.line
    room.stretch = room.result + ROWS * job.line
    return room


cdef Py_ssize_t _floats_of_room(const Job *job) noexcept nogil:
    """The size of a thread's share."""
    cdef Py_ssize_t stretch = (job.column + job.along.taps) * job.src.channels
    cdef Py_ssize_t pointers = 2 * (job.along.taps + job.across.taps + ROWS)
    return _lines(pointers) + (job.across.taps + 2 * ROWS - 1) * job.line + _lines(stretch)


cdef inline Py_ssize_t _place(const Job *job, Py_ssize_t row) noexcept nogil:
    """The place of a row in the ring; the row may lie above the picture."""
    cdef Py_ssize_t n = job.across.taps + ROWS - 1, found = row % n
    return found if found >= 0 else found + n


cdef inline void _fill(const Job *job, const Room *room, Py_ssize_t row, Py_ssize_t first, Py_ssize_t n) noexcept nogil:
    """Puts a row, filtered along itself, into its place in the ring; the row may lie outside the picture."""
    cdef int k
    cdef Py_ssize_t source = edge_index(row, job.src.height, job.edge)
    cdef float *target = room.ring + _place(job, row) * job.line
    cdef const float *pixels
    if source < 0:
        memset(target, 0, <size_t>(n * job.src.channels) * 4)
        return
    pixels = reach(&job.src, source, first - job.along.origin, n + job.along.taps - 1, job.edge, room.stretch)
    for k in range(job.along.taps):
        room.along[k] = pixels + k * job.src.channels
    weigh(target, room.along, job.along.weights, job.along.taps, n * job.src.channels)


cdef inline void _rows(const Job *job, const Room *room, Py_ssize_t y, int rows, Py_ssize_t first,
                       Py_ssize_t n) noexcept nogil:
    """Some rows of results from the ring."""
    cdef float *outs[ROWS]
    cdef const float *weights[ROWS]
    cdef int starts[ROWS]
    cdef int k
    cdef Py_ssize_t at = _place(job, y - job.across.origin)
    for k in range(job.across.taps + rows - 1):
        room.across[k] = room.ring + at * job.line
        at = at + 1 if at + 1 < job.across.taps + ROWS - 1 else 0
    for k in range(rows):
        outs[k] = <float *>place(&job.dst, y + k, first) if job.dst.floats else room.result + k * job.line
        weights[k] = job.across.weights
        starts[k] = k
    weigh_rows(outs, room.across, weights, starts, rows, job.across.taps, n * job.src.channels)
    for k in range(0 if job.dst.floats else rows):
        store_pixels(&job.dst, y + k, first, outs[k], n)


cdef void _part(const Job *job, Py_ssize_t part, int thread, Watch *watch) noexcept nogil:
    """One band of one column."""
    cdef Room room = _room(job, thread)
    cdef Py_ssize_t first = part % job.columns * job.column
    cdef Py_ssize_t n = min(job.column, job.src.width - first)
    cdef Py_ssize_t y = part // job.columns * job.band, end = min(y + job.band, job.src.height), row
    cdef Py_ssize_t work = n * job.src.channels * (job.along.taps + job.across.taps) // 8
    cdef Py_ssize_t below = job.across.taps - 1 - job.across.origin
    cdef int rows
    for row in range(y - job.across.origin, y + below):
        if look(watch, thread, work):
            return
        _fill(job, &room, row, first, n)
    while y < end:
        rows = <int>min(<Py_ssize_t>ROWS, end - y)
        if look(watch, thread, work * rows):
            return
        for row in range(y + below, y + below + rows):
            _fill(job, &room, row, first, n)
        _rows(job, &room, y, rows, first, n)
        y += rows


cdef void _parts(const Job *job, int threads, Watch *watch) noexcept nogil:
    cdef Py_ssize_t i, parts = job.columns * job.bands
    if threads == 1:  # without OpenMP: also safe in a forked child
        for i in range(parts):
            _part(job, i, 0, watch)
        return
    for i in prange(parts, num_threads=threads, schedule="dynamic", chunksize=1):
        _part(job, i, threadid(), watch)


cdef int _kernel(const float[::1] weights, int origin, str name, Kernel *kernel) except -1:
    """A kernel's weights and origin, checked."""
    if not 1 <= weights.shape[0] <= 1 << 24 or not 0 <= origin < weights.shape[0]:
        raise ValueError(f"{name} must have 1 to {1 << 24} weights and its origin among them, "
                         f"got {weights.shape[0]} and {origin}")
    kernel.weights = &weights[0]
    kernel.taps = weights.shape[0]
    kernel.origin = origin
    return 0


def separable(src, dst, const float[::1] along not None, int along_origin, const float[::1] across not None,
              int across_origin, int edge, int threads):
    """Nothing; ``dst`` then holds ``src`` filtered along its rows with one kernel and across them with another.

    A result at x is the sum over k of ``along[k]`` times the pixel at ``x + k - along_origin``, and so across.

    Parameters
    ----------
    src, dst : numpy.ndarray, (H, W, C) of uint8, uint16, float16 or float32, any strides
        Of one shape, in memory that does not overlap. Formats may differ.
    along, across : numpy.ndarray of float32
        The weights.
    along_origin, across_origin : int
        Which of them stands on the result's pixel.
    edge : int
        What lies outside, see ``pictures.pxd``.
    threads : int
        How many threads to use.

    Raises
    ------
    ValueError
        For shapes that differ, other dtypes, a read-only ``dst``, or an origin outside its kernel.
    """
    cdef Job job
    describe(src, "src", &job.src)
    describe_output(dst, "dst", &job.dst)
    if src.shape != dst.shape:
        raise ValueError(f"src and dst must have one shape, got {src.shape} and {dst.shape}")
    if not 1 <= threads <= _MOST_THREADS or not 0 <= edge <= 3:
        raise ValueError(f"threads must be 1 to {_MOST_THREADS} and edge 0 to 3, got {threads} and {edge}")
    _kernel(along, along_origin, "along", &job.along)
    _kernel(across, across_origin, "across", &job.across)
    job.edge = edge
    job.column = column_width(&job.src, job.across.taps + 2 * ROWS)
    job.line = _lines(job.column * job.src.channels)
    job.columns = (job.src.width + job.column - 1) // job.column
    job.band = band_height(job.src.height, job.columns, job.across.taps, threads)
    job.bands = (job.src.height + job.band - 1) // job.band
    job.scratch = _floats_of_room(&job)
    _run(&job, min(threads, job.columns * job.bands))


cdef int _run(Job *job, int threads) except -1:
    """All parts; raises what a signal handler raised meanwhile."""
    cdef Watch watch
    cdef char *memory = <char *>malloc(<size_t>(threads * job.scratch) * 4 + 64)
    if memory == NULL:
        raise MemoryError("no memory for the filter's rows")
    job.memory = <float *>((<uintptr_t>memory + 63) & ~<uintptr_t>63)
    watch.stop = False
    watch.work = 0
    with nogil:
        _parts(job, threads, &watch)
    free(memory)
    return -1 if watch.stop else 0
