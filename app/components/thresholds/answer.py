"""The answer in words, and its figures with their intervals."""

from __future__ import annotations

import streamlit as st

from analysis.metrics.bootstrap import Score
from analysis.operating_point import Choice, Effect, NoThreshold
from app.components.text import sentence
from app.i18n import _

_TILE = 150


def answer_headline(result: Choice | NoThreshold, threshold: float, effect: Effect | None) -> None:
    """What to do, first; where the rule has no threshold, why.

    Args:
        result: of the rule.
        threshold: the one that is shown; the rule's or one's own.
        effect: on the rows to judge on; None where these are refused.
    """
    if isinstance(result, NoThreshold):
        st.warning(
            f"**{_('No threshold does that.')}** {sentence(f'{_capital(result.reason)}.')}", icon=":material/block:"
        )
    of_rule = isinstance(result, Choice) and threshold == result.threshold
    heading = _("Submit at $p^t$ of at least {threshold}") if of_rule else _("At your own threshold of {threshold}")
    st.subheader(heading.format(threshold=f"{threshold:.4g}"), anchor=False)
    if effect is not None:
        st.markdown(_in_words(effect))
        st.caption(
            _(
                "Judged on {n} reviewed sequences of {products} products, split `{split}`. Intervals are of 95% and "
                "count the sequences of one product as one draw."
            ).format(n=f"{effect.point.n:,}", products=f"{effect.source.products:,}", split=effect.source.split)
        )
    if of_rule and isinstance(result, Choice):
        st.caption(_why(result))


def _in_words(effect: Effect) -> str:
    """The answer as a paragraph."""
    lines = []
    if effect.reject_rate.value is None:
        lines.append(_("**Nothing is submitted**, so nothing is rejected."))
    else:
        lines.append(
            _("**{rate}** of what is submitted would be **rejected** ({low} to {high}).").format(
                rate=_percent(effect.reject_rate.value),
                low=_percent(effect.reject_rate.low),
                high=_percent(effect.reject_rate.high),
            )
        )
    lines.append(_("**{share}** of all sequences are submitted.").format(share=_percent(effect.submitted_share.value)))
    if effect.recall.value is not None:
        lines.append(_("**{recall}** of the good ones get through.").format(recall=_percent(effect.recall.value)))
    lines.append(
        _("Reviewing what is submitted of {volume} takes **{hours} hours**.").format(
            volume=f"{effect.volume:,}", hours=_number(effect.reviewer_hours.value)
        )
    )
    return " ".join(lines)


def _why(choice: Choice) -> str:
    told = _("Chosen on {n} sequences of split `{split}`, where {rate} were rejected: {reason}.").format(
        n=f"{choice.chosen_on.n:,}",
        split=choice.chosen_on.split,
        rate=_percent(choice.point.reject_rate),
        reason=sentence(choice.reason),
    )
    if choice.upper_bound is None:
        return told
    promise = _("Promised: at most {alpha}.").format(alpha=_percent(choice.criterion.alpha))
    return f"{told} {promise}"


def answer_figures(effect: Effect) -> None:
    """Five numbers with help and interval."""
    grid = st.grid("auto", min_column_width=_TILE, gap="small")
    tiles = (
        (
            _("Rejected"), effect.reject_rate, _percent,
            _("Share of the submitted sequences that reviewers rejected."),
        ),
        (
            _("Submitted"), effect.submitted_share, _percent,
            _("Share of all sequences whose $p^t$ reaches the threshold."),
        ),
        (
            _("Good ones sent"), effect.recall, _percent,
            _("Share of the sequences that reviewers accept which reaches the threshold: the recall."),
        ),
        (
            _("Reviewer hours"), effect.reviewer_hours, _number,
            _("To look at what is submitted of {volume} sequences, by the minutes of a review.").format(
                volume=f"{effect.volume:,}"
            ),
        ),
        (
            _("Profit"), effect.profit, _number,
            _(
                "Of {volume} sequences: what accepted ones earn, less rejects, reviews and withheld ones, by the costs "
                "above; in their currency."
            ).format(volume=f"{effect.volume:,}"),
        ),
    )  # fmt: skip
    for label, score, form, explanation in tiles:
        with grid.cell(), st.container(border=True, gap="xsmall", height="stretch"):
            st.metric(label, form(score.value), help=explanation)
            st.caption(_interval(score, form(score.low), form(score.high)))


def _interval(score: Score, low: str, high: str) -> str:
    if score.low is None:
        return sentence(_capital(score.reason))
    return _("95%: {low} to {high}").format(low=low, high=high)


def _percent(share: float | None) -> str:
    return _("n/a") if share is None else f"{share:.1%}"


def _number(value: float | None) -> str:
    if value is None:
        return _("n/a")
    return f"{value:,.1f}" if abs(value) < 100 else f"{value:,.0f}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
