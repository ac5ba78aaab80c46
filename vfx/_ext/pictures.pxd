"""Pictures of any format and strides, seen by kernels as stretches of rows in float32.

The kernels of ``vfx.ops`` know formulas; only this file and ``pixel_formats`` know how elements lie in memory.

=================  ==========================================================================
``describe``       fills in a ``Picture`` from an (H, W, C) array, checked
``view_pixels``    a stretch of a row as interleaved float32: the memory itself where it can be
``load_pixels``    the same, always copied
``load_plane``     one channel of a stretch
``store_pixels``   interleaved float32 into a stretch; integers are rounded and clamped
``store_plane``    one channel
``edge_index``     the sample that stands for one outside the picture
=================  ==========================================================================

::

    clamp   a a a | a b c d | d d d        black   0 0 0 | a b c d | 0 0 0
    mirror  c b a | a b c d | d c b        wrap    b c d | a b c d | a b c
"""

from libc.stdint cimport uintptr_t
from libc.string cimport memcpy

from vfx._ext.pixel_formats cimport F16, F32, U8, U16, from_float, gather, item_size, scatter, to_float

cdef enum Edge:
    CLAMP = 0
    BLACK = 1
    MIRROR = 2
    WRAP = 3

cdef enum:
    ELEMENTS = 1024             # taken at once where elements do not lie densely

ctypedef struct Picture:
    char *data
    Py_ssize_t row              # bytes from pixel to pixel and so on
    Py_ssize_t column
    Py_ssize_t channel
    Py_ssize_t height
    Py_ssize_t width
    int channels
    int format
    int item
    bint dense                  # the pixels of a row follow one another, their channels too
    bint floats                 # dense, aligned float32: may be used where it is


cdef inline int describe(object array, str role, Picture *p) except -1:
    """Fills in address, strides and format of an (H, W, C) array; the array must outlive ``p``."""
    if getattr(array, "ndim", 0) != 3 or 0 in array.shape:
        raise ValueError(f"{role} must be a (H, W, C) array, got {getattr(array, 'shape', type(array).__name__)}")
    code = {"|u1": U8, "<u2": U16, "<f2": F16, "<f4": F32}.get(array.dtype.str)
    if code is None:
        raise ValueError(f"{role} must be uint8, uint16, float16 or float32, got {array.dtype}")
    if array.shape[2] > 1024:
        raise ValueError(f"{role} may have 1024 channels, got {array.shape[2]}")
    p.format = code
    p.item = item_size(code)
    p.data = <char *><uintptr_t>array.__array_interface__["data"][0]
    p.row, p.column, p.channel = array.strides
    p.height, p.width, p.channels = array.shape
    if p.channels == 1:
        p.channel = p.item
    p.dense = p.channel == p.item and (p.column == p.item * p.channels or p.width == 1)
    p.floats = p.dense and p.format == F32 and <uintptr_t>p.data % 4 == 0 and p.row % 4 == 0
    return 0


cdef inline int describe_output(object array, str role, Picture *p) except -1:
    """``describe`` for an array that is written to."""
    describe(array, role, p)
    if not array.flags.writeable:
        raise ValueError(f"{role} is read-only")
    return 0


cdef inline char *place(const Picture *p, Py_ssize_t y, Py_ssize_t x) noexcept nogil:
    """The address of a pixel's first channel."""
    return p.data + y * p.row + x * p.column


cdef inline void load_plane(const Picture *p, Py_ssize_t y, Py_ssize_t x, int channel, float *target,
                            Py_ssize_t n) noexcept nogil:
    """``n`` pixels' values of one channel, from (y, x) on."""
    cdef char elements[4 * ELEMENTS]
    cdef const char *source = place(p, y, x) + channel * p.channel
    cdef Py_ssize_t done = 0
    cdef int part
    if p.format == F32:
        while done < n:
            part = <int>min(n - done, <Py_ssize_t>1 << 30)
            gather(4, source + done * p.column, p.column, target + done, part)
            done += part
        return
    while done < n:
        part = <int>min(n - done, <Py_ssize_t>ELEMENTS)
        gather(p.item, source + done * p.column, p.column, elements, part)
        to_float(p.format, elements, target + done, part)
        done += part


cdef inline void store_plane(const Picture *p, Py_ssize_t y, Py_ssize_t x, int channel, const float *source,
                             Py_ssize_t n) noexcept nogil:
    """``n`` values into one channel, from (y, x) on; ``source`` keeps its values."""
    cdef float values[ELEMENTS]
    cdef char elements[4 * ELEMENTS]
    cdef char *target = place(p, y, x) + channel * p.channel
    cdef Py_ssize_t done = 0
    cdef int part
    while done < n:
        part = <int>min(n - done, <Py_ssize_t>ELEMENTS)
        if p.format == F32:
            scatter(4, source + done, target + done * p.column, p.column, part)
        else:
            memcpy(values, source + done, <size_t>part * 4)
            from_float(p.format, values, elements, part)
            scatter(p.item, elements, target + done * p.column, p.column, part)
        done += part


cdef inline void load_pixels(const Picture *p, Py_ssize_t y, Py_ssize_t x, float *target, Py_ssize_t n) noexcept nogil:
    """``n`` pixels from (y, x) on, as interleaved float32."""
    cdef float plane[ELEMENTS]
    cdef Py_ssize_t i, done = 0, part
    cdef int c
    if p.dense:
        to_float(p.format, place(p, y, x), target, <int>(n * p.channels))
        return
    while done < n:
        part = min(n - done, <Py_ssize_t>ELEMENTS)
        for c in range(p.channels):
            load_plane(p, y, x + done, c, plane, part)
            for i in range(part):
                target[(done + i) * p.channels + c] = plane[i]
        done += part


cdef inline void store_pixels(const Picture *p, Py_ssize_t y, Py_ssize_t x, float *source, Py_ssize_t n) noexcept nogil:
    """``n`` pixels of interleaved float32 into the picture from (y, x) on; ``source`` is lost for integer formats."""
    cdef float plane[ELEMENTS]
    cdef Py_ssize_t i, done = 0, part
    cdef int c
    if p.dense:
        from_float(p.format, source, place(p, y, x), <int>(n * p.channels))
        return
    while done < n:
        part = min(n - done, <Py_ssize_t>ELEMENTS)
        for c in range(p.channels):
            for i in range(part):
                plane[i] = source[(done + i) * p.channels + c]
            store_plane(p, y, x + done, c, plane, part)
        done += part


cdef inline const float *view_pixels(const Picture *p, Py_ssize_t y, Py_ssize_t x, float *scratch,
                                     Py_ssize_t n) noexcept nogil:
    """``n`` pixels from (y, x) on as interleaved float32: the picture's memory, or ``scratch`` filled with them."""
    if p.floats:
        return <const float *>place(p, y, x)
    load_pixels(p, y, x, scratch, n)
    return scratch


cdef inline Py_ssize_t edge_index(Py_ssize_t i, Py_ssize_t n, int edge) noexcept nogil:
    """The sample in [0, n) that stands for sample ``i``; -1 is black."""
    cdef Py_ssize_t period
    if 0 <= i < n:
        return i
    if edge == BLACK:
        return -1
    if edge == CLAMP:
        return 0 if i < 0 else n - 1
    period = n if edge == WRAP else 2 * n
    i = i % period
    if i < 0:
        i += period
    return i if i < n else period - 1 - i
