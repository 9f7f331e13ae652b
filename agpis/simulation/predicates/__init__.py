"""The rules a simulated reviewer knows, as predicates over facts.

A rule file names a predicate by its `kind` and sets its parameters: `{kind: low_fill, min_fill: 0.12}`.
"""

from agpis.simulation.predicates.base import Hit, Predicate, build_predicate, predicate_kinds
from agpis.simulation.predicates.multi import PrimaryNotFront
from agpis.simulation.predicates.pair import PartialCopy
from agpis.simulation.predicates.single import HasDefect, LowFill

__all__ = [
    "HasDefect",
    "Hit",
    "LowFill",
    "PartialCopy",
    "Predicate",
    "PrimaryNotFront",
    "build_predicate",
    "predicate_kinds",
]
