"""Opening configs, what they say about themselves, and the errors for what they do not have."""

from __future__ import annotations

import pickle
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vfx
from vfx.errors import FormatError, MissingExtraError
from vfx.ocio import Config, builtin_configs

GREY = np.full((2, 2, 3), 0.18, np.float32)


# ------------------------------------------------------------------ opening


def test_room_is_reached_from_the_package() -> None:
    assert vfx.ocio.Config is Config


def test_missing_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PyOpenColorIO", None)
    with pytest.raises(MissingExtraError, match=r'pip install "vfx\[ocio\]"'):
        Config("ocio://default")


def test_library_is_imported_with_the_first_config_only() -> None:
    code = "import sys, vfx.ocio; print('PyOpenColorIO' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_none_opens_what_the_environment_names(monkeypatch: pytest.MonkeyPatch, show_path: Path) -> None:
    monkeypatch.setenv("OCIO", str(show_path))
    assert Config().name == "show"
    monkeypatch.setenv("OCIO", "ocio://default")
    assert "ACEScg" in Config(None).colorspaces


@pytest.mark.parametrize("value", [None, ""])
def test_none_without_an_environment_says_so(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv("OCIO", raising=False)
    if value is not None:
        monkeypatch.setenv("OCIO", value)
    with pytest.raises(ValueError, match="environment variable OCIO is not set"):
        Config()


def test_archive_opens_like_its_config(show: Config, tmp_path: Path) -> None:
    show.ocio.archive(str(tmp_path / "show.ocioz"))
    archived = Config(tmp_path / "show.ocioz")
    assert archived.colorspaces == show.colorspaces
    view = archived.display_processor(view="Film")
    assert np.array_equal(view(GREY), show.display_processor(view="Film")(GREY))


def test_damaged_archive_raises_and_names_itself(show: Config, tmp_path: Path) -> None:
    show.ocio.archive(str(tmp_path / "show.ocioz"))
    whole = (tmp_path / "show.ocioz").read_bytes()
    target = tmp_path / "damaged.ocioz"
    step = len(whole) // 20
    damaged = [whole[:length] for length in range(0, len(whole), step)]
    for place in range(0, len(whole), step):
        turned = bytes(255 - byte for byte in whole[place : place + 9])
        damaged += [whole[:place] + turned + whole[place + 9 :]]
    settled = 0
    for data in damaged:
        target.write_bytes(data)
        try:
            config = Config(target)
        except FormatError as error:
            settled += "damaged.ocioz" in str(error)
        else:  # the fault is in what nobody reads: dates, attributes
            settled += 1
            view, whole_view = (each.display_processor(view="Film") for each in (config, show))
            assert np.array_equal(view(GREY), whole_view(GREY))
    assert settled == len(damaged)


def test_archive_without_a_config_raises(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "empty.ocioz", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(FormatError, match=r"empty\.ocioz"):
        Config(tmp_path / "empty.ocioz")


def test_relative_path_works_after_the_folder_changed(show_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(show_path.parent)
    config = Config("config.ocio")
    monkeypatch.chdir("/")
    assert config.display_processor(view="Film")(GREY).shape == GREY.shape


@pytest.mark.parametrize("name", ["ocio://default", "ocio://cg-config-latest", "ocio://studio-config-latest"])
def test_built_in_names_open(name: str) -> None:
    assert "ACEScg" in Config(name).colorspaces


def test_every_listed_built_in_opens_and_is_valid() -> None:
    assert len(builtin_configs()) >= 8
    for name in builtin_configs():
        Config(name).validate()


def test_object_of_the_library_is_taken_as_it_is(ocio: Any) -> None:
    raw = ocio.Config.CreateRaw()
    assert Config(raw).ocio is raw


def test_text_is_read_with_its_folder(show_path: Path) -> None:
    config = Config.from_text(show_path.read_text(encoding="utf-8"), folder=show_path.parent)
    assert config.display_processor(view="Projected")(GREY).shape == GREY.shape


def test_text_survives_the_round_trip(show: Config) -> None:
    assert Config.from_text(show.to_text()).colorspaces == show.colorspaces


# ------------------------------------------------------------------ damaged and missing


def test_unknown_built_in_names_the_nearest() -> None:
    with pytest.raises(ValueError, match="did you mean 'ocio://cg-config-latest'") as caught:
        Config("ocio://cg-config-lates")
    assert "ocio://studio-config-latest" in str(caught.value)


def test_missing_file_is_the_builtin_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.ocio"):
        Config(tmp_path / "none.ocio")


def test_folder_is_settled_with_advice(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"name the \.ocio file in it"):
        Config(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "a: [1",
        "just words",
        "",
        "ocio_profile_version: 9\n",
        "LUT_3D_SIZE 2\n0 0 0\n",
        "\0\1\2",
        "ocio_profile_version: 2",
    ],
)
def test_text_that_is_no_config_raises_with_the_path(tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.ocio").write_text(text)
    with pytest.raises(FormatError, match=r"bad\.ocio: .") as caught:
        Config(tmp_path / "bad.ocio")
    assert caught.value.path == str(tmp_path / "bad.ocio")


def test_fault_in_the_text_names_its_line(tmp_path: Path, show_path: Path) -> None:
    text = show_path.read_text(encoding="utf-8").replace("roles: {", "roles: [")
    (tmp_path / "bad.ocio").write_text(text)
    with pytest.raises(FormatError) as caught:
        Config(tmp_path / "bad.ocio")
    assert caught.value.line is not None and caught.value.line >= 7


def test_bytes_that_are_no_text_raise(tmp_path: Path) -> None:
    (tmp_path / "bad.ocio").write_bytes(bytes(range(256)) * 20)
    with pytest.raises(FormatError, match=r"bad\.ocio"):
        Config(tmp_path / "bad.ocio")


@pytest.mark.parametrize("source", [3, b"config.ocio", ["a"]])
def test_source_of_another_type_raises(source: Any) -> None:
    with pytest.raises(TypeError, match="path"):
        Config(source)


def test_validate_passes_and_fails(show: Config) -> None:
    show.validate()
    broken = Config.from_text(show.to_text().replace("scene_linear: ACEScg", "scene_linear: nothing"))
    with pytest.raises(FormatError, match="scene_linear"):
        broken.validate()


def test_lut_that_changed_is_seen_by_a_config_opened_after(tmp_path: Path) -> None:
    cube = tmp_path / "look.cube"
    for strength in (1.0, 0.5):
        vfx.lut.write(cube, vfx.lut.Lut3D(vfx.lut.Lut3D.identity(3).table * np.float32(strength)))
        config = Config.from_text(Config("ocio://default").to_text(), folder=tmp_path)
        assert np.allclose(config.transform_processor("look.cube")(GREY), GREY * strength, atol=1e-6)


def test_lut_that_is_damaged_is_named_with_its_fault(tmp_path: Path) -> None:
    (tmp_path / "look.cube").write_text("LUT_3D_SIZE 2\n0 0 0\n")
    config = Config.from_text(Config("ocio://default").to_text(), folder=tmp_path)
    with pytest.raises(FormatError, match=r"look\.cube.*Found 1, expected 8"):
        config.transform_processor("look.cube")


# ------------------------------------------------------------------ what is in it


def test_config_lists_what_it_has(show: Config) -> None:
    assert show.colorspaces == ("ACES2065-1", "ACEScg", "ACEScct", "sRGB - Display", "film", "raw")
    assert show.inactive_colorspaces == ("hidden",)
    assert show.roles["scene_linear"] == "ACEScg"
    assert show.displays == ("Monitor", "Cinema (P3)")
    assert show.views() == ("Plain", "Film")
    assert show.views("Cinema (P3)") == ("Raw values", "Projected")
    assert show.looks == ("shot_grade", "half")
    assert show.named_transforms == ("two_stops", "triple_red")
    assert (show.default_display, show.default_view(), show.default_view("cinema")) == (
        "Monitor",
        "Plain",
        "Raw values",
    )
    assert (show.name, show.description) == ("show", "a show of one film stock")
    assert show.search_path == ("luts", "grades")


def test_colorspace_tells_about_itself(show: Config) -> None:
    found = show.colorspace("lin_ap1")
    assert (found.name, found.family, found.encoding) == ("ACEScg", "Working", "scene-linear")
    assert found.aliases == ("lin_ap1",) and not found.is_data
    assert show.colorspace("default").is_data


@pytest.mark.parametrize(
    ("path", "space"), [("a/plate_01.exr", "ACES2065-1"), ("scan.0001.dpx", "ACEScct"), (Path("other.exr"), "default")]
)
def test_file_rules_give_a_file_its_space(show: Config, path: Any, space: str) -> None:
    assert show.colorspace_of(path) == space


# ------------------------------------------------------------------ names that are not there


def test_unknown_space_names_the_nearest_and_all(show: Config) -> None:
    with pytest.raises(ValueError, match="did you mean 'ACEScg'") as caught:
        show.processor("ACESgc", "ACEScct")
    message = str(caught.value)
    assert "'ACEScct'" in message and "'two_stops'" in message and "config.ocio" in message and "(src)" in message


@pytest.mark.parametrize("name", ["", None, 3])
def test_space_that_is_no_name_raises(show: Config, name: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="src"):
        show.processor(name, "ACEScg")


def test_unknown_look_names_what_there_is(show: Config) -> None:
    with pytest.raises(ValueError, match="did you mean 'shot_grade'"):
        show.look_processor("half, -shot_grad")


def test_unknown_display_and_view_name_what_there_is(show: Config) -> None:
    with pytest.raises(ValueError, match="did you mean 'Monitor'"):
        show.display_processor(display="Moniter")
    with pytest.raises(ValueError, match="it has 'Plain', 'Film'"):
        show.display_processor(display="Monitor", view="Projected")


def test_name_of_a_display_as_the_view_is_explained() -> None:
    with pytest.raises(ValueError, match="display='sRGB - Display'"):
        Config("ocio://cg-config-latest").display_processor(view="sRGB")


def test_part_of_a_name_that_several_have_raises() -> None:
    with pytest.raises(ValueError, match="may mean"):
        Config("ocio://cg-config-latest").display_processor(view="sdr 100")


def test_unknown_optimization_lists_the_choices(show: Config) -> None:
    with pytest.raises(ValueError, match="one of default, none, lossless"):
        show.processor("ACEScg", "ACEScct", optimization="fastest")


def test_variable_without_a_value_is_named(show: Config) -> None:
    unset = Config.from_text(show.to_text().replace("SHOT: sh010", "OTHER: x"))
    with pytest.raises(FileNotFoundError, match="<text>: look 'shot_grade'") as caught:
        unset.look_processor("shot_grade")
    assert "grade_$SHOT.cc" in str(caught.value) and 'context={"SHOT": …}' in str(caught.value)


def test_missing_shot_names_its_file(show: Config) -> None:
    with pytest.raises(FileNotFoundError, match=r"sh999\.cc"):
        show.with_context(SHOT="sh999").look_processor("shot_grade")


# ------------------------------------------------------------------ variables


def test_context_chooses_the_files_of_the_shot(show: Config, show_path: Path) -> None:
    other = show.with_context(SHOT="sh020")
    assert show.context["SHOT"] == "sh010" and other.context["SHOT"] == "sh020"
    first, second = (config.look_processor("shot_grade")(GREY) for config in (show, other))
    assert first[0, 0, 0] > second[0, 0, 0]
    assert np.array_equal(Config(show_path, context={"SHOT": "sh020"}).look_processor("shot_grade")(GREY), second)


@pytest.mark.parametrize("context", [{"SHOT": 10}, {"": "x"}, ["SHOT"]])
def test_context_that_is_no_text_raises(show_path: Path, context: Any) -> None:
    with pytest.raises(TypeError, match="context"):
        Config(show_path, context=context)


# ------------------------------------------------------------------ being a value


def test_config_is_pickled_with_its_variables(show: Config) -> None:
    again = pickle.loads(pickle.dumps(show.with_context(SHOT="sh020")))
    assert again.context["SHOT"] == "sh020" and again.source == show.source


def test_config_of_text_or_of_an_object_is_pickled(show: Config, show_path: Path) -> None:
    text = Config.from_text(show_path.read_text(encoding="utf-8"), folder=show_path.parent)
    for config in (text, Config(show.ocio)):
        again = pickle.loads(pickle.dumps(config))
        assert np.array_equal(again.look_processor("shot_grade")(GREY), show.look_processor("shot_grade")(GREY))


def test_repr_names_the_source(show: Config) -> None:
    assert repr(show) == f"<ocio.Config {show.source!r}>"
    assert "sh020" in repr(show.with_context(SHOT="sh020"))
