"""The headline: what happened and why, p^t against th^t, and the final sequence in order."""

from __future__ import annotations

import streamlit as st

from analysis.figures import submission_figure
from app.components.drawing import LINE, RED, frame, square
from app.components.sequence.candidates import FRAME, SIDE
from app.components.sequence.stages import Run
from app.components.text import name_of, outcome_words, plain, sentence
from app.i18n import _, ngettext

# A row holds this many images at most, so that they stay large on a wide screen and side by side on a phone.
ROW = 5


def headline(run: Run) -> None:
    """One card: the outcome in plain words, its reason, and p^t against th^t."""
    with st.container(border=True):
        if run.result.p_qualified is None:
            _verdict(run)
            return
        left, right = st.columns([5, 6], gap="medium", vertical_alignment="center")
        with left:
            _verdict(run)
        with right:
            st.plotly_chart(
                submission_figure(run.result, _("threshold")),
                key="submission",
                config={"displayModeBar": False, "staticPlot": True},
            )


def _verdict(run: Run) -> None:
    words = outcome_words(run.result.outcome)
    with st.container(gap="xsmall"):
        with st.container(horizontal=True, gap="xsmall"):
            st.badge(words.label, icon=words.icon, color=words.colour)
            if run.is_own:
                st.badge(_("Your own order"), icon=":material/touch_app:", color="blue")
        st.subheader(words.sentence, anchor=False)
        st.markdown(
            sentence(run.result.reason),
            help=_(
                "$p^t$ is the probability that a reviewer accepts the sequence; from the threshold $th^t$ on it is "
                "submitted."
            ),
        )
        if words.remedy:
            st.markdown(f":material/lightbulb: {words.remedy}")
        against = {objection.reason for objection in run.objections}
        for note in run.result.notes:
            if note not in against:
                st.caption(sentence(note))
        for reason in against:
            st.caption(f":orange[:material/report:] {sentence(reason)}")


def final_sequence(run: Run) -> None:
    """The images of I^t, numbered, in order; nothing when there is no sequence."""
    sequence = run.result.sequence
    if not sequence:
        return
    st.subheader(_heading(len(sequence), own=run.is_own), anchor=False)
    images = {image.file: image for image in run.product.images}
    grid = st.grid(max(3, min(len(sequence), ROW)), min_column_width=96, wrap=False, gap="small")
    for place, file in enumerate(sequence, start=1):
        with grid.cell(), st.container(gap="xsmall"):
            shown = square(images[file].pixels, SIDE * 2)
            shown = frame(shown, RED, FRAME * 2) if place == 1 else frame(shown, LINE, 2)
            alt = _("Image {place} of the sequence: {file}").format(place=place, file=file)
            st.image(shown, width="stretch", alt=alt)
            primary = _("Primary")
            st.markdown(f"**{place}** · {primary}" if place == 1 else f"**{place}**")
            st.caption(plain(name_of(file)), wrap=False)


def _heading(count: int, *, own: bool) -> str:
    if own:
        return ngettext("Your sequence: {count} image", "Your sequence: {count} images in order", count).format(
            count=count
        )
    return ngettext("The sequence: {count} image in order", "The sequence: {count} images in order", count).format(
        count=count
    )
