"""The worst mistakes with their photos: what the reviewer said, what the model thought, and the way to the product."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from agpis.errors import ImageError
from agpis.images import read_image
from agpis.rules import RuleTaxonomy
from agpis.types import Pixels
from analysis.rule_errors import Mistake, Mistakes, RuleError
from analysis.rule_errors.products import table_product
from app.components.drawing import LINE, blank, frame, square
from app.components.rule_errors.opening import open_in_sequence_page
from app.components.rule_errors.results import PER_RULE, Question
from app.components.rule_words import rule_text
from app.components.text import name_of, plain
from app.i18n import _

_PAGE = 6
_CARD = 320
_THUMBNAIL = 88
_ESCAPED, _WITHHELD = "escaped", "withheld"


def gallery(found: Mistakes, rule: RuleError | None, question: Question) -> None:
    """The mistakes of one rule, or the worst of all; some a page."""
    if rule is not None:
        st.subheader(
            _("Worst mistakes: {rule}").format(rule=plain(f"{rule_text(rule.title)} ({rule.rule_id})")), anchor=False
        )
        st.caption(
            _(
                "Sequences that were rejected for this rule, those that the model likes best first, {n} at most. "
                "Select the row again to see the mistakes of all rules."
            ).format(n=PER_RULE)
        )
        shown, slot = found.of_rule(rule.rule_id), rule.rule_id
    else:
        shown, slot = _of_all(found)
    if not shown:
        st.info(_("There is no such mistake here."), icon=":material/check_circle:")
        return
    pages = range(0, len(shown), _PAGE)
    page = st.pagination(len(pages), key=f"mistakes_page_{slot}_{question.split}") if len(pages) > 1 else 1
    start = pages[min(page, len(pages)) - 1]
    grid = st.grid("auto", min_column_width=_CARD, gap="medium")
    for mistake in shown[start : start + _PAGE]:
        with grid.cell(), st.container(border=True, height="stretch", gap="small"):
            _card(mistake, question)
    if found.missing_columns:
        told = _("The table has no column {columns}, so none of it is shown.")
        st.caption(told.format(columns=plain(", ".join(found.missing_columns))))


def _of_all(found: Mistakes) -> tuple[tuple[Mistake, ...], str]:
    st.subheader(_("Worst mistakes of all rules"), anchor=False)
    st.caption(_("Select a rule in the table above to see only its own."))
    kind = st.segmented_control(
        _("Kind of mistake"),
        [_ESCAPED, _WITHHELD],
        default=_ESCAPED,
        required=True,
        format_func={
            _ESCAPED: _("Rejected, but liked by the model"),
            _WITHHELD: _("Accepted, but disliked by the model"),
        }.__getitem__,
        key="mistakes_kind",
        label_visibility="collapsed",
    )
    return (found.accepted, _WITHHELD) if kind == _WITHHELD else (found.rejected, _ESCAPED)


def _card(mistake: Mistake, question: Question) -> None:
    taxonomy, folder = question.rows.taxonomy, question.table.folder
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        _badges(mistake)
    _photos(mistake, folder)
    st.markdown(plain(mistake.title) if mistake.title else _("*No title*"))
    lines = [
        _("Reviewer: {feedback}").format(feedback=_said(mistake.true_rule, mistake.feedback, taxonomy)),
        _("Model: {feedback} ({p})").format(
            feedback=_said(mistake.predicted_rule, mistake.written_feedback, taxonomy), p=f"{mistake.p_predicted:.2f}"
        ),
    ]
    st.markdown("\n".join(f"- {line}" for line in lines))
    st.caption(_("Product {product}").format(product=plain(mistake.product_id)))
    _open_button(mistake, question)


def _badges(mistake: Mistake) -> None:
    st.markdown(
        f"$p^t$ **{mistake.p_t:.2f}**",
        help=_("The model's probability that a reviewer accepts the sequence."),
        width="content",
    )
    if mistake.rejected:
        st.badge(_("Rejected"), icon=":material/thumb_down:", color="orange")
    else:
        st.badge(_("Accepted"), icon=":material/thumb_up:", color="blue")
    if mistake.wrong_decision:
        words = _("would be submitted") if mistake.submitted else _("would be withheld")
        st.badge(words, icon=":material/error:", color="red")
    else:
        words = _("is submitted") if mistake.submitted else _("is withheld")
        st.badge(words, icon=":material/check:", color="gray")


def _said(rule_id: str, feedback: str | None, taxonomy: RuleTaxonomy) -> str:
    rule = taxonomy[rule_id]
    if rule is taxonomy.qualified:
        return "**" + _("qualified") + "**"
    named = f"**{plain(rule_text(rule.title))}** ({plain(rule.id)})"
    return f"{named} – {plain(feedback)}" if feedback else named


def _photos(mistake: Mistake, folder: Path | None) -> None:
    paths = [_path(folder, file) for file in mistake.images]
    if not any(paths):
        st.caption(
            _(":material/hide_image: The photos of this sequence do not lie beside the table.")
            if mistake.images
            else _(":material/hide_image: The table names no photos.")
        )
        return
    # One that is missing keeps its place, so that the sequence reads as the reviewer saw it.
    st.image(
        [blank(_THUMBNAIL * 2) if path is None else _thumbnail(path) for path in paths],
        width=_THUMBNAIL,
        alt=[
            _("Image {place}: {file}").format(place=place, file=name_of(file))
            for place, file in enumerate(mistake.images, start=1)
        ],
    )


def _path(folder: Path | None, file: str) -> Path | None:
    """Where a file of the table lies; None where it is not beside the table."""
    if folder is None:
        return None
    path = (folder / file).resolve()
    return path if path.is_relative_to(folder.resolve()) and path.is_file() else None


@st.cache_data(show_spinner=False, max_entries=512)
def _thumbnail(path: Path) -> Pixels:
    side = _THUMBNAIL * 2
    try:
        return frame(square(read_image(path).pixels, side), LINE, 2)
    except ImageError:
        return blank(side)  # the card then shows that there is nothing to see


def _open_button(mistake: Mistake, question: Question) -> None:
    folder = question.table.folder
    available = [file for file in mistake.images if _path(folder, file)]
    if st.button(
        _("Open in Image sequence"),
        icon=":material/open_in_new:",
        disabled=not available,
        key=f"open_{mistake.row}",
        help=_(
            "Judges this very sequence anew, among the photos of its product that lie beside the table. "
            "They may be small copies."
        )
        if available
        else _("The photos do not lie beside the table, so the product cannot be run."),
    ):
        product = table_product(question.rows, mistake.product_id, mistake.images)
        files = [(file, path) for file in product.images if (path := _path(folder, file)) is not None]
        whole = mistake.images if len(available) == len(mistake.images) else ()
        open_in_sequence_page(product.product_id, product.title, files, product.category, whole)
