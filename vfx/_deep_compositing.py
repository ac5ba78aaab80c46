"""What is done to deep pictures: sorting, tidying, merging, holding out, flattening. ``DeepImage`` is the door.

Which channel weighs which is told by their names alone ("Interpreting OpenEXR Deep Pixels", "Required Alpha
Channels"): ``R``, ``G`` and ``B`` look for ``AR``, ``AG`` and ``AB``, then, like all others, for ``A``, in their own
layer and then in the layers around it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from vfx import threads as _threads
from vfx._ext import deep as kernel
from vfx.checks import one_of
from vfx.errors import ChannelError
from vfx.image import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vfx.deep import DeepImage
    from vfx.pixelformat import Box

__all__ = ["alpha_of", "cull", "flatten", "holdout", "merge", "sort", "state", "tidy"]

_ALPHAS = ("A", "AR", "AG", "AB")
_DEPTHS = ("blend", "front", "opaque")
_KINDS = {np.dtype(np.uint32): 0, np.dtype(np.float16): 1, np.dtype(np.float32): 2}
_STATE = "exr:deepImageState"


def alpha_of(name: str, names: Iterable[str]) -> str | None:
    """The channel among ``names`` that is the opacity of channel ``name``: itself for alphas, None without one.

    Examples
    --------
    >>> alpha_of("L1.L2.G", ["A", "L1.A", "L1.AR", "L1.L2.G"])
    'L1.A'
    """
    layer, _, base = name.rpartition(".")
    if base in _ALPHAS:
        return name
    known = set(names)
    wanted = (f"A{base}", "A") if base in ("R", "G", "B") else ("A",)
    while True:
        for alpha in wanted:
            candidate = f"{layer}.{alpha}" if layer else alpha
            if candidate in known:
                return candidate
        if not layer:
            return None
        layer = layer.rpartition(".")[0]


def _bytes(array: NDArray[Any]) -> NDArray[np.uint8]:
    """The bytes of a flat array, the very memory where it has no gaps."""
    return np.ascontiguousarray(array).view(np.uint8)


def _samples(image: DeepImage) -> kernel.Samples:
    """The image as the kernel takes it."""
    names = image.channel_names
    place = {name: index for index, name in enumerate(names)}
    alphas = [place.get(alpha_of(name, names) or "", -1) for name in names]
    kinds = [_KINDS[array.dtype] for array in image.samples.values()]
    z = place.get("Z", -1)
    return kernel.Samples(
        image.offsets,
        tuple(_bytes(array) for array in image.samples.values()),
        np.array(kinds, np.int32),
        np.array(alphas, np.int32),
        z,
        place.get("ZBack", -1) if z >= 0 else -1,
    )


def _need(image: DeepImage, *names: str) -> None:
    """Raise unless the image has these channels."""
    for name in names:
        if name not in image.samples:
            raise ChannelError(f"this needs a channel {name}; the deep image has {', '.join(image.channel_names)}")


def _workers(image: DeepImage, threads: int | None = None) -> int:
    """Threads for work on all samples."""
    return _threads.for_pixels(image.counts.size + image.size, threads)


def _stated(image: DeepImage, word: str | None) -> DeepImage:
    """The image with its metadata saying how the samples lie, or nothing of it."""
    image.metadata.pop(_STATE, None)
    if word is not None:
        image.metadata[_STATE] = word
    return image


def state(image: DeepImage) -> str:
    """How the samples lie, in OpenEXR's words."""
    if "Z" not in image.samples:
        return "tidy"
    is_sorted, apart = kernel.state(_samples(image), _workers(image))
    if is_sorted:
        return "tidy" if apart else "sorted"
    return "non-overlapping" if apart else "messy"


def sort(image: DeepImage) -> DeepImage:
    """New: the samples of every pixel by depth."""
    _need(image, "Z")
    order = np.empty(image.size, np.int64)
    kernel.sort_order(_samples(image), order, _workers(image))
    counts = image.counts.copy()
    found = image.like(counts, {name: array[order] for name, array in image.samples.items()})
    return _stated(found, "tidy" if image.metadata.get(_STATE) in ("tidy", "non-overlapping") else "sorted")


def _offsets(counts: NDArray[Any]) -> NDArray[np.int64]:
    """Where the samples of each pixel begin, and at the end how many there are."""
    offsets = np.zeros(counts.size + 1, np.int64)
    np.cumsum(counts.reshape(-1), out=offsets[1:])
    return offsets


def _empty(image: DeepImage, total: int) -> dict[str, NDArray[Any]]:
    """Arrays for so many samples, as the image has them."""
    return {name: np.empty(total, array.dtype) for name, array in image.samples.items()}


