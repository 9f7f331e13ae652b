"""docs/results.md: two reports as a page, with what was aimed at and whether it was reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analysis.metrics.bootstrap import Score
from benchmarks.muisc.report import Report, Section

MARKER = "<!-- Written by hand from here on: the generator keeps it. -->"
# The first page begins with this; later ones keep what was made of it.
_DEFAULT_REST = """\
## How to read this

- Label noise here is made after the fact: the sequences stay as they are and a share of the labels is flipped, both
  ways alike. `agpis simulate --miss-rate --false-alarm-rate` makes another noise, in the reviewer: a broken rule that
  is overlooked lets the next one name the class, only good sequences get false alarms, and the feedback errs with the
  label. A model can be trained on that; to measure one, flipping shows what the same sequences are worth to a judge
  that errs.
- AUC-single, -pair and -multi are on as many qualified as rejected sequences, as in the paper; the rows "all qualified"
  use all of them, which the AUC does not depend on but its interval does. R@P depends on the share of qualified ones,
  which is about Table 1's in both sets of sequences.
- "With another product's title" gives qualified sequences a wrong title as well, so that a model that reads titles
  can no longer tell these rules; a title may suit by chance.
- Rejected correctly: p^t lies below th^t and the reviewer rejected the sequence. Images named right: the numbers in the
  written feedback are exactly those in the reviewer's, of the sequences whose reviewer named any. A reviewer names one
  breach where there may be several, and one of several images in some sentences, so that 100% is out of reach.
- BLEU and chrF are sacrebleu's, over all rejected sequences against one reference each; a reviewer has three to five
  sentences for the same thing and draws one, which limits both.
- (b) begins from a copy of the catalogue, written by `python -m benchmarks.clothes_catalog --catalog PATH/magento --out
  CATALOGS/magento`: one colour of each product, without the photos that the catalogue's own notes call into doubt. The
  clothes are worn by people and no colour is measured on these, so that most titles name none; rules of colour are
  broken by bags, watches and equipment only, and the intervals of small groups are wide.
"""


@dataclass(frozen=True, slots=True)
class Target:
    """A number to reach.

    Attributes:
        words: what is aimed at, for the page.
        score: name of the score.
        least: smallest value that reaches it.
        most: largest value that reaches it.
        noisy: it is the score against labels with noise that counts.
        real: it is the report on real photos that counts.
    """

    words: str
    score: str
    least: float = float("-inf")
    most: float = float("inf")
    noisy: bool = False
    real: bool = False

    def reached(self, value: float | None) -> bool:
        """Whether a value lies within the limits; no value never does."""
        return value is not None and self.least <= value <= self.most


TARGETS = (
    Target("(a) AUC at least 0.90", "AUC", 0.90),
    Target("(a) the same with label noise", "AUC", 0.90, noisy=True),
    Target("(b) AUC at least 0.80", "AUC", 0.80, real=True),
    Target("(b) the same with label noise", "AUC", 0.80, noisy=True, real=True),
    Target("(a) title rules: AUC at least 0.85 with the title", "title rules with the title", 0.85),
    Target("(a) title rules: AUC 0.40 to 0.60 without it", "title rules with an empty title", 0.40, 0.60),
    Target(
        "(a) images named right in at least 80% of the correctly rejected",
        "images named right, of the correctly rejected",
        0.80,
    ),
)


def render(simulated: Report, real: Report, before: str = "") -> str:
    """The page.

    Args:
        simulated: report (a), on the simulated test split.
        real: report (b), on real photos.
        before: the page as it was; what follows its marker is kept.
    """
    rest = before.partition(MARKER)[2].strip("\n") if MARKER in before else _DEFAULT_REST.rstrip()
    lines = [
        "# What MUIsC reaches",
        "",
        "Written by `python -m benchmarks.muisc_results --a JSON --b JSON --out docs/results.md` from what the",
        f"commands below print. Weights: SHA-256 `{simulated.weights}`"
        + (f" in (a), `{real.weights}` in (b)." if real.weights != simulated.weights else "."),
        "",
        *_noise(simulated, real),
        "",
        "## Targets",
        "",
        *_targets(simulated, real),
        "",
        *_report("(a) The simulated test split", simulated),
        *_report("(b) Sequences over real photos that no training saw", real),
        MARKER,
        "",
        rest,
    ]
    return "\n".join(lines) + "\n"


def _noise(simulated: Report, real: Report) -> Iterator[str]:
    shares = " and ".join(sorted({f"{report.label_noise:.0%}" for report in (simulated, real)}))
    yield f"Each interval is the 2.5th to 97.5th percentile of {simulated.resamples:,} resamples of products, with all"
    yield "their sequences, since sequences of one product are not independent. Human noise: scores stand beside those"
    yield f"against labels of which {shares} were flipped, a qualified sequence to a random rule and a rejected one to"
    yield 'qualified; "AUC of a faultless judge" is the most that any model can reach against such labels.'


def _targets(simulated: Report, real: Report) -> Iterator[str]:
    yield "| target | value | 95% interval | n | reached |"
    yield "|---|---|---|---|---|"
    for target in TARGETS:
        score = (real if target.real else simulated).score(target.score, noisy=target.noisy)
        value, interval = cells(score)
        reached = "yes" if target.reached(score.value) else "no"
        yield f"| {target.words} | {value} | {interval} | {score.n} | {reached} |"


def _report(heading: str, report: Report) -> Iterator[str]:
    yield from (f"## {heading}", "")
    yield f"{report.sequences:,} sequences of {report.products:,} products, th^t {report.threshold:g}:"
    yield from ("", "```bash", *_simulated_by(report), report.command, "```", "")
    for section in report.sections:
        yield from (f"### {section.title}", "", *_table(section, report.label_noise), "")


def _simulated_by(report: Report) -> Iterator[str]:
    """The command that simulated the data, of what the manifest tells."""
    settings = report.simulation
    if not settings:
        return
    words = ["python -m agpis simulate", f"--out runs/{report.data}"]
    reviews = settings.get("num_reviews")
    words.append(f"--n {reviews}" if reviews else f"--rendered {settings['num_rendered']}")
    words += [f"--catalog CATALOGS/{name}" for name in settings["catalogs"]]
    words.append(f"--sequences {settings['sequences_per_product']}")
    if settings["balanced_training"]:
        words.append("--balanced")
    if settings.get("wrong_titles"):
        words.append(f"--wrong-titles {settings['wrong_titles']}")
    words += [
        f"--{name.replace('_', '-')} {settings[name]:g}" for name in ("miss_rate", "false_alarm_rate") if settings[name]
    ]
    yield " ".join([*words, f"--seed {settings['seed']}"])


def _table(section: Section, label_noise: float) -> Iterator[str]:
    noisy = section.with_noise
    yield "| score | value | 95% interval | n |" + (f" {label_noise:.0%} flipped | 95% interval |" if noisy else "")
    yield "|---|---|---|---|" + ("---|---|" if noisy else "")
    for number, score in enumerate(section.as_reviewed):
        row = [score.name, *cells(score), support(score), *(cells(noisy[number]) if noisy else ())]
        yield f"| {' | '.join(row)} |"


def cells(score: Score) -> Sequence[str]:
    """Value and interval as text."""
    value = "n/a" if score.value is None else f"{score.value:.3f}"
    interval = "n/a" if score.low is None or score.high is None else f"{score.low:.3f} to {score.high:.3f}"
    return value, interval


def support(score: Score) -> str:
    """How many sequences, and how many of them were rejected where that matters."""
    return str(score.n) if score.rejected is None else f"{score.n} ({score.rejected} rejected)"
