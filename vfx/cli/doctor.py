"""``vfx doctor``: what this installation can do, and what would make it do more."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
from pathlib import Path
from typing import Any

import click

import vfx
from vfx import backends, threads
from vfx.cli._options import json_option
from vfx.cli._output import print_json

__all__ = ["EXTRAS", "command"]

#: Extra → its distributions and the module that shows that each is there.
EXTRAS: dict[str, dict[str, str]] = {
    "ocio": {"opencolorio": "PyOpenColorIO"},
    "movie": {"av": "av"},
    "gpu": {"wgpu": "wgpu"},
    "store": {"blake3": "blake3", "zstandard": "zstandard", "pyfastcdc": "pyfastcdc", "obstore": "obstore",
              "pydantic": "pydantic"},
    "farm": {"distributed": "distributed"},
    "editorial": {"opentimelineio": "opentimelineio", "otio-cmx3600-adapter": "otio_cmx3600_adapter",
                  "otio-ale-adapter": "otio_ale_adapter"},
}  # fmt: skip
#: Hard dependencies: distribution names.
REQUIRED = ("numpy", "OpenEXR", "pillow", "imagecodecs", "tifffile", "fileseq", "click", "rich")
#: Kernels that every installation has.
KERNELS = (
    "engine",
    "arrange",
    "bilateral",
    "blur",
    "box",
    "box_codes",
    "channels",
    "composite",
    "convolve",
    "counting",
    "cryptomatte",
    "cryptomatte_read",
    "deep",
    "despill",
    "detail",
    "differences",
    "dpx",
    "dpx_chroma",
    "dpx_rle",
    "edge_extend",
    "exr",
    "exr_chroma",
    "exr_deep",
    "exr_write",
    "extent",
    "fingerprint",
    "gaussian",
    "halve",
    "hdr",
    "heat_maps",
    "keying",
    "lut_inverse",
    "luttext",
    "mattes",
    "median",
    "moments",
    "morphology",
    "repair",
    "resample",
    "runs",
    "scopes",
    "warp",
)


def _version(distribution: str) -> str | None:
    """The installed version, or None."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def _extras() -> dict[str, dict[str, Any]]:
    """Whether each extra is complete, what it lacks, and the command that brings it."""
    found = {}
    for extra, modules in EXTRAS.items():
        lacking = [name for name, module in modules.items() if importlib.util.find_spec(module) is None]
        found[extra] = {"installed": not lacking, "missing": lacking, "install": f'pip install "vfx[{extra}]"'}
    return found


def _kernels() -> dict[str, str]:
    """Each kernel with the build that loads, or the reason why it does not."""
    found = {}
    for name in KERNELS:
        try:
            module = importlib.import_module(f"vfx._ext.{name}")
        except ImportError as error:
            found[name] = f"missing: {error}"
        else:
            folder = Path(str(module.__file__)).parent.name
            found[name] = folder if folder.startswith("x86_64") else "baseline"
    return found


def _exr() -> str:
    """Which OpenEXR reads and writes EXR files."""
    try:
        exr = importlib.import_module("vfx.io.exr")
    except ImportError as error:
        return f"missing: {error}"
    backend = str(exr.exr_backend())
    if backend == "core":
        return backend
    asked = "VFX_EXR_BACKEND asks for it" if os.environ.get("VFX_EXR_BACKEND") else ""
    return f"{backend} ({asked or importlib.import_module('vfx.io._exr_core').available()})"


def _backends() -> dict[str, str]:
    """Each compute backend: its device, or why it is not available."""
    found = {}
    for name in backends.names()[1:]:
        try:
            found[name] = str(vfx.Processor(backend=name).device_name)
        except (vfx.errors.BackendError, ImportError) as error:
            found[name] = f"none: {str(error).partition(': ')[2] or error}"
    return found


def _facts() -> dict[str, Any]:
    """Everything that the doctor looks at."""
    from vfx._ext import cpu

    simd = vfx.detect_simd()
    kernels = _kernels()
    required = {name: _version(name) for name in REQUIRED}
    return {
        "vfx": vfx.__version__,
        "python": f"{platform.python_version()} ({platform.python_implementation()})",
        "system": platform.platform(),
        "simd": {"level": simd.level, "cpu": simd.best_level()},
        "threads": {"used": threads.get_threads(), "available": threads.available(), "openmp": bool(cpu.has_openmp())},
        "kernels": kernels,
        "exr": _exr(),
        "backends": _backends(),
        "libraries": required,
        "extras": _extras(),
        "healthy": all(required.values()) and not any(text.startswith("missing") for text in kernels.values()),
    }


def _lines(facts: dict[str, Any]) -> list[str]:
    """The facts for people."""
    used = facts["threads"]
    openmp = "OpenMP" if used["openmp"] else "built without OpenMP: one thread"
    lines = [
        f"vfx         {facts['vfx']}",
        f"python      {facts['python']}",
        f"system      {facts['system']}",
        f"simd        {facts['simd']['level']} (this CPU: {facts['simd']['cpu']})",
        f"threads     {used['used']} of {used['available']} ({openmp})",
        f"kernels     {', '.join(f'{name} {build}' for name, build in facts['kernels'].items())}",
        f"exr         {facts['exr']}",
    ]
    lines += [f"backend     {name}: {text}" for name, text in facts["backends"].items()]
    libraries = ", ".join(f"{name} {version or 'MISSING'}" for name, version in facts["libraries"].items())
    lines.append(f"libraries   {libraries}")
    for name, extra in facts["extras"].items():
        state = "installed" if extra["installed"] else f"not installed: {extra['install']}"
        lines.append(f"extra       {name}: {state}")
    lines.append("all is well" if facts["healthy"] else "something is missing; install vfx again")
    return lines


@click.command()
@json_option
def command(as_json: bool) -> int:
    """Say what this installation can do: version, CPU level, threads, backends, extras."""
    facts = _facts()
    if as_json:
        print_json(facts)
    else:
        click.echo("\n".join(_lines(facts)))
    return 0 if facts["healthy"] else 1
