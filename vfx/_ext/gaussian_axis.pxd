"""One axis of a decimated Gaussian: its three kernels, and which sample is which.

A sample stands every ``step`` pixels, one of them on pixel 0; ``gaussian.pyx`` draws the way there and back.
"""

from vfx._ext.pictures cimport BLACK, CLAMP

ctypedef struct Axis:
    int step
    const float *down
    int down_reach              # weights on either side of the middle one
    const float *middle
    int middle_reach
    const float *up             # step x up_taps
    const int *up_first         # for each phase the first sample that it sees, counted from the result's own
    int up_taps
    Py_ssize_t low              # samples beyond these are those at them (only where the edge is clamp or black)
    Py_ssize_t high


cdef inline Py_ssize_t floor_div(Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    return a // b if a >= 0 else -((-a + b - 1) // b)


cdef inline Py_ssize_t ring(Py_ssize_t i, Py_ssize_t n) noexcept nogil:
    """The place of row ``i`` in a ring of ``n``."""
    i = i % n
    return i if i >= 0 else i + n


cdef inline Py_ssize_t held(const Axis *axis, Py_ssize_t sample) noexcept nogil:
    """The sample that stands for one far outside."""
    return axis.low if sample < axis.low else (axis.high if sample > axis.high else sample)


cdef inline Py_ssize_t first_wide(const Axis *y, Py_ssize_t row) noexcept nogil:
    """The first sample that a row of results is made of."""
    return row // y.step + y.up_first[row % y.step]


cdef inline int check_axis(object plan, str name, Py_ssize_t length, int edge, Axis *axis) except -1:
    """One axis of the plan, checked."""
    cdef const float[::1] down = plan.down, middle = plan.middle
    cdef const float[:, ::1] up = plan.up
    cdef const int[::1] first = plan.up_first
    cdef int p
    axis.step = plan.step
    sound = (1 <= axis.step <= 1024 and up.shape[0] == axis.step == first.shape[0] and 1 <= up.shape[1] <= 1024
             and down.shape[0] % 2 == middle.shape[0] % 2 == 1 and max(down.shape[0], middle.shape[0]) < 1 << 24)
    for p in range(1, axis.step if sound else 0):
        sound = sound and 0 <= first[p] - first[p - 1] <= 1
    if sound:
        sound = -1024 <= first[0] <= 0 and first[axis.step - 1] - first[0] <= 1
    if sound and axis.step == 1:  # the middle Gaussian alone
        sound = down.shape[0] == 1 and up.shape[1] == 1 and first[0] == 0
    if not sound:
        raise ValueError(f"the plan of {name} does not fit together")
    axis.down = &down[0]
    axis.down_reach = <int>(down.shape[0] // 2)
    axis.middle = &middle[0]
    axis.middle_reach = <int>(middle.shape[0] // 2)
    axis.up = &up[0, 0]
    axis.up_first = &first[0]
    axis.up_taps = <int>up.shape[1]
    # Beyond these "down" sees nothing of the picture.
    axis.low = floor_div(-axis.down_reach - 1, axis.step)
    axis.high = -floor_div(-(length + axis.down_reach), axis.step)
    if edge != CLAMP and edge != BLACK:
        axis.low = -(<Py_ssize_t>1 << 40)
        axis.high = <Py_ssize_t>1 << 40
    return 0
