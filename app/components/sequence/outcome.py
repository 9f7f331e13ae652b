"""The headline: what happened and why, p^t against th^t, and the final sequence in order."""

from __future__ import annotations

import streamlit as st

from agpis.types import SequenceResult
from analysis.figures import submission_figure
from app.components.drawing import LINE, RED, frame, square
from app.components.sequence.candidates import FRAME, SIDE
from app.components.sequence.stages import Run
from app.components.text import OUTCOMES, name_of, plain, sentence

# A row holds this many images at most, so that they stay large on a wide screen and side by side on a phone.
ROW = 5


def headline(result: SequenceResult) -> None:
    """One card: the outcome in plain words, its reason, and p^t against th^t."""
    with st.container(border=True):
        if result.p_qualified is None:
            _verdict(result)
            return
        left, right = st.columns([5, 6], gap="medium", vertical_alignment="center")
        with left:
            _verdict(result)
        with right:
            st.plotly_chart(
                submission_figure(result), key="submission", config={"displayModeBar": False, "staticPlot": True}
            )


def _verdict(result: SequenceResult) -> None:
    words = OUTCOMES[result.outcome]
    with st.container(gap="xsmall"):
        st.badge(words.label, icon=words.icon, color=words.colour)
        st.subheader(words.sentence, anchor=False)
        st.markdown(sentence(result.reason))
        if words.remedy:
            st.markdown(f":material/lightbulb: {words.remedy}")
        for note in result.notes:
            st.caption(sentence(note))


def final_sequence(run: Run) -> None:
    """The images of I^t, numbered, in order; nothing when there is no sequence."""
    sequence = run.result.sequence
    if not sequence:
        return
    st.subheader(f"The sequence: {len(sequence)} image{'s' if len(sequence) > 1 else ''} in order", anchor=False)
    images = {image.file: image for image in run.product.images}
    grid = st.grid(max(3, min(len(sequence), ROW)), min_column_width=96, wrap=False, gap="small")
    for place, file in enumerate(sequence, start=1):
        with grid.cell(), st.container(gap="xsmall"):
            shown = square(images[file].pixels, SIDE * 2)
            shown = frame(shown, RED, FRAME * 2) if place == 1 else frame(shown, LINE, 2)
            st.image(shown, width="stretch", alt=f"Image {place} of the sequence: {file}")
            st.markdown(f"**{place}** · Primary" if place == 1 else f"**{place}**")
            st.caption(plain(name_of(file)), wrap=False)
