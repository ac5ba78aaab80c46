"""Transfer-function steps: piecewise powers, logarithms, PQ, HLG, ACEScc.

``curve_*`` and ``log_*`` are the two families that most camera and display curves are
members of; their constants come in as parameters, from ``vfx.transfer``.
"""

from vfx._ext.simd_math cimport (
    INFINITY, Split, copysignf, exp2_1m, exp2_any, exp2_parts, exp2_scaled, fabsf, fma, log2_1p_parts, log2_any,
    log2_parts, plane, pow_positive, pow_quick, quick, sqrtf, two_prod, zero_power,
)
from vfx._ext.steps_curves_camera cimport find as find_camera
from vfx._ext.tile cimport Params, Step, Tile


cdef inline void curve_encode_plane(plane x, int n, float e, float scale, float offset, float brk, float slope,
                                    bint mirror) noexcept nogil:
    cdef int i
    cdef float zero = zero_power(e), inf = zero_power(-e), v, y
    for i in range(n):
        v = fabsf(x[i]) if mirror else x[i]
        y = fma(pow_positive(fabsf(v), e, zero, inf), scale, -offset)
        y = y if v > brk else v * slope
        x[i] = copysignf(y, x[i]) if mirror else y


cdef inline void curve_encode_quick_plane(plane x, int n, float e, float scale, float offset, float brk,
                                          float slope) noexcept nogil:
    cdef int i
    cdef float v, y
    for i in range(n):
        v = x[i]
        y = fma(pow_quick(v, e), scale, -offset)
        x[i] = y if v > brk else v * slope


cdef inline void curve_encode(const Tile *t, const Params *p) noexcept nogil:
    """scale * x**e - offset above brk, slope * x below; mode 1 mirrors negatives."""
    cdef int c
    for c in range(3):
        if t.rgb[c] == NULL:
            continue
        if p.mode:
            curve_encode_plane(t.rgb[c], t.n, p.f[0], p.f[1], p.f[2], p.f[3], p.f[4], True)
        elif quick(p.f[0]) and p.f[3] >= <float>0.0:
            curve_encode_quick_plane(t.rgb[c], t.n, p.f[0], p.f[1], p.f[2], p.f[3], p.f[4])
        else:
            curve_encode_plane(t.rgb[c], t.n, p.f[0], p.f[1], p.f[2], p.f[3], p.f[4], False)


cdef inline void curve_decode_plane(plane x, int n, float e, float scale, float offset, float brk, float slope,
                                    bint mirror) noexcept nogil:
    cdef int i
    cdef float zero = zero_power(e), inf = zero_power(-e), v, y
    for i in range(n):
        v = fabsf(x[i]) if mirror else x[i]
        y = pow_positive(fabsf(fma(v, scale, offset)), e, zero, inf)
        y = y if v > brk else v * slope
        x[i] = copysignf(y, x[i]) if mirror else y


cdef inline void curve_decode_quick_plane(plane x, int n, float e, float scale, float offset, float brk,
                                          float slope) noexcept nogil:
    cdef int i
    cdef float v, y
    for i in range(n):
        v = x[i]
        y = pow_quick(fma(v, scale, offset), e)
        x[i] = y if v > brk else v * slope


cdef inline void curve_decode(const Tile *t, const Params *p) noexcept nogil:
    """(x * scale + offset) ** e above brk, slope * x below; mode 1 mirrors negatives."""
    cdef int c
    for c in range(3):
        if t.rgb[c] == NULL:
            continue
        if p.mode:
            curve_decode_plane(t.rgb[c], t.n, p.f[0], p.f[1], p.f[2], p.f[3], p.f[4], True)
        elif quick(p.f[0]):
            curve_decode_quick_plane(t.rgb[c], t.n, p.f[0], p.f[1], p.f[2], p.f[3], p.f[4])
        else:
            curve_decode_plane(t.rgb[c], t.n, p.f[0], p.f[1], p.f[2], p.f[3], p.f[4], False)


cdef inline float log2_limited(float v) noexcept nogil:
    """log2 of ``v``, but no less than log2(FLT_MIN); NaN stays NaN."""
    return log2_any(<float>1.1754943508222875e-38 if v < <float>1.1754943508222875e-38 else v)


