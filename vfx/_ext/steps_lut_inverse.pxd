"""The step that undoes a 3D table exactly: which tetrahedron makes this colour, and where in it.

``lut_inverse.pyx`` puts into one block of memory what the step needs::

    16 words   N, G, the box's low ends and cells per unit, where the starts and the list begin
    nodes      N^3 of four floats: the table with one more layer on each side, for colours it never makes
    starts     G^3 + 1 integers: where in the list each cell of the box begins
    list       the table's cells that reach into it, as r | g << 9 | b << 18, the added layer's last

The table's cells are cut into six tetrahedra round the diagonal d (Sakamoto and Itooka, US
patent 4275413). With p the colour as seen from the cell's first node, and a and b the two
nodes of a tetrahedron that are off the diagonal, Cramer's rule gives its weights from
triple products; ``c = p x d`` is shared by all six, and only tetrahedra with a.c and b.c of
opposite signs can hold p. This is done in double precision: it is scalar code, and the
tetrahedra of the added layer are long and thin.
"""

from vfx._ext.simd_math cimport fma
from vfx._ext.tile cimport Params, Step, Tile

cdef enum:
    HEADER = 16

ctypedef struct Found:
    float at[3]      # in the table's steps, from its first entry
    float inside     # the smallest weight: below 0 outside


# The nodes around the diagonal, each beside the next: R, RG, G, GB, B, RB.
cdef inline int ring_bits(int k) noexcept nogil:
    """The axes of ring node ``k``: 1 red, 2 green, 4 blue."""
    return (0x546231 >> (4 * k)) & 7


cdef inline void search_cell(const float *nodes, int n, int cell, double x, double y, double z, Found *best) noexcept nogil:
    """The tetrahedron of a cell that holds the colour, where that is better than what was found before."""
    cdef int r = cell & 511, g = (cell >> 9) & 511, b = (cell >> 18) & 511, k, bits, other
    cdef int sb = 4, sg = 4 * n, sr = 4 * n * n
    cdef const float *first = nodes + r * sr + g * sg + b * sb
    cdef const float *node
    cdef double ex[7]
    cdef double ey[7]
    cdef double ez[7]
    cdef double side[7]
    cdef double dx, dy, dz, cx, cy, cz, wa, wb, wd, det, inside
    node = first + sr + sg + sb
    dx = <double>node[0] - <double>first[0]
    dy = <double>node[1] - <double>first[1]
    dz = <double>node[2] - <double>first[2]
    x = x - <double>first[0]
    y = y - <double>first[1]
    z = z - <double>first[2]
    cx = y * dz - z * dy
    cy = z * dx - x * dz
    cz = x * dy - y * dx
    for k in range(6):
        bits = ring_bits(k)
        node = first + (bits & 1) * sr + ((bits >> 1) & 1) * sg + (bits >> 2) * sb
        ex[k] = <double>node[0] - <double>first[0]
        ey[k] = <double>node[1] - <double>first[1]
        ez[k] = <double>node[2] - <double>first[2]
        side[k] = ex[k] * cx + ey[k] * cy + ez[k] * cz
    ex[6], ey[6], ez[6], side[6] = ex[0], ey[0], ez[0], side[0]
    for k in range(6):
        if side[k] * side[k + 1] > 0.0:
            continue
        # e = b x d, and p x a for the weight of the diagonal's end.
        cx = ey[k + 1] * dz - ez[k + 1] * dy
        cy = ez[k + 1] * dx - ex[k + 1] * dz
        cz = ex[k + 1] * dy - ey[k + 1] * dx
        det = ex[k] * cx + ey[k] * cy + ez[k] * cz
        if det == 0.0:
            continue
        cx = ey[k + 1] * z - ez[k + 1] * y
        cy = ez[k + 1] * x - ex[k + 1] * z
        cz = ex[k + 1] * y - ey[k + 1] * x
        wd = (ex[k] * cx + ey[k] * cy + ez[k] * cz) / det
        wa = -side[k + 1] / det
        wb = side[k] / det
        inside = 1.0 - wa - wb - wd
        inside = inside if inside < wa else wa
        inside = inside if inside < wb else wb
        inside = inside if inside < wd else wd
        if inside > best.inside:
            best.inside = <float>inside
            bits = ring_bits(k)
            other = ring_bits(k + 1 if k < 5 else 0)
            best.at[0] = <float>((r - 1) + wd + (bits & 1) * wa + (other & 1) * wb)
            best.at[1] = <float>((g - 1) + wd + ((bits >> 1) & 1) * wa + ((other >> 1) & 1) * wb)
            best.at[2] = <float>((b - 1) + wd + (bits >> 2) * wa + (other >> 2) * wb)


cdef inline void nearest_face(const float *nodes, int n, float x, float y, float z, Found *best) noexcept nogil:
    """The node on the faces of the table, without the added layer, whose colour is nearest."""
    cdef int r, g, b, step
    cdef const float *node
    cdef float far, least = <float>3e38
    for r in range(1, n - 1):
        for g in range(1, n - 1):
            # Between the first and the last blue only faces count.
            step = 1 if r == 1 or r == n - 2 or g == 1 or g == n - 2 else n - 3
            b = 1
            while b < n - 1:
                node = nodes + 4 * ((r * n + g) * n + b)
                far = fma(node[0] - x, node[0] - x, fma(node[1] - y, node[1] - y, (node[2] - z) * (node[2] - z)))
                if far < least:
                    least = far
                    best.at[0], best.at[1], best.at[2] = <float>(r - 1), <float>(g - 1), <float>(b - 1)
                b += step


cdef inline float boxed(float x, float low, float high) noexcept nogil:
    x = x if x > low else low
    return x if x < high else high


cdef inline void lut3d_inverse(const Tile *t, const Params *p) noexcept nogil:
    """For each colour the input that a table interpolated by tetrahedra makes it from; f: low ends, steps per unit.

    Colours are clamped to the box. Of several inputs the first in the table's order is taken.
    """
    cdef const int *words = <const int *>p.table
    cdef const float *nodes = p.table + HEADER
    cdef const int *starts = words + words[8]
    cdef const int *cells = words + words[9]
    cdef int n = words[0], grid = words[1], i, c, k, at
    cdef float low[3]
    cdef float high[3]
    cdef float x[3]
    cdef Found best
    for c in range(3):
        low[c] = p.table[2 + c]
        high[c] = p.table[10 + c]
    for i in range(t.n):
        at = 0
        for c in range(3):
            x[c] = boxed(t.rgb[c][i], low[c], high[c])
            k = <int>((x[c] - low[c]) * p.table[5 + c])
            at = at * grid + (k if k < grid else grid - 1)
        best.inside = <float>-0.0001
        k = starts[at]
        while k < starts[at + 1] and best.inside < <float>0.0:
            search_cell(nodes, n, cells[k], x[0], x[1], x[2], &best)
            k += 1
        if best.inside <= <float>-0.0001:
            nearest_face(nodes, n, x[0], x[1], x[2], &best)
        for c in range(3):
            t.rgb[c][i] = p.f[c] + boxed(best.at[c], <float>0.0, <float>(n - 3)) / p.f[3 + c]


cdef inline Step find(str name) noexcept:
    """The step of that name, or NULL."""
    if name == "lut3d_inverse": return lut3d_inverse
    return NULL
