"""The table of predictions that `agpis predict` writes and `analysis` reads: its columns, in Parquet or CSV.

One scored sequence a row. `p_<class id>` holds p^mcc of each class of the taxonomy, e.g. `p_qualified` and `p_S03`.
"""

from __future__ import annotations

from enum import StrEnum

from agpis.rules import RuleTaxonomy

TEXT_COLUMNS = ("product_id", "category", "date", "source", "split", "label")
"""Must be there. `date` is ISO 8601 and may be empty; `label` is the class id of the review, empty without one."""
SCORE_COLUMNS = ("p_t", "p_nlg")
"""May be missing: p_t is then p_<qualified>, p_nlg is unknown. Both in [0, 1]; p_nlg may be empty in single rows."""
EXTRA_COLUMNS = ("title", "images", "feedback", "written_feedback", "decision", "model")
"""May be missing. `images` are files relative to the table, a list in Parquet and joined by `|` in CSV; `decision` is
one of DECISIONS."""
DECISIONS = ("submitted", "withheld")
IMAGE_SEPARATOR = "|"
PROBABILITY_PREFIX = "p_"


class FeedbackWriting(StrEnum):
    """The sequences that `written_feedback` is filled for; writing is the slow part of a run."""

    NONE = "none"
    WITHHELD = "withheld"
    ALL = "all"


def probability_columns(taxonomy: RuleTaxonomy) -> tuple[str, ...]:
    """The columns of p^mcc in class order."""
    return tuple(PROBABILITY_PREFIX + rule_id for rule_id in taxonomy.ids)
