"""``python -m vfx.cli``: the same as the ``vfx`` command."""

import sys

from vfx.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    sys.exit(main())
