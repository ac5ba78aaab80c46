"""Transfer-function steps of the rarer shapes: mirrored logs, logs over a parabola or a cube root, whole codes.

Their constants come in as parameters, from ``vfx.transfer``. All but the cube root and the joined lines
heed ``Tile.on`` and work on interleaved pixels too.
"""

from vfx._ext.simd_math cimport INFINITY, copysignf, exp2_any, fabsf, fma, log2_any, plane, sqrtf
from vfx._ext.steps_curves_math cimport exp2_plain, log2_plain
from vfx._ext.tile cimport GROUP, LANES, Params, Step, Tile

cdef extern from *:
    """
    #include <math.h>
    """
    float floorf(float x) noexcept nogil


cdef inline void mirror_log_encode_plane(plane x, int n, const int *on, const float *p) noexcept nogil:
    cdef int i, j
    cdef float a = p[0], b = p[1], c = p[2], brk = p[3], e = p[4], m = p[5], v, s, t, y
    for i in range(n // GROUP):
        for j in range(GROUP):
            v = x[j]
            s = fabsf(v)
            t = fma(s, c, <float>1.0)
            y = fma(log2_plain(t), a, b)
            y = copysignf(y if t < INFINITY else t, v)
            y = (y if s > brk else v * e) + m
            x[j] = y if on[j] else v
        x += GROUP


cdef inline void mirror_log_encode(const Tile *t, const Params *p) noexcept nogil:
    """m +- (a * log2(c * |x| + 1) + b) where |x| is above brk, e * x + m elsewhere; a and c are positive."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            mirror_log_encode_plane(t.rgb[c], t.n, t.on, p.f)


cdef inline void mirror_log_decode_plane(plane x, int n, const int *on, const float *p) noexcept nogil:
    cdef int i, j
    cdef float a = p[0], b = p[1], c = p[2], brk = p[3], e = p[4], m = p[5], v, s, t, y
    for i in range(n // GROUP):
        for j in range(GROUP):
            v = x[j]
            s = v - m
            t = fma(fabsf(s), a, b)
            y = (exp2_plain(t) - <float>1.0) * c
            y = copysignf(y if t < <float>128.0 else INFINITY, s)
            # The line also has NaN right.
            y = y if fabsf(s) > brk else s * e
            x[j] = y if on[j] else v
        x += GROUP


cdef inline void mirror_log_decode(const Tile *t, const Params *p) noexcept nogil:
    """+- c * (2**(a * |x - m| + b) - 1) where |x - m| is above brk, e * (x - m) elsewhere; a and c are positive."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            mirror_log_decode_plane(t.rgb[c], t.n, t.on, p.f)


cdef inline void square_log_encode_plane(plane x, int n, const int *on, const float *p) noexcept nogil:
    cdef int i, j
    cdef float a = p[0], b = p[1], d = p[2], brk = p[3], e = p[4], low = p[5], v, s, t, y
    for i in range(n // GROUP):
        for j in range(GROUP):
            v = x[j]
            t = v + d
            y = fma(log2_plain(t), a, b)
            y = y if t < INFINITY else t
            s = ((low if v < low else v) - low) * e
            y = y if v > brk else s * s
            x[j] = y if on[j] else v
        x += GROUP


cdef inline void square_log_encode(const Tile *t, const Params *p) noexcept nogil:
    """a * log2(x + d) + b above brk, where x + d is positive, (e * (max(x, low) - low)) ** 2 below."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            square_log_encode_plane(t.rgb[c], t.n, t.on, p.f)


cdef inline void square_log_decode_plane(plane x, int n, const int *on, const float *p) noexcept nogil:
    cdef int i, j
    cdef float a = p[0], b = p[1], d = p[2], brk = p[3], e = p[4], low = p[5], v, s, t, y
    for i in range(n // GROUP):
        for j in range(GROUP):
            v = x[j]
            t = fma(v, a, b)
            y = exp2_plain(t) + d
            y = y if t < <float>128.0 else INFINITY
            s = <float>0.0 if v < <float>0.0 else v
            y = y if v > brk else sqrtf(s * e) + low
            x[j] = y if on[j] else v
        x += GROUP


cdef inline void square_log_decode(const Tile *t, const Params *p) noexcept nogil:
    """2 ** (a * x + b) + d above brk, sqrt(max(x, 0) * e) + low below; a is positive."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            square_log_decode_plane(t.rgb[c], t.n, t.on, p.f)


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


cdef inline void root_log_decode_plane(plane x, int n, const int *on, const float *p) noexcept nogil:
    cdef int i, j
    cdef float a = p[0], b = p[1], brk = p[2], e = p[3], f = p[4], v, s, t, y
    for i in range(n // GROUP):
        for j in range(GROUP):
            v = x[j]
            s = v * e
            t = fma(v, a, b)
            y = exp2_plain(t)
            y = y if t < <float>128.0 else INFINITY
            y = y if v > brk else s * s * s - f
            x[j] = y if on[j] else v
        x += GROUP


cdef inline void root_log_decode(const Tile *t, const Params *p) noexcept nogil:
    """2 ** (a * x + b) above brk, (e * x) ** 3 - f below; a is positive."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            root_log_decode_plane(t.rgb[c], t.n, t.on, p.f)


cdef inline void log_codes_plane(plane x, int n, const int *on, const float *p) noexcept nogil:
    cdef int i, j
    cdef float a = p[0], b = p[1], low = p[2], high = p[3], top = p[4], v, s, y
    for i in range(n // GROUP):
        for j in range(GROUP):
            v = x[j]
            s = <float>1.1754943508222875e-38 if v < <float>1.1754943508222875e-38 else v
            y = floorf(fma(log2_plain(s), a, b) + <float>0.5)
            y = y if s < INFINITY else s
            y = low if y < low else y
            y = (high if y > high else y) / top
            x[j] = y if on[j] else v
        x += GROUP


cdef inline void log_codes(const Tile *t, const Params *p) noexcept nogil:
    """a * log2(x) + b rounded to a whole code of low to high, over top."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            log_codes_plane(t.rgb[c], t.n, t.on, p.f)


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


cdef inline Step find(str name) noexcept:
    """The step of that name, or NULL."""
    if name == "log_codes": return log_codes
    if name == "mirror_log_decode": return mirror_log_decode
    if name == "mirror_log_encode": return mirror_log_encode
    if name == "root_log_decode": return root_log_decode
    if name == "root_log_encode": return root_log_encode
    if name == "segments": return segments
    if name == "square_log_decode": return square_log_decode
    if name == "square_log_encode": return square_log_encode
    return NULL
