"""Cryptomatte: a matte for every object of a render, out of one picture file, and into one.

A Cryptomatte layer says for every pixel which objects it shows and how much of each; a manifest gives them names
(Cryptomatte specification 1.2, Psyop)::

    crypto = Cryptomatte("beauty.exr")
    crypto.layers                              ('CryptoObject', 'CryptoMaterial')
    crypto["CryptoObject"].names               ('car', 'tree_01', 'tree_02')
    crypto["CryptoObject"].matte("tree_*")     one channel, A: the sum of both
    crypto["CryptoObject"].mattes("tree_*")    a channel for each
    crypto["CryptoObject"].matte(pixels=[(1200, 340)])   what is seen there

====================  ========================================================================
:class:`Cryptomatte`  the layers of a file or an image
:class:`Layer`        one of them: its manifest, what is in its pixels, its mattes
:func:`encode`        mattes into an image that any Cryptomatte reader understands
:func:`id_of`         the id that a name has
====================  ========================================================================

Layers are found in any part of a file, their ranks in one part or many, manifests in the header of any part or in
a file beside the picture.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import numpy as np

from vfx.checks import integer
from vfx.errors import ChannelError, FormatError, UnknownNameError
from vfx.image import Image
from vfx.io._cryptomatte_encode import encode, given_manifest, id_of
from vfx.io._cryptomatte_layers import CONVERSION, HASH, LayerHeader, find_layers, parse_manifest, sidecar
from vfx.io._cryptomatte_pixels import FilePixels, ImagePixels, Pixels
from vfx.io._finish import row_range
from vfx.io._source import open_source
from vfx.pixelformat import Box

__all__ = ["Cryptomatte", "Found", "Layer", "Pick", "encode", "id_of"]


@dataclass(frozen=True)
class Found:
    """One id that a layer's pixels have.

    Attributes
    ----------
    name : str
        From the manifest; ``"0x…"`` where it has none.
    id : int
        Its 32 bits.
    coverage : float
        Sum over all pixels: the area in pixels.
    pixels : int
        How many pixels it is seen in.
    box : (x0, y0, x1, y1)
        Inclusive, where the data window has its corner.
    """

    name: str
    id: int
    coverage: float
    pixels: int
    box: Box


@dataclass(frozen=True)
class Pick:
    """One id at a pixel.

    Attributes
    ----------
    name : str
        From the manifest; ``"0x…"`` where it has none.
    id : int
        Its 32 bits.
    coverage : float
        How much of the pixel it covers.
    """

    name: str
    id: int
    coverage: float


class Layer:
    """One Cryptomatte layer. Made by :class:`Cryptomatte`; nothing is read before it is asked for.

    Attributes
    ----------
    name : str
        Its name, e.g. ``"CryptoObject"``.
    """

    def __init__(self, header: LayerHeader, pixels: Pixels, manifest: Mapping[str, int] | None) -> None:
        self.name = header.name
        self._header = header
        self._pixels = pixels
        self._manifest: dict[str, int] | None = None if manifest is None else dict(manifest)

    def __repr__(self) -> str:
        """``Layer('CryptoObject', ranks=6)``."""
        return f"Layer({self.name!r}, ranks={self.ranks})"

    @property
    def ranks(self) -> int:
        """How many objects a pixel can show at most."""
        return len(self._header.ranks)

    @property
    def manifest(self) -> dict[str, int]:
        """Name → id; empty when the file has no manifest. Manifests of several parts are joined.

        Without a manifest of Cryptomatte's, OpenEXR's own (``idManifest``) gives the names.

        Raises
        ------
        FormatError
            If it is damaged, or in a file that is not there.
        """
        if self._manifest is None:
            merged: dict[str, int] = {}
            for is_file, text in self._header.manifests:
                where = f"{self._pixels.label}: Cryptomatte {self.name}"
                content = sidecar(self._pixels.path, text, self._pixels.label) if is_file else text
                for name, identity in parse_manifest(content, where).items():
                    merged.setdefault(name, identity)
            self._manifest = merged if self._header.manifests else dict(self._header.identities)
        return dict(self._manifest)

    @property
    def names(self) -> tuple[str, ...]:
        """The manifest's names, sorted; :meth:`found` says which of them are in the picture."""
        return tuple(sorted(self.manifest))

    @property
    def data_window(self) -> Box:
        """Where the layer's pixels lie."""
        return self._pixels.window(self._some_ranks())

    def _some_ranks(self) -> Sequence[Any]:
        """The ranks, of which there must be one."""
        if not self._header.ranks:
            raise ChannelError(
                f"{self._pixels.label}: Cryptomatte layer {self.name!r} is named in the header, but the file has no "
                f"channels {self.name}00.R, {self.name}00.G …"
            )
        return self._header.ranks

    def _rows(self, rows: Sequence[int] | None) -> tuple[int, int]:
        """A half-open range of rows."""
        _, y0, _, y1 = self.data_window
        return row_range(rows, y1 - y0 + 1)

    def found(self, *, threads: int | None = None) -> tuple[Found, ...]:
        """What the pixels have, the largest area first. All ranks are read.

        Parameters
        ----------
        threads : int, optional
            At most this many.

        Raises
        ------
        FormatError
            If the file is damaged, or has more ids than mattes could be.

        Examples
        --------
        >>> layer = Cryptomatte(encode({"car": np.full((2, 2), 0.25, np.float32)})).layer()
        >>> [(one.name, one.coverage) for one in layer.found()]
        [('car', 1.0)]
        """
        from vfx._ext import cryptomatte as kernel

        samples = self._pixels.samples(self._some_ranks(), self._rows(None), threads)
        try:
            arrays = kernel.survey(samples, np.arange(samples.shape[2], dtype=np.int32).reshape(-1, 2))
        except OverflowError as error:
            reason = f"Cryptomatte {self.name}: {error}, which are no mattes"
            raise FormatError(reason, path=self._pixels.label) from error
        x, y, _, _ = self.data_window
        names = self._names_of_ids()
        found = []
        for identity, pixels, coverage, (x0, y0, x1, y1) in zip(*(array.tolist() for array in arrays), strict=True):
            name = names.get(identity, f"0x{identity:08x}")
            found.append(Found(name, identity, coverage, pixels, (x0 + x, y0 + y, x1 + x, y1 + y)))
        return tuple(sorted(found, key=lambda one: (-one.coverage, one.id)))

    def _names_of_ids(self) -> dict[int, str]:
        """Id → name; of two names with one id the first."""
        names: dict[int, str] = {}
        for name, identity in self.manifest.items():
            names.setdefault(identity, name)
        return names

    def pick(self, x: int, y: int) -> tuple[Pick, ...]:
        """What one pixel shows, the most of it first.

        Parameters
        ----------
        x, y : int
            As the data window counts: pixels of the display window, y down.

        Raises
        ------
        ValueError
            If the pixel is outside the data window.
        """
        x0, y0, x1, y1 = self.data_window
        column, row = integer("x", x), integer("y", y)
        if not (x0 <= column <= x1 and y0 <= row <= y1):
            raise ValueError(f"pixel ({column}, {row}) is outside the data window ({x0}, {y0}) - ({x1}, {y1})")
        samples = self._pixels.samples(self._some_ranks(), (row - y0, row - y0 + 1), 1)
        values = np.ascontiguousarray(samples[0, column - x0])
        names = self._names_of_ids()
        pairs = zip(values[0::2].tolist(), values[1::2].view(np.float32).tolist(), strict=True)
        picks = [Pick(names.get(one, f"0x{one:08x}"), one, coverage) for one, coverage in pairs if coverage > 0]
        return tuple(sorted(picks, key=lambda one: -one.coverage))

    def select(
        self,
        names: str | Iterable[str] = (),
        *,
        ids: Iterable[int] = (),
        pixels: Iterable[tuple[int, int]] = (),
    ) -> dict[str, int]:
        """Name → id of what is asked for, in the order asked for.

        Parameters
        ----------
        names : str or iterable of str
            Names of the manifest, wildcards (``*``, ``?``, ``[abc]``) or ids as ``"0x…"``. Without a manifest,
            names are hashed.
        ids : iterable of int
            Ids, whether the manifest has them or not.
        pixels : iterable of (x, y)
            What covers most of these pixels.

        Raises
        ------
        UnknownNameError
            If a name is not in the manifest, or a wildcard matches none.
        ValueError
            If nothing is asked for, or nothing is seen at a pixel.
        """
        chosen: dict[str, int] = {}
        for name in (names,) if isinstance(names, str) else tuple(names):
            chosen.update(self._named(name))
        given = [integer("an id", one, low=0, high=0xFFFFFFFF) for one in ids]
        for x, y in pixels:
            picks = self.pick(x, y)
            if not picks:
                raise ValueError(f"{self._pixels.label}: {self.name} shows nothing at ({x}, {y})")
            given.append(picks[0].id)
        if given:
            known = self._names_of_ids()
            chosen.update({known.get(one, f"0x{one:08x}"): one for one in given})
        if not chosen:
            raise ValueError("give names, ids or pixels of at least one matte")
        return chosen

    def _named(self, name: str) -> dict[str, int]:
        """Name → id of one name, wildcard or ``0x…``."""
        if not isinstance(name, str):
            raise TypeError(f"a matte's name must be text, got {name!r}")
        manifest = self.manifest
        if name in manifest:
            return {name: manifest[name]}
        if name[:2].lower() == "0x" and len(name) <= 10:
            try:
                return {name: int(name, 16)}
            except ValueError:
                pass
        wild = any(mark in name for mark in "*?[")
        matching = {one: manifest[one] for one in sorted(manifest) if wild and fnmatchcase(one, name)}
        if matching:
            return matching
        if not manifest and not wild:
            if (self._header.hash or HASH) != HASH or (self._header.conversion or CONVERSION) != CONVERSION:
                raise UnknownNameError(
                    f"{self._pixels.label}: {self.name} has no manifest, and its names are hashed by "
                    f"{self._header.hash!r} and {self._header.conversion!r}, which are not known"
                )
            return {name: id_of(name)}
        raise UnknownNameError(f"{self._pixels.label}: no matte {name!r} in {self.name}{_offer(name, manifest)}")

    def matte(
        self,
        names: str | Iterable[str] = (),
        *,
        ids: Iterable[int] = (),
        pixels: Iterable[tuple[int, int]] = (),
        rows: Sequence[int] | None = None,
        threads: int | None = None,
    ) -> Image:
        """One matte of all that is asked for: an image of one float32 channel, ``A``.

        Its pixels are sums of coverage, 0 to 1 as the renderer wrote them; nothing is clamped.

        Parameters
        ----------
        names, ids, pixels
            As for :meth:`select`.
        rows : (y0, y1), optional
            Half-open, counted from the top of the data window.
        threads : int, optional
            At most this many.

        Raises
        ------
        FormatError
            If the file is damaged.
        UnknownNameError, ValueError
            As for :meth:`select`.

        Examples
        --------
        >>> layer = Cryptomatte(encode({"car": np.full((2, 2), 0.25, np.float32)})).layer()
        >>> layer.matte("c*").numpy().ravel().tolist()
        [0.25, 0.25, 0.25, 0.25]
        """
        chosen = set(self.select(names, ids=ids, pixels=pixels).values())
        return self._image([chosen], ("A",), rows, threads)

    def mattes(
        self,
        names: str | Iterable[str] = (),
        *,
        ids: Iterable[int] = (),
        pixels: Iterable[tuple[int, int]] = (),
        rows: Sequence[int] | None = None,
        threads: int | None = None,
    ) -> Image:
        """A matte for each of what is asked for: an image of float32 channels that bear their names.

        The file is read once. Arguments and errors are those of :meth:`matte`.

        Examples
        --------
        >>> half = np.full((2, 2), 0.5, np.float32)
        >>> Cryptomatte(encode({"a": half, "b": half})).layer().mattes("*").channel_names
        ('a', 'b')
        """
        chosen = self.select(names, ids=ids, pixels=pixels)
        return self._image([{one} for one in chosen.values()], tuple(chosen), rows, threads)

    def _image(
        self, groups: Sequence[set[int]], names: tuple[str, ...], rows: Sequence[int] | None, threads: int | None
    ) -> Image:
        """One channel for each group of ids."""
        ranks = self._some_ranks()
        first, last = self._rows(rows)
        unique = sorted(set().union(*groups))
        columns: dict[int, int] = {}
        for place, group in enumerate(groups):
            for one in group:
                columns.setdefault(one, place)
        places = np.array([columns[one] for one in unique], np.int32)
        wanted = (np.array(unique, np.uint32), places, len(groups))
        out = self._pixels.sums(ranks, wanted, (first, last), threads)
        for place, group in enumerate(groups):  # two names of one id share its matte
            source = columns[next(iter(group))]
            if source != place and len(group) == 1:
                out[:, :, place] = out[:, :, source]
        x0, y0, x1, _ = self.data_window
        frame = self._pixels.frame(ranks[0].part)
        kept = {key: value for key, value in frame.metadata.items() if "cryptomatte/" not in key}
        return Image(
            out,
            channels=names,
            metadata=kept,
            data_window=(x0, y0 + first, x1, y0 + last - 1),
            display_window=frame.display_window,
            pixel_aspect=frame.pixel_aspect,
        )


