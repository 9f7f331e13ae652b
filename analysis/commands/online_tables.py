"""Reject rates, drift, advice and A/B tests as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from analysis.online.ab_test import ABResult
from analysis.online.advice import Advice
from analysis.online.drift import DriftReport, FeatureDrift
from analysis.online.over_time import RejectRates, ReleaseChange
from analysis.online.rate_change import RateChange
from analysis.online.sample_size import SampleSize
from analysis.rates import Rate

_MOST_SHARES = 3


def over_time_tables(rates: RejectRates, release: ReleaseChange | None) -> Iterator[RenderableType]:
    """Every period, what was left out, and the change at the release when there is one."""
    submitted = [rate_text(part.rate) for part in rates.submitted] or ["n/a"] * len(rates.reviewed)
    table = _table(
        f"Reject rate by {rates.period}, {rates.level:.0%} Wilson interval", "from", "to", "n", "reviewed", "submitted"
    )
    for part, told in zip(rates.reviewed, submitted, strict=True):
        table.add_row(str(part.start), str(part.end), str(part.rate.n), rate_text(part.rate), told)
    yield table
    yield Text(f"All periods: {rate_text(rates.overall)}, n={rates.overall.n}")
    yield Text(f"Left out: {rates.undated} reviewed rows without date, {rates.unreviewed} rows without review")
    if rates.submitted_reason:
        yield Text(f"No rates of submitted sequences: {rates.submitted_reason}")
    if release is not None:
        yield Text(f"Release on {release.release}, one trial a {release.unit}")
        yield Text(change_text(release.change))
        yield Text(f"Left out: {release.undated} rows without date, {release.repeated} earlier rows of a product")
        yield Text(release.note)


def drift_tables(report: DriftReport, change: RateChange, advice: Advice) -> Iterator[RenderableType]:
    """Every feature, the reject rates, and the advice with its reasons."""
    yield Text(
        f"{report.told}: {report.n_reference} reference and {report.n_current} current rows, {report.outside} outside"
    )
    table = _table(
        f"Drift; adjusted p: Benjamini-Hochberg, limit {report.alpha:g}",
        "feature", "n then", "n now", "missing", "PSI", "by chance", "test", "adjusted p", "level", "largest shifts",
    )  # fmt: skip
    for feature in report.features:
        table.add_row(*_drift_row(feature))
    yield table
    yield Text(f"Reject rates: {change_text(change)}")
    yield from (Text(f"Note: {note}") for note in report.notes)
    yield Text(f"Advice: {advice.action}", style="bold")
    for reason in advice.reasons:
        yield Text(f"  {reason.action or 'not known'}: {reason.text}")
    if advice.train_on is not None:
        yield Text(f"The window to train on next: {advice.train_on[0]} to {advice.train_on[1]}")


def _drift_row(feature: FeatureDrift) -> Iterable[Text]:
    shifts = ", ".join(
        f"{share.name} {share.reference:.1%} -> {share.current:.1%}" for share in feature.shares[:_MOST_SHARES]
    )
    parts = (
        feature.name,
        str(feature.n_reference),
        str(feature.n_current),
        str(feature.missing),
        _number(feature.psi, ".3f"),
        _number(feature.psi_by_chance, ".3f"),
        feature.test.name,
        _number(feature.adjusted_p, ".2g"),
        feature.level.value,
        feature.reason or shifts,
    )
    return map(Text, parts)  # names of categories are no markup


def ab_tables(results: Iterable[ABResult]) -> Iterator[RenderableType]:
    """Each metric: both tests, the verdict and the notes."""
    results = tuple(results)
    table = _table("A/B test", "metric", "control", "treatment", "lift at the end", "p at the end", "always valid", "p")
    for result in results:
        fixed, last = result.fixed, result.looks[-1]
        cells = (
            result.metric.value,
            f"{rate_text(fixed.change.before, 2)}, n={fixed.change.before.n}",
            f"{rate_text(fixed.change.after, 2)}, n={fixed.change.after.n}",
            _lift(fixed.lift, fixed.low, fixed.high) + (f" ({fixed.reason})" if fixed.reason else ""),
            _number(fixed.change.p_value, ".2g"),
            _lift(last.lift, last.low, last.high) + (f" ({last.reason})" if last.reason else ""),
            f"{last.p_value:.2g}",
        )
        table.add_row(*map(Text, cells))
    yield table
    yield Text("The test at the end holds only if its length was fixed before the start; the always-valid one always.")
    yield Text(f"Each of the {len(results)} metrics has a chance of a false alarm of {results[0].alpha:g}.")
    for result in results:
        yield Text(result.verdict)
        if result.left_out:
            yield Text(f"  {result.left_out} dates without a unit in one of the arms were left out")
    # Notes on the impressions are the same for all metrics.
    yield from (Text(f"Note: {note}") for note in dict.fromkeys(note for result in results for note in result.notes))


def sample_size_texts(size: SampleSize, per_day: int | None) -> Iterator[Text]:
    """What a design needs, and how many days that takes."""
    design = size.design
    yield Text(
        f"To find {design.base:.4%} -> {design.treated:.4%} (lift {design.lift:+.1%}) with power {design.power:g} and "
        f"two-sided alpha {design.alpha:g}: {size.control} units of control, {size.treatment} of treatment, "
        f"{size.total} in all"
    )
    if per_day is not None:
        yield Text(f"With {per_day} units a day: {size.days(per_day)} days")


def change_text(change: RateChange) -> str:
    """The verdict and the test behind it."""
    return change.verdict if change.reason else f"{change.verdict} ({change.test}; Newcombe interval)"


def rate_text(rate: Rate, digits: int = 1) -> str:
    """A rate with its interval in per cent, or why there is none."""
    if rate.value is None:
        return f"undefined: {rate.reason}"
    form = f".{digits}%"
    return f"{rate.value:{form}} ({_number(rate.low, form)} to {_number(rate.high, form)})"


def _lift(lift: float | None, low: float | None, high: float | None) -> str:
    ends = ["open" if end is None else f"{end:+.1%}" for end in (low, high)]
    return f"{_number(lift, '+.1%')} ({ends[0]} to {ends[1]})"


def _number(value: float | None, form: str) -> str:
    return "n/a" if value is None else format(value, form)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column)
    return table
