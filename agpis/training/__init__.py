"""Training of the three models on AGPIS-data."""
