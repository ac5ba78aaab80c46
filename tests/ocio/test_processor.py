"""Processors: OpenColorIO's own pixels on any layout, format and number of threads, and what they are made from."""

from __future__ import annotations

import pickle
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import vfx
from vfx.errors import ChannelError, FormatError, ReadOnlyError
from vfx.ocio import Config, Processor, _bands

Array = np.ndarray[Any, Any]
FORMATS = ("f32", "f16", "u16", "u8")


def picture(fmt: str, channels: int = 4, height: int = 190, width: int = 200) -> Array:
    """Colours from below 0 to above 1 (within [0, 1] for integers), some alpha of 0 and 1."""
    random = np.random.default_rng(3)
    colours = random.uniform(-0.3, 4.0, (height, width, channels)).astype(np.float32)
    if channels == 4:
        colours[..., 3] = random.choice([0.0, 0.25, 1.0], (height, width))
    if fmt in ("u8", "u16"):
        colours = colours.clip(0, 1)
    return vfx.Image(colours).astype(fmt).numpy(copy=True)


@pytest.fixture
def film(show: Config) -> Processor:
    """A transform with curves, a matrix and a cube."""
    return show.display_processor(view="Film")


# ------------------------------------------------------------------ the pixels are OpenColorIO's


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("fmt", FORMATS)
def test_packed_pixels_are_those_of_one_call(
    film: Processor, peer: Callable[..., Array], fmt: str, channels: int, threads: int
) -> None:
    given = picture(fmt, channels, height=500)
    wanted = peer(film.ocio, given)
    assert not np.array_equal(wanted, given)
    assert film.apply(given, threads=threads) is given
    assert given.tobytes() == wanted.tobytes()


LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "upside down": lambda a: np.ascontiguousarray(a[::-1])[::-1],
    "mirrored": lambda a: np.ascontiguousarray(a[:, ::-1])[:, ::-1],
    "channels backwards": lambda a: np.ascontiguousarray(a[..., ::-1])[..., ::-1],
    "planes": lambda a: np.ascontiguousarray(a.transpose(2, 0, 1)).transpose(1, 2, 0),
    "columns first": lambda a: np.ascontiguousarray(a.transpose(1, 0, 2)).transpose(1, 0, 2),
    "Fortran": np.asfortranarray,
    "every other pixel": lambda a: np.repeat(np.repeat(a, 2, 0), 2, 1)[::2, ::2],
    "part of wide rows": lambda a: np.concatenate([a] * 7, axis=1)[:, 3 * a.shape[1] : 4 * a.shape[1]],
    "one row": lambda a: a.reshape(1, -1, a.shape[2]),
    "one column": lambda a: a.reshape(-1, 1, a.shape[2]),
}


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_layout_of_the_memory_changes_no_byte(
    film: Processor, peer: Callable[..., Array], layout: str, fmt: str
) -> None:
    laid_out = LAYOUTS[layout](picture(fmt))
    wanted = peer(film.ocio, np.ascontiguousarray(laid_out))
    film.apply(laid_out, threads=2)
    assert np.ascontiguousarray(laid_out).tobytes() == wanted.tobytes()


def test_wide_rows_of_a_larger_picture_change_in_place(film: Processor, peer: Callable[..., Array]) -> None:
    frame = picture("f32", height=20, width=_bands._ROW_PIXELS + 100)
    before = frame.copy()
    film.apply(frame[:, 50:-50])
    assert np.array_equal(frame[:, 50:-50], peer(film.ocio, before[:, 50:-50]))
    assert np.array_equal(frame[:, :50], before[:, :50]) and np.array_equal(frame[:, -50:], before[:, -50:])


def test_memory_that_is_not_aligned_is_changed_alike(film: Processor, peer: Callable[..., Array]) -> None:
    given = picture("f32", height=8, width=8)
    odd = np.zeros(given.nbytes + 1, np.uint8)[1:].view(np.float32).reshape(given.shape)
    odd[:] = given
    assert np.array_equal(film.apply(odd), peer(film.ocio, given))


@pytest.mark.parametrize("fmt", FORMATS)
def test_colour_is_found_among_other_channels(film: Processor, peer: Callable[..., Array], fmt: str) -> None:
    names = ("A", "Z", "G", "R", "N", "B")
    frame = np.zeros((190, 200, 6), vfx.Image(picture(fmt)).dtype)
    frame[..., [3, 2, 5, 0]] = picture(fmt)
    frame[..., [1, 4]] = 7
    film.apply(vfx.Image(frame, channels=names))
    assert np.array_equal(frame[..., [3, 2, 5, 0]], peer(film.ocio, picture(fmt)))
    assert (frame[..., [1, 4]] == 7).all()


