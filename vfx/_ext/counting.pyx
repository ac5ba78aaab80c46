"""How often each number occurs: tables of counts, whole and exact.

A key is a number of 16 bits that sorts as the pixels do:

======  ==============================================================
u8 u16  the code itself
f16     its bits, negative numbers turned over
f32     the upper half of the same 32 bits; the lower half is its rest
======  ==============================================================

NaN has keys beyond those of the infinities, on either side. Each thread counts into tables of its own, which are added
afterwards: counts are whole numbers, so the order does not matter.
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport int16_t, int64_t, uint8_t, uint16_t, uint32_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy, memset

from vfx._ext.pictures cimport Picture, describe, place
from vfx._ext.pixel_formats cimport F16, F32, U8, U16
from vfx._ext.stretches cimport NUMBERS, band_rows, numbers, view_codes
from vfx._ext.watch cimport Watch, watch as look

import numpy as np

__all__ = ["count_bins", "count_keys", "count_rests"]

cdef extern from *:
    """
    typedef const uint8_t *vfx_octets;
    typedef int *__restrict vfx_places;
    """
    ctypedef const uint8_t *octets "vfx_octets"
    ctypedef int *places "vfx_places"

cdef enum:
    KEYS = 65536
    OUTSIDE = 3                 # below, above, NaN

cdef enum Work:
    BY_KEY = 0
    BY_REST = 1
    BY_BIN = 2

ctypedef struct Job:
    Picture picture
    int work
    int first                   # channel
    int count                   # of channels
    Py_ssize_t size             # entries of one table
    Py_ssize_t tables           # of one thread
    Py_ssize_t rows             # of a band
    Py_ssize_t bands
    const int16_t *slots        # BY_REST: channel and key → table, or -1
    const double *edges         # BY_BIN: one more than bins
    double scale                # bins per unit
    double slack                # how much of a bin rounding may move a number
    uint32_t *memory


cdef inline uint32_t _word(const char *at) noexcept nogil:
    """The ordered bits of a float32."""
    cdef uint32_t bits
    memcpy(&bits, at, 4)
    return bits ^ ((<uint32_t>-<int>(bits >> 31)) | <uint32_t>0x80000000)


cdef inline uint32_t _key(const char *at, int format) noexcept nogil:
    """The key of an element."""
    cdef uint16_t bits
    if format == U8:
        return (<const uint8_t *>at)[0]
    if format == F32:
        return _word(at) >> 16
    memcpy(&bits, at, 2)
    if format == U16:
        return bits
    return (bits ^ ((<uint32_t>-<int>(bits >> 15)) | <uint32_t>0x8000)) & <uint32_t>0xffff


cdef inline void _row_by_key(const Job *job, Py_ssize_t y, int format, uint32_t *tables) noexcept nogil:
    cdef const Picture *p = &job.picture
    cdef Py_ssize_t x
    cdef int c
    cdef const char *at
    for x in range(p.width):
        at = place(p, y, x) + job.first * p.channel
        for c in range(job.count):
            tables[c * job.size + _key(at, format)] += 1
            at += p.channel


cdef inline void _row_by_rest(const Job *job, Py_ssize_t y, uint32_t *tables) noexcept nogil:
    cdef const Picture *p = &job.picture
    cdef Py_ssize_t x, slot
    cdef int c
    cdef uint32_t word
    cdef const char *at
    for x in range(p.width):
        at = place(p, y, x) + job.first * p.channel
        for c in range(job.count):
            word = _word(at)
            slot = job.slots[c * KEYS + (word >> 16)]
            if slot >= 0:
                tables[slot * KEYS + (word & <uint32_t>0xffff)] += 1
            at += p.channel


cdef void _row_of_bytes(const Job *job, Py_ssize_t y, uint32_t *tables) noexcept nogil:
    """Bytes four by four; in even stretches of a flat picture neighbours would else wait for one another's count."""
    cdef const Picture *p = &job.picture
    cdef uint32_t apart[4][256]
    cdef Py_ssize_t x = 0, step = p.column
    cdef int c, i
    cdef octets at
    for c in range(job.count):
        memset(apart, 0, sizeof(apart))
        at = <octets>place(p, y, 0) + (job.first + c) * p.channel
        x = 0
        while x + 4 <= p.width:
            apart[0][at[0]] += 1
            apart[1][at[step]] += 1
            apart[2][at[2 * step]] += 1
            apart[3][at[3 * step]] += 1
            at += 4 * step
            x += 4
        for i in range(<int>(p.width - x)):
            apart[0][at[i * step]] += 1
        for i in range(256):
            tables[c * 256 + i] += apart[0][i] + apart[1][i] + apart[2][i] + apart[3][i]


