"""The Streamlit app: widgets and caching only; every number comes from `agpis` and `analysis`."""
