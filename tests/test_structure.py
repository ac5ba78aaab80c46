"""The house: which floor may import which, and the habits that every file keeps.

Everything here is read from the source with ``ast``; only the last tests import the package.
"""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "vfx"

HOUSE: dict[int, list[str]] = {
    0: ["_ext"],
    1: ["errors", "checks", "simd", "threads", "_atomic", "_late", "_xml"],
    2: ["metadata", "pixelformat", "pixelop", "operations", "fluent", "image", "deep"],
    3: ["color", "io", "lut", "metrics", "ops", "transfer"],
    4: ["backends", "look", "processor", "ocio"],
    5: ["batch", "codecs", "optimize", "store", "transcode"],
    6: ["sheet", "report", "cli"],
}
# Here the modules of one floor are parts of one thing: they may import those listed before them, and name
# each other's types. On the other floors no room knows its neighbours.
IN_ORDER = {1, 2, 4, 6}
FLOORS = {room: floor for floor, rooms in HOUSE.items() for room in rooms}
# Rooms that spell out what lies above, and may name its types (never import it at run time).
TYPED_DOORS = {"fluent": "ops"}
# Modules that are a part of another room.
PARTS = {
    "_look_bake": "look",
    "_look_files": "look",
    "_look_nodes": "look",
    "_deep_arrays": "deep",
    "_deep_compositing": "deep",
}
LONGEST_FILE = 500
LONGEST_FUNCTION = 50  # lines of code, without the docstring
MOST_POSITIONAL = 3
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}
# Signatures that the API documents fix: cdl(slope, offset, power, saturation, clamp), crop(img, x, y, width, height),
# convert(img, src, dst, adaptation), Nuke's Grade, lift_gamma_gain(img, lift, gamma, gain),
# tone(img, shadows, midtones, highlights), blend(a, b, mode, opacity).
LONG_SIGNATURES = {"blend", "cdl", "convert", "crop", "grade", "lift_gamma_gain", "tone"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules() -> list[Path]:
    """Every Python module of the package."""
    return sorted(PACKAGE.rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of one file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def short(path: Path, node: ast.AST | None = None) -> str:
    """Where something is, for a message."""
    line = f":{node.lineno}" if node is not None and hasattr(node, "lineno") else ""
    return f"{path.relative_to(ROOT).as_posix()}{line}"


def nothing(found: Iterable[str]) -> None:
    """Fail with every line of ``found``; pytest would cut a long list."""
    lines = list(found)
    if lines:
        pytest.fail("\n".join(lines), pytrace=False)


def room_of(path: Path) -> str | None:
    """The room a module belongs to; None for the package's own ``__init__``."""
    first = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return None if first == "__init__" else PARTS.get(first, first)


def imported_rooms(path: Path, module: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """The rooms that a module imports, anywhere in it; ``"vfx"`` for the package as a whole."""
    package = ("vfx", *path.relative_to(PACKAGE).parts[:-1])
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for alias in node.names:
                parts = alias.name.split(".")
                if parts[0] == "vfx":
                    yield (parts[1] if len(parts) > 1 else "vfx"), node
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            parts = [*above, *(node.module.split(".") if node.module else [])]
            if parts[:1] != ["vfx"]:
                continue
            if len(parts) > 1:
                yield parts[1], node
            else:
                for alias in node.names:
                    if alias.name != "__version__":
                        yield (alias.name if alias.name in FLOORS or alias.name in PARTS else "vfx"), node
        elif isinstance(node, ast.Call) and path.name != "_late.py":
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("import_module", "__import__") and node.args and isinstance(node.args[0], ast.Constant):
                parts = str(node.args[0].value).split(".")
                if parts[0] == "vfx":
                    yield (parts[1] if len(parts) > 1 else "vfx"), node


def typing_only(module: ast.Module) -> set[ast.AST]:
    """Everything under ``if TYPE_CHECKING:``."""
    blocks = [node for node in ast.walk(module) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)]
    return {inner for block in blocks for statement in block.body for inner in ast.walk(statement)}


def may_import(room: str, target: str, *, for_types: bool = False) -> bool:
    """Whether the floors table lets ``room`` import ``target``; ``"vfx"`` is the package as a whole."""
    target = PARTS.get(target, target)
    if target == "vfx":
        return FLOORS[room] == max(HOUSE)  # it offers what every floor has
    if target == room or FLOORS[target] < FLOORS[room] or (for_types and TYPED_DOORS.get(room) == target):
        return True
    floor = HOUSE[FLOORS[room]]  # target is beside or above room
    if FLOORS[room] not in IN_ORDER or target not in floor:
        return False
    return for_types or floor.index(target) < floor.index(room)


def violations(path: Path, module: ast.Module) -> list[str]:
    """Imports of one module that the floors table forbids."""
    room = room_of(path)
    if room is None:
        return []
    types = typing_only(module)
    return [
        f"{short(path, node)}: {room} imports {target}"
        for target, node in imported_rooms(path, module)
        if not may_import(room, target, for_types=node in types)
    ]


# ------------------------------------------------------------------ floors


def test_every_room_has_a_floor() -> None:
    rooms = {room for path in modules() if (room := room_of(path)) is not None}
    assert sorted(rooms - set(FLOORS)) == []


def test_no_module_imports_beside_or_above_itself() -> None:
    nothing(line for path in modules() for line in violations(path, tree(path)))


@pytest.mark.parametrize(
    ("place", "source"),
    [
        ("image.py", "from vfx.io import read"),
        ("image.py", "from vfx import Image"),
        ("fluent/filters.py", "from vfx.ops.blur import blur"),
        ("image.py", "import vfx"),
        ("lut/cube.py", "from ..transfer import encode"),
        ("lut/cube.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from vfx.look import Look"),
        ("io/exr.py", "def f():\n    import vfx.color.cdl"),
        ("threads.py", "from . import image"),
        ("checks.py", "from vfx import threads"),
        ("batch.py", "from vfx.store import Store"),
        ("image.py", "import importlib\nimportlib.import_module('vfx.io')"),
    ],
)
def test_the_floor_check_sees_a_forbidden_import(place: str, source: str) -> None:
    assert len(violations(PACKAGE / place, ast.parse(source))) == 1


@pytest.mark.parametrize(
    ("place", "source"),
    [
        ("io/exr.py", "from vfx.io._source import open_source\nfrom . import dpx\nfrom .._ext import exr"),
        ("cli/demo.py", "import vfx\nfrom vfx import Look"),
        ("look.py", "from vfx import image\nfrom vfx.lut import Lut3D"),
        ("threads.py", "from vfx.checks import integer"),
        ("pixelop.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from vfx.image import Image"),
        ("batch/_state.py", "from vfx import __version__"),
        (
            "fluent/filters.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from vfx.ops.morphology import Size",
        ),
    ],
)
def test_the_floor_check_lets_a_permitted_import_pass(place: str, source: str) -> None:
    assert violations(PACKAGE / place, ast.parse(source)) == []


def test_every_late_bound_name_exists() -> None:
    from vfx import _late

    for table, find in ((_late.BUILDERS, _late.builder), (_late.FUNCTIONS, _late.function)):
        for name in table:
            assert callable(find(name)), name


# ------------------------------------------------------------------ names and sizes


def test_no_file_is_a_drawer_for_everything() -> None:
    parts = {part.removesuffix(".py") for path in PACKAGE.rglob("*") for part in path.relative_to(PACKAGE).parts}
    assert sorted(parts & BANNED_NAMES) == []


def test_no_file_is_longer_than_one_room() -> None:
    folders = [PACKAGE, ROOT / "tests", ROOT / "benchmarks", ROOT / "fixtures", ROOT / "docs"]
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in {".py", ".pyx", ".pxd", ".pyi"}]
    lengths = {short(path): len(path.read_text(encoding="utf-8").splitlines()) for path in [*files, ROOT / "setup.py"]}
    nothing(f"{name}: {length} lines" for name, length in lengths.items() if length > LONGEST_FILE)


def functions(module: ast.Module) -> Iterator[Function]:
    """Every function of a module, methods and nested ones included."""
    return (node for node in ast.walk(module) if isinstance(node, Function))


def is_command(function: Function) -> bool:
    """Whether click calls this function, with every option by name."""
    called = [ast.unparse(decorator).partition("(")[0] for decorator in function.decorator_list]
    return any(name.startswith("click.") or name.endswith((".command", ".group")) for name in called)


def code_lines(function: Function) -> int:
    """Lines of a function's body after its docstring."""
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_no_function_is_longer_than_a_screen() -> None:
    nothing(
        f"{short(path, node)} {node.name}: {code_lines(node)} lines"
        for path in modules()
        for node in functions(tree(path))
        if code_lines(node) > LONGEST_FUNCTION
    )


def test_public_functions_take_at_most_three_positional_arguments() -> None:
    found = []
    for path in modules():
        if path.name.startswith("_") and path.name != "__init__.py":
            continue
        for node, owner in public(tree(path)):
            if not isinstance(node, Function) or node.name in LONG_SIGNATURES or is_command(node):
                continue
            positional = [*node.args.posonlyargs, *node.args.args]
            is_static = any(getattr(decorator, "id", "") == "staticmethod" for decorator in node.decorator_list)
            count = len(positional) - (owner is not None and not is_static)
            if count > MOST_POSITIONAL:
                found.append(f"{short(path, node)} {node.name}: {count}")
    nothing(found)


# ------------------------------------------------------------------ docstrings and __all__


def public(module: ast.Module) -> Iterator[tuple[Function | ast.ClassDef, ast.ClassDef | None]]:
    """Public functions, classes and methods, each with the class it is in."""
    for node in module.body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield node, None
            if isinstance(node, ast.ClassDef):
                for member in node.body:
                    if isinstance(member, Function) and not member.name.startswith("_"):
                        yield member, node


def repeats_another(node: Function | ast.ClassDef) -> bool:
    """Whether this is an overload or a property's setter: the other one carries the docstring."""
    decorators = [decorator.func if isinstance(decorator, ast.Call) else decorator for decorator in node.decorator_list]
    words = {getattr(decorator, "attr", getattr(decorator, "id", "")) for decorator in decorators}
    return bool(words & {"overload", "setter", "deleter", "override"})


def test_everything_public_has_a_docstring() -> None:
    missing = [short(path) for path in modules() if not ast.get_docstring(tree(path))]
    for path in modules():
        for node, _ in public(tree(path)):
            if not repeats_another(node) and not ast.get_docstring(node):
                missing.append(f"{short(path, node)} {node.name}")
    nothing(missing)


def test_every_kernel_door_has_a_docstring() -> None:
    missing = []
    arguments, first = r"\((?:[^()]|\([^()]*\))*\)[^:\n]*:", r'\s*\n\s+(?P<first>"""|\S+)'
    door = re.compile(r"^(?:cp)?def\s+(?P<name>[a-z]\w*)" + arguments + first, re.MULTILINE)
    for path in sorted((PACKAGE / "_ext").glob("*.pyx")):
        text = path.read_text(encoding="utf-8")
        if not text.lstrip().startswith('"""'):
            missing.append(f"{short(path)}: the module")
        missing += [f"{short(path)} {hit['name']}" for hit in door.finditer(text) if hit["first"] != '"""']
    nothing(missing)


def exported(module: ast.Module) -> list[str] | None:
    """What ``__all__`` lists, or None where there is none or it is not a plain list."""
    for node in module.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name) and target.id == "__all__" and isinstance(node, ast.Assign | ast.AnnAssign):
            try:
                return list(ast.literal_eval(node.value))  # type: ignore[arg-type]
            except ValueError:
                return None
    return None


