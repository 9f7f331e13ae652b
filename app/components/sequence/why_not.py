"""Why a candidate is not in the sequence: what keeps it out, what would let it in, and p^t with it in every place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from agpis.bundled import model_folder
from agpis.errors import AgpisError
from agpis.stage1.why_not import Decision, Obstacle, WhyNot, why_not
from agpis.types import Image, PipelineSettings
from app import explain_loaders, loaders
from app.components.drawing import LINE, frame, square
from app.components.heat import overlay_signed
from app.components.sequence.stages import Run
from app.components.text import name_of, plain, problem, sentence
from app.i18n import _
from app.state import OWN_ORDER

if TYPE_CHECKING:
    from agpis.alternatives import Placement
    from agpis.pipeline import AgpisPipeline

SIDE = 360
THUMBNAIL = 56
_DELTA = "{:+.2f}"


def why_not_button(run: Run, file: str, settings: PipelineSettings, pipeline: AgpisPipeline) -> None:
    """The button on a candidate's card that opens the answer; nothing for an image of the sequence."""
    images = {image.file: image for image in run.product.images}
    if file in run.result.sequence or file not in images:
        return
    pressed = st.button(
        _("Why not this one?"), type="tertiary", icon=":material/help:", key=f"why_not_{file}",
        help=_("What keeps this photo out, what would let it in, and $p^t$ with it."),
    )  # fmt: skip
    if pressed:
        # Not a decorator: the dialog's title speaks the language of the session.
        st.dialog(_("Why not this photo?"), width="large")(_answer)(run, images[file], settings, pipeline)


def _answer(run: Run, image: Image, settings: PipelineSettings, pipeline: AgpisPipeline) -> None:
    left, right = st.columns([2, 3], gap="medium")
    with left:
        st.image(frame(square(image.pixels, SIDE), LINE, 1), width="stretch", alt=image.file)
        st.caption(plain(name_of(image.file)))
    try:
        with right:
            answer = _reasons(run, image, settings, pipeline)
        if answer is not None and answer.obstacles[0].decision is Decision.NONCOMPLIANT:
            with left:
                _noncompliant_places(run, image, pipeline)
        if run.result.sequence:
            _placements(run, image, pipeline)
    except AgpisError as error:
        st.warning(problem(error), icon=":material/warning:")


def _reasons(run: Run, image: Image, settings: PipelineSettings, pipeline: AgpisPipeline) -> WhyNot | None:
    if image.file in run.stage_one.sequence:
        st.markdown(_("The automatic sequence has this photo. The order that you chose leaves it out."))
        return None
    matches = loaders.match(run.request.key, model_folder(), pipeline, run.product).value
    answer = why_not(run.stage_one.assessments, matches, settings, image.file)
    st.markdown(f"**{_('What keeps it out')}**")
    for number, obstacle in enumerate(answer.obstacles):
        then = _("And then:") + " " if number else ""
        st.markdown(f"- {then}{_obstacle(obstacle)}")
    _remedy(answer)
    return answer


def _obstacle(obstacle: Obstacle) -> str:
    texts = {
        Decision.QUALITY: _("{message} Its score {value} is above the limit {limit}, by {margin}."),
        Decision.NONCOMPLIANT: _("Its $p^{{nc}}$ {value} is above the limit {limit}, by {margin}."),
        Decision.DUPLICATE: _("It shows the same as {other}: similarity {value}, limit {limit}, so {margin} too much."),
        Decision.VARIANT: _(
            "It is the same picture as {other} in another colour: similarity {value}, limit {limit}, so {margin} too "
            "much."
        ),
        Decision.OTHER_COLOUR: _(
            "It shows other colours than the primary image {other}: agreement {value}, at least {limit} is needed, so "
            "{margin} too little."
        ),
        Decision.NO_PRIMARY: _(
            "No photo can open the sequence: the largest $p^{{primary}}$, {value} of {other}, is not above the limit "
            "{limit}; {margin} is missing."
        ),
        Decision.TOO_FEW: _("Only {count} photos are left, and the sequence needs {needed}."),
        Decision.NOT_DRAWN: _(
            "It may stay, but the images behind the primary one are drawn at random, {needed} of {count}, and it was "
            "not among them."
        ),
    }
    return texts[obstacle.decision].format(
        message=sentence(obstacle.message),
        value=f"**{obstacle.value:.2f}**",
        limit=f"{obstacle.limit:.2f}",
        margin=f"{obstacle.margin:.2f}",
        other=plain(name_of(obstacle.other)),
        count=f"{obstacle.value:.0f}",
        needed=f"{obstacle.limit:.0f}",
    )


