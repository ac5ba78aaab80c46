"""What is shipped: the metadata, the marker for type checkers, and every kernel at every level."""

from __future__ import annotations

import importlib.metadata
import platform
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import vfx

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
HARD = {"numpy", "openexr", "pillow", "imagecodecs", "tifffile", "fileseq", "click", "rich"}
EXTRAS = {"ocio", "movie", "gpu", "store", "farm", "editorial", "test", "docs", "bench", "all"}
X86 = platform.machine().lower() in ("x86_64", "amd64")
KERNELS = ROOT / "vfx" / "_ext"


def name_of(requirement: str) -> str:
    """The bare, lower-case name of a requirement."""
    return re.split(r"[\s<>=!~\[;]", requirement)[0].lower()


def test_hard_dependencies_are_the_few_of_the_design() -> None:
    assert {name_of(requirement) for requirement in PROJECT["dependencies"]} == HARD


def test_extras_are_the_ones_that_error_messages_name() -> None:
    assert set(PROJECT["optional-dependencies"]) == EXTRAS


def test_version_is_the_same_everywhere() -> None:
    assert vfx.__version__ == PROJECT["version"]
    assert importlib.metadata.version("vfx") == PROJECT["version"]


def test_changelog_has_this_version() -> None:
    assert f"## [{PROJECT['version']}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def compiled(folder: Path) -> set[str]:
    """The kernels that are compiled in one level's folder."""
    return {path.name.split(".")[0] for path in folder.glob("*.so")}


@pytest.mark.skipif(not X86, reason="one kernel level on this kind of CPU")
def test_every_kernel_is_built_for_every_level() -> None:
    stems = {path.stem for path in KERNELS.glob("*.pyx")}
    built = {
        level: {path.name.split(".")[0] for path in (KERNELS / level).glob("*.so")}
        for level in ("x86_64_v3", "x86_64_v4")
    }
    once = {"buffer", "cpu"}  # run before a level is chosen, or gain nothing from one
    assert built == {"x86_64_v3": stems - once, "x86_64_v4": stems - once}
    assert stems <= {path.name.split(".")[0] for path in KERNELS.glob("*.so")}


def test_wheel_holds_what_users_need_and_no_source_of_kernels(tmp_path: Path) -> None:
    """The metadata and package data of a wheel, built with the kernels that are already compiled."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        tmp_path,
        ROOT,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("vfx-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    stubs = {f"vfx/_ext/{path.name}" for path in KERNELS.glob("*.pyi")}
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "vfx").rglob("*.py")}
    assert stubs | modules | {"vfx/py.typed"} <= set(names)
    assert [name for name in names if name.endswith((".pyx", ".pxd", ".c", ".h")) or not name.startswith("vfx")] == []
    levels = {name.rpartition("/")[0] for name in names if name.endswith((".so", ".pyd"))}
    assert levels == ({"vfx/_ext", "vfx/_ext/x86_64_v3", "vfx/_ext/x86_64_v4"} if X86 else {"vfx/_ext"})
