"""What OpenEXRCore's C interface looks like, as far as the EXR kernels use it.

Declared from the public headers of OpenEXR 3.4 and 3.5 (``openexr_context.h``, ``openexr_coding.h``,
``openexr_chunkio.h``, ``openexr_decode.h``, ``openexr_encode.h``; BSD-3-Clause). ``size`` and
``pipe_size`` are the library's own version tags: they carry the size of the layout declared here.
"""

from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

ctypedef void *context_t

ctypedef struct Box:
    int32_t x0
    int32_t y0
    int32_t x1
    int32_t y1

ctypedef struct Point:
    float x
    float y

ctypedef int64_t (*read_fn_t)(const void *, void *, void *, uint64_t, uint64_t, void *) noexcept nogil
ctypedef int64_t (*size_fn_t)(const void *, void *) noexcept nogil
ctypedef void (*error_fn_t)(const void *, int32_t, const char *) noexcept nogil

ctypedef struct Initializer:
    size_t size
    error_fn_t error_handler
    void *alloc
    void *free
    void *user_data
    read_fn_t read
    size_fn_t query_size
    void *write
    void *destroy
    int max_image_width
    int max_image_height
    int max_tile_width
    int max_tile_height
    int zip_level
    float dwa_quality
    int flags
    float lossy_htj2k_quality
    int zstd_level

ctypedef struct Channel:
    const char *name
    int32_t height
    int32_t width
    int32_t x_samples
    int32_t y_samples
    uint8_t p_linear
    int8_t bytes_per_element
    uint16_t data_type
    int16_t user_bytes_per_element
    uint16_t user_data_type
    int32_t user_pixel_stride
    int32_t user_line_stride
    uint8_t *data

ctypedef struct Chunk:
    int32_t idx
    int32_t start_x
    int32_t start_y
    int32_t height
    int32_t width
    uint8_t level_x
    uint8_t level_y
    uint8_t type
    uint8_t compression
    uint64_t data_offset
    uint64_t packed_size
    uint64_t unpacked_size
    uint64_t sample_count_data_offset
    uint64_t sample_count_table_size

ctypedef struct Decoder:
    size_t pipe_size
    Channel *channels
    int16_t channel_count
    uint16_t decode_flags
    int part_index
    const void *context
    Chunk chunk
    int32_t user_line_begin_skip
    int32_t user_line_end_ignore
    uint64_t bytes_decompressed
    void *user_data
    void *packed_buffer
    size_t packed_alloc_size
    void *unpacked_buffer
    size_t unpacked_alloc_size
    void *packed_sample_count_table
    size_t packed_sample_count_alloc_size
    int32_t *sample_count_table
    size_t sample_count_alloc_size
    void *scratch_buffer_1
    size_t scratch_alloc_size_1
    void *scratch_buffer_2
    size_t scratch_alloc_size_2
    void *alloc_fn
    void *free_fn
    int32_t (*read_fn)(Decoder *) noexcept nogil
    int32_t (*decompress_fn)(Decoder *) noexcept nogil
    int32_t (*realloc_nonimage_data_fn)(Decoder *) noexcept nogil
    int32_t (*unpack_and_convert_fn)(Decoder *) noexcept nogil
    Channel quick_channels[5]
    int sample_count_valid
    void *compression_context
    void (*free_compression_context)(Decoder *) noexcept nogil

ctypedef struct Encoder:
    size_t pipe_size
    Channel *channels
    int16_t channel_count
    uint16_t encode_flags
    int part_index
    const void *context
    Chunk chunk
    void *user_data
    void *packed_buffer
    uint64_t packed_bytes
    size_t packed_alloc_size
    int32_t *sample_count_table
    size_t sample_count_alloc_size
    void *packed_sample_count_table
    size_t packed_sample_count_bytes
    size_t packed_sample_count_alloc_size
    void *compressed_buffer
    size_t compressed_bytes
    size_t compressed_alloc_size
    void *scratch_buffer_1
    size_t scratch_alloc_size_1
    void *scratch_buffer_2
    size_t scratch_alloc_size_2
    void *alloc_fn
    void *free_fn
    int32_t (*convert_and_pack_fn)(Encoder *) noexcept nogil
    int32_t (*compress_fn)(Encoder *) noexcept nogil
    int32_t (*yield_until_ready_fn)(Encoder *) noexcept nogil
    int32_t (*write_fn)(Encoder *) noexcept nogil
    Channel quick_channels[5]
    int skip_sample_count_table_compression

# The functions that the kernels call, found by name at run time. `exr_` is left off the names.
ctypedef struct Library:
    void (*get_library_version)(int *, int *, int *, const char **) noexcept nogil
    int32_t (*start_read)(context_t *, const char *, const Initializer *) noexcept nogil
    int32_t (*start_temporary_context)(context_t *, const char *, const Initializer *) noexcept nogil
    int32_t (*finish)(context_t *) noexcept nogil
    const char *(*get_default_error_message)(int32_t) noexcept nogil
    int32_t (*get_count)(const void *, int *) noexcept nogil
    int32_t (*get_storage)(const void *, int, int *) noexcept nogil
    int32_t (*get_data_window)(const void *, int, Box *) noexcept nogil
    int32_t (*get_scanlines_per_chunk)(const void *, int, int32_t *) noexcept nogil
    int32_t (*get_tile_descriptor)(const void *, int, uint32_t *, uint32_t *, int *, int *) noexcept nogil
    int32_t (*get_level_sizes)(const void *, int, int, int, int32_t *, int32_t *) noexcept nogil
    int32_t (*read_scanline_chunk_info)(const void *, int, int, Chunk *) noexcept nogil
    int32_t (*read_tile_chunk_info)(const void *, int, int, int, int, int, Chunk *) noexcept nogil
    int32_t (*uncompress_buffer)(const void *, const void *, size_t, void *, size_t, size_t *) noexcept nogil
    int32_t (*decoding_initialize)(const void *, int, const Chunk *, Decoder *) noexcept nogil
    int32_t (*decoding_choose_default_routines)(const void *, int, Decoder *) noexcept nogil
    int32_t (*decoding_update)(const void *, int, const Chunk *, Decoder *) noexcept nogil
    int32_t (*decoding_run)(const void *, int, Decoder *) noexcept nogil
    int32_t (*decoding_destroy)(const void *, Decoder *) noexcept nogil
    int32_t (*initialize_required_attr)(
        context_t, int, const Box *, const Box *, float, const Point *, float, int, int) noexcept nogil
    int32_t (*set_tile_descriptor)(context_t, int, uint32_t, uint32_t, int, int) noexcept nogil
    int32_t (*add_channel)(context_t, int, const char *, int, int, int32_t, int32_t) noexcept nogil
    int32_t (*set_longname_support)(context_t, int) noexcept nogil
    int32_t (*set_zip_compression_level)(context_t, int, int) noexcept nogil
    int32_t (*set_dwa_compression_level)(context_t, int, float) noexcept nogil
    int32_t (*compression_lines_per_chunk)(int) noexcept nogil
    int32_t (*compress_buffer)(const void *, int, const void *, size_t, void *, size_t, size_t *) noexcept nogil
    int32_t (*encoding_initialize)(const void *, int, const Chunk *, Encoder *) noexcept nogil
    int32_t (*encoding_choose_default_routines)(const void *, int, Encoder *) noexcept nogil
    int32_t (*encoding_update)(const void *, int, const Chunk *, Encoder *) noexcept nogil
    int32_t (*encoding_run)(const void *, int, Encoder *) noexcept nogil
    int32_t (*encoding_destroy)(const void *, Encoder *) noexcept nogil
