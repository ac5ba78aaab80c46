"""Warps: every pixel of a result as a weighted mean of source samples around a position.

The result is made in tiles. A tile's positions are worked out, then the source samples that it needs are found: in
the picture's own memory where they are four float32 channels, else copied to a patch, converted and with the edge rule
applied. A tile whose patch is too large is halved. No copy of the whole picture is made, and the bytes of the result
do not depend on threads, tiles or the memory's layout.

::

    warp.pyx             the door, tiles, threads
    warp_tile.pxd        what a tile needs
    warp_positions.pxd   where pixels come from: matrices, lens models, maps
    warp_footprint.pxd   how far they reach: antialiasing
    warp_sample.pxd      the weighted means
    warp_source.pxd      patches of the source
"""

from cython.parallel cimport prange, threadid
from libc.math cimport fabs
from libc.stdint cimport uintptr_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from vfx._ext.pictures cimport BLACK, describe, describe_output, place
from vfx._ext.warp_footprint cimport REACH, Footprint, footprint
from vfx._ext.warp_positions cimport LATTICE, LENS, LENS_NUMBERS, MAP, MATRIX, TILE_HEIGHT, TILE_WIDTH, Positions
from vfx._ext.warp_sample cimport (
    DEGREE, MOST_CURVES, MOST_TAPS, PIECES, Filter, View, take_apart, unit_pixels, wide_pixel,
)
from vfx._ext.warp_source cimport load_patch, store_four
from vfx._ext.warp_tile cimport (
    EXACT_BILLIONTHS, ONE_PIXEL, PIXELS, Part, Scratch, Warp, at_pixel, find_quickly, find_samples, footprint_of,
    inside, place_tile, reach_tile, settle_tile,
)
from vfx._ext.watch cimport Watch, watch as look

__all__ = ["warp"]

cdef enum:
    PATCH = 1 << 15             # samples of a patch, unless one pixel needs more: 512 KiB
    AHEAD = 4                   # rows whose samples are fetched before they are needed

# The steps of a float32 map of a 4K picture are 0.0005 pixels: slopes up to this are 1.
cdef double OF_A_MAP = 1.001

_KINDS = {"matrix": MATRIX, "lens": LENS, "map": MAP}
_MOST_THREADS = 1024

cdef inline Py_ssize_t _ahead(const Warp *w, const View *view, const double *u, const double *v, int rows) noexcept nogil:
    """From a row's first taps to the last tap row of a later row of the part; 0 near its end."""
    cdef int far = AHEAD * LATTICE
    if rows <= AHEAD or not fabs(u[far] - u[0]) < 1e6 or not fabs(v[far] - v[0]) < 1e6:
        return 0
    return <Py_ssize_t>(v[far] - v[0] + w.filter.taps) * view.row + <Py_ssize_t>(u[far] - u[0]) * 4


cdef void _sample_part(const Warp *w, const View *view, Part p, bint unit, Scratch *s, float *out,
                       Py_ssize_t row) noexcept nogil:
    """The pixels of a part, ``row`` floats from row to row."""
    cdef double *u
    cdef double *v
    cdef double someone_u = <double>(p.left + 1 - w.filter.first)
    cdef double someone_v = <double>(p.top + 1 - w.filter.first)
    cdef double kept[TILE_WIDTH]
    cdef Footprint m
    cdef int i, j
    cdef bint holes
    for j in range(p.height):
        u = s.u + at_pixel(p.x, p.y + j)
        v = s.v + at_pixel(p.x, p.y + j)
        if unit:
            holes = False
            for i in range(p.width):
                holes = holes or u[i] != u[i]
            if holes:
                for i in range(p.width):
                    kept[i] = u[i]
                    if u[i] != u[i]:
                        u[i] = someone_u
                        v[i] = someone_v
            take_apart(&w.filter, view, u, v, p.width, &s.stretch)
            s.stretch.ahead = _ahead(w, view, u, v, p.height - j)
            unit_pixels(&w.filter, view, &s.stretch, p.width, out)
            if holes:
                for i in range(p.width):
                    u[i] = kept[i]
                    if kept[i] != kept[i]:
                        memset(out + 4 * i, 0, 16)
        else:
            for i in range(p.width):
                m = footprint_of(w, s, p.x + i, p.y + j)
                if u[i] != u[i]:
                    memset(out + 4 * i, 0, 16)
                elif m.unit:
                    take_apart(&w.filter, view, u + i, v + i, 1, &s.stretch)
                    s.stretch.ahead = 0
                    unit_pixels(&w.filter, view, &s.stretch, 1, out + 4 * i)
                else:
                    wide_pixel(&w.filter, view, u[i], v[i], &m, &s.weights, out + 4 * i)
        out += row


