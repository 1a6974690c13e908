"""From files to a panel: list, hash, read in batches, merge, commit."""

from __future__ import annotations

from giakit.building.errors import BuildInterrupted, BuildStopped
from giakit.building.pool import InProcess
from giakit.building.run import build

__all__ = ["BuildInterrupted", "BuildStopped", "InProcess", "build"]
