"""MUIsC, the Multi-modality Unified Image-sequence Classifier (section 3.4)."""
