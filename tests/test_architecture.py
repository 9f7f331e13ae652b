"""The one direction of imports: streamlit_app -> app -> analysis -> agpis, and inside agpis from the top floor down.

Each check is a function from a source tree to the list of its violations; it runs on this repository, where it must
find none, and on small wrong trees, where it must find the wrong.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# From the ground up. A file imports from floors below its own, and from its own package.
PROJECT_FLOORS = (("agpis",), ("analysis",), ("app",), ("streamlit_app", "benchmarks"))
AGPIS_FLOORS = (
    ("errors", "reasons"),
    ("types", "rules", "bundled", "model_version"),
    ("images", "backbones"),
    ("data",),
    ("stage1", "muisc", "model_files"),
    ("alternatives", "explain", "model_folder", "model_facts", "reporting", "packing", "threshold_in_force"),
    ("own_order",),
    ("pipeline", "simulation"),
    ("training", "loop", "predict", "store", "draws"),
    ("catalogue",),
    ("console",),
    ("cli",),
    ("__main__",),
)
# What must not be loaded for tables of predictions, and what only the app may use.
FORBIDDEN = {
    "analysis": {"torch", "torchvision", "timm", "transformers", "streamlit", "gradio"},
    "agpis": {"streamlit", "gradio"},
}
FRONT_ENDS = {"cli", "console", "__main__"}


def sources(root: Path) -> Iterator[tuple[tuple[str, ...], ast.Module]]:
    """Dotted name in parts and syntax tree of every file of the project."""
    for floor in PROJECT_FLOORS:
        for name in floor:
            for path in sorted((root / name).rglob("*.py")) or sorted(root.glob(f"{name}.py")):
                parts = path.relative_to(root).with_suffix("").parts
                yield parts, ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(parts: tuple[str, ...], tree: ast.Module) -> Iterator[tuple[str, ...]]:
    """Everything a file imports, anywhere in it, as parts of the dotted name, imported names included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = parts[: len(parts) - node.level] if node.level else ()
            module = start + tuple(node.module.split(".") if node.module else ())
            yield from ((*module, alias.name) for alias in node.names)


def floor_of(name: str, floors: tuple[tuple[str, ...], ...]) -> int | None:
    return next((index for index, floor in enumerate(floors) if name in floor), None)


def project_violations(root: Path) -> list[str]:
    """Imports from a higher package, or from one beside it."""
    found = []
    for parts, tree in sources(root):
        own = floor_of(parts[0], PROJECT_FLOORS)
        for imported in imports(parts, tree):
            other = floor_of(imported[0], PROJECT_FLOORS)
            if own is not None and other is not None and other >= own and imported[0] != parts[0]:
                found.append(f"{'/'.join(parts)}.py imports {'.'.join(imported)}")
    return found


def agpis_violations(root: Path) -> list[str]:
    """Imports inside agpis that do not go down, and files that stand on no floor."""
    found = []
    for parts, tree in sources(root):
        if parts[0] != "agpis" or parts == ("agpis", "__init__"):
            continue
        file, own = "/".join(parts) + ".py", floor_of(parts[1], AGPIS_FLOORS)
        if own is None:
            found.append(f"{file} stands on no floor; add {parts[1]} to AGPIS_FLOORS")
            continue
        for imported in imports(parts, tree):
            name = imported[1] if len(imported) > 1 else ""
            if imported[0] != "agpis" or name in (parts[1], "__version__"):
                continue
            other = floor_of(name, AGPIS_FLOORS)
            if other is None or other >= own:
                found.append(f"{file} imports {'.'.join(imported)}")
    return found


def forbidden_libraries(root: Path) -> list[str]:
    """Imports of libraries that a package must do without."""
    return [
        f"{'/'.join(parts)}.py imports {'.'.join(imported)}"
        for parts, tree in sources(root)
        for imported in imports(parts, tree)
        if imported[0] in FORBIDDEN.get(parts[0], set())
    ]


def library_output(root: Path) -> list[str]:
    """Calls of print, and configuration of logging, outside the front ends."""
    found = []
    for parts, tree in sources(root):
        if parts[0] not in ("agpis", "analysis", "app") or parts[-1] in FRONT_ENDS:
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            function = node.func
            prints = isinstance(function, ast.Name) and function.id == "print"
            configures = isinstance(function, ast.Attribute) and function.attr in ("basicConfig", "addHandler")
            if prints or configures:
                found.append(f"{'/'.join(parts)}.py:{node.lineno} calls {ast.unparse(function)}")
    return found


# -- this repository ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("check", [project_violations, agpis_violations, forbidden_libraries, library_output])
def test_this_repository_keeps_the_rule(check: Callable[[Path], list[str]]) -> None:
    assert check(ROOT) == []


