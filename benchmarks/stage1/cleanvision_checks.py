"""cleanvision's checks of single photos with its own parameters and limits, without its handling of data sets."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from cleanvision.issue_managers import IssueType
from cleanvision.issue_managers.image_property_issue_manager import ImagePropertyIssueManager
from PIL import Image as PilImage

from agpis.stage1.quality.kinds import QualityKind
from agpis.types import Image

_ISSUES = {
    QualityKind.BLUR: IssueType.BLURRY,
    QualityKind.DARK: IssueType.DARK,
    QualityKind.OVEREXPOSED: IssueType.LIGHT,
    QualityKind.ODD_ASPECT: IssueType.ODD_ASPECT_RATIO,
    QualityKind.BLANK: IssueType.LOW_INFORMATION,
}


class CleanvisionChecks:
    """The checks.

    Attributes:
        limits: kind -> the score above which cleanvision calls a photo flawed.
    """

    def __init__(self) -> None:
        """Take cleanvision's defaults."""
        manager = ImagePropertyIssueManager()
        self._properties = {kind: manager.image_properties[issue.value] for kind, issue in _ISSUES.items()}
        parameters = {kind: dict(manager.params[issue.value]) for kind, issue in _ISSUES.items()}
        # Its scores fall where a photo gets worse.
        self.limits: Mapping[QualityKind, float] = {
            kind: 1 - values.pop("threshold") for kind, values in parameters.items()
        }
        self._parameters = parameters

    def measure(self, photo: Image) -> dict[QualityKind, float]:
        """One minus cleanvision's scores, in [0, 1]; larger is worse."""
        picture = PilImage.fromarray(photo.pixels)
        # Dark and light share one measurement, as in cleanvision itself.
        raw: dict[str, float | str] = {}
        for kind, measured in self._properties.items():
            if kind is not QualityKind.OVEREXPOSED:
                raw |= measured.calculate(picture)
        frame = pd.DataFrame([raw])
        return {
            kind: 1 - float(measured.get_scores(frame, _ISSUES[kind].value, **self._parameters[kind]).iloc[0, 0])
            for kind, measured in self._properties.items()
        }

    def softness(self, photo: Image) -> float:
        """Its measure of edges by itself, turned so that larger is worse."""
        return -float(self._properties[QualityKind.BLUR].calculate(PilImage.fromarray(photo.pixels))["blurriness"])
