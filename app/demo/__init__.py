"""The parts of the Gradio demo; `python -m app.gradio_demo` starts it."""
