"""Parts of the page of rules, models and thresholds in force."""
