"""``Image``: shared memory in both directions, names, windows, new images."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import vfx
from vfx.errors import ChannelError, ReadOnlyError

DTYPES = [np.uint8, np.uint16, np.float16, np.float32]


def layouts(dtype=np.float32):
    """Arrays of every layout that a user may hand in, with a name each."""
    base = np.arange(12 * 10 * 6).reshape(12, 10, 6).astype(dtype)
    return {
        "contiguous": base[..., :4].copy(),
        "channel slice": base[..., 1:5],
        "every second pixel": base[::2, ::3, :3],
        "negative strides": base[::-1, ::-1, 3::-1],
        "reversed channels": base[..., 2::-1],
        "fortran": np.asfortranarray(base[..., :3]),
        "transposed": base[..., :3].transpose(1, 0, 2),
        "planar": base[..., :3].transpose(2, 0, 1).copy().transpose(1, 2, 0),
        "one channel": base[..., 0],
    }


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("layout", layouts())
def test_wrapping_shares_memory_in_both_directions(dtype, layout):
    array = layouts(dtype)[layout]
    image = vfx.Image(array)
    assert image.numpy().shape == array.shape
    assert image.numpy().strides == array.strides
    assert np.shares_memory(image.numpy(), array)
    image.numpy()[0, 0] = 7
    assert np.all(array[0, 0] == 7)
    array[-1, -1] = 9
    assert np.all(image.pixels[-1, -1] == 9)


def test_every_protocol_gives_the_same_memory():
    array = np.zeros((4, 5, 3), np.float32)
    image = vfx.Image(array)
    for seen in (np.asarray(image), np.from_dlpack(image), np.asarray(memoryview(image)), vfx.Image(image).numpy()):
        assert np.shares_memory(seen, array)
    assert image.__array_interface__["data"] == array.__array_interface__["data"]
    assert image.__dlpack_device__() == (1, 0)


def test_numpy_copy_and_copy_true_do_not_share():
    array = np.ones((3, 4, 3), np.float32)
    assert not np.shares_memory(vfx.Image(array).numpy(copy=True), array)
    assert not np.shares_memory(vfx.Image(array, copy=True).numpy(), array)
    assert not np.shares_memory(np.array(vfx.Image(array), copy=True), array)
    assert np.asarray(vfx.Image(array), dtype=np.float64).dtype == np.float64


@pytest.mark.parametrize("dtype", [np.float64, np.int32, np.int8, np.uint64, bool, ">f4", complex])
def test_other_dtypes_raise_naming_the_four(dtype):
    with pytest.raises(TypeError, match="uint8, uint16, float16 or float32"):
        vfx.Image(np.zeros((2, 2, 3), dtype))


def test_copy_true_converts_other_dtypes_to_float32():
    image = vfx.Image(np.full((2, 3), 2.5, np.float64), copy=True)
    assert image.format == "f32"
    assert image.pixels[0, 0, 0] == 2.5
    assert vfx.Image([[1, 2], [3, 4]], copy=True).pixels[1, 1, 0] == 4.0
    with pytest.raises(TypeError, match="numbers"):
        vfx.Image(np.array([["a", "b"]]), copy=True)


@pytest.mark.parametrize("shape", [(4,), (2, 2, 2, 2), (0, 3, 3), (3, 0, 3), (3, 3, 0)])
def test_wrong_shapes_raise(shape):
    with pytest.raises(ValueError, match="shape"):
        vfx.Image(np.zeros(shape, np.float32))


@pytest.mark.parametrize(
    ("count", "names"),
    [(1, "Y"), (2, "YA"), (3, "RGB"), (4, "RGBA"), (5, ("C0", "C1", "C2", "C3", "C4"))],
)
def test_default_channel_names(count, names):
    assert vfx.Image(np.zeros((2, 2, count), np.uint8)).channel_names == tuple(names)


def test_properties_describe_the_array():
    image = vfx.Image(np.zeros((2, 3, 4), np.float16), pixel_aspect=2.0, colorspace="acescg", metadata={"owner": "me"})
    assert (image.width, image.height, image.channels, image.format) == (3, 2, 4, "f16")
    assert image.dtype == np.float16 and image.shape == (2, 3, 4) and image.ndim == 3
    assert image.data_window == image.display_window == (0, 0, 2, 1)
    assert image.has_alpha and image.pixel_aspect == 2.0 and image.colorspace == "acescg"
    assert repr(image) == "<Image 3x2 RGBA f16 pixel_aspect=2 colorspace='acescg'>"


def test_channel_names_are_checked():
    array = np.zeros((2, 2, 3), np.float32)
    with pytest.raises(ValueError, match="3 channels, got 2"):
        vfx.Image(array, channels=["R", "G"])
    with pytest.raises(ValueError, match="differ"):
        vfx.Image(array, channels=["R", "G", "R"])
    with pytest.raises(ValueError, match="non-empty"):
        vfx.Image(array, channels=["R", "G", ""])


def test_windows_are_checked():
    array = np.zeros((2, 3, 3), np.float32)
    assert vfx.Image(array, data_window=(-5, -5, -3, -4)).display_window == (-5, -5, -3, -4)
    with pytest.raises(ValueError, match="size 3x2"):
        vfx.Image(array, data_window=(0, 0, 3, 2))
    with pytest.raises(ValueError, match="inclusive"):
        vfx.Image(array, display_window=(5, 0, 0, 1))
    with pytest.raises(ValueError, match="four integers"):
        vfx.Image(array, display_window=(0, 0, 1))
    with pytest.raises(ValueError, match="pixel_aspect"):
        vfx.Image(array, pixel_aspect=-1)


def test_channel_and_rename_share_and_the_rest_copies():
    array = np.arange(2 * 2 * 4, dtype=np.float32).reshape(2, 2, 4)
    image = vfx.Image(array)
    assert np.shares_memory(image.channel("G").numpy(), array)
    assert image.channel("G").channel_names == ("G",)
    assert np.shares_memory(image.rename({"R": "Z"}).numpy(), array)
    assert image.rename({"R": "Z"}).channel_names == ("Z", "G", "B", "A")
    for new in (image.select(["B", "R"]), image.copy(), image.shuffle("R=G"), image.to_display_window()):
        assert not np.shares_memory(new.numpy(), array)
    assert image.select(["B", "R"]).numpy()[0, 0].tolist() == [2, 0]


def test_missing_channels_name_what_there_is():
    image = vfx.Image(np.zeros((2, 2, 3), np.float32))
    for work in (lambda: image.channel("A"), lambda: image.select(["R", "Z"]), lambda: image.rename({"Q": "R"})):
        with pytest.raises(ChannelError, match="R, G, B"):
            work()
    with pytest.raises(ChannelError, match="no channel 'A'"):
        image.premultiply()


def test_channel_arguments_of_the_wrong_kind_say_what_is_taken():
    image = vfx.Image(np.zeros((2, 2, 3), np.float32))
    for work, text in (
        (lambda: image.select(None), "select takes channel names"),
        (lambda: image.rename(["R"]), "rename takes a mapping"),
        (lambda: image.shuffle({"R": "G"}), "shuffle takes text"),
    ):
        with pytest.raises(TypeError, match=text):
            work()
    with pytest.raises(ChannelError, match="at least one channel"):
        image.select([])


def test_layers_are_found_and_taken_out():
    names = ("R", "G", "B", "diffuse.R", "diffuse.G", "left.spec.R")
    image = vfx.Image(np.arange(6, dtype=np.float32).reshape(1, 1, 6), channels=names)
    assert image.layers == ("diffuse", "left.spec")
    assert image.layer("diffuse").channel_names == ("R", "G")
    assert image.layer("diffuse").numpy().ravel().tolist() == [3, 4]
    with pytest.raises(ChannelError, match="diffuse, left.spec"):
        image.layer("nope")


def test_shuffle_reads_the_old_image_and_adds_channels():
    image = vfx.Image(np.array([[[10, 20, 30]]], np.uint8))
    swapped = image.shuffle("R=G, G=R, A=1, Z=0.5")
    assert swapped.channel_names == ("R", "G", "B", "A", "Z")
    assert swapped.numpy().ravel().tolist() == [20, 10, 30, 255, 128]
    with pytest.raises(ValueError, match="assignments"):
        image.shuffle("R")
    with pytest.raises(ChannelError, match="no channel 'depth'"):
        image.shuffle("R=depth")


def test_to_display_window_crops_and_pads():
    array = np.arange(1, 5, dtype=np.float32).reshape(2, 2)
    image = vfx.Image(array, data_window=(-1, 0, 0, 1), display_window=(0, 0, 2, 2))
    out = image.to_display_window()
    assert out.data_window == (0, 0, 2, 2)
    assert out.pixels[:, :, 0].tolist() == [[2, 0, 0], [4, 0, 0], [0, 0, 0]]
    apart = vfx.Image(array, data_window=(50, 50, 51, 51), display_window=(0, 0, 1, 1)).to_display_window()
    assert not apart.numpy().any()


@pytest.mark.parametrize("source", DTYPES)
@pytest.mark.parametrize("target", DTYPES)
def test_astype_scales_integers_to_the_unit_range(source, target):
    top = {np.uint8: 255, np.uint16: 65535}
    image = vfx.Image(np.array([[0, top.get(source, 1)]], source)).astype(target)
    assert image.pixels.ravel().tolist() == [0, top.get(target, 1)]


def test_astype_round_trips_every_integer_code():
    codes = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    assert np.array_equal(vfx.Image(codes).astype("f32").astype("u16").numpy(), codes)
    small = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert np.array_equal(vfx.Image(small).astype("u16").numpy(), small.astype(np.uint16) * 257)
    assert np.array_equal(vfx.Image(small).astype("f16").astype("u8").numpy(), small)


def test_astype_rounds_and_clamps_to_integers_but_not_to_floats():
    image = vfx.Image(np.array([[-1.0, 0.5, 2.0, np.nan, np.inf]], np.float32))
    assert image.astype("u8").numpy().tolist() == [[0, 128, 255, 0, 255]]
    half = image.astype("f16").numpy()
    assert half[0, 2] == 2.0 and half[0, 0] == -1.0 and np.isnan(half[0, 3]) and np.isinf(half[0, 4])
    with pytest.raises(TypeError, match="uint8, uint16, float16 or float32"):
        image.astype(np.float64)
    with pytest.raises(TypeError, match="must be one of"):
        image.astype("half-ish")


def test_u32_is_data_and_refuses_arithmetic():
    ids = np.array([[1, 2**32 - 1]], np.uint32)
    image = vfx.Image(ids, channels=["id"])
    assert image.format == "u32" and np.shares_memory(image.numpy(), ids)
    with pytest.raises(TypeError, match="data"):
        image.exposure(1)
    with pytest.raises(TypeError, match="f32 only"):
        image.astype("u8")
    assert image.astype("f32").numpy()[0, 0] == 1.0


@pytest.mark.parametrize("layout", layouts())
def test_operations_return_new_images_and_leave_their_input(layout):
    array = layouts()[layout]
    before = array.copy()
    image = vfx.Image(array)
    result = image.exposure(1.0)
    assert np.array_equal(array, before)
    assert not np.shares_memory(result.numpy(), array)
    expected = before * 2
    if image.has_alpha:
        expected[..., -1] = before[..., -1]
    assert np.array_equal(result.numpy(), expected)


def test_metadata_and_windows_follow_the_pixels():
    image = vfx.Image(
        np.ones((2, 2, 3), np.float32), metadata={"owner": "x"}, data_window=(5, 5, 6, 6), display_window=(0, 0, 9, 9)
    )
    again = pickle.loads(pickle.dumps(image))
    for new in (image.exposure(1), image.copy(), image.astype("f16"), image.select(["R"]), again):
        assert new.metadata == {"owner": "x"}
        assert new.data_window == (5, 5, 6, 6) and new.display_window == (0, 0, 9, 9)
        new.metadata["owner"] = "y"
    assert image.metadata == {"owner": "x"}


def test_python_copies_share_or_not_as_python_means_them():
    image = vfx.Image(np.ones((2, 2, 3), np.float32))
    assert np.shares_memory(copy.copy(image).numpy(), image.numpy())
    assert not np.shares_memory(copy.deepcopy(image).numpy(), image.numpy())


def test_premultiply_pair_keeps_glow_pixels():
    array = np.array([[[0.5, 0.25, 0.125, 0.5], [3.0, 2.0, 1.0, 0.0], [0.3, 0.2, 0.1, 1.0]]], np.float32)
    image = vfx.Image(array)
    straight = image.unpremultiply()
    assert straight.numpy()[0].tolist()[0] == [1.0, 0.5, 0.25, 0.5]
    assert straight.numpy()[0].tolist()[1] == [3.0, 2.0, 1.0, 0.0]
    assert np.array_equal(straight.premultiply().numpy(), array)


def test_read_only_memory_can_be_wrapped_but_not_changed_in_place():
    array = np.ones((2, 2, 3), np.float32)
    array.flags.writeable = False
    image = vfx.Image(array)
    assert image.exposure(1).numpy()[0, 0, 0] == 2.0
    with pytest.raises(ReadOnlyError, match="read-only"):
        vfx.Processor(backend="cpu").exposure(image, 1)


@pytest.mark.parametrize("dtype", [*DTYPES, np.uint32])
@pytest.mark.parametrize("count", [1, 3, 4, 6])
def test_notebook_picture_is_a_small_png(dtype, count):
    image = vfx.Image(np.ones((30, 2000, count), dtype))
    data = image._repr_png_()
    assert data.startswith(b"\x89PNG")
    assert int.from_bytes(data[16:20], "big") <= 960


def test_not_an_array_says_what_is_needed():
    with pytest.raises(TypeError, match="needs an array"):
        vfx.Image([[1.0, 2.0]])
    with pytest.raises(TypeError, match="needs an array"):
        vfx.Image("plate.exr")