def test_image_in_float_keeps_values_beyond_one(show: Config) -> None:
    bright = show.processor("ACEScg", "ACES2065-1")(np.full((1, 1, 3), 50.0, np.float32))
    assert bright.min() > 40


def test_nan_and_infinity_are_left_to_the_library(show: Config, peer: Callable[..., Array]) -> None:
    odd = np.array([[[np.nan, 0.5, np.inf], [-np.inf, 1e30, -1.0]]], np.float32)
    processor = show.processor("ACEScg", "ACEScct")
    assert np.array_equal(processor(odd), peer(processor.ocio, odd), equal_nan=True)


# ------------------------------------------------------------------ new images, metadata, alpha


def test_call_gives_a_new_image_and_leaves_the_old_one(film: Processor) -> None:
    image = vfx.Image(picture("f16"), metadata={"shot": "sh010"}, data_window=(10, 20, 209, 209))
    before = image.numpy(copy=True)
    result = film(image)
    assert np.array_equal(image.numpy(), before) and not np.shares_memory(result.numpy(), image.numpy())
    assert (result.format, result.metadata["shot"], result.data_window) == ("f16", "sh010", (10, 20, 209, 209))


def test_image_knows_the_space_that_it_is_in(show: Config) -> None:
    image = vfx.Image(picture("f32"), colorspace="lin_ap1")
    log = show.processor("scene_linear", "compositing_log")
    assert log(image).colorspace == "ACEScct" and image.colorspace == "lin_ap1"
    assert log.inverse()(log(image)).colorspace == "ACEScg"
    assert show.display_processor(view="Plain").apply(image).colorspace == "sRGB - Display"
    assert show.transform_processor("film.cube").apply(image).colorspace == "sRGB - Display"
    shown = Config("ocio://cg-config-latest").display_processor(display="Display P3 - Display")
    assert (shown.source, shown.target) == ("ACEScg", "Display P3 - Display")


def test_unpremult_divides_before_and_multiplies_after(film: Processor) -> None:
    given = picture("f32")
    alpha = given[..., 3:]
    solid = np.where(alpha == 0, 1, alpha)
    straight = film(np.concatenate([given[..., :3] / solid, alpha], axis=2))
    wanted = np.concatenate([straight[..., :3] * solid, alpha], axis=2)
    for threads in (1, 3):
        assert np.allclose(film(given, unpremult=True, threads=threads), wanted, rtol=2e-6, atol=2e-6)


@pytest.mark.parametrize("fmt", ["f16", "u16", "u8"])
def test_unpremult_in_other_formats_rounds_once(film: Processor, fmt: str) -> None:
    given = picture(fmt)
    if fmt[0] == "u":
        given[..., :3] = (given[..., :3] * (given[..., 3:] / np.iinfo(given.dtype).max)).astype(given.dtype)
    wanted = vfx.Image(film(vfx.Image(given).astype("f32").numpy(), unpremult=True)).astype(fmt).numpy()
    assert np.array_equal(film(given, unpremult=True), wanted)


def test_unpremult_without_alpha_changes_nothing(film: Processor) -> None:
    given = picture("f32", 3)
    assert np.array_equal(film(given, unpremult=True), film(given))


@pytest.mark.parametrize("fmt", FORMATS)
def test_alpha_is_kept(film: Processor, fmt: str) -> None:
    given = picture(fmt)
    for unpremult in (False, True):
        assert np.array_equal(film(given, unpremult=unpremult)[..., 3], given[..., 3])


# ------------------------------------------------------------------ what is refused


def test_luminance_passes_where_grey_stays_grey(show: Config) -> None:
    grey = np.linspace(-1, 2, 5000, dtype=np.float32).reshape(50, 100)
    brighter = show.transform_processor("two_stops")
    assert np.array_equal(brighter(grey), brighter(np.repeat(grey[..., None], 3, 2))[..., 0])
    with_alpha = np.stack([grey, np.full_like(grey, 0.5)], axis=2)
    assert np.array_equal(brighter(with_alpha)[..., 0], brighter(grey)) and (brighter(with_alpha)[..., 1] == 0.5).all()


