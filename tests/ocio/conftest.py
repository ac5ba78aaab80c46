"""A small show config of our own, with the files that it names; and OpenColorIO's results to compare with.

::

    show/config.ocio          the text below
    show/luts/film.cube       a view's LUT, written by vfx
    show/grades/grade_sh010.cc …  one CDL a shot, found through $SHOT
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vfx import color, lut, ocio

DEPTHS = {"float32": "F32", "float16": "F16", "uint16": "UINT16", "uint8": "UINT8"}

SHOW = """ocio_profile_version: 2.1
environment: {SHOT: sh010}
name: show
description: a show of one film stock
search_path: luts:grades
strictparsing: true
roles: {default: raw, scene_linear: ACEScg, aces_interchange: ACES2065-1, compositing_log: ACEScct}

file_rules:
  - !<Rule> {name: Plates, extension: exr, pattern: "*plate*", colorspace: ACES2065-1}
  - !<Rule> {name: Logs, extension: dpx, pattern: "*", colorspace: ACEScct}
  - !<Rule> {name: Default, colorspace: default}

displays:
  Monitor:
    - !<View> {name: Plain, colorspace: sRGB - Display}
    - !<View> {name: Film, colorspace: film, looks: shot_grade}
  Cinema (P3):
    - !<View> {name: Raw values, colorspace: raw}
    - !<View> {name: Projected, colorspace: film}
active_displays: [Monitor, Cinema (P3)]
active_views: []
inactive_colorspaces: [hidden]

looks:
  - !<Look>
    name: shot_grade
    process_space: ACEScct
    transform: !<FileTransform> {src: grade_$SHOT.cc}
  - !<Look>
    name: half
    process_space: ACEScg
    transform: !<CDLTransform> {slope: [0.5, 0.5, 0.5]}

colorspaces:
  - !<ColorSpace>
    name: ACES2065-1
    encoding: scene-linear
    to_scene_reference: !<BuiltinTransform> {style: IDENTITY}
  - !<ColorSpace>
    name: ACEScg
    aliases: [lin_ap1]
    family: Working
    encoding: scene-linear
    description: AP1, scene-linear
    to_scene_reference: !<BuiltinTransform> {style: ACEScg_to_ACES2065-1}
  - !<ColorSpace>
    name: ACEScct
    encoding: log
    to_scene_reference: !<BuiltinTransform> {style: ACEScct_to_ACES2065-1}
  - !<ColorSpace>
    name: sRGB - Display
    encoding: sdr-video
    from_scene_reference: !<GroupTransform>
      children:
        - !<BuiltinTransform> {style: ACEScg_to_ACES2065-1, direction: inverse}
        - !<ExponentWithLinearTransform> {gamma: 2.4, offset: 0.055, direction: inverse}
  - !<ColorSpace>
    name: film
    encoding: sdr-video
    from_scene_reference: !<GroupTransform>
      children:
        - !<BuiltinTransform> {style: ACEScct_to_ACES2065-1, direction: inverse}
        - !<FileTransform> {src: film.cube, interpolation: tetrahedral}
  - !<ColorSpace> {name: hidden, encoding: log}
  - !<ColorSpace> {name: raw, isdata: true}

named_transforms:
  - !<NamedTransform>
    name: two_stops
    transform: !<ExposureContrastTransform> {style: linear, exposure: 2}
  - !<NamedTransform>
    name: triple_red
    transform: !<MatrixTransform> {matrix: [3, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]}
"""


@pytest.fixture(scope="session")
def show_path(tmp_path_factory: pytest.TempPathFactory, ocio: Any) -> Path:
    """The path of the show's config, its LUTs beside it."""
    folder = tmp_path_factory.mktemp("show")
    (folder / "luts").mkdir()
    (folder / "grades").mkdir()
    (folder / "config.ocio").write_text(SHOW, encoding="utf-8")
    grid = np.array(lut.Lut3D.identity(17).table)
    film = np.stack([grid[..., 0] ** 1.2, 0.9 * grid[..., 1] + 0.1 * grid[..., 0], grid[..., 2] ** 0.9], axis=-1)
    lut.write(folder / "luts" / "film.cube", lut.Lut3D(film))
    for shot, slope in (("sh010", 1.1), ("sh020", 0.7)):
        color.write_cdl(folder / "grades" / f"grade_{shot}.cc", color.CDL((slope, 1.0, 1.0), (0.01, 0, 0), (1, 1.1, 1)))
    return folder / "config.ocio"


@pytest.fixture
def show(show_path: Path) -> ocio.Config:
    """The show's config."""
    return ocio.Config(show_path)


@pytest.fixture(scope="session")
def peer(ocio: Any) -> Callable[..., np.ndarray[Any, Any]]:
    """``peer(processor, array)``: OpenColorIO's own result for a packed array of RGB or RGBA, in one call."""

    def run(processor: Any, array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        depth = getattr(ocio, f"BIT_DEPTH_{DEPTHS[array.dtype.name]}")
        cpu = processor.getOptimizedCPUProcessor(depth, depth, ocio.OPTIMIZATION_DEFAULT)
        result = np.array(array, order="C")
        (cpu.applyRGBA if array.shape[-1] == 4 else cpu.applyRGB)(result)
        return result

    return run


@pytest.fixture(autouse=True)
def quiet(ocio: Any) -> Iterator[None]:
    """OpenColorIO's notes about configs are not wanted on stderr here."""
    level = ocio.GetLoggingLevel()
    ocio.SetLoggingLevel(ocio.LOGGING_LEVEL_NONE)
    yield
    ocio.SetLoggingLevel(level)
