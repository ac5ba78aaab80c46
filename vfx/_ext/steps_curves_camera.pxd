"""Transfer-function steps of the rarer shapes: mirrored logs, logs over a parabola or a cube root, whole codes.

Their constants come in as parameters, from ``vfx.transfer``.
"""

from vfx._ext.simd_math cimport (
    INFINITY, copysignf, exp2_any, exp2_scaled, fabsf, fma, log2_any, log2_parts, plane, sqrtf,
)
from vfx._ext.tile cimport LANES, Params, Step, Tile

cdef extern from *:
    """
    #include <math.h>
    """
    float floorf(float x) noexcept nogil


cdef inline float log2_from_least(float v) noexcept nogil:
    """log2 of ``v``, but no less than log2(FLT_MIN); NaN stays NaN."""
    return log2_any(<float>1.1754943508222875e-38 if v < <float>1.1754943508222875e-38 else v)


cdef inline void mirror_log_encode_plane(plane x, int n, const float *p) noexcept nogil:
    cdef int i
    cdef float a = p[0], b = p[1], c = p[2], brk = p[3], e = p[4], m = p[5], v, s, y
    for i in range(n):
        v = x[i]
        s = fabsf(v)
        y = copysignf(fma(log2_any(fma(s, c, <float>1.0)), a, b), v)
        x[i] = (y if s > brk else v * e) + m


cdef inline void mirror_log_encode(const Tile *t, const Params *p) noexcept nogil:
    """m +- (a * log2(c * |x| + 1) + b) where |x| is above brk, e * x + m elsewhere."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            mirror_log_encode_plane(t.rgb[c], t.n, p.f)


cdef inline void mirror_log_decode_plane(plane x, int n, const float *p) noexcept nogil:
    cdef int i
    cdef float a = p[0], b = p[1], c = p[2], brk = p[3], e = p[4], m = p[5], v, s, y
    for i in range(n):
        v = x[i] - m
        s = fabsf(v)
        y = copysignf((exp2_any(fma(s, a, b)) - <float>1.0) * c, v)
        x[i] = y if s > brk else v * e


cdef inline void mirror_log_decode(const Tile *t, const Params *p) noexcept nogil:
    """+- c * (2**(a * |x - m| + b) - 1) where |x - m| is above brk, e * (x - m) elsewhere."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            mirror_log_decode_plane(t.rgb[c], t.n, p.f)


cdef inline void square_log_encode_plane(plane x, int n, const float *p) noexcept nogil:
    cdef int i
    cdef float a = p[0], b = p[1], d = p[2], brk = p[3], e = p[4], low = p[5], v, s, y
    for i in range(n):
        v = x[i]
        s = e * (low if v < low else v) - e * low
        y = fma(log2_from_least(v + d), a, b)
        x[i] = y if v > brk else s * s


cdef inline void square_log_encode(const Tile *t, const Params *p) noexcept nogil:
    """a * log2(x + d) + b above brk, (e * (max(x, low) - low)) ** 2 below."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            square_log_encode_plane(t.rgb[c], t.n, p.f)


cdef inline void square_log_decode_plane(plane x, int n, const float *p) noexcept nogil:
    cdef int i
    cdef float a = p[0], b = p[1], d = p[2], brk = p[3], e = p[4], low = p[5], v, s, y
    for i in range(n):
        v = x[i]
        s = <float>0.0 if v < <float>0.0 else v
        y = exp2_any(fma(v, a, b)) + d
        x[i] = y if v > brk else sqrtf(s * e) + low


cdef inline void square_log_decode(const Tile *t, const Params *p) noexcept nogil:
    """2 ** (a * x + b) + d above brk, sqrt(max(x, 0) * e) + low below."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            square_log_decode_plane(t.rgb[c], t.n, p.f)


cdef inline void root_log_encode_plane(plane x, int n, const float *p) noexcept nogil:
    cdef int i
    cdef float a = p[0], b = p[1], brk = p[2], e = p[3], f = p[4], rest = p[5], v, s, y, log
    for i in range(n):
        v = x[i]
        s = (v + f) + rest
        log = log2_any(v if v > brk else fabsf(s))
        y = copysignf(e * exp2_any(log * <float>0.3333333333333333), s)
        x[i] = fma(log, a, b) if v > brk else y


