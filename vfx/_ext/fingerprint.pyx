"""XXH64 of the rows of a picture, whatever their layout in memory.

XXH64 is the hash of Yann Collet's xxHash, as its specification describes it (doc/xxhash_spec.md, version 0.2.0). Every
row is hashed with two seeds at once, which makes 128 bits for little more than the time of 64.
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

from vfx._ext.pictures cimport Picture, describe, place
from vfx._ext.stretches cimport band_rows, copy_elements
from vfx._ext.watch cimport Watch, watch as look

import numpy as np

__all__ = ["SEEDS", "row_hashes", "xxh64"]

#: The seeds of the two halves.
SEEDS = (0, 1)

cdef enum:
    HALVES = 2

# The five primes of the specification.
cdef extern from *:
    """
    #include <stdint.h>
    #define VFX_P1 UINT64_C(0x9E3779B185EBCA87)
    #define VFX_P2 UINT64_C(0xC2B2AE3D27D4EB4F)
    #define VFX_P3 UINT64_C(0x165667B19E3779F9)
    #define VFX_P4 UINT64_C(0x85EBCA77C2B2AE63)
    #define VFX_P5 UINT64_C(0x27D4EB2F165667C5)
    """
    uint64_t P1 "VFX_P1"
    uint64_t P2 "VFX_P2"
    uint64_t P3 "VFX_P3"
    uint64_t P4 "VFX_P4"
    uint64_t P5 "VFX_P5"

ctypedef struct Job:
    Picture picture
    Py_ssize_t rows             # of a band
    Py_ssize_t bands
    Py_ssize_t bytes            # of a row
    uint64_t seeds[HALVES]
    char *memory                # a row of each thread
    uint64_t *found             # HALVES a row


cdef inline uint64_t _turn(uint64_t x, int bits) noexcept nogil:
    """The bits rotated to the left."""
    return x << bits | x >> (64 - bits)


cdef inline uint64_t _round(uint64_t total, uint64_t lane) noexcept nogil:
    """One lane worked into an accumulator."""
    return _turn(total + lane * P2, 31) * P1


cdef inline uint64_t _end(uint64_t total, const char *at, Py_ssize_t left) noexcept nogil:
    """The last bytes, fewer than 32, and the avalanche."""
    cdef uint64_t wide
    cdef uint32_t word
    while left >= 8:
        memcpy(&wide, at, 8)
        total = _turn(total ^ _round(0, wide), 27) * P1 + P4
        at += 8
        left -= 8
    if left >= 4:
        memcpy(&word, at, 4)
        total = _turn(total ^ <uint64_t>word * P1, 23) * P2 + P3
        at += 4
        left -= 4
    while left > 0:
        total = _turn(total ^ <uint64_t>(<const uint8_t *>at)[0] * P5, 11) * P1
        at += 1
        left -= 1
    total = (total ^ total >> 33) * P2
    total = (total ^ total >> 29) * P3
    return total ^ total >> 32


cdef void _hash(const char *data, Py_ssize_t size, const uint64_t *seeds, uint64_t *result) noexcept nogil:
    """XXH64 of some bytes with both seeds."""
    cdef uint64_t totals[HALVES][4]
    cdef uint64_t lanes[4]
    cdef uint64_t total
    cdef const char *at = data
    cdef int half, i
    for half in range(HALVES):
        totals[half][0] = seeds[half] + P1 + P2
        totals[half][1] = seeds[half] + P2
        totals[half][2] = seeds[half]
        totals[half][3] = seeds[half] - P1
    while at - data + 32 <= size:
        memcpy(lanes, at, 32)
        for half in range(HALVES):
            for i in range(4):
                totals[half][i] = _round(totals[half][i], lanes[i])
        at += 32
    for half in range(HALVES):
        total = seeds[half] + P5
        if size >= 32:
            total = (_turn(totals[half][0], 1) + _turn(totals[half][1], 7)
                     + _turn(totals[half][2], 12) + _turn(totals[half][3], 18))
            for i in range(4):
                total = (total ^ _round(0, totals[half][i])) * P1 + P4
        result[half] = _end(total + <uint64_t>size, at, size - (at - data))


cdef void _band(const Job *job, Py_ssize_t band, int thread, Watch *watch) noexcept nogil:
    """The hashes of one band of rows."""
    cdef const Picture *p = &job.picture
    cdef Picture row = job.picture
    cdef Py_ssize_t y
    row.data = job.memory + thread * job.bytes
    row.row, row.column, row.channel, row.dense = 0, p.item * p.channels, p.item, True
    for y in range(band * job.rows, min((band + 1) * job.rows, p.height)):
        if look(watch, thread, job.bytes // 8 + 32):
            return
        if p.dense:
            _hash(place(p, y, 0), job.bytes, job.seeds, job.found + HALVES * y)
        else:
            copy_elements(p, &row, y, 0, p.width)
            _hash(row.data, job.bytes, job.seeds, job.found + HALVES * y)


cdef void _bands(const Job *job, int threads, Watch *watch) noexcept nogil:
    """All bands, over ``threads`` threads."""
    cdef Py_ssize_t band
    if threads == 1:  # without OpenMP: also safe in a forked child
        for band in range(job.bands):
            _band(job, band, 0, watch)
        return
    for band in prange(job.bands, num_threads=threads, schedule="dynamic"):
        _band(job, band, threadid(), watch)


cdef int _execute(Job *job, int threads) except -1:
    """Fills in the hashes; raises what a signal handler raised meanwhile."""
    cdef Watch watch
    watch.stop = False
    watch.work = 0
    job.memory = <char *>malloc(<size_t>(1 if job.picture.dense else threads * job.bytes))
    if job.memory == NULL:
        raise MemoryError("no memory for a row")
    with nogil:
        _bands(job, threads, &watch)
    free(job.memory)
    return -1 if watch.stop else 0


def row_hashes(pixels, int threads):
    """XXH64 of each row's bytes with each of ``SEEDS``; channels interleaved, as they are stored.

    Parameters
    ----------
    pixels : numpy.ndarray, (H, W, C) of uint8, uint16, float16 or float32, any strides
        The picture.
    threads : int
        How many threads to use.

    Returns
    -------
    numpy.ndarray, (H, 2), uint64

    Raises
    ------
    ValueError
        For another shape or dtype.
    """
    cdef Job job
    cdef uint64_t[:, ::1] found
    cdef int half
    describe(pixels, "pixels", &job.picture)
    result = np.empty((job.picture.height, HALVES), np.uint64)
    found = result
    for half in range(HALVES):
        job.seeds[half] = SEEDS[half]
    job.found = &found[0, 0]
    job.rows = band_rows(job.picture.width)
    job.bands = (job.picture.height + job.rows - 1) // job.rows
    job.bytes = job.picture.width * job.picture.channels * job.picture.item
    _execute(&job, max(1, min(threads, 1024)))
    return result


def xxh64(const unsigned char[::1] data not None):
    """XXH64 of some bytes with each of ``SEEDS``.

    Parameters
    ----------
    data : bytes-like
        Any number of bytes.

    Returns
    -------
    tuple of int
    """
    cdef uint64_t seeds[HALVES]
    cdef uint64_t result[HALVES]
    cdef char nothing = 0
    cdef int half
    for half in range(HALVES):
        seeds[half] = SEEDS[half]
    _hash(<const char *>&data[0] if data.shape[0] else &nothing, data.shape[0], seeds, result)
    return int(result[0]), int(result[1])
