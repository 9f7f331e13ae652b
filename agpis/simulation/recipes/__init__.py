"""How to break one rule in an otherwise good sequence: one recipe for every kind of predicate.

A recipe may fail for a product (no other colour, no second view) and need not hit every time: the reviewer decides.
"""

from agpis.simulation.recipes import multi as _multi  # noqa: F401 - makes its recipes known
from agpis.simulation.recipes import pair as _pair  # noqa: F401 - makes its recipes known
from agpis.simulation.recipes import single as _single  # noqa: F401 - makes its recipes known
from agpis.simulation.recipes import titles as _titles  # noqa: F401 - makes its recipes known
from agpis.simulation.recipes.base import Draft, break_rule
from agpis.simulation.recipes.flaws import add_flaw, spoils_single_pictures

__all__ = ["Draft", "add_flaw", "break_rule", "spoils_single_pictures"]
