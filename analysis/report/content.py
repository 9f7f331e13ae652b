"""What a report holds, before it becomes a page: sections of text, tables, figures and galleries."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A paragraph; `warning` sets it apart."""

    text: str
    warning: bool = False


@dataclass(frozen=True, slots=True)
class TableBlock:
    """A table, every cell as text.

    Attributes:
        caption: what it shows and how it is read.
        header: names of the columns.
        rows: cells, each row as long as `header`.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class FigureBlock:
    """A figure; `caption` tells how it is read."""

    caption: str
    figure: go.Figure


@dataclass(frozen=True, slots=True)
class Card:
    """One sequence of a gallery.

    Attributes:
        images: data URIs, empty text where a file was not found.
        heading: p^t and verdict.
        lines: title, reviewer's feedback and the like.
    """

    images: tuple[str, ...]
    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GalleryBlock:
    """Sequences with their images."""

    caption: str
    cards: tuple[Card, ...]


Block = TextBlock | TableBlock | FigureBlock | GalleryBlock


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report.

    Attributes:
        anchor: of the table of contents.
        title: as a question or a thing.
        blocks: from top to bottom.
    """

    anchor: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report.

    Attributes:
        title: of the page.
        facts: name and value of what the table is.
        sections: in order.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
