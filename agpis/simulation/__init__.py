"""The simulated marketplace: images carry facts, rules are predicates over facts, a reviewer applies the rules."""
