"""The planar tile that every kernel step works on, and a step's parameters.

A tile is a run of pixels as separate float32 planes. ``n`` is always a multiple of
``LANES``: the executor pads the last tile of a picture, so every pixel goes through the
same vector code and the result does not depend on where a tile ends.
"""

cdef enum:
    # Pixels per full vector loop: four 512-bit vectors.
    LANES = 64
    # The most float parameters that a step has (a curve's seven, for each channel, and a mode).
    MAX_PARAMS = 24
    # Interleaved floats whose channels a step can tell apart: 1, 2, 4, 8 or 16 channels repeat within them.
    GROUP = 16

ctypedef struct Tile:
    float *rgb[3]   # NULL where the picture has no such channel; interleaved pixels come as the first alone
    const int *on   # GROUP of them: which floats of ``rgb`` are colour; steps that know interleaved pixels heed it
    float *a        # NULL unless a step of the program needs alpha
    float *kept     # what ``keep`` set aside: four planes for each level, ``size`` floats apart
    int size
    int n

ctypedef struct Params:
    float f[MAX_PARAMS]
    int mode
    int size                # table entries per axis; rows of a table of rows; the level of ``keep`` and ``mix``
    int stride              # floats from one channel's 1D table to the next, 0 where all share one; floats per row
    const float *table

ctypedef void (*Step)(const Tile *t, const Params *p) noexcept nogil
