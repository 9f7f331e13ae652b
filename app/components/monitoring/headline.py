"""The first thing on the page, in words: better or worse than before, and whether to train again."""

from __future__ import annotations

import streamlit as st

from analysis.online.advice import Action
from analysis.online.check import DriftCheck
from analysis.online.drift import DriftLevel, FeatureDrift
from analysis.online.overview import RECENT_DAYS, Overview, Trend
from app.components.monitoring.words import feature_name, percent, points
from app.components.text import sentence
from app.i18n import _, ngettext

_MOST_NAMED = 3


def headline(found: Overview) -> None:
    """Both answers side by side, one below the other on a phone."""
    left, right = st.columns(2, gap="small")
    with left, st.container(border=True, height="stretch", gap="small"):
        _better_or_worse(found)
    with right, st.container(border=True, height="stretch", gap="small"):
        _train_again(found.check)


def _better_or_worse(found: Overview) -> None:
    heading = {
        Trend.BETTER: _(":green[:material/trending_down:] Better: fewer rejects"),
        Trend.WORSE: _(":red[:material/trending_up:] Worse: more rejects"),
        Trend.NOT_SHOWN: _(":gray[:material/trending_flat:] Neither better nor worse is shown"),
        Trend.UNKNOWN: _(":gray[:material/question_mark:] Better or worse? Not known"),
    }[found.trend]
    st.subheader(heading, anchor=False)
    change = found.release.change
    if change.difference is None:
        st.markdown(_("One side has no reviews: {reason}.").format(reason=sentence(change.reason)))
        return
    st.markdown(
        (
            _("Of what was submitted, **{after}** was rejected {since}, and **{before}** before that.")
            if found.submitted_only
            else _("Of what was reviewed, **{after}** was rejected {since}, and **{before}** before that.")
        ).format(after=percent(change.after.value), before=percent(change.before.value), since=_since(found))
        + " "
        + _difference(found)
    )
    st.caption(_counts(found))


def _since(found: Overview) -> str:
    if found.is_release:
        return _("since the release on {day}").format(day=found.border)
    return _("in the last {n} days (from {day} on)").format(n=RECENT_DAYS, day=found.border)


def _difference(found: Overview) -> str:
    judged = found.judged
    if found.trend is Trend.UNKNOWN:
        return _("It is too little to tell more: {reason}.").format(reason=sentence(judged.reason))
    told = _("The difference is {difference} (95%: {low} to {high}).").format(
        difference=points(judged.difference), low=points(judged.low), high=points(judged.high)
    )
    if found.trend is Trend.NOT_SHOWN:
        return f"{told} {_('Chance alone could explain it.')}"
    return f"{told} {_('Chance alone would seldom do that.')}"


def _counts(found: Overview) -> str:
    change, judged = found.release.change, found.judged
    return _(
        "Now {rejected_after} of {after} sequences of {products_after} products, before {rejected_before} of {before} "
        "of {products_before}. The interval counts the sequences of one product as one draw."
    ).format(
        rejected_after=f"{change.after.count:,}",
        after=f"{change.after.n:,}",
        products_after=f"{judged.products_after:,}",
        rejected_before=f"{change.before.count:,}",
        before=f"{change.before.n:,}",
        products_before=f"{judged.products_before:,}",
    )


def _train_again(check: DriftCheck | None) -> None:
    if check is None:
        st.subheader(_(":gray[:material/question_mark:] Train again? Not known"), anchor=False)
        st.markdown(
            _("The table does not tell what the model learned from. Name the day of the release, or open **Drift**.")
        )
        return
    heading = {
        Action.RETRAIN: _(":red[:material/model_training:] Train again"),
        Action.WATCH: _(":orange[:material/visibility:] Do not train yet, but keep watching"),
        Action.FINE: _(":green[:material/check_circle:] No need to train again"),
    }[check.advice.action]
    st.subheader(heading, anchor=False)
    st.markdown(" ".join(_signs(check)))
    window = check.advice.train_on
    if check.advice.action is Action.RETRAIN and window is not None:
        st.caption(_("Train on {first} to {last}: three months, as the paper does.").format(
            first=window[0], last=window[1]
        ))  # fmt: skip
    st.caption(_("Every sign with its figures stands under **Drift and retraining**."))


def _signs(check: DriftCheck) -> list[str]:
    """What drift, reject rate and age say, a sentence each."""
    major, moderate = (check.report.of_level(level) for level in (DriftLevel.MAJOR, DriftLevel.MODERATE))
    told = []
    if major:
        told.append(_("What comes in is far from what the model learned from: **{features}**.").format(
            features=_named(major)
        ))  # fmt: skip
    if moderate:
        told.append(_("Somewhat different: {features}.").format(features=_named(moderate)))
    if not major and not moderate:
        told.append(_("What comes in looks like what the model learned from."))
    if check.reject_rates.is_shown and (check.reject_rates.difference or 0) > 0:
        told.append(_("Rejects have risen since the training window."))
    age = check.advice.age_days
    if age:
        told.append(
            ngettext(
                "The training window ended {n} day ago.", "The training window ended {n} days ago.", age
            ).format(n=f"{age:,}")
        )  # fmt: skip
    return told


def _named(features: tuple[FeatureDrift, ...]) -> str:
    ranked = sorted(features, key=lambda feature: -(feature.psi or 0))
    names = ", ".join(feature_name(feature.name) for feature in ranked[:_MOST_NAMED])
    return f"{names}, …" if len(ranked) > _MOST_NAMED else names
