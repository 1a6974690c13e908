"""The page of the command line, from its own help."""

from __future__ import annotations

from pathlib import Path

import click

from _pages.writing import write
from giakit.cli import cli

_HEAD = """# Command line

`giakit` has the commands below; `giakit COMMAND --help` prints the same. Exit codes that all commands share: 0 done,
1 failed, 2 wrong use or an unreadable document, 3 the panel is locked by another build, 130 interrupted.
"""


def make(docs: Path) -> None:
    """Write the page."""
    parts = [_HEAD]
    with click.Context(cli, info_name="giakit") as above:
        for name in cli.list_commands(above):
            command = cli.get_command(above, name)
            if command is None or command.hidden:
                continue
            with click.Context(
                command, info_name=name, parent=above, max_content_width=80, terminal_width=80
            ) as context:
                parts.append(f"## {name}\n\n```text\n{command.get_help(context)}\n```\n")
    write(docs / "reference" / "commands.md", "\n".join(parts))
