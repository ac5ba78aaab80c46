"""Colour-difference samples of DPX files to RGB and back (SMPTE ST 268-1:2014, 5.3: elements 100 to 103).

Samples are floats, code / (2^n - 1). A line of 4:2:2 has one colour-difference sample a pixel, C_B on even
pixels and C_R on odd ones, both of the even pixel's site (ITU-R BT.601 and BT.709)::

    reading   C_B0 Y0 | C_R0 Y1 | C_B2 Y2 | C_R2 Y3    an odd pixel has the mean of its neighbours' colours
    writing   colours of an even pixel: (left + 2 own + right) / 4

The last pixels repeat the nearest sample there is.
"""

from cython.parallel cimport prange


cdef inline void apply_matrix(
    const float *m, float y, float cb, float cr, float *out
) noexcept nogil:
    out[0] = m[0] * y + m[1] * cb + m[2] * cr + m[9]
    out[1] = m[3] * y + m[4] * cb + m[5] * cr + m[10]
    out[2] = m[6] * y + m[7] * cb + m[8] * cr + m[11]


cdef void rgb_of_full(const float *src, float *dst, Py_ssize_t width, int n, const float *m) noexcept nogil:
    # Cb Y Cr (A) of every pixel.
    cdef Py_ssize_t x
    for x in range(width):
        apply_matrix(m, src[n * x + 1], src[n * x], src[n * x + 2], dst + n * x)
        if n == 4:
            dst[4 * x + 3] = src[4 * x + 3]


cdef void rgb_of_halved(const float *src, float *dst, Py_ssize_t width, int n, const float *m) noexcept nogil:
    # C Y (A) of every pixel; a lone last pixel has the C_R of the pair before, or none (a half).
    cdef Py_ssize_t x, pair, after, last = (width - 1) // 2
    cdef int k = n + 1
    cdef float cb, cr, cb_after, cr_after
    for pair in range(last + 1):
        x = 2 * pair
        after = pair + 1 if pair < last else pair
        cb = src[n * x]
        cb_after = src[n * 2 * after]
        cr = src[n * (x + 1)] if x + 1 < width else (src[n * (x - 1)] if x > 0 else <float> 0.5)
        cr_after = src[n * (2 * after + 1)] if 2 * after + 1 < width else cr
        apply_matrix(m, src[n * x + 1], cb, cr, dst + k * x)
        if n == 3:
            dst[k * x + 3] = src[n * x + 2]
        if x + 1 < width:
            apply_matrix(
                m, src[n * (x + 1) + 1], <float> 0.5 * (cb + cb_after), <float> 0.5 * (cr + cr_after), dst + k * (x + 1)
            )
            if n == 3:
                dst[k * (x + 1) + 3] = src[n * (x + 1) + 2]


cdef void full_of_rgb(const float *src, float *dst, Py_ssize_t width, int n, const float *m) noexcept nogil:
    # To Cb Y Cr (A).
    cdef Py_ssize_t x
    cdef float ycc[3]
    for x in range(width):
        apply_matrix(m, src[n * x], src[n * x + 1], src[n * x + 2], ycc)
        dst[n * x] = ycc[1]
        dst[n * x + 1] = ycc[0]
        dst[n * x + 2] = ycc[2]
        if n == 4:
            dst[4 * x + 3] = src[4 * x + 3]


