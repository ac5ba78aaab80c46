"""Red, green and blue out of the luminance and chroma of an EXR file.

A file stores Y for every pixel, and RY = (R - Y) / Y and BY = (B - Y) / Y, as a rule for every second pixel of every second
line. What is missing is filtered from the seven nearest samples on both sides, across and then down, and pixels that are
far more saturated than the lines above and below are made less so: the filter rings at edges where luminance is small
(ImfRgbaYca.cpp of OpenEXR 3.5). Values are not rounded to half between the steps.
"""

from cython.parallel cimport prange, threadid
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

from vfx._ext.watch cimport Watch, watch

# Weights of the samples 1, 3, 5 … 13 pixels away (ImfRgbaYca.cpp, reconstructChromaHoriz).
cdef enum:
    TAPS = 7

cdef float[7] WEIGHTS = [0.627123, -0.186077, 0.087929, -0.043159, 0.019597, -0.007540, 0.002128]

# Rows that a thread makes at a time; the two beside them are made twice.
cdef enum:
    BAND = 16

ctypedef struct Plan:
    const float *stored
    float *out
    float *across     # (even rows, 2, width): chroma of every second row, filtered across
    float *scratch    # of each thread: three rows of R, G, B and saturation, or a padded row of samples
    Py_ssize_t width
    Py_ssize_t height
    int channels
    bint halved
    Py_ssize_t left
    Py_ssize_t top
    Py_ssize_t right
    Py_ssize_t bottom
    float red
    float green
    float blue


cdef inline Py_ssize_t clamp(Py_ssize_t value, Py_ssize_t most) noexcept nogil:
    """``value`` within 0 and ``most``."""
    return 0 if value < 0 else most if value > most else value


cdef inline void weigh(float *out, const float *a, const float *b, float weight, Py_ssize_t n,
                       bint first) noexcept nogil:
    """The sums of two runs, weighted, beside what is there already."""
    cdef Py_ssize_t x
    if first:
        for x in range(n):
            out[x] = weight * (a[x] + b[x])
    else:
        for x in range(n):
            out[x] = out[x] + weight * (a[x] + b[x])