def _remedy(answer: WhyNot) -> None:
    st.markdown(f"**{_('What would let it in')}**")
    if not answer.stays:
        st.markdown(_("No threshold does. Where there is a sequence, you can still put it in by hand, below."))
        return
    for change in answer.changes:
        st.markdown(
            "- " + _("{setting}: {after} instead of {before}").format(
                setting=_setting(change.setting), after=f"**{_value(change.after)}**", before=_value(change.before)
            )
        )  # fmt: skip
    if answer.drawn:
        st.markdown(_("Then it stays and is in the sequence."))
    elif answer.seed is None:
        st.markdown(_("Then it stays, but is not drawn."))
    elif answer.changes:
        st.markdown(_("Then it stays; the draw with seed {seed} takes it.").format(seed=answer.seed))
    else:
        st.markdown("- " + _("Seed: the draw with seed {seed} takes it.").format(seed=answer.seed))
    pressed = st.button(
        _("Use these settings"), icon=":material/tune:", key="use_settings", on_click=_use_settings, args=(answer,),
        help=_("Changes the controls at the left. **Reset** there puts every one back."),
    )  # fmt: skip
    if pressed:
        st.rerun()


def _setting(name: str) -> str:
    """A setting as its control calls it."""
    return {
        "num_images": _("Images in the sequence $K^t$"),
        "primary_threshold": _("Primary threshold"),
        "noncompliance_threshold": _("Non-compliance threshold"),
        "quality_threshold": _("Quality threshold"),
        "duplicate_threshold": _("Duplicate threshold"),
        "colour_threshold": _("Colour threshold"),
        "remove_variants": _("Remove other colours"),
    }[name]


def _value(value: float | int | bool) -> str:
    if isinstance(value, bool):
        return _("on") if value else _("off")
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _use_settings(answer: WhyNot) -> None:
    for change in answer.changes:
        st.session_state[change.setting] = change.after
    st.session_state["seed"] = answer.settings.seed


def _noncompliant_places(run: Run, image: Image, pipeline: AgpisPipeline) -> None:
    with st.spinner(_("Looking for the places behind $p^{nc}$"), show_time=True):
        found = explain_loaders.explain_noncompliance(
            run.request.key, image.file, model_folder(), pipeline, run.product
        ).value
    if found.strongest < 0.005:
        st.caption(_("No single place makes up its $p^{nc}$: covering any quarter of the photo changes nothing."))
        return
    alt = _("Places behind the non-compliance of {file}").format(file=image.file)
    st.image(overlay_signed(image.pixels, found.map, SIDE), width="stretch", alt=alt)
    st.caption(
        _("Orange places make $p^{{nc}}$ larger: covered in white, the strongest lowers it by {fall}.").format(
            fall=f"{found.strongest:.2f}"
        )
    )


def _placements(run: Run, image: Image, pipeline: AgpisPipeline) -> None:
    st.markdown(
        f"**{_('The sequence with it')}**",
        help=_("$p^t$ when this photo takes the place of another one, all else as it is."),
    )
    with st.spinner(_("Judging the sequence with it in every place"), show_time=True):
        places = explain_loaders.place(
            run.request.key, run.product.title, run.result.sequence, image.file, model_folder(), pipeline, run.product
        ).value
    pixels = {one.file: one.pixels for one in run.product.images}
    best = max(places, key=lambda one: one.p_qualified)
    for one in places:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", border=True):
            with st.container(horizontal=True, gap="xxsmall", width="content"):
                for file in one.sequence:
                    shown = square(pixels[file], THUMBNAIL * 2)
                    st.image(frame(shown, LINE, 2), width=THUMBNAIL, alt=file)
            st.markdown(_placement(run, one, is_best=one is best), width="stretch")
            pressed = st.button(
                _("Put it there"), key=f"place_{one.place}", on_click=_use, args=(one.sequence,),
                help=_("Makes this the sequence of the page; the automatic one stays a click away."),
            )  # fmt: skip
            if pressed:
                st.rerun()


def _placement(run: Run, one: Placement, *, is_best: bool) -> str:
    text = _("Place {place}, instead of {other}: $p^t$ {p} ({delta})").format(
        place=one.place,
        other=plain(name_of(one.instead_of)),
        p=f"**{one.p_qualified:.2f}**",
        delta=plain(_DELTA.format(one.difference)),
    )
    return f"{text} :green-badge[{_('best place')}]" if is_best else text


def _use(sequence: tuple[str, ...]) -> None:
    st.session_state[OWN_ORDER] = sequence
