"""Ctrl-C in the middle of a kernel: the calling thread looks at signals every few milliseconds of work.

A loop calls ``watch`` once a part, with how much the part costs, and leaves its parts undone once it says stop.
Its door then returns -1 (``except -1``), because the exception of the signal handler is set.
"""

cdef extern from "Python.h":
    int check_signals "PyErr_CheckSignals"() noexcept

cdef enum:
    BETWEEN_SIGNALS = 1 << 22   # pixel steps of the calling thread; a look costs a wait for the GIL

ctypedef struct Watch:
    bint stop
    Py_ssize_t work


cdef inline bint interrupted() noexcept with gil:
    """Whether a signal handler raised (Ctrl-C): the exception is then set in this thread."""
    return check_signals() < 0


cdef inline bint watch(Watch *w, int thread, Py_ssize_t work) noexcept nogil:
    """Whether to stop. ``thread`` is 0 for the calling thread; ``work`` is in steps of about a nanosecond."""
    if thread == 0:
        w.work += work
        if w.work >= BETWEEN_SIGNALS:
            w.work = 0
            if interrupted():
                w.stop = True
    return w.stop
