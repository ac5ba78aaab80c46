"""Wide Gaussians at a cost per pixel that does not grow with their width.

Variances add: a Gaussian is three narrower ones, one after the other. After the first (``down``) the picture is so
soft that every ``step``-th pixel says everything; the second (``middle``) works on those few; the third (``up``) is the
interpolation that makes a picture of all pixels of them again. How wide the first and the third must be for that to
be exact to float32 is worked out in ``vfx/ops/_gaussian_plan.py``. Either axis may have a step of 1, which is no
decimation: the middle Gaussian is all there is.

One part is a strip of columns in a band of rows, worked through from top to bottom::

    picture      rows as float32, and what lies beside the strip
      | down, across the rows                     once every step rows
      | down, then middle, along the row          few pixels
    soft         a ring of few rows of few pixels
      | middle, across the rows
      | up, along the row
    wide         a ring of few rows of all pixels
      | up, across the rows
    result

The rings stay in the second-level cache. With a large step they could not hold the rows that ``down`` sees: then
``down`` goes over the whole picture first, in narrow columns, and leaves a picture of few rows (``tall_first``).
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport uintptr_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from vfx._ext.columns cimport reach
from vfx._ext.gaussian_axis cimport Axis, check_axis, first_wide, held, ring
from vfx._ext.phases cimport join, split
from vfx._ext.pictures cimport Picture, describe, describe_output, edge_index, place, store_pixels
from vfx._ext.watch cimport Watch, watch as look
from vfx._ext.weighing cimport ROWS, weigh, weigh_rows

import numpy as np

__all__ = ["decimated"]

_MOST_THREADS = 1024

cdef enum:
    CACHE = 5 << 17             # bytes that the rings of a strip may take
    CHUNK = 64                  # pixels of a column of the first pass where there are four channels
    DIRECT_STEP = 3             # up to this step "down" is part of the strips

ctypedef struct Job:
    Picture src
    Picture dst
    Picture tall                # what the first pass leaves; its row 0 is sample tall_low
    Py_ssize_t tall_low
    bint tall_first
    Axis x
    Axis y
    int edge
    Py_ssize_t strips           # how many
    Py_ssize_t strip            # their width
    Py_ssize_t bands
    Py_ssize_t band
    Py_ssize_t seen_rows        # rows of the rings
    Py_ssize_t soft_rows
    Py_ssize_t wide_rows
    Py_ssize_t scratch          # bytes of one thread
    char *memory

ctypedef struct Window:
    # The rows of the picture that "down" sees, as a ring, for columns first to first + n.
    const float **rows
    float *memory
    float *zeros
    Py_ssize_t first
    Py_ssize_t n
    Py_ssize_t next             # the first row not loaded yet
    bint empty

ctypedef struct Strip:
    Py_ssize_t first            # columns of the result
    Py_ssize_t n
    Py_ssize_t down_first       # samples along the row after "down", and after "middle"
    Py_ssize_t down_n
    Py_ssize_t soft_first
    Py_ssize_t soft_n
    Py_ssize_t seen_first       # pixels of the picture that all this comes from
    Py_ssize_t seen_n
    Py_ssize_t soft_line        # floats of a row of each ring, whole cache lines
    Py_ssize_t wide_line
    Py_ssize_t row_line
    Py_ssize_t soft_next        # the first row of each ring that is not there yet
    Py_ssize_t wide_next
    Py_ssize_t soft_last        # the last row of each ring that is needed
    Py_ssize_t wide_last
    bint soft_empty
    Window window
    const float **streams
    float *row                  # after "down" across the rows
    float *phases               # the same, every step-th pixel together
    float *few                  # after "down" along the row
    float *soft                 # ring
    float *line                 # a row of the ring's middle
    float *part                 # one phase of a row of all pixels
    float *wide                 # ring
    float *result


# ------------------------------------------------------------------ down, across the rows


cdef inline void _begin(Window *window, Py_ssize_t first, Py_ssize_t n, int channels) noexcept nogil:
    window.first = first
    window.n = n
    window.empty = True
    memset(window.zeros, 0, <size_t>(n * channels) * 4)


cdef inline void _see(const Job *job, Window *window, Py_ssize_t low, Py_ssize_t high) noexcept nogil:
    """Makes rows ``low`` to ``high`` rows of the window; it moves down only."""
    cdef Py_ssize_t v, source, slot
    if window.empty or window.next < low:
        window.next = low
        window.empty = False
    for v in range(window.next, high + 1):
        slot = ring(v, job.seen_rows)
        source = edge_index(v, job.src.height, job.edge)
        if source < 0:
            window.rows[slot] = window.zeros
        else:
            window.rows[slot] = reach(&job.src, source, window.first, window.n, job.edge,
                                      window.memory + slot * window.n * job.src.channels)
    window.next = max(window.next, high + 1)


cdef inline void _down(const Job *job, Window *window, const float **streams, Py_ssize_t sample, int rows,
                       float *target, Py_ssize_t line) noexcept nogil:
    """Some samples of every column of the window, ``line`` floats from one to the next."""
    cdef float *outs[ROWS]
    cdef const float *weights[ROWS]
    cdef int starts[ROWS]
    cdef int k, count = 2 * job.y.down_reach + 1, seen = count + (rows - 1) * job.y.step
    cdef Py_ssize_t top = sample * job.y.step - job.y.down_reach
    cdef Py_ssize_t slot = ring(top, job.seen_rows)
    _see(job, window, top, top + seen - 1)
    for k in range(seen):
        streams[k] = window.rows[slot]
        slot = slot + 1 if slot + 1 < job.seen_rows else 0
    for k in range(rows):
        outs[k] = target + k * line
        weights[k] = job.y.down
        starts[k] = k * job.y.step
    weigh_rows(outs, streams, weights, starts, rows, count, window.n * job.src.channels)


cdef inline Py_ssize_t _chunk(const Job *job) noexcept nogil:
    return max(<Py_ssize_t>16, <Py_ssize_t>(4 * CHUNK) // job.src.channels)


cdef void _tall_part(const Job *job, Py_ssize_t part, int thread, Watch *watch) noexcept nogil:
    """Some columns of the first pass over the whole picture, from top to bottom."""
    cdef Window window
    cdef Py_ssize_t chunk = _chunk(job), row = 0
    cdef Py_ssize_t first = part * chunk, n = min(chunk, job.src.width - first)
    cdef char *at = job.memory + thread * job.scratch
    cdef const float **streams = <const float **>at
    cdef int rows
    window.rows = streams + job.seen_rows
    window.zeros = <float *>(window.rows + job.seen_rows)
    window.memory = window.zeros + chunk * job.src.channels
    _begin(&window, first, n, job.src.channels)
    while row < job.tall.height:
        if look(watch, thread, n * job.src.channels * job.seen_rows // 4):
            return
        rows = <int>min(<Py_ssize_t>ROWS, job.tall.height - row)
        _down(job, &window, streams, job.tall_low + row, rows, <float *>place(&job.tall, row, first), job.tall.row // 4)
        row += rows


# ------------------------------------------------------------------ along the row


cdef void _soften_row(const Job *job, const Strip *s, const float *row, float *target) noexcept nogil:
    """A row of the picture's pixels becomes a row of the ring ``soft``."""
    cdef int channels = job.src.channels, k, step = job.x.step, count = 2 * job.x.down_reach + 1
    cdef Py_ssize_t length = (s.seen_n + step - 1) // step
    if step > 1:
        split(row, s.phases, length, s.seen_n, step, channels)
        for k in range(count):
            s.streams[k] = s.phases + (k % step * length + k // step) * channels
        weigh(s.few, s.streams, job.x.down, count, s.down_n * channels)
        row = s.few
    for k in range(2 * job.x.middle_reach + 1):
        s.streams[k] = row + k * channels
    weigh(target, s.streams, job.x.middle, 2 * job.x.middle_reach + 1, s.soft_n * channels)


cdef void _widen_row(const Job *job, const Strip *s, const float *line, float *target) noexcept nogil:
    """A row of few pixels becomes a row of all."""
    cdef int channels = job.src.channels, p, t, step = job.x.step
    cdef Py_ssize_t from_sample, n
    for p in range(step):
        n = (s.n - p + step - 1) // step
        if n <= 0:
            return
        from_sample = s.first // step + job.x.up_first[p] - s.soft_first
        for t in range(job.x.up_taps):
            s.streams[t] = line + (from_sample + t) * channels
        weigh(s.part, s.streams, job.x.up + p * job.x.up_taps, job.x.up_taps, n * channels)
        join(s.part, target + p * channels, n, step, channels)


# ------------------------------------------------------------------ a strip from top to bottom


cdef inline void _add_soft(const Job *job, Strip *s, Py_ssize_t sample, int rows) noexcept nogil:
    """Makes some more rows of the ring ``soft``."""
    cdef float *target
    cdef const float *row
    cdef Py_ssize_t source
    cdef int k
    if job.y.step > 1 and not job.tall_first:
        _down(job, &s.window, s.streams, sample, rows, s.row, s.row_line)
    for k in range(rows):
        target = s.soft + ring(sample + k, job.soft_rows) * s.soft_line
        row = s.row + k * s.row_line
        if job.tall_first:
            row = reach(&job.tall, sample + k - job.tall_low, s.seen_first, s.seen_n, job.edge, s.row)
        elif job.y.step == 1:
            source = edge_index(sample + k, job.src.height, job.edge)
            if source < 0:
                memset(target, 0, <size_t>s.soft_line * 4)
                continue
            row = reach(&job.src, source, s.seen_first, s.seen_n, job.edge, s.row)
        _soften_row(job, s, row, target)


cdef inline void _add_wide(const Job *job, Strip *s, Py_ssize_t sample, int rows) noexcept nogil:
    """Makes rows of the ring ``wide``, and what they need of the ring ``soft``."""
    cdef float *outs[ROWS]
    cdef const float *weights[ROWS]
    cdef int starts[ROWS]
    cdef int channels = job.src.channels, k, count = 2 * job.y.middle_reach + 1
    cdef Py_ssize_t first = sample - job.y.middle_reach, high = held(&job.y, first + rows - 1 + count - 1)
    if s.soft_empty:
        s.soft_next = held(&job.y, first)
        s.soft_empty = False
    while s.soft_next <= high:
        k = <int>min(<Py_ssize_t>ROWS, s.soft_last - s.soft_next + 1)
        _add_soft(job, s, s.soft_next, k)
        s.soft_next += k
    for k in range(count + rows - 1):
        s.streams[k] = s.soft + ring(held(&job.y, first + k), job.soft_rows) * s.soft_line
    for k in range(rows):
        outs[k] = s.line + k * s.soft_line
        if job.x.step == 1:
            outs[k] = s.wide + ring(sample + k, job.wide_rows) * s.wide_line
        weights[k] = job.y.middle
        starts[k] = k
    weigh_rows(outs, s.streams, weights, starts, rows, count, s.soft_n * channels)
    for k in range(rows if job.x.step > 1 else 0):
        _widen_row(job, s, outs[k], s.wide + ring(sample + k, job.wide_rows) * s.wide_line)


cdef inline void _result_rows(const Job *job, Strip *s, Py_ssize_t y, int rows) noexcept nogil:
    cdef float *outs[ROWS]
    cdef const float *weights[ROWS]
    cdef int starts[ROWS]
    cdef int k, taps = job.y.up_taps
    cdef Py_ssize_t first = first_wide(&job.y, y), last = first_wide(&job.y, y + rows - 1) + taps - 1
    while s.wide_next <= last:
        k = <int>min(<Py_ssize_t>ROWS, s.wide_last - s.wide_next + 1)
        _add_wide(job, s, s.wide_next, k)
        s.wide_next += k
    for k in range(<int>(last - first + 1)):
        s.streams[k] = s.wide + ring(first + k, job.wide_rows) * s.wide_line
    for k in range(rows):
        outs[k] = <float *>place(&job.dst, y + k, s.first) if job.dst.floats else s.result + k * s.wide_line
        weights[k] = job.y.up + (y + k) % job.y.step * taps
        starts[k] = <int>(first_wide(&job.y, y + k) - first)
    weigh_rows(outs, s.streams, weights, starts, rows, taps, s.n * job.src.channels)
    for k in range(0 if job.dst.floats else rows):
        store_pixels(&job.dst, y + k, s.first, outs[k], s.n)


cdef void _extent(const Axis *x, Py_ssize_t first, Py_ssize_t n, Strip *s) noexcept nogil:
    """The samples and pixels along a row that ``n`` results come from."""
    cdef int p, low = x.up_first[0], high = x.up_first[x.step - 1] + x.up_taps - 1
    s.first = first
    s.n = n
    s.soft_first = first // x.step + low
    s.soft_n = (first + n - 1) // x.step + high - s.soft_first + 1
    s.down_first = s.soft_first - x.middle_reach
    s.down_n = s.soft_n + 2 * x.middle_reach
    s.seen_first = s.down_first * x.step - x.down_reach
    s.seen_n = (s.down_n - 1) * x.step + 2 * x.down_reach + 1


cdef inline Py_ssize_t _lines(Py_ssize_t floats) noexcept nogil:
    """As many floats as whole cache lines have."""
    return (floats + 15) // 16 * 16


cdef Py_ssize_t _lay_out(const Job *job, Strip *s, char *at) noexcept nogil:
    """Divides a thread's memory for a strip of the largest width, or says how many bytes that takes (``at`` NULL)."""
    cdef Py_ssize_t c = job.src.channels, x = job.x.step
    cdef Py_ssize_t pointers = max(2 * job.x.middle_reach, 2 * job.y.middle_reach, 2 * job.x.down_reach,
                                   job.seen_rows, job.x.up_taps, job.wide_rows) + ROWS
    cdef Py_ssize_t rows = 0 if job.tall_first or job.y.step == 1 else job.seen_rows
    cdef float *f
    cdef char *begin = at
    s.soft_line = _lines(s.soft_n * c)
    s.wide_line = _lines(s.n * c)
    s.streams = <const float **>at
    s.window.rows = s.streams + pointers
    f = <float *>(at + _lines(2 * (pointers + rows)) * 4)
    s.window.zeros = f
    f += _lines(s.seen_n * c) if rows else 0
    s.window.memory = f
    f += _lines(rows * s.seen_n * c)
    s.row = f
    s.row_line = _lines(s.seen_n * c)
    f += ROWS * s.row_line
    s.phases = f
    f += _lines((s.seen_n + x) * c) if x > 1 else 0
    s.few = f
    f += _lines(s.down_n * c)
    s.soft = f
    f += job.soft_rows * s.soft_line
    s.line = f
    f += ROWS * s.soft_line
    s.part = f
    f += _lines((s.n + x) // x * c)
    s.wide = f
    f += job.wide_rows * s.wide_line
    s.result = f
    f += ROWS * s.wide_line
    return <char *>f - begin


cdef void _strip_part(const Job *job, Py_ssize_t part, int thread, Watch *watch) noexcept nogil:
    """One strip of one band."""
    cdef Strip s
    cdef Py_ssize_t first = part % job.strips * job.strip, y = part // job.strips * job.band
    cdef Py_ssize_t end = min(y + job.band, job.src.height)
    cdef int rows
    _extent(&job.x, first, min(job.strip, job.src.width - first), &s)
    _lay_out(job, &s, job.memory + thread * job.scratch)
    if not job.tall_first and job.y.step > 1:
        _begin(&s.window, s.seen_first, s.seen_n, job.src.channels)
    s.soft_empty = True
    s.wide_next = first_wide(&job.y, y)
    s.wide_last = first_wide(&job.y, end - 1) + job.y.up_taps - 1
    s.soft_last = held(&job.y, s.wide_last + job.y.middle_reach)
    while y < end:
        rows = <int>min(<Py_ssize_t>ROWS, end - y)
        if look(watch, thread, s.n * job.src.channels * 8 * rows):
            return
        _result_rows(job, &s, y, rows)
        y += rows


cdef void _parts(const Job *job, bint tall, Py_ssize_t parts, int threads, Watch *watch) noexcept nogil:
    """All parts of the first pass, or of the strips."""
    cdef Py_ssize_t i
    if threads == 1:  # without OpenMP: also safe in a forked child
        for i in range(parts):
            if tall:
                _tall_part(job, i, 0, watch)
            else:
                _strip_part(job, i, 0, watch)
        return
    for i in prange(parts, num_threads=threads, schedule="dynamic", chunksize=1):
        if tall:
            _tall_part(job, i, threadid(), watch)
        else:
            _strip_part(job, i, threadid(), watch)


# ------------------------------------------------------------------ the door


cdef int _cut(Job *job, int threads) except -1:
    """How wide strips and how tall bands are."""
    cdef Strip s
    cdef Py_ssize_t window = job.seen_rows if job.y.step > 1 and not job.tall_first else 1
    cdef Py_ssize_t pixel = 4 * job.src.channels * (window + job.wide_rows + job.soft_rows // job.x.step + 4)
    cdef Py_ssize_t beside, width, strips
    _extent(&job.x, 0, 1, &s)
    beside = s.seen_n
    width = max(<Py_ssize_t>CACHE // pixel - (0 if job.tall_first else beside), beside, <Py_ssize_t>64)
    strips = max(<Py_ssize_t>1, (job.src.width + width - 1) // width)
    if job.src.width >= 64 * threads:
        strips = (strips + threads - 1) // threads * threads
    job.strip = (((job.src.width + strips - 1) // strips) + job.x.step - 1) // job.x.step * job.x.step
    job.strips = (job.src.width + job.strip - 1) // job.strip
    job.bands = 1 if job.strips >= threads else (threads + job.strips - 1) // job.strips
    job.band = max(<Py_ssize_t>16, (job.src.height + job.bands - 1) // job.bands)
    job.bands = (job.src.height + job.band - 1) // job.band
    _extent(&job.x, 0, job.strip, &s)
    s.seen_n += 2 * job.x.step  # a strip that begins elsewhere in a step may see a sample more
    s.down_n += 2
    s.soft_n += 2
    job.scratch = (_lay_out(job, &s, NULL) + 127) // 64 * 64
    return 0


def decimated(src, dst, plan_x, plan_y, int edge, int threads):
    """Nothing; ``dst`` then holds ``src`` after a Gaussian along each axis.

    Parameters
    ----------
    src, dst : numpy.ndarray, (H, W, C) of uint8, uint16, float16 or float32, any strides
        Of one shape, in memory that does not overlap. Formats may differ.
    plan_x, plan_y : object
        ``step``, ``down``, ``middle``, ``up`` and ``up_first`` of an axis, see ``vfx/ops/_gaussian_plan.py``.
    edge : int
        What lies outside, see ``pictures.pxd``.
    threads : int
        How many threads to use.

    Raises
    ------
    ValueError
        For shapes that differ, other dtypes, a read-only ``dst``, or a plan that does not fit together.
    """
    cdef Job job
    cdef Py_ssize_t high
    describe(src, "src", &job.src)
    describe_output(dst, "dst", &job.dst)
    if src.shape != dst.shape:
        raise ValueError(f"src and dst must have one shape, got {src.shape} and {dst.shape}")
    if not 1 <= threads <= _MOST_THREADS or not 0 <= edge <= 3:
        raise ValueError(f"threads must be 1 to {_MOST_THREADS} and edge 0 to 3, got {threads} and {edge}")
    check_axis(plan_x, "x", job.src.width, edge, &job.x)
    check_axis(plan_y, "y", job.src.height, edge, &job.y)
    job.edge = edge
    job.tall_first = job.y.step > DIRECT_STEP
    # What one batch of rows needs, and a batch made ahead.
    job.seen_rows = 2 * job.y.down_reach + 1 + (ROWS - 1) * job.y.step
    job.soft_rows = min(<Py_ssize_t>(2 * job.y.middle_reach + 2 * ROWS), job.y.high - job.y.low + 1)
    job.wide_rows = job.y.up_taps + 2 * ROWS
    if job.tall_first:
        job.tall_low = held(&job.y, job.y.up_first[0] - job.y.middle_reach)
        high = (job.src.height - 1) // job.y.step + job.y.up_first[job.y.step - 1] + job.y.up_taps - 1
        high = held(&job.y, high + job.y.middle_reach)
        tall = np.empty((high - job.tall_low + 1, job.src.width, job.src.channels), np.float32)
        describe_output(tall, "tall", &job.tall)
    _cut(&job, threads)
    _run(&job, threads)


cdef int _run(Job *job, int threads) except -1:
    """Both passes; raises what a signal handler raised meanwhile."""
    cdef Watch watch
    cdef Py_ssize_t chunk = _chunk(job), columns = (job.src.width + chunk - 1) // chunk
    cdef char *memory
    if job.tall_first:
        job.scratch = max(job.scratch, 16 * job.seen_rows + (job.seen_rows + 1) * chunk * job.src.channels * 4 + 64)
        job.scratch = (job.scratch + 63) // 64 * 64
    memory = <char *>malloc(<size_t>(threads * job.scratch) + 64)
    if memory == NULL:
        raise MemoryError("no memory for the rows of a Gaussian")
    job.memory = <char *>((<uintptr_t>memory + 63) & ~<uintptr_t>63)
    watch.stop = False
    watch.work = 0
    with nogil:
        if job.tall_first:
            _parts(job, True, columns, threads, &watch)
        _parts(job, False, job.strips * job.bands, threads, &watch)
    free(memory)
    return -1 if watch.stop else 0
