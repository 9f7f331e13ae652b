"""What commands write: JSON and figures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import plotly.graph_objects as go

from analysis.errors import AnalysisError


def write_text(path: Path, text: str) -> None:
    """Write a file.

    Raises:
        AnalysisError: when it cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise AnalysisError(f"{path} cannot be written: {error}") from error


def write_figures(folder: Path, figures: Mapping[str, go.Figure]) -> None:
    """Write each figure as `<name>.html` into a folder, made when missing; they share one copy of plotly's script.

    Raises:
        AnalysisError: when it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, figure in figures.items():
            figure.write_html(folder / f"{name}.html", include_plotlyjs="directory")
    except OSError as error:
        raise AnalysisError(f"{folder} cannot be written: {error}") from error
