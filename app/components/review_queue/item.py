"""One sequence for a person to judge: its title, its photos, and what the model said of it."""

from __future__ import annotations

import streamlit as st

from agpis.errors import ImageError
from agpis.store import QueueItem, Region
from analysis.reviewing.rule_order import RuleChoice, named_rule
from app.components.review_queue.desk import Desk
from app.components.review_queue.draft import choose_rule
from app.components.review_queue.regions import ShownPhoto, photo_board, shown_photo
from app.components.rule_words import rule_text
from app.components.text import plain, problem
from app.i18n import _, ngettext

P_T = r"$p^{\mathsf{t}}$"
TH_T = r"$th^{\mathsf{t}}$"


def heading(item: QueueItem) -> None:
    """Title, and the line that tells what product this is."""
    st.subheader(plain(item.title) or _("A product without title"), anchor=False)
    parts = [item.category, item.product_id]
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.caption(" · ".join(plain(part) for part in parts if part), width="content")
        if item.opinion > 1:
            st.badge(
                _("Second opinion"), icon=":material/group:", color="blue",
                help=_("Somebody else has judged this sequence already; whether you agree is measured."),
            )  # fmt: skip


def photos(desk: Desk) -> tuple[ShownPhoto, ...]:
    """The photos in order, with the regions that are drawn on them; none when a photo cannot be shown.

    Raises:
        StoreError: when the store does not answer.
    """
    try:
        shown = tuple(shown_photo(photo.sha256, photo.file, desk.store) for photo in desk.item.photos)
    except ImageError as error:
        # The page goes on: such a sequence can be skipped, or rejected.
        st.error(_("**The photos cannot be shown.**") + " " + problem(error), icon=":material/broken_image:")
        return ()
    undone = desk.undone()
    _region_line(photo_board(desk.key("regions"), shown, undone.regions if undone is not None else ()))
    return shown


def _region_line(regions: tuple[Region, ...]) -> None:
    if not regions:
        st.caption(
            _("Drag over a photo to mark what is wrong. By keyboard: Tab to a photo, Enter, then the arrow keys.")
        )
        return
    counted = ngettext("{count} region marked", "{count} regions marked", len(regions)).format(count=len(regions))
    st.caption(f":red[:material/select:] {counted}")


def model_says(desk: Desk, choices: tuple[RuleChoice, ...]) -> None:
    """p^t, the written feedback, and the most probable rules as buttons that choose them."""
    item = desk.item
    st.markdown(_("**What the model says**"))
    with st.container(horizontal=True, gap="medium"):
        st.metric(
            P_T, f"{item.p_qualified:.2f}", width="content",
            help=_("Probability that a reviewer accepts this sequence, by the classifier of MUIsC."),
        )  # fmt: skip
        st.metric(
            TH_T, f"{item.submission_threshold:.2f}", width="content",
            help=_("Sequences with at least this probability are submitted to review."),
        )  # fmt: skip
        if item.p_nlg_qualified is not None:
            st.metric(
                r"$p^{\mathsf{nlg}}$", f"{item.p_nlg_qualified:.2f}", width="content",
                help=_("Probability that the written feedback is “yes”: a second reading of the same question."),
            )  # fmt: skip
    if named_rule(item.feedback, desk.taxonomy) is not None:
        st.markdown(f"> {plain(item.feedback)}")
    elif item.feedback:
        st.caption(_("The model wrote that every rule is met."))
    st.caption(
        _("If a rule is broken, most likely one of these:"),
        help=_("A click, or the number's key, chooses the rule. The share is the probability that the model gives it."),
    )
    suggestions = [choice for choice in choices if choice.is_suggested]
    with st.container(gap="xsmall"):
        for number, choice in enumerate(suggestions, 1):
            st.button(
                f"{choice.rule.id} · {plain(rule_text(choice.rule.title))} · {choice.probability:.1%}",
                key=desk.key(f"suggestion_{number}"),
                shortcut=str(number),
                on_click=choose_rule,
                args=(desk, choice.rule.id),
                help=plain(rule_text(choice.rule.description)),
                width="stretch",
            )
