"""How commands print what they did."""

from __future__ import annotations

import json
import sys

from rich.console import Console

from agpis.types import to_json

_PIPE_WIDTH = 140


def print_json(value: object) -> None:
    """Print a result as one line of JSON on standard output."""
    sys.stdout.write(json.dumps(to_json(value), ensure_ascii=False) + "\n")


def output_console() -> Console:
    """Standard output for tables; a pipe has no width of its own, and 80 columns would break every file name."""
    return Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH)
