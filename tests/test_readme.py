"""What the README shows is carried out: its Python prints what it says, its commands answer."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def run(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_python_example_prints_what_the_readme_says() -> None:
    (example,) = blocks("python")
    (shown,) = blocks("text")
    assert run(sys.executable, "-c", example) == shown


COMMANDS = [line for block in blocks("bash") for line in block.splitlines() if line.startswith("python -m agpis")]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_answer(command: str) -> None:
    output = run(sys.executable, *command.split()[1:])
    if "--json" in command:
        results = [json.loads(line) for line in output.splitlines()]
        assert [result["product_id"] for result in results] == ["sample-mug", "sample-backpack"]
        assert all(len(result["rule_probabilities"]) in (0, 45) for result in results)
        assert {"outcome", "reason", "sequence", "p_qualified", "threshold", "feedback", "timings"} <= set(results[0])
    else:
        assert "sample-mug" in output
        assert "images/mug-1.jpg" in output