cdef inline int _bin(const Job *job, float value) noexcept nogil:
    """The bin of a number: 0 is below the first edge, 1 the first bin, then above the last edge, then NaN."""
    cdef int i, bins = <int>job.size - OUTSIDE
    cdef double v = value
    if value != value:
        return bins + 2
    if v < job.edges[0]:
        return 0
    if v > job.edges[bins]:
        return bins + 1
    # The quotient may be rounded over an edge; the edges decide.
    i = min(<int>((v - job.edges[0]) * job.scale), bins - 1)
    if v < job.edges[i]:
        i -= 1
    elif i + 1 < bins and v >= job.edges[i + 1]:
        i += 1
    return i + 1


cdef inline bint _bins(numbers x, int n, double low, double high, double scale, double slack, int bins,
                       places at) noexcept nogil:
    """The bins of ``n`` numbers, -1 where an edge is so near that the edges must decide; whether there is such a one."""
    cdef int i, k, doubtful = 0
    cdef double v, t, part
    for i in range(n):
        v = <double>x[i]
        t = (v - low) * scale
        t = t if t > 0.0 else 0.0
        t = t if t < <double>bins else <double>bins
        k = <int>t
        part = t - <double>k
        k = k + 1 if k < bins else bins
        k = k if part > slack else -1
        k = k if part < 1.0 - slack else -1
        k = k if v >= low else 0
        k = k if v <= high else bins + 1
        k = k if v == v else bins + 2
        doubtful |= k
        at[i] = k
    return doubtful < 0


