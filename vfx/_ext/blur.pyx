"""Separable filters: along each row, then across the rows, while the rows are in the cache.

``separable`` works in columns of a picture, from top to bottom. Each row of a column is filtered along itself once and
kept in a ring of as many rows as the vertical kernel has taps; a result is the weighted sum of the ring. No picture
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
from vfx._ext.weighing cimport weigh

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


cdef Room _room(const Job *job, int thread) noexcept nogil:
    """How a thread's share of the memory is divided."""
    cdef Room room
    cdef float *at = job.memory + thread * job.scratch
    room.along = <const float **>at
    room.across = room.along + job.along.taps
    at = <float *>(room.across + job.across.taps)
    room.stretch = at
    at += (job.column + job.along.taps) * job.src.channels
    room.result = at
    at += job.column * job.src.channels
    room.ring = at
    return room


cdef Py_ssize_t _floats_of_room(const Job *job) noexcept nogil:
    """The size of a thread's share, rounded up to whole cache lines."""
    cdef Py_ssize_t pixels = (job.column + job.along.taps) + job.column * (1 + job.across.taps)
    return (pixels * job.src.channels + 2 * (job.along.taps + job.across.taps) + 31) // 16 * 16


cdef inline void _fill(const Job *job, const Room *room, Py_ssize_t row, Py_ssize_t first, Py_ssize_t n) noexcept nogil:
    """Puts a row, filtered along itself, into its place in the ring; the row may lie outside the picture."""
    cdef int k
    cdef Py_ssize_t place_in_ring = row % job.across.taps
    cdef Py_ssize_t source = edge_index(row, job.src.height, job.edge)
    cdef float *target
    cdef const float *pixels
    if place_in_ring < 0:
        place_in_ring += job.across.taps
    target = room.ring + place_in_ring * job.column * job.src.channels
    if source < 0:
        memset(target, 0, <size_t>(n * job.src.channels) * 4)
        return
    pixels = reach(&job.src, source, first - job.along.origin, n + job.along.taps - 1, job.edge, room.stretch)
    for k in range(job.along.taps):
        room.along[k] = pixels + k * job.src.channels
    weigh(target, room.along, job.along.weights, job.along.taps, n * job.src.channels)


cdef inline void _row(const Job *job, const Room *room, Py_ssize_t y, Py_ssize_t first, Py_ssize_t n) noexcept nogil:
    """One row of results from the ring."""
    cdef int k
    cdef Py_ssize_t start = (y - job.across.origin) % job.across.taps
    if start < 0:
        start += job.across.taps
    for k in range(job.across.taps):
        room.across[k] = room.ring + start * job.column * job.src.channels
        start = start + 1 if start + 1 < job.across.taps else 0
    if job.dst.floats:
        weigh(<float *>place(&job.dst, y, first), room.across, job.across.weights, job.across.taps,
              n * job.src.channels)
        return
    weigh(room.result, room.across, job.across.weights, job.across.taps, n * job.src.channels)
    store_pixels(&job.dst, y, first, room.result, n)


cdef void _part(const Job *job, Py_ssize_t part, int thread, Watch *watch) noexcept nogil:
    """One band of one column."""
    cdef Room room = _room(job, thread)
    cdef Py_ssize_t first = part % job.columns * job.column
    cdef Py_ssize_t n = min(job.column, job.src.width - first)
    cdef Py_ssize_t y = part // job.columns * job.band, end = min(y + job.band, job.src.height), row
    cdef Py_ssize_t work = n * job.src.channels * (job.along.taps + job.across.taps) // 8
    for row in range(y - job.across.origin, y - job.across.origin + job.across.taps - 1):
        if look(watch, thread, work):
            return
        _fill(job, &room, row, first, n)
    for y in range(y, end):
        if look(watch, thread, work):
            return
        _fill(job, &room, y - job.across.origin + job.across.taps - 1, first, n)
        _row(job, &room, y, first, n)


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


def separable(src, dst, const float[::1] along, int along_origin, const float[::1] across, int across_origin, int edge,
              int threads):
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
    job.column = column_width(&job.src, job.across.taps + 1)
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