def order(name: str) -> tuple[int, list[int | str]]:
    """CONSTANTS, then Classes, then the rest; numbers inside names by value."""
    kind = 0 if len(name) > 1 and name.isupper() else 1 if name[:1].isupper() else 2
    return kind, [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def test_every_module_lists_its_public_names_sorted() -> None:
    wrong = []
    for path in modules():
        names = exported(tree(path))
        if names is None:
            wrong.append(f"{short(path)}: no __all__ that is a plain list")
        elif names != sorted(set(names), key=order):
            wrong.append(f"{short(path)}: {sorted(set(names), key=order)}")
    nothing(wrong)


def test_what_is_public_by_name_is_in_all() -> None:
    wrong = []
    for path in modules():
        names = exported(tree(path)) or []
        if path.name != "__main__.py":
            wrong += [
                f"{short(path, node)} {node.name}"
                for node, owner in public(tree(path))
                if owner is None and node.name not in names and not (isinstance(node, Function) and is_command(node))
            ]
    nothing(wrong)


# ------------------------------------------------------------------ the tree


def test_tests_mirror_the_package() -> None:
    folders = {path.parent.relative_to(ROOT / "tests").as_posix() for path in (ROOT / "tests").rglob("test_*.py")}
    kernels = {"ext"}  # tests of vfx/_ext
    nothing(folder for folder in sorted(folders - kernels) if not (PACKAGE / folder).is_dir())


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    personal = re.compile(r"(?<![\w.])/(?:home|Users)/[A-Za-z]\w*/|(?<!\w)" + re.escape(str(ROOT)) + r"(?![\w-])")
    suffixes = {".py", ".pyx", ".pxd", ".pyi", ".md", ".rst", ".toml", ".in", ""}
    folders = ["vfx", "tests", "benchmarks", "docs", "fixtures", ".ci"]
    files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in suffixes]
    files += [path for path in ROOT.iterdir() if path.suffix in suffixes]
    found = []
    for path in files:
        if path.is_file() and not {"_build", "_generated", "__pycache__"} & set(path.parts):
            text = path.read_text(encoding="utf-8", errors="replace")
            found += [f"{short(path)}: {hit.group()}" for hit in personal.finditer(text)]
    nothing(found)


