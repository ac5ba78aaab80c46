"""Every entry of the late-binding tables leads to a function that exists."""

from __future__ import annotations

import pytest

from vfx import _late


@pytest.mark.parametrize("operation", sorted(_late.BUILDERS))
def test_every_builder_exists(operation: str) -> None:
    assert callable(_late.builder(operation))


@pytest.mark.parametrize("name", sorted(_late.FUNCTIONS))
def test_every_function_exists(name: str) -> None:
    assert callable(_late.function(name))


def test_an_unknown_name_raises() -> None:
    with pytest.raises(KeyError):
        _late.builder("no such operation")
