"""Transfer-function steps: piecewise powers and logarithms.

``curve_*`` and ``log_*`` are the two families that most camera and display curves are
members of; their constants come in as parameters, from ``vfx.transfer``. The loops go by
groups of floats and heed ``Tile.on``, so they work on planes and on interleaved pixels.
"""

from vfx._ext.simd_math cimport (
    INFINITY, Split, copysignf, exp2_parts, fabsf, fma, log2_any, plane, pow_positive, pow_quick, quick, two_prod,
    zero_power,
)
from vfx._ext.steps_curves_camera cimport find as find_camera
from vfx._ext.steps_curves_light cimport find as find_light
from vfx._ext.steps_curves_math cimport exp2_line, log2_plain, near_exp2
from vfx._ext.tile cimport GROUP, Params, Step, Tile


cdef inline void curve_encode_plane(plane x, int n, const int *on, const float *p, bint mirror) noexcept nogil:
    cdef int i, j
    cdef float e = p[0], scale = p[1], offset = p[2], brk = p[3], slope = p[4]
    cdef float zero = zero_power(e), inf = zero_power(-e), v, s, y
    for i in range(n // GROUP):
        for j in range(GROUP):
            v = x[j]
            s = fabsf(v) if mirror else v
            y = fma(pow_positive(fabsf(s), e, zero, inf), scale, -offset)
            y = y if s > brk else s * slope
            y = copysignf(y, v) if mirror else y
            x[j] = y if on[j] else v
        x += GROUP


cdef inline void curve_encode_quick_plane(plane x, int n, const int *on, const float *p) noexcept nogil:
    cdef int i, j
    cdef float e = p[0], scale = p[1], offset = p[2], brk = p[3], slope = p[4], v, y
    for i in range(n // GROUP):
        for j in range(GROUP):
            v = x[j]
            y = fma(pow_quick(v, e), scale, -offset)
            y = y if v > brk else v * slope
            x[j] = y if on[j] else v
        x += GROUP


cdef inline void curve_encode(const Tile *t, const Params *p) noexcept nogil:
    """scale * x**e - offset above brk, slope * x below; mode 1 mirrors negatives."""
    cdef int c
    for c in range(3):
        if t.rgb[c] == NULL:
            continue
        if p.mode:
            curve_encode_plane(t.rgb[c], t.n, t.on, p.f, True)
        elif quick(p.f[0]) and p.f[3] >= <float>0.0:
            curve_encode_quick_plane(t.rgb[c], t.n, t.on, p.f)
        else:
            curve_encode_plane(t.rgb[c], t.n, t.on, p.f, False)


cdef inline void curve_decode_plane(plane x, int n, const int *on, const float *p, bint mirror) noexcept nogil:
    cdef int i, j
    cdef float e = p[0], scale = p[1], offset = p[2], brk = p[3], slope = p[4]
    cdef float zero = zero_power(e), inf = zero_power(-e), v, s, y
    for i in range(n // GROUP):
        for j in range(GROUP):
            v = x[j]
            s = fabsf(v) if mirror else v
            y = pow_positive(fabsf(fma(s, scale, offset)), e, zero, inf)
            y = y if s > brk else s * slope
            y = copysignf(y, v) if mirror else y
            x[j] = y if on[j] else v
        x += GROUP


cdef inline void curve_decode_quick_plane(plane x, int n, const int *on, const float *p) noexcept nogil:
    cdef int i, j
    cdef float e = p[0], scale = p[1], offset = p[2], brk = p[3], slope = p[4], v, y
    for i in range(n // GROUP):
        for j in range(GROUP):
            v = x[j]
            y = pow_quick(fma(v, scale, offset), e)
            y = y if v > brk else v * slope
            x[j] = y if on[j] else v
        x += GROUP


cdef inline void curve_decode(const Tile *t, const Params *p) noexcept nogil:
    """(x * scale + offset) ** e above brk, slope * x below; mode 1 mirrors negatives."""
    cdef int c
    for c in range(3):
        if t.rgb[c] == NULL:
            continue
        if p.mode:
            curve_decode_plane(t.rgb[c], t.n, t.on, p.f, True)
        elif quick(p.f[0]):
            curve_decode_quick_plane(t.rgb[c], t.n, t.on, p.f)
        else:
            curve_decode_plane(t.rgb[c], t.n, t.on, p.f, False)


cdef inline void log_encode_toe_plane(plane x, int n, const int *on, const float *p) noexcept nogil:
    """Rising curves whose line meets the logarithm where its argument is a normal number."""
    cdef int i, j
    cdef float a = p[0], b = p[1], c = p[2], d = p[3], brk = p[4], e = p[5], f = p[6], v, s, y, line
    for i in range(n // GROUP):
        for j in range(GROUP):
            v = x[j]
            s = fma(v, c, d)
            y = fma(log2_plain(s), a, b)
            # The line also has the infinities and NaN right.
            line = fma(v, e, f)
            y = y if v > brk else line
            y = y if s < INFINITY else line
            x[j] = y if on[j] else v
        x += GROUP


cdef inline void log_encode_plane(plane x, int n, const int *on, const float *p, bint linear) noexcept nogil:
    cdef int i, j
    cdef float a = p[0], b = p[1], c = p[2], d = p[3], brk = p[4], e = p[5], f = p[6], v, s, y
    for i in range(n // GROUP):
        for j in range(GROUP):
            v = x[j]
            s = fma(v, c, d)
            s = <float>1.1754943508222875e-38 if s < <float>1.1754943508222875e-38 else s
            y = fma(log2_plain(s), a, b)
            y = y if s < INFINITY else s * a
            if linear:
                y = y if v > brk else fma(v, e, f)
            x[j] = y if on[j] else v
        x += GROUP


cdef inline void log_encode(const Tile *t, const Params *p) noexcept nogil:
    """a * log2(max(c * x + d, FLT_MIN)) + b above brk, e * x + f below (brk -inf: no linear part)."""
    cdef int c
    cdef bint toe = (p.f[0] > <float>0.0 and p.f[2] > <float>0.0 and p.f[5] > <float>0.0
                     and fma(p.f[4], p.f[2], p.f[3]) >= <float>1.1754943508222875e-38)
    for c in range(3):
        if t.rgb[c] == NULL:
            continue
        if p.f[4] == -INFINITY:
            log_encode_plane(t.rgb[c], t.n, t.on, p.f, False)
        elif toe:
            log_encode_toe_plane(t.rgb[c], t.n, t.on, p.f)
        else:
            log_encode_plane(t.rgb[c], t.n, t.on, p.f, True)


cdef inline void log_decode_toe_plane(plane x, int n, const int *on, const float *p) noexcept nogil:
    """Rising curves whose line begins where the power of two is a normal number."""
    cdef int i, j
    cdef float a = p[0], b = p[1], c = p[2], d = p[3], brk = p[4], e = p[5], f = p[6], v, s, y
    for i in range(n // GROUP):
        for j in range(GROUP):
            v = x[j]
            s = fma(v, a, b)
            y = fma(exp2_line(v, a, b), c, d)
            y = y if s < <float>128.0 else INFINITY
            y = y if v > brk else fma(v, e, f)
            x[j] = y if on[j] else v
        x += GROUP


cdef inline void log_decode_near_plane(plane x, int n, const int *on, const float *p) noexcept nogil:
    """Curves without a line."""
    cdef int i, j
    cdef float a = p[0], b = p[1], c = p[2], d = p[3], v, s, y
    for i in range(n // GROUP):
        for j in range(GROUP):
            v = x[j]
            s = fma(v, a, b)
            y = exp2_line(v, a, b)
            y = y if s >= <float>-126.0 else <float>0.0
            y = y if s < <float>128.0 else INFINITY
            y = fma(y, c, d)
            y = y if v == v else v
            x[j] = y if on[j] else v
        x += GROUP


cdef inline void log_decode_plane(plane x, int n, const int *on, const float *p, bint linear) noexcept nogil:
    """Any curve: the exponent has a second half."""
    cdef int i, j
    cdef float a = p[0], b = p[1], c = p[2], d = p[3], brk = p[4], e = p[5], f = p[6], v, y, total, kept, lost
    cdef Split s
    for i in range(n // GROUP):
        for j in range(GROUP):
            v = x[j]
            s = two_prod(v, a)
            # Knuth's sum: neither term is known to be the larger.
            total = s.hi + b
            kept = total - s.hi
            lost = (s.hi - (total - kept)) + (b - kept)
            lost = lost + s.lo
            lost = lost if fabsf(total) < <float>1024.0 else <float>0.0
            total = total if fabsf(total) < <float>1024.0 else copysignf(<float>1024.0, total)
            y = fma(exp2_parts(total, lost), c, d)
            y = y if v == v else v
            if linear:
                y = y if v > brk else fma(v, e, f)
            x[j] = y if on[j] else v
        x += GROUP


cdef inline void log_decode(const Tile *t, const Params *p) noexcept nogil:
    """c * 2**(a * x + b) + d above brk, e * x + f below (brk -inf: no linear part)."""
    cdef int c
    cdef bint near = near_exp2(p.f[0], p.f[1])
    cdef bint toe = (near and p.f[0] > <float>0.0 and p.f[2] > <float>0.0
                     and fma(p.f[4], p.f[0], p.f[1]) >= <float>-126.0)
    for c in range(3):
        if t.rgb[c] == NULL:
            continue
        if p.f[4] > -INFINITY and toe:
            log_decode_toe_plane(t.rgb[c], t.n, t.on, p.f)
        elif p.f[4] > -INFINITY:
            log_decode_plane(t.rgb[c], t.n, t.on, p.f, True)
        elif near:
            log_decode_near_plane(t.rgb[c], t.n, t.on, p.f)
        else:
            log_decode_plane(t.rgb[c], t.n, t.on, p.f, False)


cdef inline Step find(str name) noexcept:
    """The step of that name, or NULL."""
    cdef Step found = NULL
    if name == "curve_decode": return curve_decode
    if name == "curve_encode": return curve_encode
    if name == "log_decode": return log_decode
    if name == "log_encode": return log_encode
    found = find_light(name)
    return found if found != NULL else find_camera(name)
