"""The methods of ``Image`` that stand for the operations of ``vfx.ops``: one for each, with its parameters."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

from vfx import Image, _late, ops
from vfx.fluent import Fluent
from vfx.operations import Operations

# What takes no picture first, or several; ``offset`` is a grade on images (see ``circular_shift``).
NO_METHOD = {"affine_matrix", "contact_sheet", "dissolve", "mosaic", "offset", "pin_matrix"}
FUNCTIONS = sorted(name for name in ops.__all__ if inspect.isfunction(getattr(ops, name)))
METHODS = [name for name in FUNCTIONS if name not in NO_METHOD]

Shape = list[tuple[str, Any, Any]]


def shape(function: Any) -> Shape:
    """Names, kinds and defaults of the parameters after the first."""
    return [(p.name, p.kind, p.default) for p in list(inspect.signature(function).parameters.values())[1:]]


def test_every_operation_is_a_method_and_no_other() -> None:
    offered = {name for name in dir(Fluent) if not name.startswith("_")}
    assert offered == set(METHODS)
    assert issubclass(Image, Fluent)


def test_no_operation_hides_a_grade_or_a_property_of_the_image() -> None:
    grades = {name for name in vars(Operations) if not name.startswith("_")}
    assert set(METHODS) & grades == set()
    assert [name for name in METHODS if name in vars(Image)] == []


@pytest.mark.parametrize("name", METHODS)
def test_a_method_has_the_parameters_of_its_operation(name: str) -> None:
    assert shape(getattr(Image, name)) == shape(getattr(ops, name))


@pytest.mark.parametrize("name", METHODS)
def test_a_method_hands_everything_on(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def resolve(wanted: str) -> Any:
        return lambda *args, **kwargs: seen.append((wanted, args, kwargs))

    monkeypatch.setattr(_late, "picture_operation", resolve)
    image = Image(np.zeros((2, 2, 4), np.float32))
    marks = {p.name: object() for p in list(inspect.signature(getattr(ops, name)).parameters.values())[1:]}
    star = [p.name for p in inspect.signature(getattr(ops, name)).parameters.values() if p.kind is p.VAR_KEYWORD]
    getattr(image, name)(**marks)
    called, args, kwargs = seen[0]
    bound = inspect.signature(getattr(ops, name)).bind(*args, **kwargs).arguments
    assert called == name and args[0] is image
    given = {**{key: value for key, value in bound.items() if key not in star}, **(bound[star[0]] if star else {})}
    assert {key: given[key] for key in marks} == marks


def test_a_chain_reads_from_left_to_right() -> None:
    plate = Image(np.full((8, 8, 4), 0.25, np.float32))
    chained = plate.exposure(1).resize(scale=0.5).over(Image(np.ones((4, 4, 4), np.float32)))
    assert np.allclose(chained.numpy(), [1.25, 1.25, 1.25, 1.0])
