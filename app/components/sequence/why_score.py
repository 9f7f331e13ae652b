"""Why this p^t: attention, rollout, integrated gradients and occlusion over the same images, one row a method."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from agpis.bundled import model_folder
from agpis.errors import AgpisError
from agpis.explain import Explanation, HeatMap, Method
from app import explain_loaders, loaders
from app.components.drawing import overlay_heat
from app.components.heat import attention_bar, overlay_signed, signed_bar
from app.components.rule_words import rule_text
from app.components.sequence.stages import Run
from app.components.text import name_of, plain, problem
from app.i18n import _
from app.loaders import Timed

if TYPE_CHECKING:
    from agpis.explain import WordAttention
    from agpis.pipeline import AgpisPipeline

SIDE = 320
RULES = 6
_DEFAULT = (Method.CROSS_ATTENTION, Method.ROLLOUT)


def why_score(run: Run, pipeline: AgpisPipeline) -> None:
    """The section; nothing for a run that was not scored."""
    if not run.result.rule_probabilities:
        return
    with st.container(border=True):
        st.subheader(_("Why this $p^t$?"), anchor=False)
        st.caption(
            _(
                "Four ways to trace a probability back to places on the photos. They answer different questions and "
                "need not agree: trust what several of them show."
            )
        )
        _methods(run, pipeline)


@st.fragment
def _methods(run: Run, pipeline: AgpisPipeline) -> None:
    left, right = st.columns([3, 2], gap="medium")
    with left:
        chosen: Sequence[Method] = st.pills(
            _("Methods"), list(Method), selection_mode="multi", default=list(_DEFAULT), format_func=_name,
            key="explain_methods",
            help=_("Choose several to see them side by side. Occlusion takes some seconds, the others about one."),
        )  # fmt: skip
    with right:
        target = st.selectbox(
            _("Probability to explain"), _targets(run), format_func=lambda rule_id: _target(run, pipeline, rule_id),
            key="explain_target",
            help=_(
                "$p^t$, or the probability that a reviewer names a rule. Integrated gradients and occlusion answer for "
                "it; attention is the same for all."
            ),
        )  # fmt: skip
    if not chosen:
        st.info(_("Choose at least one method."), icon=":material/touch_app:")
    for method in Method:
        if method in chosen:
            st.divider()
            _row(run, pipeline, method, target)


def _targets(run: Run) -> list[str]:
    """The likeliest classes, p^t first."""
    qualified, *_rest = run.result.rule_probabilities
    likeliest = sorted(run.result.rule_probabilities, key=lambda rule_id: -run.result.rule_probabilities[rule_id])
    return [qualified, *(rule_id for rule_id in likeliest if rule_id != qualified)][: RULES + 1]


def _target(run: Run, pipeline: AgpisPipeline, rule_id: str) -> str:
    p = run.result.rule_probabilities[rule_id]
    if rule_id == pipeline.taxonomy.qualified.id:
        return _("Qualified, p^t = {p}").format(p=f"{p:.2f}")
    return f"{rule_text(pipeline.taxonomy[rule_id].title)} · {rule_id} = {p:.2f}"


def _name(method: Method) -> str:
    return {
        Method.CROSS_ATTENTION: _("Cross-attention"),
        Method.ROLLOUT: _("Attention rollout"),
        Method.INTEGRATED_GRADIENTS: _("Integrated gradients"),
        Method.OCCLUSION: _("Occlusion"),
    }[method]


def _reading(method: Method) -> str:
    """How to read a method, and what it cannot tell."""
    return {
        Method.CROSS_ATTENTION: _(
            "Bright places were looked at when the verdict, or the chosen word, was formed. Looking is not deciding: a "
            "place may be looked at and speak neither for nor against."
        ),
        Method.ROLLOUT: _(
            "Attention of all layers taken together, from the verdict down to the photos. It leaves out everything but "
            "attention, and is the same for every rule."
        ),
        Method.INTEGRATED_GRADIENTS: _(
            "How much of the probability each place brings in on the way from blank photos to these: orange raises it, "
            "blue lowers it, and all places add up. Coarse: one value per cell of the model's grid."
        ),
        Method.OCCLUSION: _(
            "What happens when a place is painted white: orange places raise the probability, as it falls without "
            "them, blue ones lower it. A white patch may itself look odd to the model."
        ),
    }[method]


def _row(run: Run, pipeline: AgpisPipeline, method: Method, target: str) -> None:
    words, images = st.columns([2, 5], gap="medium")
    with words:
        st.markdown(f"**{_name(method)}**")
        st.caption(_reading(method))
    try:
        with images, st.spinner(_("Computing: {method}").format(method=_name(method)), show_time=True):
            timed = _computed(run, pipeline, method, target)
    except AgpisError as error:
        with images:
            st.info(problem(error), icon=":material/info:")
        return
    found = timed.value
    maps: Sequence[HeatMap] = found.maps
    shares = [_share(method, value) for value in found.image_values]
    with words:
        word = _word(run, pipeline) if method is Method.CROSS_ATTENTION else None
        if word is not None:
            maps, shares = word.maps, [""] * len(word.maps)
        _legend(found)
        _facts(found, timed.seconds)
    with images:
        _tiles(run, method, maps, shares)


def _computed(run: Run, pipeline: AgpisPipeline, method: Method, target: str) -> Timed[Explanation]:
    # Attention is the same for every class, so a new target computes none again.
    rule_id = target if method.is_signed else pipeline.taxonomy.qualified.id
    return explain_loaders.explain(
        run.request.key, run.product.title, run.result.sequence, method, rule_id, model_folder(), pipeline, run.product
    )


def _word(run: Run, pipeline: AgpisPipeline) -> WordAttention | None:
    """The word whose attention is wanted; None for the verdict."""
    text = run.result.feedback
    if not text:
        return None
    attended = loaders.attend(
        run.request.key, run.product.title, run.result.sequence, text, model_folder(), pipeline, run.product
    ).value
    index = st.selectbox(
        _("When it formed …"), range(-1, len(attended)), key="explain_word",
        format_func=lambda at: _("the verdict") if at < 0 else attended[at].word,
        help=_("The verdict is where $p^t$ is read; the words are those of the written feedback."),
    )  # fmt: skip
    return None if index is None or index < 0 else attended[index]


def _share(method: Method, value: float) -> str:
    if method.is_signed:
        return plain(f"{value:+.2f}")
    return f"{value:.0%}"


def _tiles(run: Run, method: Method, maps: Sequence[HeatMap], shares: Sequence[str]) -> None:
    pixels = {image.file: image.pixels for image in run.product.images}
    help_text = {
        Method.OCCLUSION: _("What the probability loses when this whole photo is blank."),
        Method.INTEGRATED_GRADIENTS: _("The sum over the photo: its part of the probability."),
    }.get(method, _("The photo's share of the attention."))
    overlay = overlay_signed if method.is_signed else overlay_heat
    grid = st.grid(max(2, min(len(maps), 5)), min_column_width=84, wrap=False, gap="xsmall")
    for place, (file, heat, share) in enumerate(zip(run.result.sequence, maps, shares, strict=True), start=1):
        with grid.cell(), st.container(gap="xxsmall"):
            shown = overlay(pixels[file], heat, SIDE)
            alt = _("{method} on image {place}, {file}").format(method=_name(method), place=place, file=file)
            st.image(shown, width="stretch", alt=alt)
            if share:
                st.markdown(f":small[**{share}**]", help=help_text)
            st.caption(plain(name_of(file)), wrap=False)


def _legend(found: Explanation) -> None:
    with st.container(gap="xxsmall", width=240):
        bar = signed_bar() if found.method.is_signed else attention_bar()
        st.image(bar, width="stretch", alt=_("Colour scale"))
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            if found.method.is_signed:
                st.caption(plain(f"{-found.strongest:+.2f}"), width="content")
                st.caption("0", width="content")
                st.caption(plain(f"{found.strongest:+.2f}"), width="content")
            else:
                st.caption(_("none"), width="content")
                st.caption(_("most"), width="content")


def _facts(found: Explanation, seconds: float) -> None:
    facts = []
    if found.blank_probability is not None:
        facts.append(
            _("{p} with these photos, {blank} with blank ones.").format(
                p=f"{found.probability:.2f}", blank=f"{found.blank_probability:.2f}"
            )
        )
    if found.residual is not None:
        facts.append(_("The sum misses {residual}.").format(residual=f"{abs(found.residual):.3f}"))
    if found.title_share:
        facts.append(_("{share} went to the words of the title.").format(share=f"{found.title_share:.0%}"))
    facts.append(_("Computed in {seconds} s.").format(seconds=f"{seconds:.1f}"))
    st.caption(" ".join(facts))