cdef bint _in_place(const Warp *w, Part p, bint unit, Scratch *s, float *out, Py_ssize_t row) noexcept nogil:
    """The pixels of a part whose samples are four float32 channels inside the picture; False for any other."""
    cdef View view
    if not (w.source.floats and w.source.channels == 4 and inside(w, &p)):
        return False
    view.x = p.left
    view.y = p.top
    view.data = <const float *>place(&w.source, p.top, p.left)
    view.row = w.source.row // 4
    _sample_part(w, &view, p, unit, s, out, row)
    return True


cdef inline void _clear(Part p, float *out, Py_ssize_t row) noexcept nogil:
    """Black."""
    cdef int j
    for j in range(p.height):
        memset(out + j * row, 0, <size_t>p.width * 16)


cdef void _do_part(const Warp *w, int first, Part p, bint unit, Scratch *s, float *out, Py_ssize_t row) noexcept nogil:
    """The pixels of a part, halved until its source samples fit."""
    cdef View view
    cdef Part half = p
    if not find_samples(w, &p, unit, s):
        _clear(p, out, row)
        return
    if _in_place(w, p, unit, s, out, row):
        return
    view.x = p.left
    view.y = p.top
    if (p.right - p.left) * (p.bottom - p.top) <= (PATCH if p.width > 1 or p.height > 1 else ONE_PIXEL):
        view.data = s.patch
        view.row = 4 * (p.right - p.left)
        load_patch(&w.source, first, p.top, p.left, w.edge, s.patch, p.bottom - p.top, p.right - p.left)
        _sample_part(w, &view, p, unit, s, out, row)
    elif p.width >= p.height and p.width > 1:
        half.width = p.width // 2
        _do_part(w, first, half, unit, s, out, row)
        half.x += half.width
        out += 4 * half.width
        half.width = p.width - half.width
        _do_part(w, first, half, unit, s, out, row)
    elif p.height > 1:
        half.height = p.height // 2
        _do_part(w, first, half, unit, s, out, row)
        half.y += half.height
        out += half.height * row
        half.height = p.height - half.height
        _do_part(w, first, half, unit, s, out, row)


cdef void _do_sample(const Warp *w, int first, int sample, Py_ssize_t x, Py_ssize_t y, Part all, Scratch *s,
                     float *out, Py_ssize_t row) noexcept nogil:
    """One tile at one moment of the shutter, of channels from ``first`` on."""
    cdef bint unit
    place_tile(w, sample, x, y, all, s)
    unit = reach_tile(w, sample, all, s)
    if not ((unit or w.affine) and find_quickly(w, &all, s)):
        settle_tile(w, all, unit, s)
    elif w.edge == BLACK and (all.right <= 0 or all.bottom <= 0 or all.left >= w.source.width
                              or all.top >= w.source.height):
        _clear(all, out, row)
        return
    elif not inside(w, &all):
        settle_tile(w, all, unit, s)
    elif _in_place(w, all, unit, s, out, row):
        return
    _do_part(w, first, all, unit, s, out, row)


