"""What the paper concludes from its tables, and whether it can be seen here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from benchmarks.tables.intervals import Interval, Resampled, best_of, mean_of
from benchmarks.tables.rows import BY_KEY, COLUMNS, TABLE_3, TOWERS, Backbone, tower_key

Measured = Mapping[str, Mapping[str, Resampled]]
"""Row -> column -> number, of the rows that were trained."""

_FUSIONS = (True, False)
_LATE_VIT, _HIERARCHICAL, _ENCODER_DECODER, _NLG, _OURS = TABLE_3


class Verdict(StrEnum):
    """Whether a claim holds on this data."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "cannot tell"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Claim:
    """A difference between rows.

    Attributes:
        words: the claim.
        section: where the paper makes it.
        column: what is compared.
        pairs: (row, row that it is compared with); the difference is their mean.
        against_best: the other rows count by the best of them in every resample, instead of one by one.
        margin: the claim is that both are alike to within this much; None: that the first is better.
    """

    words: str
    section: str
    column: str
    pairs: tuple[tuple[str, str], ...]
    against_best: bool = False
    margin: float | None = None

    @property
    def rows(self) -> set[str]:
        """Keys of all rows it needs."""
        return {key for pair in self.pairs for key in pair}

    @property
    def paper(self) -> float | None:
        """The difference in the paper's tables; None where its text gives no numbers."""
        column = COLUMNS.index(self.column)
        if not all(BY_KEY[key].paper for key in self.rows):
            return None
        ours, others = ([BY_KEY[key].paper[column] for key in keys] for keys in zip(*self.pairs, strict=True))
        return sum(ours) / len(ours) - (max(others) if self.against_best else sum(others) / len(others))


@dataclass(frozen=True, slots=True)
class Tested:
    """A claim with what came of it.

    Attributes:
        claim: which one.
        difference: with the interval of the paired difference.
        verdict: whether it holds here.
    """

    claim: Claim
    difference: Interval
    verdict: Verdict


def _late_and_early() -> tuple[tuple[str, str], ...]:
    return tuple((tower_key(one, early=False), tower_key(one, early=True)) for one in Backbone)


def _multi_and_binary() -> tuple[tuple[str, str], ...]:
    return tuple(
        (tower_key(one, early=early), tower_key(one, early=early, binary=True))
        for one in Backbone
        for early in _FUSIONS
    )


def _strong_and_weak() -> tuple[tuple[str, str], ...]:
    return tuple(
        (tower_key(strong, early=early), tower_key(weak, early=early))
        for strong in (Backbone.RESNETV2, Backbone.VIT)
        for weak in (Backbone.RESNET18, Backbone.RESNET50)
        for early in _FUSIONS
    )


CLAIMS = (
    Claim("late fusion beats early fusion on the whole", "4.4", "AUC", _late_and_early()),
    Claim("late fusion is better on single-image rules", "4.4", "AUC-single", _late_and_early()),
    Claim(
        "early fusion is better on image-pair rules",
        "4.4",
        "AUC-pair",
        tuple((early, late) for late, early in _late_and_early()),
    ),
    Claim("both fusions are similar on multi-image rules (±0.02)", "4.4", "AUC-multi", _late_and_early(), margin=0.02),
    Claim("ResNetV2-101 and ViT beat ResNet18 and ResNet50", "4.4", "AUC", _strong_and_weak()),
    Claim("multi-class beats binary", "4.4", "AUC", _multi_and_binary()),
    Claim(
        "ours beats the best single tower",
        "4.4",
        "AUC",
        tuple((_OURS, row.key) for row in TOWERS),
        against_best=True,
    ),
    Claim("ours: late fusion beats early fusion", "4.4", "AUC", ((_OURS, "ours-early"),)),
    Claim("the hierarchical encoder helps", "4.5", "AUC", ((_HIERARCHICAL, _LATE_VIT),)),
    Claim("the encoder-decoder helps slightly", "4.5", "AUC", ((_ENCODER_DECODER, _HIERARCHICAL),)),
    Claim("the NLG task helps", "4.5", "AUC", ((_NLG, _ENCODER_DECODER),)),
    Claim("the NLG task helps on single-image rules", "4.5", "AUC-single", ((_NLG, _ENCODER_DECODER),)),
    Claim("the title helps", "4.5", "AUC", ((_OURS, _NLG),)),
    Claim("the title helps on multi-image rules", "4.5", "AUC-multi", ((_OURS, _NLG),)),
)


def judged(claim: Claim, measured: Measured) -> Tested:
    """Hold a claim against the rows that were trained."""
    if not claim.rows <= set(measured):
        return Tested(claim, Interval(None, None, None), Verdict.NOT_RUN)
    ours, others = (
        [measured[key][claim.column] for key in dict.fromkeys(keys)] for keys in zip(*claim.pairs, strict=True)
    )
    difference = (mean_of(ours) - (best_of if claim.against_best else mean_of)(others)).interval
    return Tested(claim, difference, _verdict(difference, claim.margin))


def _verdict(difference: Interval, margin: float | None) -> Verdict:
    low, high = difference.low, difference.high
    if low is None or high is None:
        return Verdict.UNKNOWN
    if margin is not None:
        if max(abs(low), abs(high)) < margin:
            return Verdict.YES
        return Verdict.NO if max(low, -high) > margin else Verdict.UNKNOWN
    if low > 0:
        return Verdict.YES
    return Verdict.NO if high < 0 else Verdict.UNKNOWN
