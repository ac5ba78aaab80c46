"""The hand-written stubs of the kernels say what the compiled modules are."""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
from pathlib import Path

import pytest

KERNELS = Path(__file__).resolve().parent.parent / "vfx" / "_ext"
STEMS = sorted(path.stem for path in KERNELS.glob("*.pyx"))

Shape = list[tuple[str, str, bool]]  # name, kind, whether it has a default


def stub(stem: str) -> ast.Module:
    """The syntax tree of a kernel's stub."""
    return ast.parse((KERNELS / f"{stem}.pyi").read_text(encoding="utf-8"))


def stub_shape(function: ast.FunctionDef) -> Shape:
    """The parameters of a stub's function."""
    arguments = function.args
    plain = [*arguments.posonlyargs, *arguments.args]
    first_default = len(plain) - len(arguments.defaults)
    shape = [
        (argument.arg, "positional" if index < len(arguments.posonlyargs) else "plain", index >= first_default)
        for index, argument in enumerate(plain)
    ]
    if arguments.vararg:
        shape.append((arguments.vararg.arg, "star", False))
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        shape.append((argument.arg, "keyword", default is not None))
    if arguments.kwarg:
        shape.append((arguments.kwarg.arg, "stars", False))
    return shape


def compiled_shape(function: object) -> Shape:
    """The parameters of a compiled function."""
    words = {
        inspect.Parameter.POSITIONAL_ONLY: "positional",
        inspect.Parameter.POSITIONAL_OR_KEYWORD: "plain",
        inspect.Parameter.VAR_POSITIONAL: "star",
        inspect.Parameter.KEYWORD_ONLY: "keyword",
        inspect.Parameter.VAR_KEYWORD: "stars",
    }
    parameters = inspect.signature(function).parameters.values()  # type: ignore[arg-type]
    return [(each.name, words[each.kind], each.default is not each.empty) for each in parameters]


def public_of(module: object) -> set[str]:
    """Names that a kernel module defines itself and does not mark private."""
    return {
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and not inspect.ismodule(value)
        and getattr(value, "__module__", module.__name__) == module.__name__  # type: ignore[attr-defined]
        and (callable(value) or name.isupper())
    }


@pytest.mark.parametrize("stem", STEMS)
def test_stub_lists_the_public_names_of_the_kernel(stem: str) -> None:
    module = importlib.import_module(f"vfx._ext.{stem}")
    named = set()
    for node in stub(stem).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            named.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            named.add(node.target.id)
    assert named == public_of(module)


@pytest.mark.parametrize("stem", STEMS)
def test_stub_signatures_are_the_compiled_ones(stem: str) -> None:
    module = importlib.import_module(f"vfx._ext.{stem}")
    for node in stub(stem).body:
        if isinstance(node, ast.FunctionDef):
            assert stub_shape(node) == compiled_shape(getattr(module, node.name)), node.name
        elif isinstance(node, ast.ClassDef):
            kind = getattr(module, node.name)
            for member in node.body:
                if isinstance(member, ast.FunctionDef):
                    check_member(kind, member)


def check_member(kind: type, member: ast.FunctionDef) -> None:
    """Compare one method, property or constructor of a stub's class with the compiled class."""
    label = f"{kind.__name__}.{member.name}"
    decorators = {getattr(decorator, "id", "") for decorator in member.decorator_list}
    if "property" in decorators:
        assert inspect.isdatadescriptor(vars(kind)[member.name]), label
        return
    if member.name in ("__init__", "__cinit__"):
        # A cdef class takes its arguments in __cinit__, which inspect cannot see: the text signature tells.
        names = [name for name, _, _ in stub_shape(member) if name != "self"]
        heading = (inspect.getdoc(kind) or "").partition(")")[0]
        assert all(name in heading for name in names), label
        return
    if member.name == "__buffer__" and sys.version_info < (3, 12):
        return  # the slot exists but has no name before 3.12
    assert stub_shape(member) == compiled_shape(getattr(kind, member.name)), label
