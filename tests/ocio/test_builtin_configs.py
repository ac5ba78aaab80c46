"""The output transforms of ACES 1.3 and 2.0 in the built-in configs, and the example of the API document."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vfx
from vfx.ocio import Config, Processor

Array = np.ndarray[Any, Any]

ACES_13 = ["ocio://cg-config-v2.2.0_aces-v1.3_ocio-v2.4", "ocio://studio-config-v2.2.0_aces-v1.3_ocio-v2.4"]
ACES_20 = ["ocio://cg-config-v4.0.0_aces-v2.0_ocio-v2.5", "ocio://studio-config-v4.0.0_aces-v2.0_ocio-v2.5"]


def views(config: Config) -> Iterator[Processor]:
    """Every display and view, from scene-linear."""
    for display in config.displays:
        for view in config.views(display):
            yield config.display_processor(display=display, view=view)


@pytest.fixture(scope="module")
def scene() -> Array:
    """Scene-linear colours from below black to far above white, RGBA."""
    random = np.random.default_rng(5)
    colours = np.exp2(random.uniform(-10, 7, (300, 128, 4))).astype(np.float32)
    colours[::5, :, :3] -= 0.1
    colours[..., 3] = 1
    return colours


@pytest.mark.parametrize("name", [*ACES_13, *ACES_20])
def test_every_view_gives_the_pixels_of_the_library(name: str, scene: Array, peer: Callable[..., Array]) -> None:
    config = Config(name)
    count = 0
    for processor in views(config):
        banded = np.asfortranarray(scene)
        processor.apply(banded, threads=2)
        assert np.ascontiguousarray(banded).tobytes() == peer(processor.ocio, scene).tobytes(), repr(processor)
        count += 1
    assert count > 15


@pytest.mark.parametrize("name", [ACES_13[0], ACES_20[0]])
def test_views_can_be_undone_where_they_do_not_clip(name: str) -> None:
    grey = np.repeat(np.linspace(0.02, 0.6, 50, dtype=np.float32), 3).reshape(1, 50, 3)
    processor = Config(name).display_processor()
    assert np.allclose(processor.inverse()(processor(grey)), grey, rtol=2e-3)


def test_a_curve_of_a_config_takes_grey_images_though_its_spaces_have_matrices() -> None:
    curve = Config(ACES_13[0]).processor("Linear Rec.709 (sRGB)", "sRGB Encoded Rec.709 (sRGB)")
    assert not curve.mixes_channels
    grey = vfx.Image(np.linspace(-0.1, 2, 12, dtype=np.float32).reshape(3, 4))
    np.testing.assert_array_equal(curve(grey).numpy(), curve(np.repeat(grey.numpy()[..., None], 3, 2))[..., 0])


# ------------------------------------------------------------------ apis/core.md, 4.1

ACES_12 = """ocio_profile_version: 2.1
roles: {scene_linear: ACEScg, default: ACEScg}
displays:
  ACES:
    - !<View> {name: Log, colorspace: ACEScct}
    - !<View> {name: sRGB, colorspace: sRGB - Display}
colorspaces:
  - !<ColorSpace> {name: ACEScg, encoding: scene-linear}
  - !<ColorSpace>
    name: ACEScct
    from_scene_reference: !<LogCameraTransform>
      {log_side_slope: 0.0570776, log_side_offset: 0.554795, lin_side_break: 0.0078125, base: 2}
  - !<ColorSpace>
    name: sRGB - Display
    from_scene_reference: !<GroupTransform>
      children:
        - !<MatrixTransform>
          {matrix: [1.705, -0.622, -0.083, 0, -0.13, 1.14, -0.01, 0, -0.024, -0.129, 1.153, 0, 0, 0, 0, 1]}
        - !<ExponentWithLinearTransform> {gamma: 2.4, offset: 0.055, direction: inverse}
"""

EXAMPLE = """
from vfx import ocio

# Load config
config = ocio.Config("aces_1.2/config.ocio")

# Get processor
proc = config.processor("ACEScg", "sRGB - Display")
proc.apply(img)

# Role-based
display_proc = config.display_processor(view="sRGB")
"""


def test_example_of_the_api_document_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "aces_1.2").mkdir()
    (tmp_path / "aces_1.2" / "config.ocio").write_text(ACES_12, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    grey = np.full((4, 4, 3), 0.18, np.float32)
    names: dict[str, Any] = {"img": vfx.Image(grey.copy())}
    exec(EXAMPLE, names)
    assert np.allclose(names["img"].numpy(), 0.461, atol=2e-3)
    assert np.array_equal(names["display_proc"](grey), names["img"].numpy())
