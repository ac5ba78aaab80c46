"""The block of memory with which the engine's ``lut3d_inverse`` step undoes a 3D table.

``steps_lut_inverse.pxd`` draws it. It is made of the table alone, so the step may trust it.
"""

import numpy as np

__all__ = ["inverse_block"]

# Cells of the box along each axis for so many of the table's: finer cells hold shorter lists but take memory.
_FINEST = 64
# Beyond the table's ends: how much farther than its own faces from middle grey the added layer lies.
_REACH = 4.0
_GREY = 0.5
# Differences of larger values are no longer finite in float32 when they are multiplied.
_LARGEST = 1e12

cdef enum:
    HEADER = 16

cdef extern from "math.h":
    float fabsf(float x) noexcept nogil

ctypedef struct Box:
    # The colours that may be asked for, cut into grid^3 cells.
    int grid
    float low[3]
    float high[3]
    float scale[3]      # cells per unit


cdef inline int _cell_of(float x, float low, float scale, int grid) noexcept nogil:
    """The cell of the box along one axis, clamped to the box."""
    x = (x - low) * scale
    if not x > <float>0.0:
        return 0
    return <int>x if x < <float>(grid - 1) else grid - 1


cdef bint _ends(const Box *box, int c, float least, float most, int *ends) noexcept nogil:
    """The first and last cells of the box between two numbers of a channel; False where there are none."""
    # Rounding must not lose a colour on a face.
    cdef float slack = <float>0.001 * (most - least) + <float>1e-6 * (box.high[c] - box.low[c])
    if least - slack > box.high[c] or most + slack < box.low[c]:
        return False
    ends[2 * c] = _cell_of(least - slack, box.low[c], box.scale[c], box.grid)
    ends[2 * c + 1] = _cell_of(most + slack, box.low[c], box.scale[c], box.grid)
    return True


cdef bint _reach(const float *first, int n, const Box *box, int *ends) noexcept nogil:
    """The first and last cells of the box that a cell of the table reaches, per axis; False where it reaches none."""
    cdef int c, k
    cdef float least, most, v
    for c in range(3):
        least = <float>3e38
        most = <float>-3e38
        for k in range(8):
            v = first[4 * ((k & 1) + ((k >> 1) & 1) * n + (k >> 2) * n * n) + c]
            least = v if v < least else least
            most = v if v > most else most
        if not _ends(box, c, least, most, ends):
            return False
    return True


cdef bint _reach_layer(const float *const *face, const Box *box, int *ends) noexcept nogil:
    """The same for a cell of the added layer: from its face outwards until the rays through it have left the box."""
    cdef int c, k
    cdef float v, near = <float>3e38, wide = <float>0.0, far, size, least, most
    for k in range(4):
        size = <float>0.0
        for c in range(3):
            v = face[k][c] - <float>0.5
            v = v / (box.high[c] - <float>0.5) if v > <float>0.0 else v / (box.low[c] - <float>0.5)
            size = v if v > size else size
            v = fabsf(face[k][c] - face[0][c]) * <float>2.0
            wide = v if v > wide else wide
        near = size if size < near else near
    # No ray through the face leaves the box later than this; the layer ends at 4.
    near = near - wide
    far = <float>1.0 / near if near > <float>0.25 else <float>4.0
    for c in range(3):
        least = <float>3e38
        most = <float>-3e38
        for k in range(4):
            v = face[k][c]
            least = v if v < least else least
            most = v if v > most else most
            v = <float>0.5 + far * (v - <float>0.5)
            least = v if v < least else least
            most = v if v > most else most
        if not _ends(box, c, least, most, ends):
            return False
    return True


ctypedef struct Cone:
    # A cell of the added layer: two triangles of the table's face, seen from middle grey, as three planes each.
    float normal[6][3]


