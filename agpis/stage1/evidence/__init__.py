"""Where and what: evidence for non-compliant content (section 3.3.1), each piece with the rule it supports."""