@pytest.mark.parametrize("name", ["mixes", "triple_red"])
def test_luminance_is_refused_where_colour_matters(show: Config, name: str) -> None:
    processor = show.processor("ACEScg", "ACES2065-1") if name == "mixes" else show.transform_processor(name)
    with pytest.raises(ChannelError, match="needs R, G and B; it has Y"):
        processor(np.zeros((4, 4), np.float32))


@pytest.mark.parametrize("names", ["RGZ", ("C0", "C1", "C2", "C3", "C4")])
def test_missing_colour_is_refused(film: Processor, names: Any) -> None:
    with pytest.raises(ChannelError, match="rename"):
        film(vfx.Image(np.zeros((2, 2, len(names)), np.float32), channels=tuple(names)))


def test_read_only_memory_is_refused(film: Processor) -> None:
    frozen = picture("f32")
    frozen.setflags(write=False)
    with pytest.raises(ReadOnlyError, match="read-only"):
        film.apply(frozen)
    assert film(frozen).flags.writeable


def test_data_of_32_bits_is_refused(film: Processor) -> None:
    with pytest.raises(TypeError, match="32-bit data"):
        film.apply(np.zeros((2, 2, 3), np.uint32))


@pytest.mark.parametrize("given", [[[0.5]], "plate.exr", None])
def test_what_is_no_picture_is_refused(film: Processor, given: Any) -> None:
    with pytest.raises(TypeError, match="Image or a NumPy array"):
        film.apply(given)


# ------------------------------------------------------------------ threads and interrupts


def test_interrupt_stops_between_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def work(colours: Array) -> None:
        calls.append(len(colours))
        if threading.current_thread() is threading.main_thread():
            raise KeyboardInterrupt
        time.sleep(1e-4)

    monkeypatch.setattr(_bands, "_BAND_PIXELS", 100)
    for threads in (1, 2):
        calls.clear()
        with pytest.raises(KeyboardInterrupt):
            _bands.over(np.zeros((10_000, 100, 3), np.float32), (0, 1, 2), work, unpremult=False, threads=threads)
        assert len(calls) < 10_000
    assert threading.active_count() == 1


def test_error_in_another_thread_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(colours: Array) -> None:
        if threading.current_thread() is not threading.main_thread():
            raise ValueError("broken")
        time.sleep(1e-4)

    monkeypatch.setattr(_bands, "_BAND_PIXELS", 100)
    with pytest.raises(ValueError, match="broken"):
        _bands.over(np.zeros((5000, 100, 3), np.float32), (0, 1, 2), work, unpremult=False, threads=3)


def test_one_processor_serves_several_threads(film: Processor) -> None:
    given = picture("f32")
    wanted = film(given)
    results: list[Array] = []
    users = [threading.Thread(target=lambda: results.append(film(given, threads=2))) for _ in range(4)]
    for user in users:
        user.start()
    for user in users:
        user.join()
    assert len(results) == 4 and all(np.array_equal(result, wanted) for result in results)


# ------------------------------------------------------------------ which transform it is


@pytest.mark.parametrize(
    ("src", "dst"), [("scene_linear", "compositing_log"), ("lin_ap1", "acescct"), ("two_stops", "raw")]
)
def test_roles_aliases_and_named_transforms_are_names(
    show: Config, peer: Callable[..., Array], src: str, dst: str
) -> None:
    own = show.ocio.getProcessor(src, dst)
    assert np.array_equal(show.processor(src, dst)(picture("f32", 3)), peer(own, picture("f32", 3)))


def test_looks_lie_on_the_way(show: Config) -> None:
    given = picture("f32", 3)
    plain = show.processor("ACEScg", "ACES2065-1")
    halved = show.processor("ACEScg", "ACES2065-1", looks="half")
    assert np.allclose(halved(given), plain(given * 0.5), atol=1e-6)
    back = show.processor("ACEScg", "ACES2065-1", looks="half, -half")
    assert np.allclose(back(given), plain(given), atol=1e-6)


def test_display_processor_starts_at_scene_linear(show: Config, ocio: Any, peer: Callable[..., Array]) -> None:
    own = show.ocio.getProcessor("ACEScg", "Monitor", "Film", ocio.TRANSFORM_DIR_FORWARD)
    assert np.array_equal(show.display_processor(view="Film")(picture("f32")), peer(own, picture("f32")))


def test_view_is_looked_for_on_the_default_display_first(show: Config) -> None:
    assert "'Monitor' 'Plain'" in repr(show.display_processor())
    assert "'Cinema (P3)' 'Projected'" in repr(show.display_processor(view="Projected"))
    assert "'Cinema (P3)' 'Raw values'" in repr(show.display_processor(display="cinema"))
    assert "'Cinema (P3)' 'Raw values'" in repr(show.display_processor(view="raw"))


