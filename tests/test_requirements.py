"""What is imported is pinned, and both lists of dependencies tell the same story."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE = ("agpis", "analysis", "app", "streamlit_app.py")
OWN = {"agpis", "analysis", "app", "benchmarks", "streamlit_app"}
# Where the name to import differs from the name to install.
DISTRIBUTIONS = {"PIL": "pillow", "cv2": "opencv-contrib-python-headless", "sklearn": "scikit-learn", "yaml": "pyyaml"}


def lines(file: str) -> list[str]:
    text = (ROOT / file).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def pins(file: str) -> dict[str, str]:
    """Name in lower case -> version, without the lists that the file includes."""
    found = {}
    for line in lines(file):
        if not line.startswith("-r "):
            name, _, version = line.partition("==")
            found[name.lower()] = version
    return found


def imported(places: tuple[str, ...]) -> dict[str, str]:
    """Name to install -> a file that imports it, of everything outside the standard library."""
    found = {}
    for place in places:
        path = ROOT / place
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    modules.append(node.module)
                for module in (module.split(".")[0] for module in modules):
                    if module not in sys.stdlib_module_names and module not in OWN:
                        found[DISTRIBUTIONS.get(module, module.replace("_", "-"))] = str(file.relative_to(ROOT))
    return found


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^\w.-]", requirement)[0].lower() for requirement in requirements}


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_exactly(file: str) -> None:
    for line in lines(file):
        assert re.fullmatch(r"-r requirements\.txt|[\w.-]+==\d[\w.]*", line), line


def test_what_the_code_imports_is_required() -> None:
    missing = {name: file for name, file in imported(CODE).items() if name not in pins("requirements.txt")}
    assert missing == {}


def test_what_the_benchmarks_import_is_required_for_development() -> None:
    pinned = pins("requirements.txt") | pins("requirements-dev.txt")
    assert {name: file for name, file in imported(("benchmarks",)).items() if name not in pinned} == {}


def test_the_package_declares_the_same_dependencies() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [requirement for extra in project["optional-dependencies"].values() for requirement in extra]
    assert names([*project["dependencies"], *extras]) == set(pins("requirements.txt"))
