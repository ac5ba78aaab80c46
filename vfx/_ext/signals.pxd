"""What a scope or a picture painted by value measures of each pixel: single channels, or a weighted sum of three."""

from vfx._ext.watch cimport Watch

cdef enum:
    STRETCH = 256               # pixels that are loaded at once
    BANDS = 64                  # parts of a picture
    MOST_THREADS = 1024

ctypedef struct Signals:
    int count
    int channel[3]
    float weight[3]
    bint sums                   # one signal, the weighted sum of the three channels


cdef inline float weighted(const float *pixel, const int *channel, const float *weight) noexcept nogil:
    """The sum of three weighted channels."""
    return pixel[channel[0]] * weight[0] + pixel[channel[1]] * weight[1] + pixel[channel[2]] * weight[2]


cdef inline int check_threads(int threads) except -1:
    """Raises unless there is a sensible number of threads."""
    if not 1 <= threads <= MOST_THREADS:
        raise ValueError(f"threads must be 1 to {MOST_THREADS}, got {threads}")
    return 0


cdef inline int take_signals(Signals *signals, object channels, object weights, int count) except -1:
    """Fills in which channels are measured, and their weights where one sum is measured."""
    cdef int k
    picked = [int(channel) for channel in channels]
    if not 1 <= len(picked) <= 3 or min(picked) < 0 or max(picked) >= count:
        raise ValueError(f"channels must be 1 to 3 indexes below {count}, got {tuple(picked)}")
    if weights is not None and (len(picked) != 3 or len(weights) != 3):
        raise ValueError("weights are three numbers for three channels")
    signals.count = <int>len(picked)
    signals.sums = weights is not None
    for k in range(signals.count):
        signals.channel[k] = picked[k]
        signals.weight[k] = weights[k] if weights is not None else 1.0
    return 0


cdef inline int finish(const Watch *watch) except -1:
    """Raises what a signal handler raised meanwhile."""
    return -1 if watch.stop else 0