cdef void halved_of_rgb(const float *src, float *dst, Py_ssize_t width, int n, const float *m) noexcept nogil:
    # To C Y (A), where n counts the samples of src; the width is even.
    cdef Py_ssize_t x, i
    cdef int k = n - 1
    cdef float left[3]
    cdef float own[3]
    cdef float right[3]
    apply_matrix(m, src[0], src[1], src[2], own)
    for i in range(3):
        left[i] = own[i]
    for x in range(0, width, 2):
        apply_matrix(m, src[n * (x + 1)], src[n * (x + 1) + 1], src[n * (x + 1) + 2], right)
        dst[k * x] = <float> 0.25 * (left[1] + <float> 2 * own[1] + right[1])
        dst[k * x + 1] = own[0]
        dst[k * (x + 1)] = <float> 0.25 * (left[2] + <float> 2 * own[2] + right[2])
        dst[k * (x + 1) + 1] = right[0]
        if n == 4:
            dst[k * x + 2] = src[n * x + 3]
            dst[k * (x + 1) + 2] = src[n * (x + 1) + 3]
        for i in range(3):
            left[i] = right[i]
        if x + 2 < width:
            apply_matrix(m, src[n * (x + 2)], src[n * (x + 2) + 1], src[n * (x + 2) + 2], own)


cdef void line(
    const float *src, float *dst, Py_ssize_t width, int n, const float *m, bint halved, bint decoding
) noexcept nogil:
    if decoding and halved:
        rgb_of_halved(src, dst, width, n, m)
    elif decoding:
        rgb_of_full(src, dst, width, n, m)
    elif halved:
        halved_of_rgb(src, dst, width, n, m)
    else:
        full_of_rgb(src, dst, width, n, m)


cdef void parallel_lines(
    const float *src, float *dst, Py_ssize_t height, Py_ssize_t width, int n, int k, const float *m,
    bint halved, bint decoding, int threads
) noexcept nogil:
    cdef Py_ssize_t y
    for y in prange(height, schedule="static", num_threads=threads):
        line(src + y * width * n, dst + y * width * k, width, n, m, halved, decoding)


cdef int convert(
    const float[:, :, ::1] src, float[:, :, ::1] dst, const float[::1] matrix, bint halved, bint decoding, int threads
) except -1:
    cdef Py_ssize_t height = src.shape[0], width = src.shape[1], y
    cdef int n = <int> src.shape[2], k = <int> dst.shape[2], rgb = k if decoding else n, stored = n if decoding else k
    if matrix.shape[0] != 12:
        raise ValueError(f"the matrix has 12 numbers, got {matrix.shape[0]}")
    if dst.shape[0] != height or dst.shape[1] != width or rgb not in (3, 4) or stored != rgb - halved:
        raise ValueError("pixels and samples must be of one size: RGB or RGBA, and as many samples, one less of 4:2:2")
    if halved and not decoding and width % 2:
        raise ValueError(f"4:2:2 needs an even width, got {width}")
    if height == 0 or width == 0:
        return 0
    with nogil:
        if threads > 1:
            parallel_lines(&src[0, 0, 0], &dst[0, 0, 0], height, width, n, k, &matrix[0], halved, decoding, threads)
        else:
            for y in range(height):
                line(&src[y, 0, 0], &dst[y, 0, 0], width, n, &matrix[0], halved, decoding)
    return 0


def to_rgb(const float[:, :, ::1] samples not None, float[:, :, ::1] pixels not None,
           const float[::1] matrix not None, bint halved, int threads) -> None:
    """Nothing; ``pixels`` then holds the RGB of the samples.

    Parameters
    ----------
    samples : array of float32, (H, W, S)
        Cb Y Cr (A) of each pixel, or of 4:2:2 C Y (A).
    pixels : array of float32, (H, W, 3|4)
        Receives R G B (A).
    matrix : array of float32, (12,)
        Row by row the 3x3 matrix of Y, Cb, Cr, then the three offsets.
    halved : bool
        Whether the samples are 4:2:2.
    threads : int
        Most threads to use.
    """
    convert(samples, pixels, matrix, halved, True, threads)


def from_rgb(const float[:, :, ::1] pixels not None, float[:, :, ::1] samples not None,
             const float[::1] matrix not None, bint halved, int threads) -> None:
    """Nothing; ``samples`` then holds the colour-difference samples of the pixels.

    Parameters
    ----------
    pixels, samples, matrix, halved, threads
        As for :func:`to_rgb`; the matrix is that from R, G, B to Y, Cb, Cr.
    """
    convert(pixels, samples, matrix, halved, False, threads)