cdef void filter_across(const Plan *plan, Py_ssize_t row, float *samples) noexcept nogil:
    """Chroma of every pixel of stored row ``2 * row``; ``samples`` has room for a row and both its borders."""
    cdef Py_ssize_t count = (plan.width + 1) // 2, i, x
    cdef const float *line = plan.stored + 2 * row * plan.width * plan.channels
    cdef const float *a = samples + TAPS
    cdef float *between = samples + count + 2 * TAPS
    cdef float *out
    cdef int c, t
    for c in range(2):
        out = plan.across + (2 * row + c) * plan.width
        for i in range(-TAPS, count + TAPS):
            samples[i + TAPS] = line[2 * clamp(i, count - 1) * plan.channels + 1 + c]
        for t in range(TAPS):
            weigh(between, a - t, a + 1 + t, WEIGHTS[t], count, t == 0)
        for x in range(plan.width // 2):
            out[2 * x], out[2 * x + 1] = a[x], between[x]
        if plan.width & 1:
            out[plan.width - 1] = a[count - 1]


cdef void chroma_row(const Plan *plan, Py_ssize_t y, int c, float *out) noexcept nogil:
    """Chroma of every pixel of row ``y``, which may be one row outside; all of it filtered."""
    cdef Py_ssize_t last = (plan.height + 1) // 2 - 1, row = (y + 1) // 2 - 1 if y & 1 else y // 2
    cdef const float *first = plan.across + c * plan.width
    cdef int t
    if not y & 1:
        memcpy(out, first + 2 * clamp(row, last) * plan.width, plan.width * sizeof(float))
        return
    for t in range(TAPS):
        weigh(out, first + 2 * clamp(row - t, last) * plan.width, first + 2 * clamp(row + 1 + t, last) * plan.width,
              WEIGHTS[t], plan.width, t == 0)


cdef void colours_row(const Plan *plan, Py_ssize_t y, float *out) noexcept nogil:
    """R, G, B and saturation of row ``y``, four runs of ``width``; one row outside is made of the nearest ones."""
    cdef Py_ssize_t n = plan.width, line = y, x
    cdef const float *stored
    cdef float *r = out
    cdef float *g = out + n
    cdef float *b = out + 2 * n
    cdef float *saturation = out + 3 * n
    cdef float luminance, ry, by, most, least
    if y < 0 or y >= plan.height:
        line = 0 if y < 0 else max(plan.height - 2, 0)  # below the last row, the last one that has chroma
    stored = plan.stored + line * n * plan.channels
    if plan.halved:
        chroma_row(plan, y, 0, r)
        chroma_row(plan, y, 1, b)
    else:
        for x in range(n):
            r[x], b[x] = stored[x * plan.channels + 1], stored[x * plan.channels + 2]
    for x in range(n):
        luminance = stored[x * plan.channels]
        ry, by = r[x], b[x]
        r[x] = (ry + <float> 1) * luminance
        b[x] = (by + <float> 1) * luminance
        g[x] = (luminance - r[x] * plan.red - b[x] * plan.blue) / plan.green
        # Without chroma all three are the luminance, to the last bit.
        g[x] = luminance if ry == 0 and by == 0 else g[x]
    for x in range(n):
        most = max(r[x], max(g[x], b[x]))
        least = min(r[x], min(g[x], b[x]))
        saturation[x] = <float> 1 - least / most if most > 0 else <float> 0


cdef void finish_row(const Plan *plan, Py_ssize_t y, const float *above, const float *here,
                     const float *below) noexcept nogil:
    """Row ``y`` of the box into the image, pixels that are too saturated for their surroundings made less so."""
    cdef Py_ssize_t n = plan.width, x, before, after
    cdef const float *stored
    cdef float *out
    cdef float r, g, b, mean, most, s, f, top, luminance, total
    cdef int c
    for x in range(plan.left, plan.right):
        r, g, b, s = here[x], here[n + x], here[2 * n + x], here[3 * n + x]
        if plan.halved:
            before, after = max(x - 1, 0), min(x + 1, n - 1)
            mean = <float> 0.25 * (above[3 * n + before] + above[3 * n + after]
                                   + below[3 * n + before] + below[3 * n + after])
            mean = min(<float> 1, mean)
            most = min(<float> 1, <float> 1 - (<float> 1 - mean) * <float> 0.25)
            if s > mean and s > most:
                f = most / s
                top = max(r, max(g, b))
                luminance = r * plan.red + g * plan.green + b * plan.blue
                r = max(top - (top - r) * f, <float> 0)
                g = max(top - (top - g) * f, <float> 0)
                b = max(top - (top - b) * f, <float> 0)
                total = r * plan.red + g * plan.green + b * plan.blue
                if total > 0:
                    r, g, b = r * (luminance / total), g * (luminance / total), b * (luminance / total)
        stored = plan.stored + (y * n + x) * plan.channels
        out = plan.out + ((y - plan.top) * (plan.right - plan.left) + x - plan.left) * plan.channels
        out[0], out[1], out[2] = r, g, b
        for c in range(3, plan.channels):
            out[c] = stored[c]


cdef void make_band(const Plan *plan, Py_ssize_t band, float *rows) noexcept nogil:
    """Up to ``BAND`` rows of the box; ``rows`` has room for three of ``colours_row``."""
    cdef Py_ssize_t first = plan.top + band * BAND, last = min(first + BAND, plan.bottom), y, room = 4 * plan.width
    cdef float *above = rows
    cdef float *here = rows + room
    cdef float *below = rows + 2 * room
    cdef float *spare
    if plan.halved:
        colours_row(plan, first - 1, above)
        colours_row(plan, first, here)
    for y in range(first, last):
        if plan.halved:
            colours_row(plan, y + 1, below)
        else:
            colours_row(plan, y, here)
        finish_row(plan, y, above, here, below)
        if plan.halved:
            spare, above, here, below = above, here, below, above


cdef int run(const Plan *plan, Py_ssize_t room, int threads) except -1:
    """Both passes; -1 when a signal handler raised."""
    cdef Watch state
    cdef Py_ssize_t i, rows = (plan.height + 1) // 2 if plan.halved else 0
    cdef Py_ssize_t bands = (plan.bottom - plan.top + BAND - 1) // BAND
    state.stop, state.work = False, 0
    with nogil:
        if threads == 1:
            for i in range(rows):
                filter_across(plan, i, plan.scratch)
            for i in range(bands):
                if watch(&state, 0, BAND * plan.width * 8):
                    break
                make_band(plan, i, plan.scratch)
        else:
            for i in prange(rows, schedule="static", num_threads=threads):
                filter_across(plan, i, plan.scratch + threadid() * room)
            for i in prange(bands, schedule="dynamic", num_threads=threads):
                if not watch(&state, threadid(), BAND * plan.width * 8):
                    make_band(plan, i, plan.scratch + threadid() * room)
    return -1 if state.stop else 0


def colours(stored: object, out: object, weights: tuple, box: tuple, halved: bool, threads: int) -> None:
    """Fill ``out`` with R, G, B and what else there is, from Y, RY, BY and what else: a ``box`` of float32 ``stored``.

    Both are (height, width, channels), contiguous. ``weights`` are the luminances of the primaries; ``box`` is (left,
    top, right, bottom), half-open. With ``halved`` only chroma at even places counts, from which the rest is filtered.
    """
    cdef const float[:, :, ::1] pixels = stored
    cdef float[:, :, ::1] to = out
    cdef Plan plan
    cdef Py_ssize_t room
    cdef int workers = max(1, threads)
    plan.height, plan.width, plan.channels = pixels.shape[0], pixels.shape[1], <int> pixels.shape[2]
    plan.left, plan.top, plan.right, plan.bottom = box
    plan.red, plan.green, plan.blue = weights
    plan.halved = halved
    if (plan.channels < 3 or not 0 <= plan.left < plan.right <= plan.width
            or not 0 <= plan.top < plan.bottom <= plan.height or to.shape[0] != plan.bottom - plan.top
            or to.shape[1] != plan.right - plan.left or to.shape[2] != plan.channels):
        raise ValueError("the output does not fit the request")
    plan.stored, plan.out = &pixels[0, 0, 0], &to[0, 0, 0]
    # Three rows of four, or a padded row of samples and what lies between them.
    room = 12 * plan.width + 2 * TAPS + 2
    plan.scratch = <float *> malloc(workers * room * sizeof(float))
    plan.across = <float *> malloc((plan.height + 1) * plan.width * sizeof(float))
    try:
        if plan.scratch == NULL or plan.across == NULL:
            raise MemoryError("no memory for the rows of chroma")
        run(&plan, room, workers)
    finally:
        free(plan.scratch)
        free(plan.across)
