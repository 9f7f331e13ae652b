"""Where on the images MUIsC and the single-image classifiers found what they say, in the coordinates of the images.

The values stand here and need no torch; what computes them is in the modules, `sequences.explain` above all.
"""

from agpis.explain.explanation import ExplainedImage, Explanation, HeatMap, Method, WordAttention

__all__ = ["ExplainedImage", "Explanation", "HeatMap", "Method", "WordAttention"]
