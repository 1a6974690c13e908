"""``python -m giakit``: the command line where ``giakit`` is not on the PATH."""

from __future__ import annotations

from giakit.cli import main

if __name__ == "__main__":
    main()