cdef inline void log_encode_plane(plane x, int n, float a, float b, float c, float d, float brk, float e,
                                  float f, bint linear) noexcept nogil:
    cdef int i
    cdef float v, y
    for i in range(n):
        v = x[i]
        y = fma(log2_limited(fma(v, c, d)), a, b)
        if linear:
            y = y if v > brk else fma(v, e, f)
        x[i] = y


cdef inline void log_encode(const Tile *t, const Params *p) noexcept nogil:
    """a * log2(max(c * x + d, FLT_MIN)) + b above brk, e * x + f below (brk -inf: no linear part)."""
    cdef int c
    for c in range(3):
        if t.rgb[c] == NULL:
            continue
        if p.f[4] == -INFINITY:
            log_encode_plane(t.rgb[c], t.n, p.f[0], p.f[1], p.f[2], p.f[3], p.f[4], p.f[5], p.f[6], False)
        else:
            log_encode_plane(t.rgb[c], t.n, p.f[0], p.f[1], p.f[2], p.f[3], p.f[4], p.f[5], p.f[6], True)


cdef inline void log_decode_plane(plane x, int n, float a, float b, float c, float d, float brk, float e,
                                  float f, bint linear) noexcept nogil:
    cdef int i
    cdef float v, y, total, kept, lost
    cdef Split s
    for i in range(n):
        v = x[i]
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
        x[i] = y


cdef inline void log_decode(const Tile *t, const Params *p) noexcept nogil:
    """c * 2**(a * x + b) + d above brk, e * x + f below (brk -inf: no linear part)."""
    cdef int c
    for c in range(3):
        if t.rgb[c] == NULL:
            continue
        if p.f[4] == -INFINITY:
            log_decode_plane(t.rgb[c], t.n, p.f[0], p.f[1], p.f[2], p.f[3], p.f[4], p.f[5], p.f[6], False)
        else:
            log_decode_plane(t.rgb[c], t.n, p.f[0], p.f[1], p.f[2], p.f[3], p.f[4], p.f[5], p.f[6], True)


# SMPTE ST 2084:2014, 5.2: m1 = 2610/16384, m2 = 2523/32, c1 = 3424/4096, c2 = 2413/128,
# c3 = 2392/128, and c1 = c3 - c2 + 1. The quotient (c1 + c2 y)/(1 + c3 y) is close to 1 and
# is raised to m2, so it is written as 1 - d with d = (1 - c1)(1 - y)/(1 + c3 y): that keeps
# the digits which the plain form loses (1e-5 relative after the power).

cdef inline void pq_encode_plane(plane x, int n, float scale) noexcept nogil:
    cdef int i
    cdef float y, d
    for i in range(n):
        y = pow_positive(fabsf(x[i] * scale), <float>0.1593017578125, <float>0.0, INFINITY)
        y = <float>1e30 if y > <float>1e30 else y
        d = <float>0.1640625 * (<float>1.0 - y) / fma(y, <float>18.6875, <float>1.0)
        y = exp2_scaled(log2_1p_parts(-d), <float>78.84375)
        y = y if d == d else d
        x[i] = copysignf(y, x[i])


cdef inline void pq_encode(const Tile *t, const Params *p) noexcept nogil:
    """ST 2084 inverse EOTF of x * scale, 1.0 = 10000 cd/m2; negatives are mirrored."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            pq_encode_plane(t.rgb[c], t.n, p.f[0])


cdef inline void pq_decode_plane(plane x, int n, float scale) noexcept nogil:
    cdef int i
    cdef float v, u, y
    cdef Split s
    for i in range(n):
        v = fabsf(x[i])
        s = log2_parts(v)
        # v ** (1 / m2) - 1; below -1/2 the numerator is negative anyway, that is 0.
        u = (s.hi + s.lo) * <float>0.012683313515655966
        u = u if u > <float>-0.5 else <float>-0.5
        u = u if v > <float>0.0 else <float>-0.5
        u = u if v < INFINITY else <float>0.5
        u = exp2_1m(u)
        y = <float>0.1640625 + u
        y = y if y > <float>0.0 else <float>0.0
        # The denominator reaches 0 at a code value of about 2: no light level is beyond it.
        u = fma(u, <float>-18.6875, <float>0.1640625)
        u = u if u > <float>1e-10 else <float>1e-10
        u = pow_positive(y / u, <float>6.277394636015326, <float>0.0, INFINITY) * scale
        u = u if v == v else v
        x[i] = copysignf(u, x[i])


cdef inline void pq_decode(const Tile *t, const Params *p) noexcept nogil:
    """ST 2084 EOTF times scale, 10000 cd/m2 = 1.0 before it; negatives are mirrored."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            pq_decode_plane(t.rgb[c], t.n, p.f[0])


