"""How to break one rule in an otherwise good sequence: one recipe for every kind of predicate.

A recipe may fail for a product (no other colour, no second view) and need not hit every time: the reviewer decides.
"""

from agpis.simulation.recipes import pair as _pair  # noqa: F401 - makes its recipes known
from agpis.simulation.recipes.base import Draft, break_rule
from agpis.simulation.recipes.multi import with_colour
from agpis.simulation.recipes.single import add_defect

__all__ = ["Draft", "add_defect", "break_rule", "with_colour"]
