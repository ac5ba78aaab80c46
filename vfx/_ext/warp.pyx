"""Warps: every pixel of a result as a weighted mean of source samples around a position.

The result is made in tiles. A tile's positions are worked out, then the source samples that it needs are found: in
the picture's own memory where they are four float32 channels, else copied to a patch, converted and with the edge rule
applied. A tile whose patch is too large is halved. No copy of the whole picture is made, and the bytes of the result
do not depend on threads, tiles or the memory's layout.

::

    warp.pyx             the door, tiles, threads
    warp_positions.pxd   where pixels come from: matrices, lens models, maps
    warp_footprint.pxd   how far they reach: antialiasing
    warp_sample.pxd      the weighted means
    warp_source.pxd      patches of the source
"""

from cython.parallel cimport prange, threadid
from libc.math cimport NAN, ceil, fabs, floor
from libc.stdint cimport uintptr_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from vfx._ext.pictures cimport BLACK, CLAMP, Picture, describe, describe_output, place
from vfx._ext.warp_footprint cimport REACH, Footprint, footprint, one_sided, unit_footprint
from vfx._ext.warp_positions cimport (
    LATTICE, LENS, LENS_NUMBERS, MAP, MATRIX, TILE_HEIGHT, TILE_WIDTH, Lattice, Positions, fold, lens_row, map_row,
    matrix_row, nowhere,
)
from vfx._ext.warp_sample cimport (
    MOST_TAPS, PIECES, WIDEST, Filter, Stretch, View, Weights, take_apart, unit_pixels, wide_pixel,
)
from vfx._ext.warp_source cimport load_patch, store_four
from vfx._ext.watch cimport Watch, watch as look

__all__ = ["warp"]

_KINDS = {"matrix": MATRIX, "lens": LENS, "map": MAP}
_MOST_THREADS = 1024

cdef enum:
    PATCH = 1 << 15             # pixels of a patch, unless one pixel needs more: 512 KiB
    ONE_PIXEL = WIDEST * WIDEST
    PIXELS = TILE_WIDTH * TILE_HEIGHT

ctypedef struct Warp:
    Picture source
    Picture target
    Positions positions
    Filter filter
    int edge
    int samples                 # of the shutter
    Footprint fixed             # of every pixel, where the matrix is affine
    bint affine

ctypedef struct Scratch:
    # What one thread works in.
    double u[LATTICE * (TILE_HEIGHT + 2)]
    double v[LATTICE * (TILE_HEIGHT + 2)]
    double w[LATTICE * (TILE_HEIGHT + 2)]
    Footprint footprints[PIXELS]
    float result[4 * PIXELS]
    float sample[4 * PIXELS]
    float line[TILE_WIDTH]
    Stretch stretch
    Weights weights
    float patch[4 * ONE_PIXEL]

ctypedef struct Part:
    # A rectangle of a tile, and the source samples that it needs.
    int x
    int y
    int width
    int height
    Py_ssize_t left
    Py_ssize_t top
    Py_ssize_t right            # beyond the last
    Py_ssize_t bottom


cdef inline int _at(int x, int y) noexcept nogil:
    """The place of a tile's pixel in the lattice."""
    return (y + 1) * LATTICE + x + 1


cdef void _place_tile(const Warp *w, int sample, Py_ssize_t x, Py_ssize_t y, Part all, Scratch *s) noexcept nogil:
    """Positions of a tile; of LENS and MAP with the border."""
    cdef Lattice at
    cdef int j, border = w.positions.kind != MATRIX
    for j in range(-border, all.height + border):
        at.u = s.u + _at(-border, j)
        at.v = s.v + _at(-border, j)
        at.w = s.w + _at(-border, j)
        if w.positions.kind == MATRIX:
            matrix_row(w.positions.numbers + 9 * sample, <double>(y + j), x, all.width, at)
        elif w.positions.kind == LENS:
            lens_row(&w.positions, <double>(y + j), x - 1, all.width + 2, at)
        else:
            map_row(&w.positions, y + j, x - 1, all.width + 2, at)


cdef inline Footprint _matrix_footprint(const double *m, double u, double v, double w, double most) noexcept nogil:
    """The derivatives of a homogeneous position, at one."""
    return footprint((m[0] - (u + 0.5) * m[6]) / w, (m[1] - (u + 0.5) * m[7]) / w,
                     (m[3] - (v + 0.5) * m[6]) / w, (m[4] - (v + 0.5) * m[7]) / w, most)


