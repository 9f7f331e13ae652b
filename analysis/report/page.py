"""A report as one HTML file: no other file, nothing fetched. Jinja escapes whatever comes from a table."""

from __future__ import annotations

from importlib.resources import files

import plotly.graph_objects as go
from jinja2 import Environment, StrictUndefined
from plotly.offline import get_plotlyjs

from analysis.report.content import FigureBlock, GalleryBlock, Report, TableBlock, TextBlock

_KINDS = {TextBlock: "text", TableBlock: "table", FigureBlock: "figure", GalleryBlock: "gallery"}


def render(report: Report) -> str:
    """The page, a few megabytes: plotly's script is part of it."""
    template = files("analysis.report").joinpath("page.html.jinja").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["kind"] = lambda block: _KINDS[type(block)]
    environment.filters["plot"] = _plot
    return environment.from_string(template).render(report=report, script=get_plotlyjs())


def _plot(figure: go.Figure) -> str:
    # plotly writes its own markup; text from tables was escaped where the figure was made
    settings = {"displaylogo": False, "responsive": True}
    return str(figure.to_html(full_html=False, include_plotlyjs=False, config=settings))
