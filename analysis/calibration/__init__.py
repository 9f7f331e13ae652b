"""Whether p^t means what it says, and p^t that does."""

from analysis.calibration.reliability import BrierScore, Reliability, ReliabilityBin, reliability
from analysis.calibration.report import CalibratedScores, CalibrationReport, calibrated_p_t, calibration_report
from analysis.calibration.scaling import Isotonic, Temperature, fit_isotonic, fit_temperature

__all__ = [
    "BrierScore",
    "CalibratedScores",
    "CalibrationReport",
    "Isotonic",
    "Reliability",
    "ReliabilityBin",
    "Temperature",
    "calibrated_p_t",
    "calibration_report",
    "fit_isotonic",
    "fit_temperature",
    "reliability",
]
