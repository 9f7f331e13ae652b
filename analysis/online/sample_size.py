"""How many impressions an A/B test needs, and what it can find with those it has.

Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions (3rd ed. 2003), section 4.2, without continuity
correction: the two-sided z-test with pooled variance, for arms of any share. R's `power.prop.test` is the same with
equal arms.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import stats

from analysis.errors import AnalysisError


@dataclass(frozen=True, slots=True)
class Design:
    """A planned A/B test of fixed length.

    Attributes:
        base: rate of the control arm, in (0, 1).
        lift: relative lift of the treatment arm that is to be found, e.g. 0.03; not 0.
        alpha: chance of a false alarm, two-sided, in (0, 1).
        power: chance to find the lift, in (alpha, 1).
        treatment_share: share of the units that the treatment arm gets, in (0, 1).
    """

    base: float
    lift: float
    alpha: float = 0.05
    power: float = 0.8
    treatment_share: float = 0.5

    def __post_init__(self) -> None:
        for name in ("base", "alpha", "power", "treatment_share"):
            value = getattr(self, name)
            if not 0 < value < 1:
                raise AnalysisError(f"{name} {value} is not between 0 and 1; give a share such as 0.05, not a per cent")
        if self.lift == 0 or not 0 < self.treated < 1:
            raise AnalysisError(
                f"a lift of {self.lift} takes the rate from {self.base} to {self.treated:g}; it must change the rate "
                "and leave it between 0 and 1"
            )
        if self.power <= self.alpha:
            raise AnalysisError(f"power {self.power} is not above alpha {self.alpha}, which a coin would reach")

    @property
    def treated(self) -> float:
        """Rate of the treatment arm."""
        return self.base * (1 + self.lift)


@dataclass(frozen=True, slots=True)
class SampleSize:
    """Units that a design needs: impressions for CTR, clicks for CVR.

    Attributes:
        design: what was asked for.
        control: units of the control arm.
        treatment: units of the treatment arm.
    """

    design: Design
    control: int
    treatment: int

    @property
    def total(self) -> int:
        """Units of both arms."""
        return self.control + self.treatment

    def days(self, per_day: int) -> int:
        """Whole days until both arms have them.

        Args:
            per_day: units of both arms a day, at least 1.
        """
        return -(-self.total // per_day)


@dataclass(frozen=True, slots=True)
class PowerCurve:
    """The power of a design over the units at hand.

    Attributes:
        size: what the design needs.
        totals: units of both arms, rising.
        powers: chance in (0, 1) to find the lift with each of them.
    """

    size: SampleSize
    totals: tuple[int, ...]
    powers: tuple[float, ...]


def power_curve(design: Design, points: int = 60) -> PowerCurve:
    """The power from nearly no units up to twice those that the design needs."""
    size = sample_size(design)
    totals = sorted({max(2, size.total * 2 * step // points) for step in range(1, points + 1)})
    return PowerCurve(size, tuple(totals), tuple(power(design, total) for total in totals))


def sample_size(design: Design) -> SampleSize:
    """The fewest units of each arm with which the design reaches its power."""
    null, other = _deviations(design)
    reach = stats.norm.isf(design.alpha / 2) * null + stats.norm.ppf(design.power) * other
    total = (reach / (design.treated - design.base)) ** 2
    share = design.treatment_share
    return SampleSize(design, math.ceil(total * (1 - share)), math.ceil(total * share))


def power(design: Design, total: int) -> float:
    """Chance in (0, 1) to find the lift of the design with this many units in both arms; `design.power` is not used.

    Raises:
        AnalysisError: when there are less than 2 units.
    """
    if total < 2:
        raise AnalysisError(f"{total} units are too few for two arms; it takes at least 2")
    null, other = _deviations(design)
    reach = abs(design.treated - design.base) * math.sqrt(total)
    return float(stats.norm.cdf((reach - stats.norm.isf(design.alpha / 2) * null) / other))


def _deviations(design: Design) -> tuple[float, float]:
    """Standard deviation of the difference times sqrt(total): when both rates are equal, and when they are not."""
    share, p, q = design.treatment_share, design.base, design.treated
    pooled = (1 - share) * p + share * q
    null = pooled * (1 - pooled) * (1 / share + 1 / (1 - share))
    return math.sqrt(null), math.sqrt(p * (1 - p) / (1 - share) + q * (1 - q) / share)
