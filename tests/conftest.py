"""Makes the helpers beside the tests importable, in workers too: they take over this path."""

from __future__ import annotations

import sys
from pathlib import Path

import hypothesis

for folder in ("", "faults"):
    sys.path.insert(0, str(Path(__file__).parent / folder))

# A busy machine must not fail a law; examples are the same in every run.
hypothesis.settings.register_profile("giakit", deadline=None, derandomize=True)
hypothesis.settings.load_profile("giakit")