def _offer(name: str, manifest: Mapping[str, int]) -> str:
    """What there is instead, for messages."""
    import difflib

    names = list(manifest)
    near = difflib.get_close_matches(name, names[:5000], n=1)
    if near:
        return f" (did you mean {near[0]!r}?)"
    listed = ", ".join(sorted(names)[:8])
    return f"; it has {listed}{' …' if len(names) > 8 else ''}" if names else "; it has no manifest"


class Cryptomatte(Mapping[str, Layer]):
    """The Cryptomatte layers of a picture: a mapping from their names.

    Parameters
    ----------
    source : path, bytes-like, binary stream or Image
        An EXR file, or an image with the channels and metadata of one. Paths are opened again for every matte.
    view : str, optional
        Stereo view; by default the first.
    manifest : path or mapping of str to int, optional
        For all layers instead of what the file has: a JSON file, or name → id.

    Raises
    ------
    FormatError
        If the header is damaged, or no EXR file.
    ChannelError
        If there is no such view.

    Examples
    --------
    >>> crypto = Cryptomatte(encode({"car": np.ones((4, 4), np.float32)}, name="CryptoObject"))
    >>> crypto.layers, crypto["CryptoObject"].names
    (('CryptoObject',), ('car',))
    """

    def __init__(
        self,
        source: Any,
        *,
        view: str | None = None,
        manifest: str | os.PathLike[str] | Mapping[str, int] | None = None,
    ) -> None:
        if isinstance(source, Image):
            self._pixels: Pixels = ImagePixels(source)
        else:
            with open_source(source) as opened:
                self._pixels = FilePixels(opened, view)
        given = given_manifest(manifest)
        headers = find_layers(self._pixels.groups, self._pixels.label)
        self._layers = {name: Layer(header, self._pixels, given) for name, header in headers.items()}

    @property
    def layers(self) -> tuple[str, ...]:
        """The names of the layers, in the file's order."""
        return tuple(self._layers)

    def layer(self, name: str | None = None) -> Layer:
        """A layer by name, by default the first.

        Raises
        ------
        ChannelError
            If there is no such layer, or none at all.
        """
        if not self._layers:
            raise ChannelError(f"{self._pixels.label}: there is no Cryptomatte in it")
        return self[name if name is not None else self.layers[0]]

    def __getitem__(self, name: str) -> Layer:
        """A layer by name; ``ChannelError`` lists what there is."""
        if name not in self._layers:
            listed = ", ".join(self._layers) or "none"
            raise ChannelError(f"{self._pixels.label}: no Cryptomatte layer {name!r}; the layers are: {listed}")
        return self._layers[name]

    def __contains__(self, name: object) -> bool:
        """Whether there is a layer of that name."""
        return name in self._layers

    def __iter__(self) -> Iterator[str]:
        """The names of the layers."""
        return iter(self._layers)

    def __len__(self) -> int:
        """How many layers there are."""
        return len(self._layers)

    def __repr__(self) -> str:
        """``Cryptomatte('beauty.exr', layers=('CryptoObject',))``."""
        return f"Cryptomatte({self._pixels.label!r}, layers={self.layers})"
