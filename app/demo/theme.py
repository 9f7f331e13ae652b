"""The look of the demo: the colours of `.streamlit/config.toml`, always light."""

from __future__ import annotations

import gradio as gr
from gradio.themes.utils import colors, sizes

_BLUE = colors.Color(
    name="agpis", c50="#eef4fc", c100="#d9e6f8", c200="#b5cef1", c300="#87afe6", c400="#5289d8", c500="#2f6ecb",
    c600="#1f5fbf", c700="#194d9b", c800="#153f7e", c900="#112f5d", c950="#0b1f3d",
)  # fmt: skip

# Galleries are as tall as their pictures, and captions stand below them: Gradio lays them over the pictures, and has no
# setting for that. Label and buttons of the uploaded photos get a line of their own. On a phone galleries break their
# rows instead of widening the page; pairs stay side by side. An enlarged picture gets room, however low its gallery is,
# and its caption ends above the row of small pictures.
CSS = """
.gradio-container { max-width: 1360px !important; margin: 0 auto !important; }
#agpis-simulated { border-left: 3px solid #d98e04; padding-left: 0.75rem; }
#agpis-verdict h2 { margin-top: 0; }
.agpis-pictures .grid-wrap { min-height: 0 !important; max-height: none !important; }
.agpis-pictures .grid-container { grid-auto-rows: auto !important; }
.agpis-pictures .thumbnail-lg {
  display: flex; flex-direction: column; justify-content: flex-start; aspect-ratio: auto !important;
}
.agpis-pictures .thumbnail-lg > img { height: auto !important; aspect-ratio: 1; }
.agpis-pictures .thumbnail-lg .caption-label {
  position: static !important; width: 100%; max-width: none !important; border: 0; opacity: 1 !important;
  white-space: normal !important; overflow-wrap: anywhere; text-align: left;
}
.agpis-pictures .gallery-container:has(.preview) { min-height: 24rem; }
.agpis-pictures .preview { padding-bottom: 3.75rem; }
.agpis-pictures .media-button { height: auto !important; flex: 1; min-height: 0; }
.agpis-pictures .caption { white-space: normal !important; overflow-wrap: anywhere; }
#agpis-photos .grid-wrap { padding-top: 2.5rem; }
.tabs, .tabitem > .column { min-width: 0 !important; }
@media (max-width: 640px) {
  .tabs { max-width: calc(100vw - 4rem); }
  .tab-wrapper { min-width: 0; overflow-x: clip; }
  .tab-container button { padding-inline: 0.5rem !important; }
  .agpis-pictures .caption-label { font-size: 0.7rem; }
  .agpis-pictures:not(#agpis-pairs) .grid-container {
    grid-template-columns: repeat(auto-fill, minmax(92px, 1fr)) !important;
  }
}
"""


def theme() -> gr.themes.Base:
    """Gradio's plain theme in the project's colours."""
    made = gr.themes.Base(
        primary_hue=_BLUE,
        secondary_hue=_BLUE,
        neutral_hue=colors.slate,
        radius_size=sizes.radius_md,
        font=["-apple-system", "BlinkMacSystemFont", "Segoe UI", "Roboto", "sans-serif"],
        font_mono=["ui-monospace", "Consolas", "monospace"],
    ).set(
        body_background_fill="#ffffff",
        body_text_color="#1c2430",
        background_fill_secondary="#f5f6f8",
        border_color_primary="#e1e5ea",
        button_primary_background_fill="#1f5fbf",
        button_primary_background_fill_hover="#194d9b",
        button_primary_text_color="#ffffff",
        link_text_color="#1f5fbf",
        slider_color="#1f5fbf",
        block_label_text_color="#4a5565",
        block_info_text_color="#5b6675",
    )
    # The figures and drawn pictures are made for white paper, so a dark desktop gets the light page, too.
    for name in [name for name in vars(made) if name.endswith("_dark")]:
        setattr(made, name, getattr(made, name.removesuffix("_dark")))
    return made
