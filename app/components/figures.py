"""The figures of the analysis toolkit in the language of the session.

The toolkit draws them in English and knows nothing of the app; here their titles, names and notes are put into other
words. What is not among LABELS stays: names of models, features and rules, and numbers.
"""

from __future__ import annotations

from functools import cache

import parse
import plotly.graph_objects as go

from app.i18n import is_english, translate

LABELS = (
    "share of rejected sequences that pass",
    "share of qualified sequences that pass",
    "recall of qualified sequences",
    "precision: share of qualified among those that pass",
    "chance",
    "threshold <i>th</i><sup>t</sup>",
    "threshold {threshold}",
    "95% interval",
    "reject rate",
    "reject rate of what is submitted",
    "submitted share",
    "share",
    "profit",
    "profit of {volume} sequences",
    "nothing submitted",
    "share of the row",
    "the model's class",
    "the reviewer's class",
    "at th<sup>t</sup> = {threshold}; {missing} rules without a rejected sequence are left out",
    "at th<sup>t</sup> = {threshold}",
    "share of the rule's sequences with p<sup>t</sup> ≥ th<sup>t</sup>",
    "rule",
    "Qualified",
    "Single-image rules",
    "Image-pair rules",
    "Multi-image rules",
    "Other",
    "all other sequences",
    "slice",
    "slice that differs (q ≤ 0.05)",
    "reject rate: rejected sequences of all",
    "escape rate: rejected sequences with p<sup>t</sup> ≥ th<sup>t</sup>",
    "AUC of p<sup>t</sup>",
    "accepted",
    "rejected",
    "{drawn} of {total} sequences with both readings; dashed: th<sup>t</sup> = {threshold}",
    "p<sup>t</sup>, of the classifier",
    "p<sup>nlg</sup>, of the written feedback",
    "reviewed",
    "submitted and reviewed",
    "always-valid {level} interval",
    "{level} interval",
    "middle of the day",
    "middle of the week",
    "middle of the month",
    "release",
    "All features were compared",
    "Not compared: {features}",
    "PSI; limits: {moderate} moderate, {major} major",
    "feature",
    "stable",
    "moderate",
    "major",
    "lift",
    "data up to this date",
    "relative lift of {metric}",
    "arms differ",
    "power",
    "as planned",
    "units of both arms",
)
"""Texts of figures that the catalogues translate, as templates; the particular ones first."""


def localized(figure: go.Figure) -> go.Figure:
    """The same figure, changed in place, with its labels in the language of this session.

    Titles of the figure, of axes and of colour bars, names of traces, and annotations are looked at.
    """
    if is_english():
        return figure
    figure.for_each_trace(_localize_trace)
    figure.for_each_xaxis(_localize_title)
    figure.for_each_yaxis(_localize_title)
    figure.for_each_annotation(lambda note: note.update(text=_label(note.text)))
    _localize_title(figure.layout)
    return figure


def _localize_trace(trace: go.Scatter) -> None:
    trace.name = _label(trace.name)
    if trace.type == "heatmap":
        _localize_title(trace.colorbar)


def _localize_title(part: go.Layout) -> None:
    part.title.text = _label(part.title.text)


def _label(text: str | None) -> str | None:
    for label, parser in _parsers():
        found = parser.parse(text or "")
        if found is not None:
            return translate(label).format(**found.named)
    return text


@cache
def _parsers() -> tuple[tuple[str, parse.Parser], ...]:
    return tuple((label, parse.compile(label, case_sensitive=True)) for label in LABELS)
