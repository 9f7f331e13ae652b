"""Arrange the sequence by hand: the board of tiles, p^t of that order beside the automatic one, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from agpis.own_order import OrderComparison, RuleShift, compare_orders
from app.components.rule_words import rule_text
from app.components.sequence.stages import Run
from app.components.sequence.tiles import Arrangement, tile_board
from app.components.text import plain
from app.i18n import _
from app.state import arrange, locked_files, use_automatic

if TYPE_CHECKING:
    from agpis.pipeline import AgpisPipeline

_UNCHANGED = "±0.00"


def own_order(run: Run, pipeline: AgpisPipeline) -> None:
    """The card with the board; nothing when no photo could be read."""
    if not run.product.images:
        return
    with st.container(border=True):
        st.subheader(_("Arrange it yourself"), anchor=False)
        st.caption(
            _(
                "Drag the photos, or use their buttons; with the keyboard, arrow keys move the focused photo and the "
                "space bar locks it. A locked photo keeps its place when the rest is drawn again. The order is judged "
                "at once."
            )
        )
        tile_board(
            "tiles",
            run.request.key,
            run.product,
            run.stage_one,
            Arrangement(run.result.sequence, tuple(file for file in locked_files() if file in run.result.sequence)),
            pipeline.max_images,
            _remember(run.automatic.sequence),
        )
        # Below the board, which must not jump away under the pointer.
        if run.is_own:
            _verdict(run, pipeline)
        if run.is_own or locked_files():
            st.button(
                _("Back to the automatic sequence"), icon=":material/undo:", key="use_automatic",
                on_click=use_automatic, help=_("Forgets your order and unlocks every photo."),
            )  # fmt: skip


def _remember(automatic: tuple[str, ...]) -> Callable[[Arrangement], None]:
    def remember(made: Arrangement) -> None:
        arrange(made.order, made.locked, automatic)

    return remember


def _verdict(run: Run, pipeline: AgpisPipeline) -> None:
    compared = compare_orders(run.result, run.automatic, pipeline.taxonomy)
    left, right = st.columns([1, 2], gap="medium", vertical_alignment="center")
    with left:
        _probability(run, compared)
    with right:
        st.markdown(_("**What a reviewer would name first, if anything**"))
        st.markdown("\n".join(f"- {_shift(rule)}" for rule in compared.rules))


def _probability(run: Run, compared: OrderComparison) -> None:
    delta = None if compared.difference is None else _signed(compared.difference)
    st.metric(
        _("$p^t$ of your order"), f"{run.result.p_qualified or 0:.2f}", delta, border=True,
        delta_color="off" if delta == _UNCHANGED else "normal", delta_arrow="off" if delta == _UNCHANGED else "auto",
        help=_("Probability that a reviewer accepts this order. The arrow compares it with the automatic sequence."),
    )  # fmt: skip


def _shift(rule: RuleShift) -> str:
    change = "" if rule.difference is None else f" ({_signed(rule.difference)})"
    return f"{plain(rule_text(rule.title))} · {plain(rule.rule_id)} **{rule.probability:.2f}**{change}"


def _signed(difference: float) -> str:
    text = f"{difference:+.2f}"
    return _UNCHANGED if text in ("+0.00", "-0.00") else text