cdef inline Footprint _lattice_footprint(const double *u, const double *v, double most) noexcept nogil:
    """The same from a position's neighbours; those that lie nowhere count for nothing."""
    cdef double ux = one_sided((u - 1)[0], u[0], u[1])
    cdef double uy = one_sided((u - LATTICE)[0], u[0], u[LATTICE])
    cdef double vx = one_sided((v - 1)[0], v[0], v[1])
    cdef double vy = one_sided((v - LATTICE)[0], v[0], v[LATTICE])
    return footprint(ux, uy, vx, vy, most)


cdef bint _reach_tile(const Warp *w, int sample, Part all, Scratch *s) noexcept nogil:
    """Footprints of a tile, unless all are of one pixel: then nothing and True."""
    cdef bint unit = True
    cdef int i, j, k
    if w.filter.nearest or (w.affine and w.fixed.unit):
        return True
    for j in range(all.height):
        for i in range(all.width):
            k = _at(i, j)
            if w.affine:
                s.footprints[j * TILE_WIDTH + i] = w.fixed
            elif nowhere(s.u[k]) or nowhere(s.v[k]):
                s.footprints[j * TILE_WIDTH + i] = unit_footprint()
            elif w.positions.kind == MATRIX:
                s.footprints[j * TILE_WIDTH + i] = _matrix_footprint(w.positions.numbers + 9 * sample, s.u[k], s.v[k],
                                                                     s.w[k], w.filter.most)
            else:
                s.footprints[j * TILE_WIDTH + i] = _lattice_footprint(s.u + k, s.v + k, w.filter.most)
            unit = unit and s.footprints[j * TILE_WIDTH + i].unit
    return unit


cdef inline bint _misses(double u, double reach, Py_ssize_t n) noexcept nogil:
    """Whether nothing within ``reach`` of a position is one of ``n`` samples."""
    return u + reach < 0.0 or u - reach > <double>(n - 1)


cdef inline double _near(double u, Py_ssize_t n, int edge) noexcept nogil:
    """A position with the same surroundings that is not far from the picture."""
    if edge == CLAMP:
        return min(max(u, -2.0 * REACH), <double>n + 2.0 * REACH)
    return fold(u, n, edge)


cdef void _settle_tile(const Warp *w, Part all, bint unit, Scratch *s) noexcept nogil:
    """Brings far positions near, and marks with NaN those that see nothing."""
    cdef double rx = w.filter.taps, ry = w.filter.taps
    cdef Footprint m
    cdef int i, j, k
    for j in range(all.height):
        for i in range(all.width):
            k = _at(i, j)
            if nowhere(s.u[k]) or nowhere(s.v[k]):
                s.u[k] = NAN
                continue
            if w.edge == BLACK:
                if not unit:
                    m = s.footprints[j * TILE_WIDTH + i]
                    rx = max(<double>w.filter.taps, w.filter.radius * (m.xx + fabs(m.xy)) + 1.0)
                    ry = max(<double>w.filter.taps, w.filter.radius * (m.yy + fabs(m.xy)) + 1.0)
                if _misses(s.u[k], rx, w.source.width) or _misses(s.v[k], ry, w.source.height):
                    s.u[k] = NAN
            else:
                s.u[k] = _near(s.u[k], w.source.width, w.edge)
                s.v[k] = _near(s.v[k], w.source.height, w.edge)


cdef bint _find_samples(const Warp *w, Part *p, bint unit, const Scratch *s) noexcept nogil:
    """The samples that a part needs; False where it needs none. Whether some pixels see nothing is found again later."""
    cdef double left = 1e18, top = 1e18, right = -1e18, bottom = -1e18, rx = 0.0, ry = 0.0
    cdef Footprint m
    cdef int i, j, k
    for j in range(p.y, p.y + p.height):
        for i in range(p.x, p.x + p.width):
            k = _at(i, j)
            if s.u[k] != s.u[k]:
                continue
            if not unit:
                m = s.footprints[j * TILE_WIDTH + i]
                rx = w.filter.radius * (m.xx + fabs(m.xy))
                ry = w.filter.radius * (m.yy + fabs(m.xy))
            left = min(left, s.u[k] - rx)
            right = max(right, s.u[k] + rx)
            top = min(top, s.v[k] - ry)
            bottom = max(bottom, s.v[k] + ry)
    if left > right:
        return False
    # One sample more than the taps of a single pixel: a tie may count either way.
    p.left = <Py_ssize_t>floor(left) + w.filter.first - 1
    p.top = <Py_ssize_t>floor(top) + w.filter.first - 1
    p.right = <Py_ssize_t>floor(right) + w.filter.first + w.filter.taps + 2
    p.bottom = <Py_ssize_t>floor(bottom) + w.filter.first + w.filter.taps + 2
    return True


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
        u = s.u + _at(p.x, p.y + j)
        v = s.v + _at(p.x, p.y + j)
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
            unit_pixels(&w.filter, view, &s.stretch, p.width, out)
            if holes:
                for i in range(p.width):
                    u[i] = kept[i]
                    if kept[i] != kept[i]:
                        memset(out + 4 * i, 0, 16)
        else:
            for i in range(p.width):
                m = s.footprints[(p.y + j) * TILE_WIDTH + p.x + i]
                if u[i] != u[i]:
                    memset(out + 4 * i, 0, 16)
                elif m.unit:
                    take_apart(&w.filter, view, u + i, v + i, 1, &s.stretch)
                    unit_pixels(&w.filter, view, &s.stretch, 1, out + 4 * i)
                else:
                    wide_pixel(&w.filter, view, u[i], v[i], &m, &s.weights, out + 4 * i)
        out += row


