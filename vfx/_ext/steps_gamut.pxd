"""Gamut steps: the ACES 1.3 reference gamut compression and its inverse.

Academy, ACES Reference Gamut Compression (2021): a channel's distance from the achromatic axis
is ``d = (max(r, g, b) - x) / |max(r, g, b)|``. Distances from a threshold on are compressed by
``t + s / (((d - t) / s) ** -p + 1) ** (1 / p)``, which reaches ``t + s`` only at infinity. Each
channel has its threshold and scale; channels nearer than that keep their bits.
"""

from vfx._ext.simd_math cimport exp2_scaled, fabsf, fma, log2_normal, plane
from vfx._ext.tile cimport Params, Step, Tile


cdef inline float distance(float ach, float x, float per) noexcept nogil:
    return (ach - x) * per


cdef inline float compressed(float d, float t, float s, float per_s, float p, float per_p) noexcept nogil:
    """The compressed distance; ``d`` counts as no nearer than the threshold."""
    cdef float n = (d - t) * per_s
    # Both ends are where the curve is its limit to float32: 2**-40 from the threshold, and flat.
    n = n if n > <float>9.094947017729282e-13 else <float>9.094947017729282e-13
    n = n if n < <float>1099511627776.0 else <float>1099511627776.0
    n = exp2_scaled(log2_normal(n), -p) + <float>1.0
    return fma(exp2_scaled(log2_normal(n), -per_p), s, t)


cdef inline float expanded(float d, float t, float s, float per_s, float p, float per_p) noexcept nogil:
    """The inverse of ``compressed`` below ``t + s``."""
    cdef float n = (d - t) * per_s
    n = n if n > <float>9.094947017729282e-13 else <float>9.094947017729282e-13
    n = n if n < <float>1.0 else <float>1.0
    n = exp2_scaled(log2_normal(n), -p) - <float>1.0
    # One step of float32 above 1: nothing nearer to the limit has a distance of its own.
    n = n if n > <float>1.1920929e-07 else <float>1.1920929e-07
    return fma(exp2_scaled(log2_normal(n), -per_p), s, t)


cdef inline void compress_planes(plane r, plane g, plane b, int n, const float *f) noexcept nogil:
    cdef int i
    cdef float x, y, z, ach, size, per, d
    cdef float tr = f[0], tg = f[1], tb = f[2], sr = f[3], sg = f[4], sb = f[5], p = f[6]
    cdef float ir = <float>1.0 / sr, ig = <float>1.0 / sg, ib = <float>1.0 / sb, ip = <float>1.0 / p
    for i in range(n):
        x = r[i]
        y = g[i]
        z = b[i]
        ach = x if x > y else y
        ach = ach if ach > z else z
        size = fabsf(ach)
        per = <float>1.0 / size if size > <float>0.0 else <float>0.0
        d = distance(ach, x, per)
        r[i] = fma(-compressed(d, tr, sr, ir, p, ip), size, ach) if d >= tr else x
        d = distance(ach, y, per)
        g[i] = fma(-compressed(d, tg, sg, ig, p, ip), size, ach) if d >= tg else y
        d = distance(ach, z, per)
        b[i] = fma(-compressed(d, tb, sb, ib, p, ip), size, ach) if d >= tb else z


cdef inline void expand_planes(plane r, plane g, plane b, int n, const float *f) noexcept nogil:
    cdef int i
    cdef float x, y, z, ach, size, per, d
    cdef float tr = f[0], tg = f[1], tb = f[2], sr = f[3], sg = f[4], sb = f[5], p = f[6]
    cdef float ir = <float>1.0 / sr, ig = <float>1.0 / sg, ib = <float>1.0 / sb, ip = <float>1.0 / p
    cdef float lr = tr + sr, lg = tg + sg, lb = tb + sb
    for i in range(n):
        x = r[i]
        y = g[i]
        z = b[i]
        ach = x if x > y else y
        ach = ach if ach > z else z
        size = fabsf(ach)
        per = <float>1.0 / size if size > <float>0.0 else <float>0.0
        d = distance(ach, x, per)
        r[i] = fma(-expanded(d, tr, sr, ir, p, ip), size, ach) if (d >= tr) & (d < lr) else x
        d = distance(ach, y, per)
        g[i] = fma(-expanded(d, tg, sg, ig, p, ip), size, ach) if (d >= tg) & (d < lg) else y
        d = distance(ach, z, per)
        b[i] = fma(-expanded(d, tb, sb, ib, p, ip), size, ach) if (d >= tb) & (d < lb) else z


cdef inline void gamut_compress(const Tile *t, const Params *p) noexcept nogil:
    """Distances compressed: three thresholds, three scales, the power. NaN stays, infinite maxima pass."""
    compress_planes(t.rgb[0], t.rgb[1], t.rgb[2], t.n, p.f)


cdef inline void gamut_expand(const Tile *t, const Params *p) noexcept nogil:
    """The inverse; distances that no compression gives pass unchanged."""
    expand_planes(t.rgb[0], t.rgb[1], t.rgb[2], t.n, p.f)


cdef inline Step find(str name) noexcept:
    """The step of a kernel name, NULL where this file has none."""
    if name == "gamut_compress": return gamut_compress
    if name == "gamut_expand": return gamut_expand
    return NULL