cdef void _do_tile(const Warp *w, Py_ssize_t x, Py_ssize_t y, Scratch *s) noexcept nogil:
    """One tile of the result."""
    cdef Part all
    cdef int first, sample, i, j
    cdef float share = <float>1.0 / <float>w.samples
    all.x = all.y = 0
    all.width = <int>min(w.target.width - x, <Py_ssize_t>TILE_WIDTH)
    all.height = <int>min(w.target.height - y, <Py_ssize_t>TILE_HEIGHT)
    if w.target.floats and w.target.channels == 4 and w.samples == 1:
        _do_sample(w, 0, 0, x, y, all, s, <float *>place(&w.target, y, x), w.target.row // 4)
        return
    for first in range(0, w.target.channels, 4):
        _do_sample(w, first, 0, x, y, all, s, s.result, 4 * TILE_WIDTH)
        for sample in range(1, w.samples):
            _do_sample(w, first, sample, x, y, all, s, s.sample, 4 * TILE_WIDTH)
            for j in range(all.height):
                for i in range(4 * all.width):
                    s.result[4 * j * TILE_WIDTH + i] += s.sample[4 * j * TILE_WIDTH + i]
        for j in range(all.height):
            if w.samples > 1:
                for i in range(4 * all.width):
                    s.result[4 * j * TILE_WIDTH + i] *= share
            store_four(&w.target, first, y + j, x, s.result + 4 * j * TILE_WIDTH, all.width, s.line)


cdef inline void _do_part_of_all(const Warp *w, Py_ssize_t i, int thread, char *memory, Watch *watch) noexcept nogil:
    """Tile ``i``, unless the run was stopped; what it costs is looked at before the next one."""
    cdef Scratch *s = <Scratch *>(memory + thread * sizeof(Scratch))
    cdef Py_ssize_t columns = (w.target.width + TILE_WIDTH - 1) // TILE_WIDTH
    if look(watch, thread, s.weights.taps):
        return
    s.weights.taps = PIXELS * w.samples * ((w.target.channels + 3) // 4) * w.filter.taps
    _do_tile(w, i % columns * TILE_WIDTH, i // columns * TILE_HEIGHT, s)


cdef void _do_tiles(const Warp *w, int threads, char *memory, Watch *watch) noexcept nogil:
    """All tiles, over ``threads`` threads."""
    cdef Py_ssize_t columns = (w.target.width + TILE_WIDTH - 1) // TILE_WIDTH
    cdef Py_ssize_t i, tiles = columns * ((w.target.height + TILE_HEIGHT - 1) // TILE_HEIGHT)
    for i in range(threads):
        (<Scratch *>(memory + i * sizeof(Scratch))).weights.taps = 0
    if threads == 1:  # without OpenMP: also safe in a forked child
        for i in range(tiles):
            _do_part_of_all(w, i, 0, memory, watch)
        return
    for i in prange(tiles, num_threads=threads, schedule="dynamic", chunksize=4):
        _do_part_of_all(w, i, threadid(), memory, watch)


cdef const double *_doubles(object array, str role, tuple shape) except NULL:
    """The address of a checked float64 array."""
    if array.dtype.str != "<f8" or array.shape != shape or not array.flags.c_contiguous:
        raise ValueError(f"{role} must be contiguous float64 {shape}, got {array.dtype} {array.shape}")
    return <const double *><uintptr_t>array.__array_interface__["data"][0]


cdef const float *_floats(object array, str role, tuple shape) except NULL:
    """The address of a checked float32 array."""
    if array.dtype.str != "<f4" or array.shape != shape or not array.flags.c_contiguous:
        raise ValueError(f"{role} must be contiguous float32 {shape}, got {array.dtype} {array.shape}")
    return <const float *><uintptr_t>array.__array_interface__["data"][0]


cdef int _read_filter(object filter, Filter *f) except -1:
    """Checks a filter's tables."""
    radius, end, taps, first, phases, curves = filter
    f.radius = radius
    f.nearest = radius == 0.0
    f.taps = taps
    f.first = first
    f.shift = 0.5 if f.nearest else 0.0
    even = f.taps % 2 == 0 or f.nearest and f.taps == 1
    if not 0.0 <= f.radius <= MOST_TAPS / 2 or not 1 <= f.taps <= MOST_TAPS or not even or not -f.taps < f.first <= 0:
        raise ValueError(f"a filter must have a radius and an even number of taps up to {MOST_TAPS}, got {radius}, {f.taps}, {first}")
    f.most = REACH / (1.4143 * max(f.radius, 0.5))
    f.phases = _floats(phases, "phases", (2 * PIECES, 4, (f.taps + 3) // 4 * 4))
    f.curves = _floats(curves, "curves", (DEGREE + 1, MOST_CURVES))
    f.end = end
    return 0


cdef int _read_positions(str kind, object numbers, object map, Warp *w) except -1:
    """Checks what positions are made of."""
    cdef Positions *p = &w.positions
    p.kind = _KINDS[kind]
    p.width = w.target.width
    p.height = w.target.height
    w.samples = 1
    w.affine = False
    w.one = OF_A_MAP if p.kind == MAP else 1.0 + EXACT_BILLIONTHS * 1e-9
    if p.kind == MATRIX:
        w.samples = len(numbers)
        if not w.samples:
            raise ValueError("numbers must hold a matrix")
        p.numbers = _doubles(numbers, "numbers", (w.samples, 9))
        # A footprint of its own for every moment, unless all are of one pixel.
        w.affine = True
        for m in numbers.tolist():
            if m[6:] != [0.0, 0.0, 1.0]:
                w.affine = False
                break
            w.fixed = footprint(m[0], m[1], m[3], m[4], w.filter.most, 1.0 + EXACT_BILLIONTHS * 1e-9)
            if w.samples > 1 and not w.fixed.unit:
                w.affine = False
                break
    elif p.kind == LENS:
        p.numbers = _doubles(numbers, "numbers", (LENS_NUMBERS + 1,))
        p.inverse = numbers[LENS_NUMBERS] != 0.0
    else:
        p.numbers = _doubles(numbers, "numbers", (6,))
        describe(map, "map", &p.map)
        p.channel_u = int(numbers[4])
        p.channel_v = int(numbers[5])
        if p.map.width != p.width or p.map.height != p.height:
            raise ValueError(f"the map must have the size of dst, got {map.shape}")
        if not 0 <= p.channel_u < p.map.channels or not 0 <= p.channel_v < p.map.channels:
            raise ValueError(f"the map has {p.map.channels} channels, got {p.channel_u} and {p.channel_v}")
    return 0


cdef int _run(const Warp *w, int threads) except -1:
    """All tiles; raises what a signal handler raised meanwhile."""
    cdef Watch watch
    cdef char *memory = <char *>malloc(<size_t>threads * sizeof(Scratch))
    if memory == NULL:
        raise MemoryError("no memory for the warp's tiles")
    watch.stop = False
    watch.work = 0
    with nogil:
        _do_tiles(w, threads, memory, &watch)
    free(memory)
    return -1 if watch.stop else 0


def warp(src, dst, str kind, numbers, map, filter, int edge, int threads):
    """Nothing; ``dst`` then holds ``src`` warped.

    Parameters
    ----------
    src, dst : numpy.ndarray, (H, W, C) of uint8, uint16, float16 or float32, any strides
        As many channels in each; memory that does not overlap.
    kind : str
        ``"matrix"``, ``"lens"`` or ``"map"``.
    numbers : numpy.ndarray of float64
        matrix: (N, 9), from pixel coordinates of ``dst`` to those of ``src``, averaged over N; lens: the
        numbers of ``warp_positions.pxd`` and whether the polynomial is inverted; map: scale and offset of u, of v, and
        the channels of u and v.
    map : numpy.ndarray or None
        The (H, W, C) map, of the size of ``dst``.
    filter : tuple
        Radius, its end in curves, taps, first tap, phases, curves: see ``warp_sample.pxd``.
    edge : int
        A value of ``Edge``.
    threads : int
        How many threads to use.

    Raises
    ------
    ValueError
        For shapes or dtypes that do not fit.
    """
    cdef Warp w
    if not 1 <= threads <= _MOST_THREADS or not 0 <= edge <= 3:
        raise ValueError(f"threads must be 1 to {_MOST_THREADS} and edge 0 to 3, got {threads} and {edge}")
    describe(src, "src", &w.source)
    describe_output(dst, "dst", &w.target)
    if w.source.channels != w.target.channels:
        raise ValueError(f"src and dst must have as many channels, got {w.source.channels} and {w.target.channels}")
    _read_filter(filter, &w.filter)
    _read_positions(kind, numbers, map, &w)
    w.edge = edge
    _run(&w, threads)
