"""CONTRIBUTING.md says what works: its worked example is carried out on a copy, its links lead somewhere."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest
import typer

from agpis.cli import app

ROOT = Path(__file__).parents[1]


def insert(path: Path, before: str, text: str) -> None:
    content = path.read_text(encoding="utf-8")
    assert content.count(before) == 1, f"{before!r} is not the one place in {path.name}"
    path.write_text(content.replace(before, text + before), encoding="utf-8")


def test_the_worked_example_adds_a_rule(tmp_path: Path) -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rule, predicate, wording, test = (
        dedent(block) for block in re.findall(r"^   ```(?:yaml|python)\n(.*?)^   ```", page, re.DOTALL | re.MULTILINE)
    )
    shutil.copytree(ROOT / "agpis", tmp_path / "agpis", ignore=shutil.ignore_patterns("__pycache__"))
    insert(tmp_path / "agpis/rules/default.yaml", "  - {id: other,", indent(rule, "  "))
    insert(tmp_path / "agpis/simulation/predicates/multi.py", '@register("primary_not_front")', predicate + "\n\n")
    insert(tmp_path / "agpis/simulation/wording.py", '    "cropped_full_view": (', indent(wording, "    "))
    (tmp_path / "test_example.py").write_text(test, encoding="utf-8")

    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_example.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


PAGES = ["README.md", "CONTRIBUTING.md", "docs/muisc.md"]


@pytest.mark.parametrize("page", [*PAGES, "docs/duplicates.md"])
def test_links_lead_somewhere(page: str) -> None:
    targets = re.findall(r"\]\(([^)]+)\)", (ROOT / page).read_text(encoding="utf-8"))
    local = [target.split("#")[0] for target in targets if not target.startswith("http")]
    assert len(local) > 5
    assert [target for target in local if not (ROOT / page).parent.joinpath(target).exists()] == []


@pytest.mark.parametrize("page", [*PAGES, "docs/published-checkpoint.md", "docs/evidence.md"])
def test_commands_take_the_options_that_are_shown(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8").replace("\\\n", " ")
    commands = [shlex.split(found) for found in re.findall(r"python -m agpis ([^`\n]+)", text)]
    assert commands
    for words in commands:
        command: Any = typer.main.get_command(app)
        while hasattr(command, "commands") and not (command.invoke_without_command and words[0].startswith("--")):
            command = command.commands[words.pop(0)]
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known


def test_every_switch_of_muisc_is_explained() -> None:
    text = (ROOT / "docs/muisc.md").read_text(encoding="utf-8")
    command: Any = typer.main.get_command(app)
    options = [
        option
        for parameter in command.commands["train"].params
        if (getattr(parameter, "rich_help_panel", None) or "").startswith("MUIsC")
        for option in parameter.opts
    ]
    assert len(options) > 10
    assert [option for option in options if f"`{option}" not in text] == []
