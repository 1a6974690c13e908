"""Makes the helpers beside the tests importable, in workers too: they take over this path."""

from __future__ import annotations

import sys
from pathlib import Path

for folder in ("", "faults"):
    sys.path.insert(0, str(Path(__file__).parent / folder))
