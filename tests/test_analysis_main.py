"""`python -m analysis`: its commands, the page that lists them, and how expected errors end."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from typer.main import get_command

from analysis.__main__ import app

ROOT = Path(__file__).parents[1]


def test_the_page_names_every_command_and_no_other() -> None:
    page = (ROOT / "docs/analysis.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z-]+) (?:TABLE|OLD NEW|--base)", page))
    assert named == set(get_command(app).commands)  # type: ignore[attr-defined]


def test_an_expected_error_is_one_line_and_ends_with_two(tmp_path: Path) -> None:
    missing = tmp_path / "nothing.parquet"
    command = [sys.executable, "-m", "analysis", "metrics", str(missing)]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"analysis: {missing}: no such file")
    assert len(ended.stderr.splitlines()) == 1
    assert "Traceback" not in ended.stderr
