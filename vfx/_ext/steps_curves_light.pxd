"""Transfer-function steps of one standard each: PQ, HLG with its OOTF, ACEScc.

PQ is dear enough to be done on planes; the others heed ``Tile.on`` and work on interleaved pixels too.
"""

from vfx._ext.simd_math cimport (
    INFINITY, Split, copysignf, exp2_1m, exp2_scaled, fabsf, fma, log2_1p_parts, log2_parts, plane, sqrtf,
    two_prod,
)
from vfx._ext.steps_curves_math cimport exp2_plain, exp2_whole, log2_plain
from vfx._ext.tile cimport GROUP, Params, Step, Tile


# SMPTE ST 2084:2014, 5.2: m1 = 2610/16384, m2 = 2523/32, c1 = 3424/4096, c2 = 2413/128,
# c3 = 2392/128, and c1 = c3 - c2 + 1. The quotient (c1 + c2 y)/(1 + c3 y) is close to 1 and
# is raised to m2, so it is written as 1 - d with d = (1 - c1)(1 - y)/(1 + c3 y): that keeps
# the digits which the plain form loses (1e-5 relative after the power).

# One loop would be a chain of 70 instructions that each need the one before, and the processor looks only some
# 300 ahead: four values at a time. Two loops overlap twice as many (3840x2160 RGBA, one thread, with loading and
# storing: encode 34.9 to 28.9 ms, decode 47.0 to 34.6; with compensated powers they took 46.6 and 57.1).

cdef inline void pq_encode_plane(plane x, int n, float scale) noexcept nogil:
    cdef int i
    cdef float v, y, d, z
    cdef Split s, t
    for i in range(n):
        v = fabsf(x[i] * scale)
        y = v if v > <float>1e-37 else <float>1e-37
        y = exp2_plain(log2_plain(y) * <float>0.1593017578125)
        y = y if v > <float>0.0 else v
        x[i] = copysignf(<float>1e30 if v == INFINITY else y, x[i])
    for i in range(n):
        y = fabsf(x[i])
        d = <float>0.1640625 * (<float>1.0 - y) / fma(y, <float>18.6875, <float>1.0)
        # The exponent is -20.5 at black and 1.0 at infinity, so 2 ** it needs no limits.
        s = log2_1p_parts(-d)
        t = two_prod(s.hi, <float>78.84375)
        t.lo = fma(s.lo, <float>78.84375, t.lo)
        z = (t.hi + t.lo) + <float>12582912.0
        d = exp2_whole(z, (t.hi - (z - <float>12582912.0)) + t.lo)
        x[i] = copysignf(d if y == y else y, x[i])


cdef inline void pq_encode(const Tile *t, const Params *p) noexcept nogil:
    """ST 2084 inverse EOTF of x * scale, 1.0 = 10000 cd/m2; negatives are mirrored."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            pq_encode_plane(t.rgb[c], t.n, p.f[0])


cdef inline void pq_decode_plane(plane x, int n, float scale) noexcept nogil:
    cdef int i
    cdef float v, u, y
    for i in range(n):
        v = fabsf(x[i])
        u = v if v > <float>1e-30 else <float>1e-30
        # v ** (1 / m2) - 1; below -1/2 the numerator is negative anyway, that is 0.
        u = log2_plain(u) * <float>0.012683313515655966
        u = u if u > <float>-0.5 else <float>-0.5
        u = u if u < <float>0.5 else <float>0.5
        u = exp2_1m(u)
        y = <float>0.1640625 + u
        y = y if y > <float>0.0 else <float>0.0
        # The denominator reaches 0 at a code value of about 2: no light level is beyond it.
        u = fma(u, <float>-18.6875, <float>0.1640625)
        u = u if u > <float>1e-10 else <float>1e-10
        y = y / u
        x[i] = copysignf(y if v == v else v, x[i])
    for i in range(n):
        y = fabsf(x[i])
        u = log2_plain(y) * <float>6.277394636015326
        u = u if u > <float>-126.0 else <float>-126.0
        u = u if u < <float>128.0 else <float>128.0
        u = exp2_plain(u) * scale
        x[i] = copysignf(u if y > <float>0.0 else y, x[i])


cdef inline void pq_decode(const Tile *t, const Params *p) noexcept nogil:
    """ST 2084 EOTF times scale, 10000 cd/m2 = 1.0 before it; negatives are mirrored."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            pq_decode_plane(t.rgb[c], t.n, p.f[0])


# ITU-R BT.2100-2, table 5: a = 0.17883277, b = 1 - 4a, c = 0.5 - a ln(4a), for light of 0 to 12.

