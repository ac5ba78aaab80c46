"""Table steps of one channel beyond even entries: half-float domains, unevenly spaced knots, cubics, kept hue.

==================  ==============================================================================
``lut1d_cubic``     a cubic for each segment of an evenly spaced table
``lut1d_half``      65536 entries, one for each half float, in the order of its bits
``lut1d_knots``     lines through knots: a search per value; also the exact inverse of a 1D table
``..._dw3``         the same, then the middle channel set so that the hue stays
==================  ==============================================================================

All work in two phases for each block of values: the first finds entries and weights
without a branch, the second loads and sums.

Kept hue ("DW3" of the Common LUT Format, SMPTE S-2014-006 and CLF v3, ``hueAdjust``): the
middle channel's place between the smallest and the largest is the same before and after.
"""

from vfx._ext.lut_nodes cimport between_entries, pick_quads
from vfx._ext.simd_math cimport bits_float, float_bits, fma, plane, source
from vfx._ext.steps_lut cimport grid, lut1d
from vfx._ext.tile cimport Params, Step, Tile

cdef enum:
    BLOCK = 256
    HALF_NAN = 0x7e00
    KNOTS_HEADER = 16


cdef inline void half_places(plane x, int n, int top, int *entry) noexcept nogil:
    """``entry`` is the bits of the half towards zero from each value, ``x`` how far it is to the next one.

    Between two halves a float's last 13 bits are its place; below 2**-14 halves are 2**-24 apart.
    ``top`` is the bits of 65504; as a constant it makes the compiler split the loop into branches.
    """
    cdef int i, u, m, k, low, small, nan
    cdef float v, share
    for i in range(n):
        u = float_bits(x[i])
        m = u & 0x7fffffff
        # Masks of ones where the condition holds.
        nan = (0x7f800000 - m) >> 31
        m = m if m < top else top
        small = (m - 0x38800000) >> 31                               # 2**-14
        v = bits_float(m & small) * <float>16777216.0                # 2**24
        low = <int>v
        k = (low & small) | (((m - 0x38000000) >> 13) & 0x7fff & ~small)
        # One of the two terms is 0.
        share = (v - <float>low) + <float>(m & 0x1fff & ~small & ~nan) * <float>0.0001220703125
        x[i] = share
        entry[i] = (k & ~nan) | (HALF_NAN & nan) | ((u >> 16) & 0x8000)


cdef inline void lut1d_half(const Tile *t, const Params *p) noexcept nogil:
    """A table per channel, indexed by the bits of half floats; values between two halves lie on a line; f[0] is -65504.

    Beyond 65504 the last half's entry holds; NaN takes the entry of the quiet NaN of its sign.
    """
    cdef int c, j, count, top = float_bits(-p.f[0])
    cdef int entry[BLOCK]
    for c in range(3):
        if t.rgb[c] == NULL:
            continue
        j = 0
        while j < t.n:
            count = t.n - j if t.n - j < BLOCK else BLOCK
            half_places(t.rgb[c] + j, count, top, entry)
            between_entries(p.table + c * p.stride, entry, t.rgb[c] + j, count)
            j += BLOCK


cdef inline void knots_clamped(source x, int n, float flip, float low, float high, plane value) noexcept nogil:
    """``value`` is each of ``x`` times ``flip``, between the first and the last knot; NaN is the first, -0 is 0."""
    cdef int i
    cdef float v
    for i in range(n):
        v = x[i] * flip + <float>0.0
        v = v if v > low else low
        value[i] = v if v < high else high


cdef inline void knots_below(source value, int n, const float *block, int c, int *entry) noexcept nogil:
    """``entry`` is the last knot below each value, the first knot where there is none; see ``knot_index.py``."""
    cdef int i, j, k, width = <int>block[2], last = <int>block[3] - 1, half = (1 << <int>block[1]) >> 1
    cdef int first = <int>block[4 + c], shift = <int>block[7 + c]
    cdef const float *knots = block + KNOTS_HEADER + c * width
    cdef const float *before = knots + 6 * width
    cdef float low = block[4 + c], scale = block[7 + c]
    if block[0] == <float>0.0:
        for i in range(n):
            j = <int>((value[i] - low) * scale)
            j = j if j > 0 else 0
            entry[i] = <int>before[j if j < last else last]
    else:
        for i in range(n):
            j = float_bits(value[i])
            j = ((j ^ ((j >> 31) & 0x7fffffff)) >> shift) - first
            j = j if j > 0 else 0
            entry[i] = <int>before[j if j < last else last]
    while half > 0:
        for i in range(n):
            k = entry[i] + half
            entry[i] = k if knots[k] < value[i] else entry[i]
        half >>= 1


cdef inline void knots_between(const float *x, const float *y, const float *value, const int *entry, int n, plane out) noexcept nogil:
    """The lines from knot ``entry`` to the next at ``value``."""
    cdef int i, k
    cdef float rise, share
    for i in range(n):
        k = entry[i]
        rise = x[k + 1] - x[k]
        share = (value[i] - x[k]) / rise
        share = share if rise > <float>0.0 else <float>0.0
        out[i] = fma(y[k + 1] - y[k], share, y[k])