cdef inline void _row_by_bin(const Job *job, Py_ssize_t y, uint32_t *tables) noexcept nogil:
    cdef const Picture *p = &job.picture
    cdef float scratch[NUMBERS]
    cdef int bins_of[NUMBERS]
    cdef Py_ssize_t x = 0, step = max(1, NUMBERS // p.channels)
    cdef int i, c, n, k, bins = <int>job.size - OUTSIDE
    cdef const float *values
    while x < p.width:
        n = <int>min(step, p.width - x)
        values = view_codes(p, y, x, scratch, n)
        if _bins(values, n * p.channels, job.edges[0], job.edges[bins], job.scale, job.slack, bins, bins_of):
            for i in range(n * p.channels):
                if bins_of[i] < 0:
                    bins_of[i] = _bin(job, values[i])
        k = job.first
        for i in range(n):
            for c in range(job.count):
                tables[c * job.size + bins_of[k + c]] += 1
            k += p.channels
        x += n


cdef void _band(const Job *job, Py_ssize_t band, int thread, Watch *watch) noexcept nogil:
    """Counts one band into the tables of a thread."""
    cdef const Picture *p = &job.picture
    cdef uint32_t *tables = job.memory + thread * job.tables * job.size
    cdef Py_ssize_t y
    for y in range(band * job.rows, min((band + 1) * job.rows, p.height)):
        if look(watch, thread, p.width * job.count * 2):
            return
        if job.work == BY_REST:
            _row_by_rest(job, y, tables)
        elif job.work == BY_BIN:
            _row_by_bin(job, y, tables)
        elif p.format == U8:
            _row_of_bytes(job, y, tables)
        elif p.format == U16:
            _row_by_key(job, y, U16, tables)
        elif p.format == F16:
            _row_by_key(job, y, F16, tables)
        else:
            _row_by_key(job, y, F32, tables)


cdef void _bands(const Job *job, int threads, Watch *watch) noexcept nogil:
    """All bands, over ``threads`` threads."""
    cdef Py_ssize_t band
    if threads == 1:  # without OpenMP: also safe in a forked child
        for band in range(job.bands):
            _band(job, band, 0, watch)
        return
    for band in prange(job.bands, num_threads=threads, schedule="dynamic"):
        _band(job, band, threadid(), watch)


cdef int _execute(Job *job, int threads, int64_t *total) except -1:
    """Adds all counts to ``total``; raises what a signal handler raised meanwhile."""
    cdef Watch watch
    cdef Py_ssize_t i, one = job.tables * job.size
    cdef int thread
    watch.stop = False
    watch.work = 0
    job.memory = <uint32_t *>calloc(threads * one, sizeof(uint32_t))
    if job.memory == NULL:
        raise MemoryError("no memory for the counts")
    with nogil:
        _bands(job, threads, &watch)
        for thread in range(threads):
            for i in range(one):
                total[i] += job.memory[thread * one + i]
    free(job.memory)
    return -1 if watch.stop else 0


cdef int _prepare(object pixels, object channels, Job *job) except -1:
    """Checks what every count takes."""
    describe(pixels, "pixels", &job.picture)
    job.first, last = channels
    if not 0 <= job.first < last <= job.picture.channels:
        raise ValueError(f"channels must be a range within {job.picture.channels}, got {tuple(channels)}")
    job.count = last - job.first
    if job.picture.width * job.picture.height >= <Py_ssize_t>1 << 32:
        raise ValueError("a picture of 2**32 pixels or more is not counted")
    job.rows = band_rows(job.picture.width)
    job.bands = (job.picture.height + job.rows - 1) // job.rows
    return 0


def count_keys(pixels, channels, int threads):
    """How often each key occurs in each of some channels.

    Parameters
    ----------
    pixels : numpy.ndarray, (H, W, C) of uint8, uint16, float16 or float32, any strides
        The picture.
    channels : (first, last)
        Which channels, the last not included.
    threads : int
        How many threads to use.

    Returns
    -------
    numpy.ndarray, (last - first, 256) for uint8, else (last - first, 65536), int64

    Raises
    ------
    ValueError
        For another shape or dtype.
    """
    cdef Job job
    cdef int64_t[:, ::1] total
    _prepare(pixels, channels, &job)
    job.work = BY_KEY
    job.size = 256 if job.picture.format == U8 else KEYS
    job.tables = job.count
    result = np.zeros((job.count, job.size), np.int64)
    total = result
    _execute(&job, max(1, min(threads, 1024)), &total[0, 0])
    return result


def count_rests(pixels, channels, slots, int tables, int threads):
    """How often each rest occurs among the float32 numbers of chosen keys.

    Parameters
    ----------
    pixels : numpy.ndarray, (H, W, C), float32, any strides
        The picture.
    channels : (first, last)
        Which channels, the last not included.
    slots : numpy.ndarray, (last - first, 65536), int16
        For each channel and key the table that counts its rests, -1 for none.
    tables : int
        How many tables there are, 1 to 4096.
    threads : int
        How many threads to use.

    Returns
    -------
    numpy.ndarray, (tables, 65536), int64

    Raises
    ------
    ValueError
        For another shape or dtype, or a slot that is no table.
    """
    cdef Job job
    cdef int64_t[:, ::1] total
    cdef const int16_t[:, ::1] kept = slots
    _prepare(pixels, channels, &job)
    if job.picture.format != F32:
        raise ValueError(f"pixels must be float32, got {pixels.dtype}")
    if not 1 <= tables <= 4096 or slots.shape != (job.count, KEYS) or slots.min() < -1 or slots.max() >= tables:
        raise ValueError(f"slots must be (channels, {KEYS}) of -1 to {tables - 1}, got shape {slots.shape}")
    job.work = BY_REST
    job.size, job.tables, job.slots = KEYS, tables, &kept[0, 0]
    result = np.zeros((tables, KEYS), np.int64)
    total = result
    _execute(&job, max(1, min(threads, 1024)), &total[0, 0])
    return result


def count_bins(pixels, channels, edges, int threads):
    """How many float32 numbers lie between edges that are evenly spaced.

    Parameters
    ----------
    pixels : numpy.ndarray, (H, W, C), float32, any strides
        The picture.
    channels : (first, last)
        Which channels, the last not included.
    edges : numpy.ndarray, (bins + 1,), float64, rising evenly
        A bin holds its lower edge, the last bin its upper edge too.
    threads : int
        How many threads to use.

    Returns
    -------
    numpy.ndarray, (last - first, bins + 3), int64
        How many lie below all bins, in each bin, above all bins, and are NaN.

    Raises
    ------
    ValueError
        For another shape or dtype.
    """
    cdef Job job
    cdef int64_t[:, ::1] total
    cdef const double[::1] kept = edges
    _prepare(pixels, channels, &job)
    if job.picture.format != F32:
        raise ValueError(f"pixels must be float32, got {pixels.dtype}")
    if not 2 <= len(edges) <= 1 << 24 or not np.all(np.isfinite(edges)) or not np.all(np.diff(edges) > 0):
        raise ValueError("edges must be two or more finite numbers that rise")
    job.work = BY_BIN
    job.size, job.tables, job.edges = len(edges) - 1 + OUTSIDE, job.count, &kept[0]
    job.scale = (len(edges) - 1) / (edges[len(edges) - 1] - edges[0])
    job.slack = 2.0**-49 * (len(edges) - 1) * (max(abs(edges[0]), abs(edges[len(edges) - 1])) * job.scale + 1.0)
    result = np.zeros((job.count, job.size), np.int64)
    total = result
    _execute(&job, max(1, min(threads, 1024)), &total[0, 0])
    return result