cdef inline void hlg_encode_plane(plane x, int n, const int *on, float scale) noexcept nogil:
    cdef int i, j
    cdef float v, s, y
    for i in range(n // GROUP):
        for j in range(GROUP):
            v = x[j]
            s = fabsf(v) * scale
            # a ln 2 times the base-2 logarithm.
            y = fma(log2_plain(s - <float>0.28466892), <float>0.12395743100814773, <float>0.55991073)
            y = y if s < INFINITY else s
            y = <float>0.5 * sqrtf(s) if s <= <float>1.0 else y
            y = copysignf(y, v)
            x[j] = y if on[j] else v
        x += GROUP


cdef inline void hlg_encode(const Tile *t, const Params *p) noexcept nogil:
    """BT.2100 HLG OETF of x * scale, scene light 0..12 to signal 0..1; negatives are mirrored."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            hlg_encode_plane(t.rgb[c], t.n, t.on, p.f[0])


cdef inline void hlg_decode_plane(plane x, int n, const int *on, float scale) noexcept nogil:
    cdef int i, j
    cdef float v, s, t, y
    for i in range(n // GROUP):
        for j in range(GROUP):
            v = x[j]
            s = fabsf(v)
            t = (s - <float>0.55991073) * <float>8.067285662436152
            y = exp2_plain(t) + <float>0.28466892
            y = y if t < <float>128.0 else INFINITY
            y = y if s > <float>0.5 else s * s * <float>4.0
            y = copysignf(y * scale, v)
            x[j] = y if on[j] else v
        x += GROUP


cdef inline void hlg_decode(const Tile *t, const Params *p) noexcept nogil:
    """BT.2100 HLG inverse OETF times scale; negatives are mirrored."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            hlg_decode_plane(t.rgb[c], t.n, t.on, p.f[0])


cdef inline float rest_of_sum(float a, float b, float total) noexcept nogil:
    """What rounding took from ``total = a + b`` (Knuth)."""
    cdef float kept = total - a
    return (a - (total - kept)) + (b - kept)


cdef inline void luminance_power_planes(plane r, plane g, plane b, int n, const float *p) noexcept nogil:
    cdef int i
    cdef float e = p[0], scale = p[1], wr = p[2], wg = p[3], wb = p[4], y, k, low, part
    cdef Split red, green, blue
    for i in range(n):
        # Colours below zero may leave next to nothing of the sum, and the power is steep there: keep every digit.
        red = two_prod(wr, r[i])
        green = two_prod(wg, g[i])
        blue = two_prod(wb, b[i])
        part = red.hi + green.hi
        y = part + blue.hi
        low = rest_of_sum(red.hi, green.hi, part) + rest_of_sum(part, blue.hi, y) + (red.lo + green.lo + blue.lo)
        y = fabsf(y) if not fabsf(y) < INFINITY else fabsf(y + low)
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


# Academy S-2014-003, 4.4: ACEScc.

cdef inline void acescc_encode_plane(plane x, int n, const int *on) noexcept nogil:
    cdef int i, j
    cdef float v, s, y
    for i in range(n // GROUP):
        for j in range(GROUP):
            v = x[j]
            s = <float>0.0 if v < <float>0.0 else v
            # 2**-16 + x / 2 below 2**-15.
            s = fma(s, <float>0.5, <float>1.52587890625e-05) if s < <float>3.0517578125e-05 else s
            y = (log2_plain(s) + <float>9.72) / <float>17.52
            y = y if s < INFINITY else s
            x[j] = y if on[j] else v
        x += GROUP


cdef inline void acescc_encode(const Tile *t, const Params *p) noexcept nogil:
    """ACEScg-primaries linear to ACEScc; negatives go to the curve's floor."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            acescc_encode_plane(t.rgb[c], t.n, t.on)


cdef inline void acescc_decode_plane(plane x, int n, const int *on) noexcept nogil:
    cdef int i, j
    cdef float v, t, y
    for i in range(n // GROUP):
        for j in range(GROUP):
            v = x[j]
            t = fma(v, <float>17.52, <float>-9.72)
            y = exp2_plain(t)
            y = y if t >= <float>-126.0 else <float>0.0
            # (9.72 - 15) / 17.52 and (log2(65504) + 9.72) / 17.52.
            y = (y - <float>1.52587890625e-05) * <float>2.0 if v <= <float>-0.3013698630136986 else y
            y = <float>65504.0 if v >= <float>1.4679964 else y
            y = y if v == v else v
            x[j] = y if on[j] else v
        x += GROUP


cdef inline void acescc_decode(const Tile *t, const Params *p) noexcept nogil:
    """ACEScc to linear; no brighter than 65504, as the standard has it."""
    cdef int c
    for c in range(3):
        if t.rgb[c] != NULL:
            acescc_decode_plane(t.rgb[c], t.n, t.on)


cdef inline Step find(str name) noexcept:
    """The step of that name, or NULL."""
    if name == "acescc_decode": return acescc_decode
    if name == "acescc_encode": return acescc_encode
    if name == "hlg_decode": return hlg_decode
    if name == "hlg_encode": return hlg_encode
    if name == "luminance_power": return luminance_power
    if name == "pq_decode": return pq_decode
    if name == "pq_encode": return pq_encode
    return NULL
