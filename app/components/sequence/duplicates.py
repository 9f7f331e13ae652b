"""Image pairs that show the same thing, side by side, with the matched regions in green."""

from __future__ import annotations

import streamlit as st

from agpis.types import DuplicatePair
from app.components.drawing import LINE, draw_boxes, frame, square
from app.components.sequence.stages import Run
from app.components.text import name_of, plain, relation_words
from app.i18n import _

SIDE = 480


def duplicate_pairs(run: Run) -> None:
    """One card a violating pair; nothing when there is none."""
    pairs = run.result.duplicates
    if not pairs:
        return
    st.subheader(_("Duplicate pairs ({count})").format(count=len(pairs)), anchor=False)
    st.caption(_("Green boxes mark the regions found in both images."))
    grid = st.grid(2, min_column_width=300, gap="small", border=True)
    for pair in pairs:
        with grid.cell():
            _pair(run, pair)


def _pair(run: Run, pair: DuplicatePair) -> None:
    pixels = {image.file: image.pixels for image in run.product.images}
    similarity = _("similarity {value:.2f}").format(value=pair.similarity)
    st.markdown(
        f"**{relation_words(pair.relation)}** · {similarity}",
        help=_("1 is certain. Pairs that reach the duplicate threshold lose one image."),
    )
    sides = (
        (_("Kept"), pair.kept, [boxes[0] for boxes in pair.boxes]),
        (_("Removed"), pair.removed, [boxes[1] for boxes in pair.boxes]),
    )
    grid = st.grid(2, min_column_width=120, wrap=False, gap="xsmall")
    for word, file, boxes in sides:
        with grid.cell(), st.container(gap="xsmall"):
            shown = square(draw_boxes(pixels[file], boxes), SIDE)
            st.image(frame(shown, LINE, 1), width="stretch", alt=f"{word}: {file}")
            st.caption(f"{word}: {plain(name_of(file))}")
