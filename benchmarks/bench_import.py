"""``import vfx`` against ``import numpy``, each in a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys

from harness import Job


def _run(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True)


def jobs() -> list[Job]:
    """The import may take 1.4 times as long as NumPy's (a ratio of 1/1.4), also when its first names are used."""
    cases = {
        "import vfx": "import vfx",
        "import vfx, and use Image, Look and read": "import vfx; vfx.Image, vfx.Look, vfx.read",
    }
    return [
        Job(
            name=name,
            peer="import numpy",
            target=(round(1 / 1.4, 2), round(1 / 1.4, 2)),
            ours=lambda _, code=code: _run(code),
            theirs=lambda _: _run("import numpy"),
            threads=(1,),
        )
        for name, code in cases.items()
    ]