def tidy(image: DeepImage) -> DeepImage:
    """New: sorted, split and merged."""
    _need(image, "Z")
    samples, workers = _samples(image), _workers(image)
    counts = np.empty(image.counts.shape, np.uint32)
    kernel.tidy_counts(samples, counts.reshape(-1), workers)
    offsets = _offsets(counts)
    found = _empty(image, int(offsets[-1]))
    kernel.tidy(samples, offsets, tuple(array.view(np.uint8) for array in found.values()), workers)
    return _stated(image.like(counts, found), "tidy")


def _around(windows: Sequence[Box]) -> Box:
    """The window that holds all windows."""
    x0, y0, x1, y1 = zip(*windows, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def _moved(image: DeepImage, window: Box) -> DeepImage:
    """The image on another window: pixels outside it go, pixels outside the image have no samples."""
    if window == image.data_window:
        return image
    x0, y0, x1, y1 = window
    left, top, right, bottom = image.data_window
    columns = slice(max(x0, left), min(x1, right) + 1)
    lines = slice(max(y0, top), min(y1, bottom) + 1)
    counts = np.zeros((y1 - y0 + 1, x1 - x0 + 1), np.uint32)
    inside = np.zeros(image.counts.shape, bool)
    if columns.start < columns.stop and lines.start < lines.stop:
        inside[lines.start - top : lines.stop - top, columns.start - left : columns.stop - left] = True
        counts[lines.start - y0 : lines.stop - y0, columns.start - x0 : columns.stop - x0] = image.counts[
            lines.start - top : lines.stop - top, columns.start - left : columns.stop - left
        ]
    samples: Mapping[str, NDArray[Any]] = image.samples
    if not inside.all():
        taken = np.repeat(inside.reshape(-1), image.counts.reshape(-1))
        samples = {name: array[taken] for name, array in samples.items()}
    return image.like(counts, samples, data_window=window, display_window=image.display_window)


def _with_back(image: DeepImage, wanted: bool) -> DeepImage:
    """The image with ``ZBack``, a copy of ``Z`` where it has none, if that is wanted."""
    if not wanted or "ZBack" in image.samples:
        return image
    return image.like(image.counts, {**image.samples, "ZBack": image.samples["Z"]})


def merge(image: DeepImage, others: Sequence[DeepImage]) -> DeepImage:
    """New: the samples of all images, sorted by depth."""
    images = [image, *others]
    for one in images:
        _need(one, "Z")
    volumes = any("ZBack" in one.samples for one in images)
    images = [_with_back(one, volumes) for one in images]
    names = images[0].channel_names
    for one in images[1:]:
        if set(one.channel_names) != set(names):
            raise ChannelError(
                f"deep images of different channels do not merge: {', '.join(names)} and {', '.join(one.channel_names)}"
            )
    window = _around([one.data_window for one in images])
    images = [_moved(one, window) for one in images]
    counts: NDArray[np.uint64] = np.add.reduce([one.counts for one in images], axis=0, dtype=np.uint64)
    begins = _offsets(counts)[:-1]
    found = {name: np.empty(int(counts.sum()), _common(name, images)) for name in names}
    for one in images:
        each = one.counts.reshape(-1)
        places = np.repeat(begins - one.offsets[:-1], each) + np.arange(one.size)
        with np.errstate(over="ignore"):
            for name in names:
                found[name][places] = one.samples[name]
        begins = begins + each
    merged = image.like(
        counts, found, data_window=window, display_window=_around([one.display_window for one in images])
    )
    return sort(_stated(merged, None))


def _common(name: str, images: Sequence[DeepImage]) -> np.dtype[Any]:
    """The sample type that holds a channel of all images."""
    dtypes = {one.samples[name].dtype for one in images}
    if len(dtypes) > 1 and np.dtype(np.uint32) in dtypes:
        raise ChannelError(f"channel {name} is uint data in one deep image and not in another")
    return dtypes.pop() if len(dtypes) == 1 else np.dtype(np.float32)


def _keep(image: DeepImage, taken: NDArray[np.bool_]) -> DeepImage:
    """New: only the samples that are taken."""
    sums = np.zeros(image.size + 1, np.int64)
    np.cumsum(taken, out=sums[1:])
    counts = np.diff(sums[image.offsets]).reshape(image.counts.shape)
    return image.like(counts, {name: array[taken] for name, array in image.samples.items()})


def holdout(image: DeepImage, matte: DeepImage) -> DeepImage:
    """New: what is seen of the image through the matte."""
    _need(image, "Z", "A")
    _need(matte, "Z", "A")
    depths = {name: matte.samples[name] for name in ("A", "Z", "ZBack") if name in matte.samples}
    held = _samples(_moved(matte.like(matte.counts, depths), image.data_window))
    image = _with_back(image, "ZBack" in image.samples)
    samples, workers = _samples(image), _workers(image)
    counts = np.empty(image.counts.shape, np.uint32)
    kernel.seen_counts(samples, held, counts.reshape(-1), workers)
    offsets = _offsets(counts)
    found = _empty(image, int(offsets[-1]))
    kernel.seen(samples, held, 0, offsets, tuple(array.view(np.uint8) for array in found.values()), workers)
    result = image.like(counts, found)
    shown = np.zeros(result.size, bool)
    for name, array in found.items():
        if name not in ("Z", "ZBack") and array.dtype.kind == "f":
            shown |= array != 0
    return _stated(_keep(result, shown), "tidy")


def cull(image: DeepImage, matte: DeepImage) -> DeepImage:
    """New: without the samples behind the matte's first opaque one."""
    _need(image, "Z", "A")
    _need(matte, "Z", "A")
    same = matte is image
    matte = _moved(matte.select(["A", "Z"]), image.data_window)
    limits = np.empty(matte.counts.size)
    kernel.opaque_depths(_samples(matte), 0, limits, _workers(matte))
    ends = np.repeat(limits, image.counts.reshape(-1))
    depths = image.samples["Z"].astype(np.float64)
    # At that very depth lie the points in front of an opaque volume, and those that mix with an opaque point.
    behind = image.samples["ZBack"] > image.samples["Z"] if "ZBack" in image.samples else np.zeros(image.size, bool)
    if same:
        behind = behind & (image.samples["A"] < 1)
    hidden = (depths > ends) | ((depths == ends) & behind)
    return _stated(_keep(image, ~hidden), image.metadata.get(_STATE))


def flatten(
    image: DeepImage, channels: Iterable[str] | None, *, depth: str = "blend", threads: int | None = None
) -> Image:
    """A new flat image."""
    one_of("depth", depth, _DEPTHS)
    kinds = {name: _KINDS[array.dtype] for name, array in image.samples.items()}
    if channels is None:
        names = tuple(name for name, kind in kinds.items() if kind) or tuple(kinds)
    else:
        names = (channels,) if isinstance(channels, str) else tuple(channels)
    _need(image, *names)
    if not names or (any(kinds[name] for name in names) and not all(kinds[name] for name in names)):
        data = ", ".join(name for name in names if not kinds[name])
        raise ChannelError(f"uint channels ({data}) do not share an image with half and float ones")
    pixels = _nearest(image, names) if not kinds[names[0]] else _composited(image, names, depth=depth, threads=threads)
    return Image(
        pixels,
        channels=names,
        metadata={key: value for key, value in image.metadata.items() if key != _STATE},
        data_window=image.data_window,
        display_window=image.display_window,
        pixel_aspect=image.pixel_aspect,
        colorspace=image.colorspace,
    )


def _composited(image: DeepImage, names: Sequence[str], *, depth: str, threads: int | None) -> NDArray[Any]:
    """Half and float channels, front to back."""
    every = image.channel_names
    needed = {*names, *(alpha for name in names if (alpha := alpha_of(name, every)))}
    needed |= {name for name in ("A", "Z", "ZBack") if name in every}
    used = image.select([name for name in every if name in needed])
    kind = 1 if all(image.samples[name].dtype == np.float16 for name in names) else 2
    pixels = np.empty((*image.counts.shape, len(names)), (None, np.float16, np.float32)[kind])
    columns = [names.index(name) if name in names else -1 for name in used.channel_names]
    main = used.channel_names.index("A") if "A" in used.samples else -1
    # The image is taken as it is where it has no depths of its own.
    kernel.flatten(
        _samples(used),
        pixels.reshape(image.counts.size, -1).view(np.uint8),
        kind,
        np.array(columns, np.int32),
        main,
        _DEPTHS.index(depth),
        _workers(image, threads),
    )
    return pixels


def _nearest(image: DeepImage, names: Sequence[str]) -> NDArray[np.uint32]:
    """Data channels: the value of the nearest sample that is not clear, 0 where there is none."""
    if "A" in image.samples:
        image = _keep(image, image.samples["A"] > 0)
    if "Z" in image.samples:
        image = sort(image)
    there = image.counts.reshape(-1) > 0
    pixels = np.zeros((there.size, len(names)), np.uint32)
    for column, name in enumerate(names):
        pixels[there, column] = image.samples[name][image.offsets[:-1][there]]
    return pixels.reshape(*image.counts.shape, len(names))
