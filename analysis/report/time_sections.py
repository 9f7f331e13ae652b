"""The sections about time: reject rate, drift, whether to train again."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.online.advice import advise
from analysis.online.drift import drift, windows_by_split
from analysis.online.figures import drift_figure, reject_rate_figure
from analysis.online.over_time import Period, reject_rates
from analysis.predictions import Predictions
from analysis.report.content import Block, FigureBlock, TableBlock, TextBlock
from analysis.report.words import percent_interval, undefined


def time_blocks(read: Predictions) -> Iterator[Block]:
    """Reject rate week by week."""
    found = reject_rates(read, Period.WEEK)
    yield TextBlock(
        f"Over the whole time {percent_interval(found.overall)} of {found.overall.n:,} sequences were rejected. "
        f"{found.undated:,} reviewed rows have no date and are in no week."
    )
    yield FigureBlock(
        "Reject rate of each week with 95% intervals; a gap is a week without reviews.", reject_rate_figure(found)
    )


def drift_blocks(read: Predictions, reference: str) -> Iterator[Block]:
    """Inputs and scores of all other rows against those of the reference split."""
    windows = windows_by_split(read, reference)
    found = drift(read, windows)
    yield TextBlock(
        f"{found.told}. The population stability index (PSI) says how far a distribution moved: below 0.1 hardly, "
        "above 0.25 a lot; the test says whether chance alone could do it."
    )
    yield TableBlock(
        "Features, most moved first",
        ("feature", "level", "PSI", "PSI by chance", "adjusted p"),
        tuple(
            (
                feature.name,
                str(feature.level),
                undefined(feature.reason) if feature.psi is None else f"{feature.psi:.3f}",
                "" if feature.psi_by_chance is None else f"{feature.psi_by_chance:.3f}",
                "" if feature.adjusted_p is None else f"{feature.adjusted_p:.3g}",
            )
            for feature in sorted(found.features, key=lambda feature: -(feature.psi or 0.0))
        ),
    )
    yield FigureBlock("PSI of each feature.", drift_figure(found))
    advice = advise(found, None, windows.reference_until, windows.current_until)
    reasons = "; ".join(reason.text for reason in advice.reasons)
    yield TextBlock(f"Advice: {advice.action}. {reasons}")
    for note in found.notes:
        yield TextBlock(note, warning=True)
