"""How often each number occurs in a picture: what percentiles and histograms stand on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["groups", "key_values", "ranked", "unit"]

#: Channels and tables that are counted at once: their counts are to stay in the caches.
_AT_ONCE = 8
_TABLES = 64
#: Keys of the finite numbers, first and last (``vfx/_ext/counting.pyx``).
_FINITE = {"float16": (0x0400, 0xFBFF), "float32": (0x0080, 0xFF7F)}


def unit(dtype: np.dtype[Any]) -> float:
    """What the number 1 is stored as: 255, 65535 or 1."""
    return float(np.iinfo(dtype).max) if dtype.kind == "u" else 1.0


def groups(channels: int) -> Iterator[tuple[int, int]]:
    """The first and last (not included) of channels that are counted together."""
    for first in range(0, channels, _AT_ONCE):
        yield first, min(first + _AT_ONCE, channels)


def key_values(dtype: np.dtype[Any]) -> NDArray[np.float64]:
    """What the keys of a format of 8 or 16 bits mean, [0, 1] for integers; with NaN and infinities for halves."""
    if dtype.kind == "u":
        return np.arange(np.iinfo(dtype).max + 1) / unit(dtype)
    keys = np.arange(1 << 16)
    bits = np.where(keys < 0x8000, ~keys, keys ^ 0x8000).astype(np.uint16)
    return bits.view(np.float16).astype(np.float64)


def ranked(pixels: NDArray[Any], percentages: Sequence[float], threads: int) -> list[list[float]]:
    """For each percentage the percentile of each channel; NaN where no number is finite."""
    found: list[list[float]] = [[] for _ in percentages]
    for group in groups(pixels.shape[2]):
        for columns in _ranked_group(pixels, group, percentages, threads):
            for target, value in zip(found, columns, strict=True):
                target.append(value)
    return found


def _ranked_group(
    pixels: NDArray[Any], group: tuple[int, int], percentages: Sequence[float], threads: int
) -> list[list[float]]:
    """For each channel of a group its percentiles."""
    from vfx._ext.counting import count_keys

    counts = count_keys(pixels, group, threads)
    low, high = _FINITE.get(pixels.dtype.name, (0, counts.shape[1] - 1))
    counts[:, :low] = 0
    counts[:, high + 1 :] = 0
    sums = np.cumsum(counts, axis=1)
    positions = [(max(int(n), 1) - 1) * (np.asarray(percentages) / 100.0) for n in sums[:, -1]]
    # A place is a channel of the group and how many numbers of it come before.
    places = sorted(
        {
            (channel, int(rank))
            for channel, at in enumerate(positions)
            for rank in (*np.floor(at), *np.ceil(at))
            if sums[channel, -1]
        }
    )
    keys = {place: int(np.searchsorted(sums[place[0]], place[1], side="right")) for place in places}
    if pixels.dtype == np.float32:
        values = _float_values(pixels, group, sums, keys, threads)
    else:
        meant = key_values(pixels.dtype)
        values = {place: float(meant[key]) for place, key in keys.items()}
    return [
        [_between(values, channel, float(at)) if sums[channel, -1] else float("nan") for at in positions[channel]]
        for channel in range(len(sums))
    ]


def _between(values: dict[tuple[int, int], float], channel: int, at: float) -> float:
    """The number at a position in order, interpolated linearly."""
    below, above = values[channel, int(np.floor(at))], values[channel, int(np.ceil(at))]
    return float(below + (above - below) * (at - np.floor(at)) + 0.0)


def _float_values(
    pixels: NDArray[Any],
    group: tuple[int, int],
    sums: NDArray[np.int64],
    keys: dict[tuple[int, int], int],
    threads: int,
) -> dict[tuple[int, int], float]:
    """The float32 numbers at these places: those of one key are told apart by the lower 16 bits."""
    from vfx._ext.counting import count_rests

    pairs = sorted({(channel, key) for (channel, _), key in keys.items()})
    found = {}
    for first in range(0, len(pairs), _TABLES):
        part = {pair: slot for slot, pair in enumerate(pairs[first : first + _TABLES])}
        slots = np.full((len(sums), sums.shape[1]), -1, np.int16)
        for (channel, key), slot in part.items():
            slots[channel, key] = slot
        rests = np.cumsum(count_rests(pixels, group, slots, len(part), threads), axis=1)
        for (channel, rank), key in keys.items():
            if (channel, key) in part:
                before = int(sums[channel, key - 1]) if key else 0
                rest = int(np.searchsorted(rests[part[channel, key]], rank - before, side="right"))
                found[channel, rank] = _float_of(key << 16 | rest)
    return found


def _float_of(word: int) -> float:
    """The float32 of ordered bits."""
    bits = ~word if word < 0x80000000 else word ^ 0x80000000
    return float(np.array(bits & 0xFFFFFFFF, np.uint32).view(np.float32))
