"""docs/paper-tables.md: both tables and the paper's claims, beside what was measured."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.tables.claims import CLAIMS, Measured, Tested, judged
from benchmarks.tables.dataset import CATEGORIES, Reviewed
from benchmarks.tables.intervals import Interval
from benchmarks.tables.presets import Preset
from benchmarks.tables.results import RowResult
from benchmarks.tables.rows import BY_KEY, COLUMNS, NAMES, ROWS, TABLE_2, TABLE_3, TABLE_3_LABELS

MARKER = "<!-- Written by hand from here on: the command keeps it. -->"
NOT_DEFINED = "n/a"


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Everything the page tells.

    Attributes:
        preset: the sizes.
        data: what was trained and scored on.
        results: row -> its trainings.
        measured: row -> its columns.
        resamples: of the intervals.
        command: makes the page.
    """

    preset: Preset
    data: Reviewed
    results: Mapping[str, Sequence[RowResult]]
    measured: Measured
    resamples: int
    command: str

    @property
    def claims(self) -> tuple[Tested, ...]:
        """The paper's claims held against this run."""
        return tuple(judged(claim, self.measured) for claim in CLAIMS)


def number(value: float | None, *, sign: bool = False) -> str:
    """Three digits; "n/a" for what is not defined."""
    if value is None:
        return NOT_DEFINED
    return f"{value:+.3f}" if sign else f"{value:.3f}"


def interval(one: Interval, *, sign: bool = False) -> str:
    """`0.612 (0.580 to 0.645)`."""
    if one.low is None or one.high is None:
        return number(one.value, sign=sign)
    return f"{number(one.value, sign=sign)} ({number(one.low, sign=sign)} to {number(one.high, sign=sign)})"


def cells(key: str, measured: Measured) -> list[tuple[str, str]]:
    """(the paper's number, ours with its interval) for every column of a row."""
    paper = BY_KEY[key].paper or (None,) * len(COLUMNS)
    found = measured.get(key)
    return [
        (number(printed), interval(found[column].interval) if found is not None else "not run")
        for column, printed in zip(COLUMNS, paper, strict=True)
    ]


def render(run: Run, before: str = "") -> str:
    """The page in Markdown.

    Args:
        run: what it tells.
        before: the page as it was; what stands below its marker is kept.
    """
    rest = before.partition(MARKER)[2].strip("\n")
    labels = [BY_KEY[key].label for key in TABLE_2]
    lines = [
        "# The paper's Tables 2 and 3, trained on simulated reviews",
        "",
        *_introduction(run),
        "",
        "## Table 2: single towers and ours",
        "",
        *_table(TABLE_2, labels, run.measured),
        "",
        "\\* two classes, qualified and rejected; the others have one class a rule. The paper's text gives no numbers "
        "of its starred rows.",
        "",
        "## Table 3: ablation",
        "",
        *_table(TABLE_3, TABLE_3_LABELS, run.measured),
        "",
        "## The paper's claims",
        "",
        *_claims(run.claims),
        "",
        "## What was trained",
        "",
        *_settings(run),
        "",
        MARKER,
        *(["", rest] if rest else []),
    ]
    return "\n".join(lines) + "\n"


def _introduction(run: Run) -> Iterator[str]:
    data = run.data
    rejected = int((data.qualified == 0).sum())
    subsets = ", ".join(f"{len(data.subset(category))} for AUC-{category}" for category in CATEGORIES)
    num_train = max((one.num_train for results in run.results.values() for one in results), default=data.num_train)
    trainings = Counter(len(results) for results in run.results.values())
    seeds = ", ".join(f"{rows} rows with {count}" for count, rows in sorted(trainings.items())) or "none"
    yield "```bash"
    yield run.command
    yield "```"
    yield ""
    yield (
        f"Preset `{run.preset.name}`: {run.preset.purpose}. The paper's numbers are of 700,000 reviews of a real shop, "
        f"these of {num_train:,} training, {data.num_val:,} validation and {len(data.test):,} test sequences of a "
        "simulated one: differences between rows can be compared, the numbers themselves cannot."
    )
    yield ""
    yield (
        f"Each cell: the paper's number → ours, the mean over the trainings of the row (seeds: {seeds}), with its 95% "
        f"interval. The test split has {rejected:,} rejected sequences and {len(set(data.products)):,} products; the "
        f"balanced subsets have {subsets} sequences. Intervals are percentiles of {run.resamples:,} resamples of the "
        "products, the same in all rows, and of the trainings of each row; few trainings understate how much "
        "these differ."
    )


