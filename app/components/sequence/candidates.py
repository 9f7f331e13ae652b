"""Every candidate with its probabilities, its status, the reason for it, and orange boxes around what was added."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from agpis.types import ImageReport, ImageStatus, PipelineSettings
from app.components.drawing import LINE, ORANGE, RED, blank, draw_boxes, frame, square
from app.components.sequence.stages import Run
from app.components.sequence.why_not import why_not_button
from app.components.text import name_of, plain, sentence, status_words
from app.i18n import _

if TYPE_CHECKING:
    from agpis.pipeline import AgpisPipeline

SIDE = 320
FRAME = 6
TILE = 150
P_PRIMARY = r"$p^{\mathsf{primary}}$"
P_NONCOMPLIANT = r"$p^{\mathsf{nc}}$"


def candidates(run: Run, settings: PipelineSettings, pipeline: AgpisPipeline) -> None:
    """All candidates in three groups: those that stay, those removed, those that could not be read."""
    reports = run.result.images
    for heading, statuses in (
        (
            _("Candidates that stay") if run.result.sequence else _("Candidates"),
            (ImageStatus.SELECTED, ImageStatus.REMAINING),
        ),
        (_("Removed, and why"), (ImageStatus.REMOVED,)),
        (_("Files that could not be read"), (ImageStatus.UNREADABLE,)),
    ):
        group = [report for report in reports if report.status in statuses]
        if group:
            st.subheader(f"{heading} ({len(group)})", anchor=False)
            _grid(run, group, settings, pipeline)


def _grid(run: Run, reports: Sequence[ImageReport], settings: PipelineSettings, pipeline: AgpisPipeline) -> None:
    images = {image.file: image for image in run.product.images}
    grid = st.grid("auto", min_column_width=TILE, gap="small")
    for report in reports:
        with grid.cell():
            if report.file in images:
                boxes = [finding.box for finding in report.findings if finding.box is not None]
                shown = square(draw_boxes(images[report.file].pixels, boxes, ORANGE), SIDE)
                primary = report.file == run.primary
                st.image(
                    frame(shown, RED, FRAME) if primary else frame(shown, LINE, 1), width="stretch", alt=report.file
                )
            else:
                st.image(blank(SIDE), width="stretch", alt=report.file)
            _details(report, is_primary=report.file == run.primary)
            why_not_button(run, report.file, settings, pipeline)


def _details(report: ImageReport, *, is_primary: bool) -> None:
    words = status_words(report.status)
    with st.container(gap="xxsmall"):
        with st.container(horizontal=True, gap="xxsmall"):
            st.badge(words.label, icon=words.icon, color=words.colour)
            if is_primary:
                st.badge(_("Primary"), color="red")
        st.text(name_of(report.file), wrap=False)
        if report.p_primary is not None and report.p_noncompliant is not None:
            st.markdown(
                f":small[{P_PRIMARY} **{report.p_primary:.2f}** · {P_NONCOMPLIANT} **{report.p_noncompliant:.2f}**]"
            )
        st.caption(sentence(report.reason))
        for finding in report.findings:
            # The reason of a removed image may be this very finding, followed by its score.
            if not report.reason.startswith(finding.message.rstrip(".")):
                rule = " " + _("Rule {id}.").format(id=plain(finding.rule_id)) if finding.rule_id else ""
                st.caption(f":material/search: {sentence(finding.message)}{rule}")
