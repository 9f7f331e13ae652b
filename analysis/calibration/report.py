"""p^t as it is beside p^t calibrated, fitted on the validation split and judged on the test split."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.calibration.reliability import Reliability, reliability
from analysis.calibration.scaling import FIT_SPLIT, Isotonic, Temperature, fit_isotonic, fit_temperature
from analysis.errors import AnalysisError
from analysis.operating_point.sample import require_unseen
from analysis.predictions import Floats, Predictions

JUDGE_SPLIT = "test"


@dataclass(frozen=True, slots=True, eq=False)
class CalibratedScores:
    """p^t three times, for the same n sequences.

    Attributes:
        raw: (n,) p^t of the table.
        temperature: (n,) after temperature scaling of p^mcc.
        isotonic: (n,) after isotonic scaling of p^t.
    """

    raw: Floats
    temperature: Floats
    isotonic: Floats


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """Calibration before and after.

    Attributes:
        raw: p^t of the table on the judging split.
        temperature: after temperature scaling.
        isotonic: after isotonic scaling.
        temperature_value: T.
        at_limit: whether T stopped at an end of its range, so that it says little.
        fitted_on: split.
        n_fitted: reviewed sequences of it.
        judged_on: split.
        n_judged: reviewed sequences of it.
    """

    raw: Reliability
    temperature: Reliability
    isotonic: Reliability
    temperature_value: float
    at_limit: bool
    fitted_on: str
    n_fitted: int
    judged_on: str
    n_judged: int


def calibrated_p_t(predictions: Predictions, temperature: Temperature, isotonic: Isotonic) -> CalibratedScores:
    """Calibrated p^t beside the raw, for any rows, reviewed or not."""
    return CalibratedScores(predictions.p_t, temperature.p_t(predictions.probabilities), isotonic.p_t(predictions.p_t))


def calibration_report(
    predictions: Predictions, judge_on: str = JUDGE_SPLIT, bins: int = 15, force: bool = False
) -> CalibrationReport:
    """Fit both scalings on the validation split and compare them on another.

    Args:
        predictions: a table with both splits.
        judge_on: split of the judgement.
        bins: of the reliability diagrams.
        force: judge on any split.

    Raises:
        SplitError: when the splits are the same, or the judgement is on the training split.
        AnalysisError: when a split has no reviewed sequence, or fewer than one bin is asked for.
    """
    require_unseen(FIT_SPLIT, judge_on, force)
    fitting, judging = predictions.in_split(FIT_SPLIT), predictions.in_split(judge_on).reviewed()
    if not len(judging):
        raise AnalysisError(f"split {judge_on!r} has no reviewed sequence to judge calibration on")
    temperature, isotonic = fit_temperature(fitting), fit_isotonic(fitting)
    scores = calibrated_p_t(judging, temperature, isotonic)
    raw, tempered, stepped = (
        reliability(p_t, judging.is_qualified, bins) for p_t in (scores.raw, scores.temperature, scores.isotonic)
    )
    return CalibrationReport(
        raw=raw,
        temperature=tempered,
        isotonic=stepped,
        temperature_value=temperature.value,
        at_limit=temperature.at_limit,
        fitted_on=FIT_SPLIT,
        n_fitted=temperature.n,
        judged_on=judge_on,
        n_judged=len(judging),
    )