# ITU-R BT.2100-2, table 5: a = 0.17883277, b = 1 - 4a, c = 0.5 - a ln(4a), for light of 0 to 12.

cdef inline void hlg_encode_plane(plane x, int n, float scale) noexcept nogil:
    cdef int i
    cdef float v, low, high
    for i in range(n):
        v = fabsf(x[i]) * scale
        low = <float>0.5 * sqrtf(v)
        # a ln 2 times the base-2 logarithm.
        high = fma(log2_limited(v - <float>0.28466892), <float>0.12395743100814773, <float>0.55991073)
        v = low if v <= <float>1.0 else high
        x[i] = copysignf(v, x[i])


cdef inline void hlg_encode(const Tile *t, const Params *p) noexcept nogil:
    """BT.2100 HLG OETF of x * scale, scene light 0..12 to signal 0..1; negatives are mirrored."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            hlg_encode_plane(t.rgb[c], t.n, p.f[0])


cdef inline void hlg_decode_plane(plane x, int n, float scale) noexcept nogil:
    cdef int i
    cdef float v, low, high
    for i in range(n):
        v = fabsf(x[i])
        low = v * v * <float>4.0
        high = exp2_any((v - <float>0.55991073) * <float>8.067285662436152) + <float>0.28466892
        v = low if v <= <float>0.5 else high
        x[i] = copysignf(v * scale, x[i])


cdef inline void hlg_decode(const Tile *t, const Params *p) noexcept nogil:
    """BT.2100 HLG inverse OETF times scale; negatives are mirrored."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            hlg_decode_plane(t.rgb[c], t.n, p.f[0])


# Academy S-2014-003, 4.4: ACEScc.

cdef inline void acescc_encode_plane(plane x, int n) noexcept nogil:
    cdef int i
    cdef float v
    for i in range(n):
        v = x[i]
        v = <float>0.0 if v < <float>0.0 else v
        # 2**-16 + x / 2 below 2**-15.
        v = fma(v, <float>0.5, <float>1.52587890625e-05) if v < <float>3.0517578125e-05 else v
        x[i] = (log2_any(v) + <float>9.72) / <float>17.52


cdef inline void acescc_encode(const Tile *t, const Params *p) noexcept nogil:
    """ACEScg-primaries linear to ACEScc; negatives go to the curve's floor."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            acescc_encode_plane(t.rgb[c], t.n)


cdef inline void acescc_decode_plane(plane x, int n) noexcept nogil:
    cdef int i
    cdef float v, y
    for i in range(n):
        v = x[i]
        y = exp2_any(fma(v, <float>17.52, <float>-9.72))
        # (9.72 - 15) / 17.52 and (log2(65504) + 9.72) / 17.52.
        y = (y - <float>1.52587890625e-05) * <float>2.0 if v <= <float>-0.3013698630136986 else y
        x[i] = <float>65504.0 if v >= <float>1.4679964 else y


cdef inline void acescc_decode(const Tile *t, const Params *p) noexcept nogil:
    """ACEScc to linear; no brighter than 65504, as the standard has it."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            acescc_decode_plane(t.rgb[c], t.n)


cdef inline Step find(str name) noexcept:
    """The step of that name, or NULL."""
    if name == "acescc_decode": return acescc_decode
    if name == "acescc_encode": return acescc_encode
    if name == "curve_decode": return curve_decode
    if name == "curve_encode": return curve_encode
    if name == "hlg_decode": return hlg_decode
    if name == "hlg_encode": return hlg_encode
    if name == "log_decode": return log_decode
    if name == "log_encode": return log_encode
    if name == "pq_decode": return pq_decode
    if name == "pq_encode": return pq_encode
    return find_camera(name)
