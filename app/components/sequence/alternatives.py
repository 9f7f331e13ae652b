"""The best five sequences that stage 2 would choose, each with what differs and a button that puts it on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from agpis.bundled import model_folder
from agpis.errors import AgpisError
from agpis.types import PipelineSettings
from app import explain_loaders
from app.components.drawing import LINE, RED, frame, square
from app.components.sequence.stages import Run
from app.components.text import name_of, plain, problem
from app.i18n import _, ngettext
from app.state import OWN_ORDER

if TYPE_CHECKING:
    from agpis.alternatives import Alternative, Alternatives
    from agpis.pipeline import AgpisPipeline

THUMBNAIL = 64
# Up to so many remaining images the search takes less than a second, so nobody has to ask for it.
FEW = 7
_ASKED = "alternatives_asked"


def alternatives(run: Run, settings: PipelineSettings, pipeline: AgpisPipeline) -> None:
    """The card with the best sequences; nothing where stage 1 made no sequence or there is only one."""
    if not run.stage_one.sequence or len(run.stage_one.remaining) < 2 or not run.result.sequence:
        return
    with st.container(border=True):
        st.subheader(_("Better sequences"), anchor=False)
        st.caption(
            _(
                "Stage 1 draws the images behind the primary one at random. Here the second stage judges the other "
                "choices and orders of the photos that stay, and names the five with the largest $p^t$."
            )
        )
        others = st.toggle(
            _("Also try other primary images"), key="other_primaries",
            help=_("Lets every photo that stays come first whose $p^{primary}$ is above the primary threshold."),
        )  # fmt: skip
        if not _wanted(run, others):
            return
        try:
            with st.spinner(_("Judging the other sequences"), show_time=True):
                found = _found(run, settings, pipeline, others)
        except AgpisError as error:
            st.warning(f"{_('The other sequences could not be judged.')} {problem(error)}", icon=":material/warning:")
            return
        _summary(found)
        for one in found.best:
            _row(run, one)


def _wanted(run: Run, others: bool) -> bool:
    """Whether to search now: at once when it is quick, else after the button."""
    if len(run.stage_one.remaining) <= FEW and len(run.stage_one.sequence) <= 3 and not others:
        return True
    question = (run.request.key, run.request.title, run.stage_one.remaining, len(run.stage_one.sequence), others)
    if st.session_state.get(_ASKED) == question:
        return True
    pressed = st.button(
        _("Search"), icon=":material/search:", key="search_alternatives",
        help=_("There are many sequences of these photos: judging them takes a few seconds."),
    )  # fmt: skip
    if pressed:
        st.session_state[_ASKED] = question
    return pressed


def _found(run: Run, settings: PipelineSettings, pipeline: AgpisPipeline, others: bool) -> Alternatives:
    return explain_loaders.alternatives(
        run.request.key,
        run.product.title,
        run.result.sequence,
        run.stage_one.remaining,
        run.stage_one.sequence,
        (settings.num_images, settings.primary_threshold, settings.seed),
        others,
        model_folder(),
        pipeline,
        run.product,
        run.stage_one,
        settings,
    ).value


def _summary(found: Alternatives) -> None:
    judged = ngettext("{count} sequence was judged.", "{count} sequences were judged.", found.considered).format(
        count=found.considered
    )
    if found.considered < found.possible:
        judged = _("{count} of {total} possible sequences were judged, drawn with the seed.").format(
            count=found.considered, total=found.possible
        )
    if found.best and not found.best[0].changed_places:
        st.markdown(f":material/check: {_('The sequence shown above is the best one.')} {judged}")
    else:
        st.markdown(judged)


def _row(run: Run, one: Alternative) -> None:
    pixels = {image.file: image.pixels for image in run.product.images}
    with st.container(border=True):
        left, middle, right = st.columns([5, 6, 3], gap="small", vertical_alignment="center")
        with left, st.container(horizontal=True, gap="xxsmall"):
            for place, file in enumerate(one.sequence, start=1):
                shown = square(pixels[file], THUMBNAIL * 2)
                shown = frame(shown, RED, 4) if place == 1 else frame(shown, LINE, 2)
                alt = _("Place {place}: {file}").format(place=place, file=file)
                st.image(shown, width=THUMBNAIL, alt=alt)
        with middle, st.container(gap="xxsmall"):
            st.markdown(
                f"**{one.rank}.** $p^t$ **{one.p_qualified:.2f}** · {_delta(one.difference)}",
                help=_(
                    "Probability that a reviewer accepts this sequence, and how far it is from the one shown above."
                ),
            )
            st.caption(_what_differs(run, one))
        with right:
            if not one.changed_places:
                st.badge(_("Shown above"), icon=":material/check:", color="green")
            else:
                st.button(
                    _("Use this one"), key=f"use_alternative_{one.rank}", width="stretch",
                    on_click=_use, args=(one.sequence,),
                    help=_("Makes it the sequence of this page; the automatic one stays a click away."),
                )  # fmt: skip


def _use(sequence: tuple[str, ...]) -> None:
    st.session_state[OWN_ORDER] = sequence


def _delta(difference: float) -> str:
    text = f"{difference:+.2f}"
    if text in ("+0.00", "-0.00"):
        return _("no difference")
    return f":green[{text}]" if difference > 0 else f":orange[{plain(text)}]"


def _what_differs(run: Run, one: Alternative) -> str:
    if not one.changed_places:
        return _("The sequence shown above.")
    if one.same_images:
        return _("The same photos in another order.")
    current = run.result.sequence
    parts = []
    for place in one.changed_places:
        new = one.sequence[place - 1] if place <= len(one.sequence) else ""
        old = current[place - 1] if place <= len(current) else ""
        parts.append(_difference(place, new, old))
    return " ".join(parts)


def _difference(place: int, new: str, old: str) -> str:
    names = {"place": place, "new": plain(name_of(new)), "old": plain(name_of(old))}
    if not old:
        return _("Place {place}: {new}, which is added.").format(**names)
    if not new:
        return _("Place {place}: {old} goes.").format(**names)
    return _("Place {place}: {new} instead of {old}.").format(**names)
