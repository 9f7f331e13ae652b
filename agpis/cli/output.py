"""How commands print what they did."""

from __future__ import annotations

import json
import sys

from agpis.types import to_json


def print_json(value: object) -> None:
    """Print a result as one line of JSON on standard output."""
    sys.stdout.write(json.dumps(to_json(value), ensure_ascii=False) + "\n")
