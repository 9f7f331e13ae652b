"""The written feedback, the two readings of p^t, and where the model looked for each word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from agpis.bundled import model_folder
from agpis.types import SequenceResult
from app import loaders
from app.components.drawing import overlay_heat
from app.components.sequence.stages import Run
from app.components.text import name_of, plain
from app.i18n import _

if TYPE_CHECKING:
    from agpis.pipeline import AgpisPipeline

SIDE = 400


def feedback(run: Run, pipeline: AgpisPipeline) -> None:
    """Feedback, p^mcc beside p^nlg, and attention; for a run that was scored."""
    st.subheader(_("Written feedback"), anchor=False)
    _readings(run.result)
    if run.result.feedback:
        _attention(run, run.result.feedback, pipeline)


def _readings(result: SequenceResult) -> None:
    if result.feedback:
        st.markdown(f"> {plain(result.feedback)}")
    else:
        st.caption(_("The model wrote nothing about this sequence."))
    left, right = st.columns(2, wrap=False)
    with left:
        st.metric(
            _("Classifier $p^{mcc}$"), _percent(result.p_qualified), border=True,
            help=_("Probability of the class qualified. This is $p^t$, which decides."),
        )  # fmt: skip
    with right:
        st.metric(
            _("Writer $p^{nlg}$"), _percent(result.p_nlg_qualified), border=True,
            help=_('Probability that the written feedback is "yes": a second reading of the same question.'),
        )  # fmt: skip


def _percent(value: float | None) -> str:
    return _("not read") if value is None else f"{value:.2f}"


@st.fragment
def _attention(run: Run, text: str, pipeline: AgpisPipeline) -> None:
    with st.spinner(_("Tracing the words back to the images")):
        words = loaders.attend(
            run.request.key,
            run.product.title,
            run.result.sequence,
            text,
            model_folder(),
            pipeline,
            run.product,
        ).value
    if not words:
        return
    chosen = st.pills(
        _("Where did the model look when it wrote …"),
        range(len(words)),
        format_func=lambda index: plain(words[index].word),
        default=0,
        required=True,
        key="attention_word",
    )
    pixels = {image.file: image.pixels for image in run.product.images}
    grid = st.grid(max(2, min(len(run.result.sequence), 3)), min_column_width=96, wrap=False, gap="xsmall")
    for file, heat in zip(run.result.sequence, words[chosen].maps, strict=True):
        with grid.cell(), st.container(gap="xsmall"):
            st.image(
                overlay_heat(pixels[file], heat, SIDE), width="stretch", alt=_("Attention on {file}").format(file=file)
            )
            st.caption(plain(name_of(file)), wrap=False)
    st.caption(_("Bright is where the word took its evidence from, dark is where it took none."))