def _table(keys: Sequence[str], labels: Sequence[str], measured: Measured) -> Iterator[str]:
    yield f"| model | {' | '.join(COLUMNS)} |"
    yield f"|---{'|---' * len(COLUMNS)}|"
    for key, label in zip(keys, labels, strict=True):
        row = " | ".join(f"{printed} → {found}" for printed, found in cells(key, measured))
        yield f"| {label.replace('*', chr(92) + '*')} | {row} |"


def _claims(claims: Sequence[Tested]) -> Iterator[str]:
    yield "| claim | section | column | difference in the paper | difference here (95% interval) | holds here? |"
    yield "|---|---|---|---|---|---|"
    for one in claims:
        claim = one.claim
        yield (
            f"| {claim.words} | {claim.section} | {claim.column} | {number(claim.paper, sign=True)} | "
            f"{interval(one.difference, sign=True)} | {one.verdict} |"
        )
    yield ""
    yield (
        "Differences are paired: both sides are scored on the same sequences in every resample. Claims about several "
        "backbones take the mean over them. Yes: the whole interval is above 0. No: it is below. Cannot tell: 0 lies "
        'in it. "Similar" is yes when the whole interval lies within the margin. Against the best single tower, the '
        f"best is chosen in every resample, which favours the towers. {len(claims)} claims at 95% each: one wrong "
        "verdict among them would be no surprise."
    )


def _settings(run: Run) -> Iterator[str]:
    yield "| backbone of the paper | here (timm) | changed sizes |"
    yield "|---|---|---|"
    for backbone, network in run.preset.networks.items():
        changed = ", ".join(f"{name} {value}" for name, value in network.kwargs.items()) or "none"
        yield f"| {NAMES[backbone]} | `{network.model}` | {changed} |"
    yield ""
    training = ", ".join(f"{name} {value}" for name, value in run.preset.training.items())
    start = "published weights" if run.preset.parts == "base" else "random weights"
    yield f"- All towers start from {start}; input {run.preset.image_size} x {run.preset.image_size} pixels."
    yield f"- All rows alike: {training}. The weights that are scored are the best in validation AUC."
    yield (
        "- Ours is the paper's method: the comparisons of images and title that `muisc-small` adds are switched off. "
        "Single towers are MUIsC with decoder and sequence blocks switched off: an MLP on the towers' global features."
    )
    if run.preset.parts == "small":
        yield "- The decoder starts at random too, so λ^nlg is 0.5 (paper: 0.1, with a pretrained GPT2)."
    manifest = run.data.folder / "manifest.json"
    if manifest.is_file():
        made: dict[str, object] = json.loads(manifest.read_text(encoding="utf-8"))["settings"]
        yield f"- Simulation: {', '.join(f'{name} {value}' for name, value in made.items())}."
    yield ""
    yield from _speeds(run)


def _speeds(run: Run) -> Iterator[str]:
    yield "| row | parameters | trainings | steps | training samples a second | seconds a training | on |"
    yield "|---|---|---|---|---|---|---|"
    for row in ROWS:
        results = run.results.get(row.key, ())
        if results:
            first = results[0]
            pace = sum(one.samples_per_second for one in results) / len(results)
            seconds = sum(one.seconds for one in results) / len(results)
            label = row.label.replace("*", "\\*")
            yield (
                f"| {label} | {first.parameters:,} | {len(results)} | {first.steps} | {pace:.0f} | {seconds:.0f} | "
                f"{first.device} |"
            )
