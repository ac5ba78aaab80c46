"""Three channels of a stretch of a row as planes of float32, however the picture lies in memory.

Dense RGB and RGBA come apart by shuffles; the elements stay in ``raw``, so that a channel that does not change is put
back as it was, bit for bit. All other layouts are read channel by channel.
"""

from vfx._ext.pictures cimport Picture, load_plane, place
from vfx._ext.pixel_formats cimport to_float, unpack

cdef enum:
    STRETCH = 512               # pixels at once: planes and elements stay in the first cache


cdef inline bint packed(const Picture *p) noexcept nogil:
    """Whether the channels are three or four that lie densely and aligned: ``unpack`` and ``pack`` may be used."""
    return p.dense and (p.channels == 3 or p.channels == 4) and <size_t>p.data % p.item == 0 and p.row % p.item == 0


cdef inline void unpack_stretch(const Picture *p, Py_ssize_t y, Py_ssize_t x, float *raw, int n) noexcept nogil:
    """The elements of up to four channels of a packed picture: channel c at ``raw + c * STRETCH``."""
    cdef void *elements[4]
    cdef int c
    for c in range(4):
        elements[c] = raw + c * STRETCH
    unpack(p.item, p.channels, place(p, y, x), elements, 0, n)


cdef inline void load_colours(const Picture *p, Py_ssize_t y, Py_ssize_t x, const int *index, float *raw, float *planes,
                              int n) noexcept nogil:
    """Channels ``index[0]`` to ``index[2]`` of ``n`` pixels, at ``planes + c * STRETCH``; ``raw`` is scratch for 4."""
    cdef int c
    if packed(p):
        unpack_stretch(p, y, x, raw, n)
        for c in range(3):
            to_float(p.format, raw + index[c] * STRETCH, planes + c * STRETCH, n)
    else:
        for c in range(3):
            load_plane(p, y, x, index[c], planes + c * STRETCH, n)
