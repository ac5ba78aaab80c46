"""A rectangle of a picture as rows of four float32 a pixel, with what the edge rule puts outside it."""

from libc.string cimport memcpy, memset

from vfx._ext.pictures cimport Picture, edge_index, load_pixels, load_plane, place, store_pixels, store_plane

cdef enum:
    LINE = 1024                 # pixels taken at once where the picture does not have four channels


cdef inline void spread_pixels(const float *line, int count, float *target, Py_ssize_t n) noexcept nogil:
    """``count`` channels to four."""
    cdef Py_ssize_t i
    cdef int c
    if count == 3:
        for i in range(n):
            for c in range(3):
                target[4 * i + c] = line[3 * i + c]
        return
    for i in range(n):
        for c in range(count):
            target[4 * i + c] = line[count * i + c]


cdef inline void load_four(const Picture *p, int first, Py_ssize_t y, Py_ssize_t x, float *target,
                           Py_ssize_t n) noexcept nogil:
    """Channels ``first`` to ``first + 3`` of ``n`` pixels inside the picture; 0 where there are not four."""
    cdef float line[LINE]
    cdef Py_ssize_t i, done = 0, part
    cdef int c, count = min(4, p.channels - first)
    if p.channels == 4:
        load_pixels(p, y, x, target, n)
        return
    if count < 4:
        memset(target, 0, <size_t>n * 16)
    while p.dense and p.channels < 4 and done < n:
        part = min(n - done, <Py_ssize_t>(LINE // 4))
        load_pixels(p, y, x + done, line, part)
        spread_pixels(line, count, target + 4 * done, part)
        done += part
    while done < n:
        part = min(n - done, <Py_ssize_t>LINE)
        for c in range(count):
            load_plane(p, y, x + done, first + c, line, part)
            for i in range(part):
                target[4 * (done + i) + c] = line[i]
        done += part


cdef inline void store_four(const Picture *p, int first, Py_ssize_t y, Py_ssize_t x, float *source, int n,
                            float *line) noexcept nogil:
    """The reverse; ``source`` is lost, ``line`` has room for 4 ``n`` numbers."""
    cdef int i, c, count = min(4, p.channels - first)
    if p.channels == 4:
        store_pixels(p, y, x, source, n)
        return
    if p.dense and p.channels < 4:
        for i in range(n):
            for c in range(count):
                line[count * i + c] = source[4 * i + c]
        store_pixels(p, y, x, line, n)
        return
    for c in range(count):
        for i in range(n):
            line[i] = source[4 * i + c]
        store_plane(p, y, x, first + c, line, n)


cdef inline void load_outside(const Picture *p, int first, Py_ssize_t y, Py_ssize_t x, int edge, float *target,
                              Py_ssize_t n) noexcept nogil:
    """``n`` pixels beyond the ends of a row, one by one."""
    cdef Py_ssize_t i, at, last = -1
    for i in range(n):
        at = edge_index(x + i, p.width, edge)
        if at < 0:
            memset(target + 4 * i, 0, 16)
        elif at == last:
            memcpy(target + 4 * i, target + 4 * i - 4, 16)
        else:
            load_four(p, first, y, at, target + 4 * i, 1)
        last = at


cdef inline void load_patch(const Picture *p, int first, Py_ssize_t y, Py_ssize_t x, int edge, float *target,
                            Py_ssize_t height, Py_ssize_t width) noexcept nogil:
    """A rectangle that may reach beyond the picture, densely."""
    cdef Py_ssize_t j, at, begin = min(max(-x, <Py_ssize_t>0), width), end = max(min(p.width - x, width), begin)
    for j in range(height):
        at = edge_index(y + j, p.height, edge)
        if at < 0:
            memset(target, 0, <size_t>width * 16)
        else:
            load_outside(p, first, at, x, edge, target, begin)
            if end > begin:
                load_four(p, first, at, x + begin, target + 4 * begin, end - begin)
            load_outside(p, first, at, x + end, edge, target + 4 * end, width - end)
        target += 4 * width