def test_the_checks_see_this_repository() -> None:
    seen = {parts for parts, _ in sources(ROOT)}
    assert {("agpis", "images"), ("agpis", "rules", "taxonomy"), ("streamlit_app",)} <= seen


def test_the_router_of_the_app_is_short() -> None:
    assert len((ROOT / "streamlit_app.py").read_text(encoding="utf-8").splitlines()) < 40


def loaded_after(statement: str) -> set[str]:
    command = [sys.executable, "-c", f"{statement}\nimport sys\nsys.stdout.write(' '.join(sys.modules))"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
    return set(done.stdout.split())


def test_importing_agpis_and_its_lower_floors_loads_no_torch() -> None:
    low = ("types", "rules", "images", "data", "stage1", "muisc", "explain")
    loaded = loaded_after(f"import agpis, {', '.join(f'agpis.{name}' for name in low)}")
    assert "agpis.images" in loaded
    assert not loaded & {"torch", "transformers", "timm", "cv2", "streamlit"}


def test_the_simulation_loads_torch_only_to_damage_a_picture() -> None:
    loaded = loaded_after("import agpis.cli, agpis.simulation.simulate, agpis.simulation.defects")
    assert "agpis.simulation.defects" in loaded
    assert not loaded & {"torch", "kornia"}


def test_importing_analysis_loads_no_torch() -> None:
    modules = sorted(".".join(parts) for parts, _ in sources(ROOT) if parts[0] == "analysis" and parts[-1][0] != "_")
    loaded = loaded_after(f"import {', '.join(['analysis', *modules])}")
    assert set(modules) <= loaded
    assert not loaded & {"torch", "transformers", "timm", "streamlit"}


# -- wrong trees --------------------------------------------------------------------------------------------------


def plant(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def test_an_import_that_runs_up_between_packages_is_found(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "agpis/images.py": "def late():\n    from app.state import x\n",
            "analysis/metrics.py": "import app.loaders\nimport agpis.types\n",
            "app/state.py": "from analysis.metrics import x\nfrom agpis.types import Box\nfrom app import loaders\n",
            "benchmarks/table.py": "import app.state\nimport streamlit_app\n",
            "streamlit_app.py": "from app import state\n",
        },
    )
    assert project_violations(tmp_path) == [
        "agpis/images.py imports app.state.x",
        "analysis/metrics.py imports app.loaders",
        "benchmarks/table.py imports streamlit_app",
    ]


def test_an_import_that_runs_up_inside_agpis_is_found(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "agpis/errors.py": "from agpis.types import Box\n",
            "agpis/types.py": "from agpis.errors import AgpisError\n",
            "agpis/stage1/selection.py": "from .classifier import A\nfrom ..muisc.scoring import B\n",
            "agpis/stage1/assessment.py": "from agpis import images, types\n",
            "agpis/muisc/scoring.py": "from agpis import pipeline, __version__\n",
            "agpis/pipeline.py": "import agpis\nfrom agpis.stage1.selection import select\n",
            "agpis/cli.py": "import agpis.pipeline\nfrom agpis.cli import x\n",
        },
    )
    assert agpis_violations(tmp_path) == [
        "agpis/errors.py imports agpis.types.Box",
        "agpis/muisc/scoring.py imports agpis.pipeline",
        "agpis/pipeline.py imports agpis",
        "agpis/stage1/selection.py imports agpis.muisc.scoring.B",
    ]


def test_a_file_without_a_floor_is_found(tmp_path: Path) -> None:
    plant(tmp_path, {"agpis/helpers.py": "x = 1\n", "agpis/__init__.py": "from agpis.anything import x\n"})
    assert agpis_violations(tmp_path) == ["agpis/helpers.py stands on no floor; add helpers to AGPIS_FLOORS"]


def test_a_forbidden_library_is_found(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "analysis/metrics.py": "if True:\n    import torch.nn\nimport numpy\n",
            "agpis/pipeline.py": "import torch\nfrom streamlit import cache_data\n",
            "app/state.py": "import streamlit\n",
        },
    )
    assert forbidden_libraries(tmp_path) == [
        "agpis/pipeline.py imports streamlit.cache_data",
        "analysis/metrics.py imports torch.nn",
    ]


def test_output_of_a_library_is_found(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "agpis/images.py": "print(1)\n",
            "agpis/cli.py": "print(1)\n",
            "agpis/data/catalog.py": "import logging\nlogging.basicConfig()\nconsole.print(1)\n'print('\n",
        },
    )
    assert library_output(tmp_path) == [
        "agpis/data/catalog.py:2 calls logging.basicConfig",
        "agpis/images.py:1 calls print",
    ]
