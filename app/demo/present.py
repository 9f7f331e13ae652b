"""An answer in words, captions and figures, in one of the demo's languages."""

from __future__ import annotations

from collections.abc import Iterable

import plotly.graph_objects as go

from agpis.rules import RuleTaxonomy
from agpis.types import Finding, ImageReport, ImageStatus, Pixels, SequenceResult
from analysis.figures import rule_probability_figure, submission_figure
from app.components.text import name_of, plain, sentence
from app.demo.run import Answer
from app.demo.words import WORDS, say

Captioned = list[tuple[Pixels, str]]
P_T = r"$p^{\mathsf{t}}$"
TH_T = r"$th^{\mathsf{t}}$"
P_PRIMARY = r"$p^{\mathsf{primary}}$"
P_NONCOMPLIANT = r"$p^{\mathsf{nc}}$"
# So many of the likeliest outcomes are drawn.
_TOP = 12
_ORDER = (ImageStatus.SELECTED, ImageStatus.REMAINING, ImageStatus.REMOVED, ImageStatus.UNREADABLE)


def verdict(result: SequenceResult, language: str) -> str:
    """Markdown: how the run ended, why, and what can be done about it."""
    outcome = result.outcome.value
    lines = [f"## {say(language, f'outcome_{outcome}')}", _why(result, language)]
    if f"remedy_{outcome}" in WORDS[language]:
        lines.append(say(language, f"remedy_{outcome}"))
    lines += [sentence(note) for note in result.notes]
    lines.append(say(language, "seconds", value=sum(result.timings.values())))
    return "\n\n".join(lines)


def _why(result: SequenceResult, language: str) -> str:
    if result.p_qualified is None:
        return sentence(result.reason)
    values = {"p_t": P_T, "th_t": TH_T, "p": result.p_qualified, "limit": result.threshold}
    return say(language, f"reason_{result.outcome.value}", **values)


def sequence_captions(answer: Answer, language: str) -> Captioned:
    """The pictures of I^t, numbered."""
    captions = []
    for place, file in enumerate(answer.result.sequence, start=1):
        head = f"{place} · {say(language, 'primary')}" if place == 1 else f"{place}"
        captions.append(f"{head} · {name_of(file)}")
    return list(zip(answer.sequence, captions, strict=True))


def candidate_captions(answer: Answer, language: str) -> Captioned:
    """Every photo with what became of it."""
    return [
        (picture, f"{say(language, f'status_{report.status.value}')} · {name_of(report.file)}")
        for picture, report in zip(answer.candidates, answer.result.images, strict=True)
    ]


def decisions(result: SequenceResult, language: str) -> str:
    """Markdown: every photo with its probabilities and the reason for what became of it, those that stay first."""
    reports = sorted(result.images, key=lambda report: _ORDER.index(report.status))
    return "\n".join(line for report in reports for line in _decision(report, language))


def _decision(report: ImageReport, language: str) -> Iterable[str]:
    status = say(language, f"status_{report.status.value}")
    parts = [f"**{plain(name_of(report.file))}** · {status}"]
    if report.p_primary is not None and report.p_noncompliant is not None:
        parts.append(f"{P_PRIMARY} {report.p_primary:.2f} · {P_NONCOMPLIANT} {report.p_noncompliant:.2f}")
    yield f"- {' · '.join(parts)}<br>{sentence(report.reason)}"
    for finding in report.findings:
        # The reason of a removed image may be this very finding, followed by its score.
        if not report.reason.startswith(finding.message.rstrip(".")):
            yield f"    - {_evidence(finding, language)}"


def _evidence(finding: Finding, language: str) -> str:
    rule = f" {say(language, 'rule', id=plain(finding.rule_id))}." if finding.rule_id else ""
    return f"{sentence(finding.message)}{rule}"


def pair_captions(answer: Answer, language: str) -> Captioned:
    """The violating pairs: the kept image, then the removed one."""
    captions = []
    for pair in answer.result.duplicates:
        captions.append(f"{say(language, 'kept')} · {name_of(pair.kept)}")
        how_near = say(language, "similarity", value=pair.similarity)
        relation = say(language, f"relation_{pair.relation.value}")
        captions.append(f"{say(language, 'status_removed')} · {name_of(pair.removed)} · {relation}, {how_near}")
    return list(zip(answer.pairs, captions, strict=True))


def feedback(result: SequenceResult, language: str) -> str:
    """Markdown: what MUIsC wrote; empty when nothing was scored."""
    if result.p_qualified is None:
        return ""
    if not result.feedback:
        return say(language, "no_feedback")
    return f"**{say(language, 'feedback')}**\n\n> {plain(result.feedback)}"


def figures(result: SequenceResult, taxonomy: RuleTaxonomy) -> tuple[go.Figure, go.Figure] | None:
    """p^t against th^t, and the likeliest outcomes of a review; None when nothing was scored."""
    if result.p_qualified is None:
        return None
    both = submission_figure(result), rule_probability_figure(result, taxonomy, top=_TOP)
    for figure in both:
        # Streamlit brings its own paper; here the figures lie on the white page.
        figure.update_layout(template="plotly_white")
    return both