# ------------------------------------------------------------------ import vfx


def test_import_loads_no_numpy_and_starts_no_thread(run_limited: Callable[..., object]) -> None:
    outcome = run_limited(
        """
        import sys, os, threading
        import vfx
        heavy = {"numpy", "OpenEXR", "PIL", "tifffile", "imagecodecs", "click", "rich", "fileseq"} & set(sys.modules)
        tasks = len(os.listdir("/proc/self/task")) if sys.platform == "linux" else threading.active_count()
        print(sorted(heavy), tasks)
        """
    )
    assert (outcome.stdout.strip(), outcome.stderr) == ("[] 1", "")  # type: ignore[attr-defined]


def test_every_public_name_can_be_had() -> None:
    import vfx

    assert [name for name in vfx.__all__ if getattr(vfx, name, None) is None] == []
    assert set(vfx.__all__) <= set(dir(vfx))
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = vfx.no_such_name


def seconds_to_run(code: str) -> float:
    """The time of one fresh interpreter that runs ``code``."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
    return time.perf_counter() - start


def test_import_takes_at_most_1_4_times_as_long_as_numpy() -> None:
    pairs = [(seconds_to_run("import vfx"), seconds_to_run("import numpy")) for _ in range(7)]
    ours, numpy = (statistics.median(side) for side in zip(*pairs, strict=True))
    assert ours <= 1.4 * numpy
