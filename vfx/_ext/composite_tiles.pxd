"""Pictures that lie somewhere on a canvas, as interleaved float32 tiles of the canvas's channels.

A tile is a stretch of one row. Where a picture has just the canvas's channels, in its order, dense and float32, the
tile is its own memory. Outside a picture everything is 0.
"""

from libc.string cimport memset

from vfx._ext.pictures cimport Picture, load_pixels, load_plane, place, store_pixels, store_plane, view_pixels
from vfx._ext.rgba_vectors cimport repeat_alpha4
from vfx._ext.simd_math cimport fma, plane, source

cdef enum:
    NUMBERS = 2048              # of a tile, unless a pixel has more channels: several tiles stay in the first cache
    NOTHING = -1                # a channel that a picture lacks: 0
    OPAQUE = -2                 # an alpha that it lacks: 1 inside it, 0 outside

ctypedef struct Layer:
    Picture picture
    Py_ssize_t x                # where its first pixel lies on the canvas
    Py_ssize_t y
    bint straight               # its channels are the canvas's, in order
    bint lacks_alpha            # they are, but for an alpha at the end of four
    const int *channel          # the canvas's channels: which of the picture's each is, or NOTHING, or OPAQUE


cdef inline void fill(float *target, Py_ssize_t stride, float value, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        target[i * stride] = value


cdef inline void spread(source values, plane target, int channels, Py_ssize_t n) noexcept nogil:
    """A plane into one channel of interleaved pixels."""
    cdef Py_ssize_t i
    for i in range(n):
        target[i * channels] = values[i]


cdef inline void pick(source pixels, plane target, int channels, Py_ssize_t n) noexcept nogil:
    """One channel of interleaved pixels as a plane."""
    cdef Py_ssize_t i
    for i in range(n):
        target[i] = pixels[i * channels]


cdef inline void add_alpha(source three, plane four, Py_ssize_t n) noexcept nogil:
    """RGB as RGBA of alpha 1."""
    cdef Py_ssize_t i
    for i in range(n):
        four[4 * i] = three[3 * i]
        four[4 * i + 1] = three[3 * i + 1]
        four[4 * i + 2] = three[3 * i + 2]
        four[4 * i + 3] = <float>1.0


cdef inline void drop_alpha(source four, plane three, Py_ssize_t n) noexcept nogil:
    """RGBA as RGB."""
    cdef Py_ssize_t i
    for i in range(n):
        three[3 * i] = four[4 * i]
        three[3 * i + 1] = four[4 * i + 1]
        three[3 * i + 2] = four[4 * i + 2]


cdef inline const float *tile_of(const Layer *layer, Py_ssize_t y, Py_ssize_t x, int n, int channels, float *scratch,
                                 float *values) noexcept nogil:
    """``n`` pixels of the canvas from (y, x) on: the picture's memory, or ``scratch`` filled; ``values`` holds three planes."""
    cdef const Picture *p = &layer.picture
    cdef Py_ssize_t first = max(x, layer.x), last = min(x + n, layer.x + p.width)
    cdef int c
    cdef float *inside
    y -= layer.y
    if not 0 <= y < p.height or first >= last:
        memset(scratch, 0, <size_t>n * channels * sizeof(float))
        return scratch
    if last - first == n and layer.straight and p.floats:
        return <const float *>place(p, y, x - layer.x)
    inside = scratch + (first - x) * channels
    memset(scratch, 0, <size_t>(first - x) * channels * sizeof(float))
    memset(scratch + (last - x) * channels, 0, <size_t>(x + n - last) * channels * sizeof(float))
    if layer.straight:
        load_pixels(p, y, first - layer.x, inside, last - first)
        return scratch
    if layer.lacks_alpha:
        add_alpha(view_pixels(p, y, first - layer.x, values, last - first), inside, last - first)
        return scratch
    for c in range(channels):
        if layer.channel[c] < 0:
            fill(inside + c, channels, <float>1.0 if layer.channel[c] == OPAQUE else <float>0.0, last - first)
        else:
            load_plane(p, y, first - layer.x, layer.channel[c], values, last - first)
            spread(values, inside + c, channels, last - first)
    return scratch


cdef inline void store_tile(const Picture *p, Py_ssize_t y, Py_ssize_t x, int n, int channels, float *pixels,
                            float *values) noexcept nogil:
    """``n`` pixels into the canvas; an alpha beyond the picture's own channels is dropped. ``pixels`` are lost."""
    cdef int c
    if channels == p.channels:
        store_pixels(p, y, x, pixels, n)
        return
    if channels == 4 and p.floats:
        drop_alpha(pixels, <float *>place(p, y, x), n)
        return
    if channels == 4:
        drop_alpha(pixels, values, n)
        store_pixels(p, y, x, values, n)
        return
    for c in range(p.channels):
        pick(pixels + c, values, channels, n)
        store_plane(p, y, x, c, values, n)


cdef inline void repeat_alpha(source pixels, plane target, int alpha, int channels, int n) noexcept nogil:
    """Each pixel's alpha, once for each of its channels."""
    cdef int i, c
    cdef float value
    if channels == 4 and alpha == 3:
        repeat_alpha4(pixels, target, n)
        return
    for i in range(n):
        value = pixels[i * channels + alpha]
        for c in range(channels):
            target[i * channels + c] = value


cdef inline void join_alpha(source A, source B, plane out, int alpha, int channels, int n) noexcept nogil:
    """The alpha of a blend, a + b - ab."""
    cdef int i
    for i in range(n):
        out[i * channels + alpha] = fma(A[i * channels + alpha], <float>1.0 - B[i * channels + alpha],
                                        B[i * channels + alpha])


cdef inline void weaken(source pixels, plane out, float by, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        out[i] = pixels[i] * by


cdef inline void weigh(source mask, source on, plane out, float mix, int channels, int n) noexcept nogil:
    """How much of the result counts, for each number: mask times mix, 0 for channels that are not ``on``."""
    cdef int i, c
    cdef float value
    for i in range(n):
        value = mask[i] * mix
        for c in range(channels):
            out[i * channels + c] = value * on[c]


cdef inline void lead_over(source before, source after, source weights, plane out, int n) noexcept nogil:
    """From ``before`` at weight 0 to ``after`` at weight 1; both ends are exact, NaN of the other side included."""
    cdef int i
    cdef float w, r
    for i in range(n):
        w = weights[i]
        r = fma(w, after[i], (<float>1.0 - w) * before[i])
        r = r if w != <float>1.0 else after[i]
        out[i] = r if w != <float>0.0 else before[i]
