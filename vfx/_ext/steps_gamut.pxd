"""Gamut steps: the ACES 1.3 reference gamut compression and its inverse.

Academy, ACES Reference Gamut Compression (2021): a channel's distance from the achromatic axis
is ``d = (max(r, g, b) - x) / |max(r, g, b)|``. Distances from a threshold on are compressed by
``t + s n / (n ** p + 1) ** (1 / p)`` with ``n = (d - t) / s``, which reaches ``t + s`` only at
infinity. Each channel has its threshold and scale; channels nearer than that keep their bits.
"""

from vfx._ext.simd_math cimport fabsf, fma, plane
from vfx._ext.steps_curves_math cimport exp2_plain, log2_plain
from vfx._ext.tile cimport LANES, Params, Step, Tile

ctypedef struct Hull:
    # The largest channel of each pixel of a block, and one over its size.
    float ach[LANES]
    float per[LANES]


cdef inline float exponent(float n, float p) noexcept nogil:
    """log2 of ``n ** p``, or of its reciprocal where ``n`` is above 1; -126 where that is less."""
    # From 2**-40 to 2**40: beyond, the curve is its limit to float32.
    n = n if n > <float>9.094947017729282e-13 else <float>9.094947017729282e-13
    n = n if n < <float>1099511627776.0 else <float>1099511627776.0
    n = -fabsf(log2_plain(n) * p)
    return n if n > <float>-126.0 else <float>-126.0


cdef inline float compressed(float d, float t, float s, float per_s, float p, float per_p) noexcept nogil:
    """The compressed distance of ``d`` from the threshold ``t`` on.

    n / (n**p + 1)**(1/p) is 1 / (n**-p + 1)**(1/p): the power that is not above 1 keeps every digit.
    """
    cdef float n = (d - t) * per_s
    cdef float q = log2_plain(exp2_plain(exponent(n, p)) + <float>1.0)
    n = n if n < <float>1.0 else <float>1.0
    return fma(exp2_plain(-q * per_p) * n, s, t)


cdef inline float expanded(float d, float t, float s, float per_s, float p, float per_p) noexcept nogil:
    """The inverse of ``compressed``, for ``d`` from ``t`` up to ``t + s``."""
    cdef float n = (d - t) * per_s
    cdef float q
    n = n if n < <float>1.0 else <float>1.0
    q = <float>1.0 - exp2_plain(exponent(n, p))
    # Half a step of float32 below 1: nothing nearer to the limit has a distance of its own.
    q = q if q > <float>5.960464477539063e-08 else <float>5.960464477539063e-08
    return fma(exp2_plain(-log2_plain(q) * per_p) * n, s, t)


cdef inline void hull(const float *r, const float *g, const float *b, Hull *h) noexcept nogil:
    cdef int i
    cdef float ach, size
    for i in range(LANES):
        ach = r[i] if r[i] > g[i] else g[i]
        ach = ach if ach > b[i] else b[i]
        size = fabsf(ach)
        h.ach[i] = ach
        h.per[i] = <float>1.0 / size if size > <float>0.0 else <float>0.0


cdef inline int beyond(const float *x, const Hull *h, float t) noexcept nogil:
    """How many pixels of a block are at the threshold or further: most blocks of most pictures have none."""
    cdef int i, count = 0
    for i in range(LANES):
        count += (h.ach[i] - x[i]) * h.per[i] >= t
    return count


cdef inline void compress_plane(plane x, const Hull *h, float t, float s, float p) noexcept nogil:
    cdef int i
    cdef float d, per_s = <float>1.0 / s, per_p = <float>1.0 / p
    for i in range(LANES):
        d = (h.ach[i] - x[i]) * h.per[i]
        x[i] = fma(-compressed(d, t, s, per_s, p, per_p), fabsf(h.ach[i]), h.ach[i]) if d >= t else x[i]


cdef inline void expand_plane(plane x, const Hull *h, float t, float s, float p) noexcept nogil:
    cdef int i
    cdef float d, far = t + s, per_s = <float>1.0 / s, per_p = <float>1.0 / p
    for i in range(LANES):
        d = (h.ach[i] - x[i]) * h.per[i]
        x[i] = fma(-expanded(d, t, s, per_s, p, per_p), fabsf(h.ach[i]), h.ach[i]) if (d >= t) & (d < far) else x[i]


cdef inline void each_block(const Tile *t, const float *f, bint reverse) noexcept nogil:
    cdef int c, block, start
    cdef Hull h
    for block in range(t.n // LANES):
        start = block * LANES
        hull(t.rgb[0] + start, t.rgb[1] + start, t.rgb[2] + start, &h)
        for c in range(3):
            if beyond(t.rgb[c] + start, &h, f[c]) == 0:
                continue
            if reverse:
                expand_plane(t.rgb[c] + start, &h, f[c], f[3 + c], f[6])
            else:
                compress_plane(t.rgb[c] + start, &h, f[c], f[3 + c], f[6])


cdef inline void gamut_compress(const Tile *t, const Params *p) noexcept nogil:
    """Distances compressed: three thresholds, three scales, the power. NaN stays, infinite maxima pass."""
    each_block(t, p.f, False)


cdef inline void gamut_expand(const Tile *t, const Params *p) noexcept nogil:
    """The inverse; distances that no compression gives pass unchanged."""
    each_block(t, p.f, True)


cdef inline Step find(str name) noexcept:
    """The step of a kernel name, NULL where this file has none."""
    if name == "gamut_compress": return gamut_compress
    if name == "gamut_expand": return gamut_expand
    return NULL