def test_looks_of_a_view_can_be_replaced_or_left_out(show: Config) -> None:
    given = picture("f32", 3)
    view, none, half = (show.display_processor(view="Film", looks=looks)(given) for looks in (None, "", "half"))
    film = show.processor("ACEScg", "film")
    assert np.array_equal(none, film(given))
    assert np.allclose(half, film(given * 0.5), atol=1e-5)
    assert not np.allclose(view, none)


def test_look_processor_comes_back_to_where_it_started(show: Config) -> None:
    given = picture("f32", 3)
    assert np.allclose(show.look_processor("half")(given), given * 0.5, atol=1e-6)
    there = show.look_processor("half", dst="ACES2065-1")(given)
    assert np.allclose(there, show.processor("ACEScg", "ACES2065-1")(given * 0.5), atol=1e-6)


def test_transform_processor_takes_names_files_and_objects(show: Config, ocio: Any) -> None:
    given = picture("f32", 3)
    assert np.allclose(show.transform_processor("two_stops")(given), given * 4)
    cube = vfx.lut.read(f"{show.source.removesuffix('config.ocio')}luts/film.cube")
    assert np.allclose(show.transform_processor("film.cube")(given), cube.apply(given, "trilinear"), atol=1e-5)
    double = ocio.MatrixTransform.Scale([2, 2, 2, 1])
    assert np.array_equal(show.transform_processor(double)(given), given * 2)


def test_optimization_is_the_librarys_own(show: Config, ocio: Any) -> None:
    given = np.linspace(0, 1, 3000, dtype=np.float32).reshape(10, 100, 3)
    processor = show.processor("ACEScg", "sRGB - Display", optimization="lossless")
    own = np.array(given)
    processor.ocio.getOptimizedCPUProcessor(ocio.OPTIMIZATION_LOSSLESS).applyRGB(own)
    assert np.array_equal(processor(given), own)
    assert not np.array_equal(show.processor("ACEScg", "sRGB - Display")(given), own)


@pytest.mark.parametrize(
    "make",
    [
        lambda show: show.processor("ACEScg", "ACEScct"),
        lambda show: show.display_processor(view="Plain"),
        lambda show: show.look_processor("half"),
        lambda show: show.transform_processor("two_stops"),
    ],
)
def test_inverse_undoes_it(show: Config, make: Callable[[Config], Processor]) -> None:
    given = np.random.default_rng(1).uniform(0.01, 1.0, (20, 30, 3)).astype(np.float32)
    processor = make(show)
    assert np.allclose(processor.inverse()(processor(given)), given, atol=2e-5)
    assert processor.inverse().inverse().cache_id == processor.cache_id


def test_inverse_that_the_library_does_not_have_raises(ocio: Any) -> None:
    dark = ocio.MatrixTransform.Scale([0, 1, 1, 1])
    with pytest.raises(FormatError, match="MatrixTransform"):
        Config("ocio://default").transform_processor(dark).inverse()(picture("f32", 3))


def test_noop_says_so_and_changes_nothing(show: Config) -> None:
    processor = show.display_processor(display="Cinema (P3)", view="Raw values")
    assert processor.is_noop and not show.processor("ACEScg", "ACEScct").is_noop
    assert np.array_equal(processor(picture("f16")), picture("f16"))


def test_equal_transforms_have_equal_ids(show: Config) -> None:
    first, same = (show.processor("ACEScg", name) for name in ("ACEScct", "compositing_log"))
    assert first.cache_id == same.cache_id != show.processor("ACEScg", "film").cache_id


def test_processor_is_pickled_as_its_request(show: Config, ocio: Any) -> None:
    processor = show.with_context(SHOT="sh020").display_processor(view="Film", inverse=False)
    again = pickle.loads(pickle.dumps(processor))
    assert np.array_equal(again(picture("f32")), processor(picture("f32")))
    assert pickle.loads(pickle.dumps(show.transform_processor("film.cube"))).cache_id
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(show.transform_processor(ocio.MatrixTransform()))


def test_repr_says_what_it_does(show: Config) -> None:
    assert repr(show.processor("ACEScg", "ACEScct")) == f"<ocio.Processor 'ACEScg' → 'ACEScct', {show.source}>"
    assert "inverse of" in repr(show.processor("ACEScg", "ACEScct").inverse())
