"""Where on the images MUIsC and the single-image classifiers found what they say, in the coordinates of the images."""

from agpis.explain.attention import WordAttention, attend
from agpis.explain.explanation import ExplainedImage, Explanation, HeatMap, Method
from agpis.explain.sequences import explain
from agpis.explain.single_images import explain_image

__all__ = [
    "ExplainedImage",
    "Explanation",
    "HeatMap",
    "Method",
    "WordAttention",
    "attend",
    "explain",
    "explain_image",
]
