"""Rows of Cryptomatte samples: the coverage of the wanted ids, block by block.

A rank is a pair of runs, ids and coverages. A block whose ids are all one other id, as most are, is left
after one look at it. Ids are compared as bits: every id is a finite float, but no sum or order of them means
anything (Cryptomatte specification 1.2, "ID conversion").
"""

from libc.stdint cimport int32_t, uint16_t, uint32_t, uint8_t

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>
    /* ids, ascending; the output of each; how many of both */
    typedef struct { const uint32_t *ids; const int32_t *places; int count; int outputs; } vfx_wanted;
    /* the output of an id; -1 when it is not wanted */
    static inline int vfx_place_of(const vfx_wanted *wanted, uint32_t id) {
        int low = 0, high = wanted->count;
        while (low < high) {
            int middle = (low + high) / 2;
            if (wanted->ids[middle] < id) low = middle + 1; else high = middle;
        }
        return low < wanted->count && wanted->ids[low] == id ? wanted->places[low] : -1;
    }
    static void vfx_add_one(uint32_t id, const uint32_t *ids, const float *coverage, float *out, int n) {
        int i;
        for (i = 0; i < n; i++) out[i] += ids[i] == id ? coverage[i] : 0.0f;
    }
    /* at most a block of one rank, added to `outputs` interleaved sums */
    static void vfx_add_wanted(const vfx_wanted *wanted, const uint32_t *ids, const float *coverage, float *out, int n) {
        int i, place;
        uint32_t last;
        if (wanted->count == 1 && wanted->outputs == 1) { vfx_add_one(wanted->ids[0], ids, coverage, out, n); return; }
        last = ids[0];
        place = vfx_place_of(wanted, last);
        for (i = 0; i < n; i++) {
            if (ids[i] != last) { last = ids[i]; place = vfx_place_of(wanted, last); }
            if (place >= 0) out[(size_t)i * wanted->outputs + place] += coverage[i];
        }
    }
    /* whether a block may hold a wanted id; the planes have the bytes 0 and 2, and 1 and 3, of each id */
    static int vfx_may_hold(const vfx_wanted *wanted, const uint8_t *even, const uint8_t *odd, int n) {
        uint16_t e, o, a, b;
        unsigned found = 0;
        int i;
        if (wanted->count == 1) {
            uint32_t id = wanted->ids[0];
            a = (uint16_t)((id & 0xff) | (id >> 8 & 0xff00));
            b = (uint16_t)((id >> 8 & 0xff) | (id >> 16 & 0xff00));
            for (i = 0; i < n; i++) {
                memcpy(&e, even + 2 * i, 2);
                memcpy(&o, odd + 2 * i, 2);
                found |= (unsigned)((e == a) & (o == b));
            }
            return found != 0;
        }
        memcpy(&a, even, 2);
        memcpy(&b, odd, 2);
        for (i = 0; i < n; i++) {
            memcpy(&e, even + 2 * i, 2);
            memcpy(&o, odd + 2 * i, 2);
            found |= (unsigned)(e ^ a) | (unsigned)(o ^ b);
        }
        if (found) return 1;
        return vfx_place_of(wanted, (a & 0xffu) | (b & 0xffu) << 8 | (uint32_t)(a & 0xff00u) << 8
                            | (uint32_t)(b & 0xff00u) << 16) >= 0;
    }
    static void vfx_join_id_planes(const uint8_t *even, const uint8_t *odd, uint32_t *out, int n) {
        uint16_t e, o;
        int i;
        for (i = 0; i < n; i++) {
            memcpy(&e, even + 2 * i, 2);
            memcpy(&o, odd + 2 * i, 2);
            out[i] = (e & 0xffu) | (o & 0xffu) << 8 | (uint32_t)(e & 0xff00u) << 8 | (uint32_t)(o & 0xff00u) << 16;
        }
    }
    /* one coverage into the ranks of a pixel, which stay in falling order; equals keep theirs */
    static inline void vfx_insert(uint32_t *ranks, int count, uint32_t id, float coverage) {
        int k = count;
        float other;
        uint32_t bits;
        if (!(coverage > 0.0f)) return;
        for (; k > 0; k--) {
            memcpy(&other, ranks + 2 * k - 1, 4);
            if (other >= coverage) break;
            if (k < count) { ranks[2 * k] = ranks[2 * k - 2]; ranks[2 * k + 1] = ranks[2 * k - 1]; }
        }
        if (k == count) return;
        memcpy(&bits, &coverage, 4);
        ranks[2 * k] = id;
        ranks[2 * k + 1] = bits;
    }
    """
    ctypedef struct Wanted "vfx_wanted":
        const uint32_t *ids
        const int32_t *places
        int count
        int outputs
    void add_wanted "vfx_add_wanted"(
        const Wanted *wanted, const uint32_t *ids, const float *coverage, float *out, int n) noexcept nogil
    bint may_hold "vfx_may_hold"(const Wanted *wanted, const uint8_t *even, const uint8_t *odd, int n) noexcept nogil
    void join_planes "vfx_join_id_planes"(
        const uint8_t *even, const uint8_t *odd, uint32_t *out, int n) noexcept nogil
    void insert "vfx_insert"(uint32_t *ranks, int count, uint32_t id, float coverage) noexcept nogil

# Samples looked at together: two kilobytes of ids and coverages.
cdef enum:
    BLOCK = 256


cdef inline int fill_wanted(Wanted *wanted, const uint32_t[::1] ids, const int32_t[::1] places, int outputs) except -1:
    """The ids to look for, checked: ascending, each with an output that there is."""
    cdef Py_ssize_t i
    if ids.shape[0] == 0 or ids.shape[0] != places.shape[0] or ids.shape[0] > (1 << 30) or outputs < 1:
        raise ValueError("every wanted id needs one output")
    for i in range(ids.shape[0]):
        if not 0 <= places[i] < outputs or (i and ids[i - 1] >= ids[i]):
            raise ValueError("ids must ascend, and their outputs exist")
    wanted.ids = &ids[0]
    wanted.places = &places[0]
    wanted.count = <int> ids.shape[0]
    wanted.outputs = outputs
    return 0
