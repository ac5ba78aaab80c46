"""Previews in file headers as images."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

import vfx
from vfx.io import exr
from vfx.io.preview import image_of
from vfx.metadata import Preview


def test_a_preview_is_an_image_over_its_bytes() -> None:
    preview = Preview(3, 2, bytes(range(24)))
    stream = io.BytesIO()
    exr.write(stream, vfx.Image(np.zeros((2, 2, 3), np.float16), metadata={"exr:preview": preview}))
    image = image_of(exr.read(stream.getvalue()).metadata["exr:preview"])
    assert (image.width, image.height, image.channel_names, image.format) == (3, 2, ("R", "G", "B", "A"), "u8")
    assert image.pixels[1, 0].tolist() == [12, 13, 14, 15]
    assert np.shares_memory(image_of(preview).numpy(), np.frombuffer(preview.rgba, np.uint8))


@pytest.mark.parametrize(("given", "kind"), [(b"abc", TypeError), (Preview(2, 2, b"abc"), ValueError),
                                             (Preview(0, 0, b""), ValueError)])  # fmt: skip
def test_what_is_no_preview_is_refused(given: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        image_of(given)
