"""ID manifests: those that OpenEXR writes, and those that it reads."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vfx
from vfx.io import exr
from vfx.io.idmanifest import IDGroup, IDManifest, decode, encode
from vfx.metadata import Opaque


def example() -> IDManifest:
    """Long and short texts, shared beginnings, gaps of every width, two groups."""
    names = [
        "",
        "a",
        "a/b",
        "a/b/c",
        "é",
        "x" * 300,
        "x" * 300 + "y",
        "x" * 300 + "z",
        *(f"obj{i}" for i in range(200)),
    ]
    ids = [0, 1, 127, 128, 2**14, 2**21, 2**32 - 1, 2**32, *range(2**40, 2**40 + 199), 2**64 - 1]
    table = {number: (name, names[-1 - place]) for place, (number, name) in enumerate(zip(ids, names, strict=False))}
    return IDManifest([
        IDGroup(["id.G", "id.R"], ["name", "material"], table, lifetime="shot", hash_scheme="custom",
                encoding_scheme="id2"),
        IDGroup(["crypto00.R"], ["name"], {5: "car", 9: "obj7"}, hash_scheme="MurmurHash3_32"),
    ])  # fmt: skip


def by_wheel(manifest: IDManifest) -> Any:
    """The same as OpenEXR's own object."""
    import OpenEXR

    made = OpenEXR.IDManifest()
    for group in manifest.groups:
        one = OpenEXR.ChannelGroupManifest()
        one.setChannels(set(group.channels))
        one.setComponents(list(group.components))
        one.setLifetime(("frame", "shot", "stable").index(group.lifetime))
        one.setHashScheme(group.hash_scheme)
        one.setEncodingScheme(group.encoding_scheme)
        for identity, texts in group.table.items():
            one.insert(identity, list(texts))
        made.add(one)
    return made


def facts(made: Any) -> list[Any]:
    """What OpenEXR's object says."""
    found = []
    for index in range(made.size()):
        group = made[index]
        table = {entry.id(): tuple(entry.text()) for entry in group}
        found.append((tuple(sorted(group.getChannels())), tuple(group.getComponents()), int(group.getLifetime()),
                      group.getHashScheme(), group.getEncodingScheme(), table))  # fmt: skip
    return found


def expected(manifest: IDManifest) -> list[Any]:
    """The same of ours."""
    return [(group.channels, group.components, ("frame", "shot", "stable").index(group.lifetime), group.hash_scheme,
             group.encoding_scheme, group.table) for group in manifest.groups]  # fmt: skip


def pixels() -> np.ndarray[Any, Any]:
    return np.zeros((2, 3, 3), np.float16)


def test_openexr_reads_what_we_write(tmp_path: Path) -> None:
    import OpenEXR

    manifest = example()
    image = vfx.Image(pixels(), metadata={"exr:idManifest": manifest})
    exr.write(tmp_path / "a.exr", image)
    with OpenEXR.File(str(tmp_path / "a.exr")) as file:
        assert facts(file.header()["idManifest"]) == expected(manifest)
    assert vfx.read(tmp_path / "a.exr").metadata["exr:idManifest"] == manifest


def test_we_read_what_openexr_writes_and_keep_its_bytes(tmp_path: Path) -> None:
    import OpenEXR

    header = {"type": OpenEXR.scanlineimage, "idManifest": by_wheel(example())}
    OpenEXR.File(header, {"RGB": pixels()}).write(str(tmp_path / "a.exr"))
    image = vfx.read(tmp_path / "a.exr")
    found = image.metadata["exr:idManifest"]
    assert found == example()
    assert found.texts("id.R", 127) == example().groups[0].table[127] and found.texts("id.R", 3) is None
    exr.write(tmp_path / "b.exr", image)
    stored = encode(found)
    assert stored in (tmp_path / "a.exr").read_bytes() and stored in (tmp_path / "b.exr").read_bytes()
    changed = replace(found, groups=found.groups[1:])
    assert decode(encode(changed)) == IDManifest(example().groups[1:]) and decode(encode(replace(found))) == found


def test_a_size_of_32_bits_is_read_too() -> None:
    stored = encode(example())
    assert decode(stored[:4] + stored[8:]) == example()


def test_an_empty_manifest_survives() -> None:
    for manifest in (IDManifest(), IDManifest([IDGroup(["a"], ["name"], {})])):
        assert decode(encode(manifest)) == manifest


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [((["a"], ["name"], {1: ("x", "y")}), "needs 1 texts"), ((["a"], ["name"], {-1: "x"}), "between 0"),
     ((["a"], ["name"], {2**64: "x"}), "between 0")],
)  # fmt: skip
def test_groups_are_checked(arguments: tuple[Any, ...], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        IDGroup(*arguments)
    with pytest.raises(ValueError, match="lifetime must be one of"):
        IDGroup(["a"], ["name"], {}, lifetime="forever")


def damaged() -> list[bytes]:
    """Truncations, flipped bits and bombs, packed again so that zlib lets them through."""
    plain = zlib.decompress(encode(example())[8:])
    random = np.random.default_rng(4)
    made = [plain[:cut] for cut in range(0, len(plain), 97)]
    for _ in range(300):
        changed = bytearray(plain)
        changed[int(random.integers(0, len(plain)))] ^= 1 << int(random.integers(0, 8))
        made.append(bytes(changed))
    # A long text and very many that share all of it, and runs of strings that overlap without end.
    many = 200_000
    made.append(struct.pack("<II", 0, many) + b"\xff\xff\x03" + b"\2" * (many - 1) + b"x" * 65535
                + b"\xff\xff" * (many - 1))  # fmt: skip
    made.append(struct.pack("<II", 0, 2) + b"\1\2a\1b" + struct.pack("<I", 90_000) + struct.pack("<ii", 0, 1) * 90_000)
    made.append(struct.pack("<II", 0, 2**32 - 1))
    return [struct.pack("<Q", len(one)) + zlib.compress(one) for one in made]


def test_damaged_manifests_are_errors_or_manifests_never_floods() -> None:
    refused = 0
    for data in damaged():
        try:
            assert isinstance(decode(data), IDManifest)
        except ValueError:
            refused += 1
    assert refused > 100
    for data in (b"", b"abc", struct.pack("<I", 50) + b"no zlib", struct.pack("<I", 2**31)):
        with pytest.raises(ValueError, match="ID manifest"):
            decode(data)


def test_a_damaged_manifest_stays_bytes_in_the_metadata() -> None:
    broken = Opaque("idmanifest", b"\1\0\0\0broken")
    stream = io.BytesIO()
    exr.write(stream, vfx.Image(pixels(), metadata={"exr:idManifest": broken}))
    assert exr.read(stream.getvalue()).metadata["exr:idManifest"] == broken
