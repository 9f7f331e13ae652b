"""Tables of predictions in, metrics, reports and figures out: no torch, no Streamlit."""