cdef inline void lut1d_knots(const Tile *t, const Params *p) noexcept nogil:
    """Lines through knots. The table's rows: red's, green's, blue's knots, rising, then their values; f: signs.

    A value that equals several knots takes the first.
    """
    cdef int c, j, count, width = <int>p.table[2]
    cdef int entry[BLOCK]
    cdef float value[BLOCK]
    cdef const float *knots
    for c in range(3):
        if t.rgb[c] == NULL:
            continue
        knots = p.table + KNOTS_HEADER + c * width
        j = 0
        while j < t.n:
            count = t.n - j if t.n - j < BLOCK else BLOCK
            knots_clamped(t.rgb[c] + j, count, p.f[c], knots[0], knots[width - 1], value)
            knots_below(value, count, p.table, c, entry)
            knots_between(knots, knots + 3 * width, value, entry, count, t.rgb[c] + j)
            j += BLOCK


cdef inline void cubic_places(plane x, int n, float low, float scale, float last, int *entry) noexcept nogil:
    """``entry`` is the offset of each value's segment, ``x`` how far it is along it."""
    cdef int i, k
    cdef float v
    for i in range(n):
        v = grid(x[i], low, scale, last)
        k = <int>v
        entry[i] = 4 * k
        x[i] = v - <float>k


cdef inline void lut1d_cubic(const Tile *t, const Params *p) noexcept nogil:
    """Four coefficients for each segment, lowest power first, and one more constant for the end; f: low ends, scales."""
    cdef int i, c, j, count
    cdef int entry[BLOCK]
    cdef float k0[BLOCK]
    cdef float k1[BLOCK]
    cdef float k2[BLOCK]
    cdef float k3[BLOCK]
    cdef float *x
    cdef float s
    for c in range(3):
        if t.rgb[c] == NULL:
            continue
        j = 0
        while j < t.n:
            count = t.n - j if t.n - j < BLOCK else BLOCK
            x = t.rgb[c] + j
            cubic_places(x, count, p.f[c], p.f[3 + c], <float>(p.stride // 4 - 1), entry)
            pick_quads(p.table + c * p.stride, entry, count, k0, k1, k2, k3)
            for i in range(count):
                s = x[i]
                x[i] = fma(fma(fma(k3[i], s, k2[i]), s, k1[i]), s, k0[i])
            j += BLOCK


cdef inline void hue_shares(source r, source g, source b, int n, plane share) noexcept nogil:
    """Where the middle one of three channels lies between the smallest and the largest; 0 where they are one."""
    cdef int i
    cdef float high, low, mid, chroma, s
    for i in range(n):
        high = r[i] if r[i] > g[i] else g[i]
        low = g[i] if r[i] > g[i] else r[i]
        mid = b[i] if b[i] < high else high
        high = b[i] if b[i] > high else high
        mid = mid if mid > low else low
        low = b[i] if b[i] < low else low
        chroma = high - low
        s = (mid - low) / chroma
        # Infinite channels have no place between them.
        share[i] = s if chroma > <float>0.0 and s >= <float>0.0 else <float>0.0


cdef inline void hue_kept(source r0, source g0, source b0, source share, int n, plane r, plane g, plane b) noexcept nogil:
    """The channel that was in the middle set to its share of the way from what was smallest to what was largest.

    Of equal channels the later one counts as larger.
    """
    cdef int i, rg, rb, gb
    cdef float high, low, mid
    for i in range(n):
        rg = r0[i] > g0[i]
        rb = r0[i] > b0[i]
        gb = g0[i] > b0[i]
        high = (r[i] if rb else b[i]) if rg else (g[i] if gb else b[i])
        low = (g[i] if not gb else b[i]) if rg else (r[i] if not rb else b[i])
        mid = fma(share[i], high - low, low)
        r[i] = mid if rg != rb else r[i]
        g[i] = mid if rg == gb else g[i]
        b[i] = mid if rb != gb else b[i]


cdef inline void keep_hue(const Tile *t, const Params *p, Step lookup) noexcept nogil:
    """``lookup``, then the middle channel as the hue wants it."""
    cdef float before[3][BLOCK]
    cdef float share[BLOCK]
    cdef Tile part
    cdef int i, c, j = 0
    part.a = NULL
    while j < t.n:
        part.n = t.n - j if t.n - j < BLOCK else BLOCK
        for c in range(3):
            part.rgb[c] = t.rgb[c] + j
            for i in range(part.n):
                before[c][i] = part.rgb[c][i]
        hue_shares(before[0], before[1], before[2], part.n, share)
        lookup(&part, p)
        hue_kept(before[0], before[1], before[2], share, part.n, part.rgb[0], part.rgb[1], part.rgb[2])
        j += BLOCK


cdef inline void lut1d_dw3(const Tile *t, const Params *p) noexcept nogil:
    keep_hue(t, p, lut1d)


cdef inline void lut1d_half_dw3(const Tile *t, const Params *p) noexcept nogil:
    keep_hue(t, p, lut1d_half)


cdef inline void lut1d_knots_dw3(const Tile *t, const Params *p) noexcept nogil:
    keep_hue(t, p, lut1d_knots)


cdef inline void lut1d_cubic_dw3(const Tile *t, const Params *p) noexcept nogil:
    keep_hue(t, p, lut1d_cubic)


cdef inline Step find(str name) noexcept:
    """The step of that name, or NULL."""
    if name == "lut1d_cubic": return lut1d_cubic
    if name == "lut1d_cubic_dw3": return lut1d_cubic_dw3
    if name == "lut1d_dw3": return lut1d_dw3
    if name == "lut1d_half": return lut1d_half
    if name == "lut1d_half_dw3": return lut1d_half_dw3
    if name == "lut1d_knots": return lut1d_knots
    if name == "lut1d_knots_dw3": return lut1d_knots_dw3
    return NULL
