"""What happens after the release (section 5): reject rate over time, drift, when to train again, A/B tests."""