cdef void _do_part(const Warp *w, int first, Part p, bint unit, Scratch *s, float *out, Py_ssize_t row) noexcept nogil:
    """The pixels of a part, halved until its source samples fit."""
    cdef View view
    cdef Part half = p
    cdef int j
    if not _find_samples(w, &p, unit, s):
        for j in range(p.height):
            memset(out + j * row, 0, <size_t>p.width * 16)
        return
    view.x = p.left
    view.y = p.top
    if (w.source.floats and w.source.channels == 4 and p.left >= 0 and p.top >= 0 and p.right <= w.source.width
            and p.bottom <= w.source.height):
        view.data = <const float *>place(&w.source, p.top, p.left)
        view.row = w.source.row // 4
        _sample_part(w, &view, p, unit, s, out, row)
        return
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
    _place_tile(w, sample, x, y, all, s)
    unit = _reach_tile(w, sample, all, s)
    _settle_tile(w, all, unit, s)
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


cdef void _do_tiles(const Warp *w, int threads, char *memory, Watch *watch) noexcept nogil:
    """All tiles, over ``threads`` threads."""
    cdef Py_ssize_t columns = (w.target.width + TILE_WIDTH - 1) // TILE_WIDTH
    cdef Py_ssize_t tiles = columns * ((w.target.height + TILE_HEIGHT - 1) // TILE_HEIGHT)
    cdef Py_ssize_t i, work = PIXELS * w.samples * ((w.target.channels + 3) // 4) * w.filter.taps * 4
    if threads == 1:  # without OpenMP: also safe in a forked child
        for i in range(tiles):
            if look(watch, 0, work):
                return
            _do_tile(w, i % columns * TILE_WIDTH, i // columns * TILE_HEIGHT, <Scratch *>memory)
        return
    for i in prange(tiles, num_threads=threads, schedule="dynamic", chunksize=4):
        if not look(watch, threadid(), work):
            _do_tile(w, i % columns * TILE_WIDTH, i // columns * TILE_HEIGHT,
                     <Scratch *>(memory + threadid() * sizeof(Scratch)))


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
    radius, first, phases, pieces = filter
    f.radius = radius
    f.nearest = radius == 0.0
    f.taps = phases.shape[2]
    f.first = first
    f.shift = 0.5 if f.nearest else 0.0
    if not 0.0 <= f.radius <= MOST_TAPS / 2 or not 1 <= f.taps <= MOST_TAPS or not -f.taps < f.first <= 0:
        raise ValueError(f"a filter must have a radius and 1 to {MOST_TAPS} taps, got {radius}, {f.taps}, {first}")
    f.most = REACH / (1.4143 * max(f.radius, 0.5))
    f.phases = _floats(phases, "phases", (2 * PIECES, 4, f.taps))
    f.pieces = _floats(pieces, "pieces", (int(ceil(f.radius * PIECES)) + 1, 4))
    return 0


cdef int _read_positions(str kind, object numbers, object map, Warp *w) except -1:
    """Checks what positions are made of."""
    cdef Positions *p = &w.positions
    p.kind = _KINDS[kind]
    p.width = w.target.width
    p.height = w.target.height
    w.samples = 1
    w.affine = False
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
            w.fixed = footprint(m[0], m[1], m[3], m[4], w.filter.most)
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
        Radius, first tap, phases, pieces: see ``warp_sample.pxd``.
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