cdef void _look_from_grey(const float *const *face, Cone *cone) noexcept nogil:
    """The planes through middle grey and the edges of the two triangles, their inner sides positive."""
    cdef int triangle, k, c
    cdef int corner[3]
    cdef float v[3][3]
    cdef float side
    cdef float *normal
    for triangle in range(2):
        corner[0], corner[1], corner[2] = 0, 1 + triangle, 3
        for k in range(3):
            for c in range(3):
                v[k][c] = face[corner[k]][c] - <float>0.5
        for k in range(3):
            normal = cone.normal[3 * triangle + k]
            for c in range(3):
                normal[c] = (v[k][(c + 1) % 3] * v[(k + 1) % 3][(c + 2) % 3]
                             - v[k][(c + 2) % 3] * v[(k + 1) % 3][(c + 1) % 3])
            side = normal[0] * v[(k + 2) % 3][0] + normal[1] * v[(k + 2) % 3][1] + normal[2] * v[(k + 2) % 3][2]
            for c in range(3):
                normal[c] = normal[c] if side > <float>0.0 else (-normal[c] if side < <float>0.0 else <float>0.0)


cdef inline bint _in_cone(const Cone *cone, const float *middle, const float *half) noexcept nogil:
    """Whether a cell of the box, given from middle grey, may hold a colour of the cone."""
    cdef int triangle, k
    cdef const float *normal
    cdef float most
    cdef bint meets
    for triangle in range(2):
        meets = True
        for k in range(3):
            normal = cone.normal[3 * triangle + k]
            most = (normal[0] * middle[0] + normal[1] * middle[1] + normal[2] * middle[2]
                    + fabsf(normal[0]) * half[0] + fabsf(normal[1]) * half[1] + fabsf(normal[2]) * half[2])
            meets = meets and most >= <float>0.0
        if meets:
            return True
    return False


cdef Py_ssize_t _enter(const Box *box, int cell, const int *ends, const Cone *cone, int *starts, int *cells) noexcept nogil:
    """Enters a cell of the table into each cell of the box that it reaches; how many those are."""
    cdef int i, j, k, c, at
    cdef float middle[3]
    cdef float half[3]
    cdef Py_ssize_t total = 0
    for c in range(3):
        half[c] = <float>0.51 / box.scale[c]
    for i in range(ends[0], ends[1] + 1):
        middle[0] = box.low[0] + (<float>i + <float>0.5) / box.scale[0] - <float>0.5
        for j in range(ends[2], ends[3] + 1):
            middle[1] = box.low[1] + (<float>j + <float>0.5) / box.scale[1] - <float>0.5
            for k in range(ends[4], ends[5] + 1):
                if cone != NULL:
                    middle[2] = box.low[2] + (<float>k + <float>0.5) / box.scale[2] - <float>0.5
                    if not _in_cone(cone, middle, half):
                        continue
                at = (i * box.grid + j) * box.grid + k
                if cells != NULL:
                    cells[starts[at]] = cell
                starts[at] += 1
                total += 1
    return total


cdef Py_ssize_t _list(const float *nodes, int n, const Box *box, bint layer, int *starts, int *cells) noexcept nogil:
    """Counts into ``starts`` where ``cells`` is NULL; else writes each cell where ``starts`` says, which it moves on.

    ``layer`` picks the added layer, else the table itself. Cells at its edges and corners have no volume.
    """
    cdef int r, g, b, k, axis, outer, last = n - 2
    cdef int step[3]
    cdef int ends[6]
    cdef const float *face[4]
    cdef const float *first
    cdef Cone cone
    cdef Py_ssize_t total = 0
    step[0], step[1], step[2] = 4 * n * n, 4 * n, 4
    for r in range(n - 1):
        for g in range(n - 1):
            for b in range(n - 1):
                outer = (r == 0 or r == last) + (g == 0 or g == last) + (b == 0 or b == last)
                if outer != layer:
                    continue
                first = nodes + 4 * ((<Py_ssize_t>r * n + g) * n + b)
                if layer:
                    axis = 0 if r == 0 or r == last else (1 if g == 0 or g == last else 2)
                    if (r if axis == 0 else (g if axis == 1 else b)) == 0:
                        first += step[axis]
                    for k in range(4):
                        face[k] = first + (k & 1) * step[(axis + 1) % 3] + (k >> 1) * step[(axis + 2) % 3]
                    if not _reach_layer(face, box, ends):
                        continue
                    _look_from_grey(face, &cone)
                elif not _reach(first, n, box, ends):
                    continue
                total += _enter(box, r | g << 9 | b << 18, ends, &cone if layer else NULL, starts, cells)
    return total