cdef inline void root_log_encode(const Tile *t, const Params *p) noexcept nogil:
    """a * log2(x) + b above brk, e * cbrt(x + f + rest) below; a root is steep, so f has a second half."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            root_log_encode_plane(t.rgb[c], t.n, p.f)


cdef inline void root_log_decode_plane(plane x, int n, const float *p) noexcept nogil:
    cdef int i
    cdef float a = p[0], b = p[1], brk = p[2], e = p[3], f = p[4], v, s, y
    for i in range(n):
        v = x[i]
        s = v * e
        y = exp2_any(fma(v, a, b))
        x[i] = y if v > brk else s * s * s - f


cdef inline void root_log_decode(const Tile *t, const Params *p) noexcept nogil:
    """2 ** (a * x + b) above brk, (e * x) ** 3 - f below."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            root_log_decode_plane(t.rgb[c], t.n, p.f)


cdef inline void log_codes_plane(plane x, int n, const float *p) noexcept nogil:
    cdef int i
    cdef float a = p[0], b = p[1], low = p[2], high = p[3], top = p[4], y
    for i in range(n):
        y = floorf(fma(log2_from_least(x[i]), a, b) + <float>0.5)
        y = low if y < low else y
        y = high if y > high else y
        x[i] = y / top


cdef inline void log_codes(const Tile *t, const Params *p) noexcept nogil:
    """a * log2(x) + b rounded to a whole code of low to high, over top."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            log_codes_plane(t.rgb[c], t.n, p.f)


cdef inline void segments_plane(plane x, int n, const float *lines, int count) noexcept nogil:
    cdef int i, j, k
    cdef float start, slope, offset, v
    cdef float y[LANES]
    for i in range(n // LANES):
        for j in range(LANES):
            v = x[j]
            v = lines[0] if v < lines[0] else v
            x[j] = v
            y[j] = fma(v, lines[1], lines[2])
        for k in range(1, count):
            start = lines[3 * k]
            slope = lines[3 * k + 1]
            offset = lines[3 * k + 2]
            for j in range(LANES):
                v = x[j]
                y[j] = fma(v, slope, offset) if v > start else y[j]
        for j in range(LANES):
            x[j] = y[j]
        x += LANES


cdef inline void segments(const Tile *t, const Params *p) noexcept nogil:
    """Joined lines, a row of start, slope and offset for each; below the first start its value."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            segments_plane(t.rgb[c], t.n, p.table, p.size)


cdef inline void luminance_power_planes(plane r, plane g, plane b, int n, const float *p) noexcept nogil:
    cdef int i
    cdef float e = p[0], scale = p[1], wr = p[2], wg = p[3], wb = p[4], y, k
    for i in range(n):
        y = fabsf(fma(wb, b[i], fma(wg, g[i], wr * r[i])))
        k = exp2_scaled(log2_parts(y), e)
        k = k if y < INFINITY else y
        # Black is black, also where a negative exponent would make its factor infinite.
        k = k * scale if y != <float>0.0 else <float>0.0
        r[i] = r[i] * k
        g[i] = g[i] * k
        b[i] = b[i] * k


cdef inline void luminance_power(const Tile *t, const Params *p) noexcept nogil:
    """(R, G, B) * scale * |Y| ** e, where Y = wr R + wg G + wb B."""
    luminance_power_planes(t.rgb[0], t.rgb[1], t.rgb[2], t.n, p.f)


cdef inline Step find(str name) noexcept:
    """The step of that name, or NULL."""
    if name == "log_codes": return log_codes
    if name == "luminance_power": return luminance_power
    if name == "mirror_log_decode": return mirror_log_decode
    if name == "mirror_log_encode": return mirror_log_encode
    if name == "root_log_decode": return root_log_decode
    if name == "root_log_encode": return root_log_encode
    if name == "segments": return segments
    if name == "square_log_decode": return square_log_decode
    if name == "square_log_encode": return square_log_encode
    return NULL
