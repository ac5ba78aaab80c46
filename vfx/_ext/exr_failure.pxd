"""How a parallel loop over chunks ends early: the first failure, or a Python signal such as Ctrl-C."""

from libc.stdint cimport int32_t, int64_t
from libc.string cimport memcpy, memset

from vfx._ext.exr_system cimport PyErr_CheckSignals, errno, vfx_message, vfx_now, vfx_set, vfx_take_flag

# Our own codes beside the library's positive ones 
cdef enum:
    OUT_OF_MEMORY = -1
    WRITE_FAILED = -2
    MISMATCH = -3  # a chunk is not what the header promised

# Shared by the threads of one call. The first failure wins and stops the others.
ctypedef struct Failure:
    int stop
    int taken
    int32_t code
    int system_error
    bint interrupted
    int64_t chunk
    double next_look
    char message[256]


cdef inline void begin(Failure *failure) noexcept nogil:
    """No failure yet."""
    memset(failure, 0, sizeof(Failure))
    failure.next_look = vfx_now() + 0.1
    vfx_message[0] = 0


cdef inline void fail(Failure *failure, int32_t code, int64_t chunk) noexcept nogil:
    """Note the first failure with this thread's message; every thread stops."""
    if code != 0 and vfx_take_flag(&failure.taken):
        failure.code = code
        failure.chunk = chunk
        failure.system_error = errno
        memcpy(failure.message, vfx_message, sizeof(failure.message))
    if code != 0:
        vfx_set(&failure.stop, 1)


cdef inline bint signalled() noexcept with gil:
    """Whether a Python signal handler raised; the exception is then pending."""
    return PyErr_CheckSignals() != 0


cdef inline void look_for_signals(Failure *failure) noexcept nogil:
    """On the calling thread, ten times a second: let Ctrl-C through."""
    if vfx_now() < failure.next_look:
        return
    failure.next_look = vfx_now() + 0.1
    if signalled():
        failure.interrupted = True
        vfx_set(&failure.stop, 1)