def _extended(table):
    """The nodes with one more layer on each side, and the box of colours: [0, 1] and what the table makes."""
    inner = np.clip(np.arange(-1, len(table) + 1), 0, len(table) - 1)
    nodes = np.zeros((len(inner),) * 3 + (4,), np.float32)
    nodes[..., :3] = table[np.ix_(inner, inner, inner)][..., :3]
    layer = np.ones(nodes.shape[:3], bool)
    layer[1:-1, 1:-1, 1:-1] = False
    nodes[layer, :3] = (nodes[layer, :3] - np.float32(_GREY)) * np.float32(_REACH) + np.float32(_GREY)
    colours = table[..., :3].reshape(-1, 3)
    low = np.minimum(colours.min(axis=0), 0.0).astype(np.float32)
    high = np.maximum(colours.max(axis=0), 1.0).astype(np.float32)
    return nodes, low, high


def inverse_block(table not None):
    """The block of memory for the step ``lut3d_inverse``, float32.

    Parameters
    ----------
    table : numpy.ndarray, (N, N, N, 3) or (N, N, N, 4), N of 2 to 256
        The table to undo, indexed [r, g, b].

    Raises
    ------
    ValueError
        If it has another shape, or values beyond 1e12.
    """
    if table.ndim != 4 or table.shape[:3] != (len(table),) * 3 or table.shape[3] < 3 or not 2 <= len(table) <= 256:
        raise ValueError(f"the table must be (N, N, N, 3) with N of 2 to 256, got {table.shape}")
    if not np.abs(table).max() <= _LARGEST:
        raise ValueError(f"a table with values beyond {_LARGEST:g} is not inverted")
    nodes, low, high = _extended(table)
    cdef int n = nodes.shape[0], c, grid = min(max(2 * n, 8), _FINEST)
    scale = (np.float32(grid) / (high - low)).astype(np.float32)
    cdef Box box
    box.grid = grid
    for c in range(3):
        box.low[c], box.high[c], box.scale[c] = low[c], high[c], scale[c]
    cdef const float[::1] flat = nodes.reshape(-1)
    count = np.zeros(grid**3 + 1, np.int32)
    cdef int[::1] starts = count
    cdef Py_ssize_t total
    with nogil:
        total = _list(&flat[0], n, &box, False, &starts[0], NULL) + _list(&flat[0], n, &box, True, &starts[0], NULL)
    if total > 1 << 28:
        raise ValueError(f"the table folds so often that its inverse would take {4 * total} bytes")
    begin = HEADER + nodes.size
    size = begin + grid**3 + 1 + total
    memory = np.zeros(size + 16, np.float32)
    shift = -(memory.__array_interface__["data"][0] // 4) % 16
    block = memory[shift : shift + size]
    words = block.view(np.int32)
    words[[0, 1, 8, 9]] = n, grid, begin, begin + grid**3 + 1
    block[2:5], block[5:8], block[10:13] = low, scale, high
    block[HEADER:begin] = nodes.reshape(-1)
    count[1:] = np.cumsum(count[: grid**3])
    count[0] = 0
    words[begin : begin + grid**3 + 1] = count
    cdef int[::1] cells = words[begin + grid**3 + 1 :] if total else np.zeros(1, np.int32)
    with nogil:
        _list(&flat[0], n, &box, False, &starts[0], &cells[0])
        _list(&flat[0], n, &box, True, &starts[0], &cells[0])
    return block
