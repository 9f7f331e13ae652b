"""The rule taxonomy: which classes exist, what they are called, how a seller reads them."""

from agpis.rules.taxonomy import Rule, RuleCategory, RuleTaxonomy, load_taxonomy, parse_taxonomy

__all__ = ["Rule", "RuleCategory", "RuleTaxonomy", "load_taxonomy", "parse_taxonomy"]
