"""The sizes of MUIsC (sections 3.4 and 4.2), and its two presets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from huggingface_hub.dataclasses import strict
from transformers import PreTrainedConfig

IGNORED = -100
"""Label of a token that takes no part in the NLG loss."""

FUSIONS = ("late", "early")
"""How the images of a sequence come together: after the vision tower, or before it as one picture (section 4.3)."""


@strict
class MuiscConfig(PreTrainedConfig):  # type: ignore[misc]
    """Everything that shapes a MUIsC model; how pixels and text are prepared is the processor's.

    The defaults are the paper's method. What it leaves out or compares with is a switch each; docs/muisc.md lists them
    with their place in the paper.

    Classes are kept in `id2label`: class index -> id in the rule taxonomy, 0 being "qualified".

    Attributes:
        vision_model: name of a timm model; its last feature map or token sequence is an image's feature F^i.
        vision_kwargs: further arguments of the timm model, e.g. `{"output_stride": 16}`.
        vision_layer_norm_eps: eps of the tower's layer norms, or None for timm's own.
        image_size: side of the square input in pixels.
        grid_size: rows and columns of the tower's feature grid at `image_size`.
        num_images: largest K^t; the position table has one row for every token of that many images.
        fusion: "late" lets the tower see each image by itself; "early" shows it one picture of all of them, side by
            side (sections 4.3 and 4.4, Table 2). The processor makes that picture.
        hidden_size: D, the same in encoder and decoder.
        num_attention_heads: in every block after the tower.
        num_sequence_layers: N^s, encoder blocks over the tokens of all images; 0 leaves them out (not
            hierarchical, Table 3).
        sequence_layer_norm_eps: eps of their layer norms.
        compare_images: add to every token how well the other images match it; not in the paper.
        compare_title: tell every word of the title how well the images match it; not in the paper.
        use_decoder: False leaves decoder and words out: an MLP reads the images' global tokens side by side (single
            tower, section 4.3; rows 1 and 2 of Table 3). Needs `lambda_nlg` 0.
        num_decoder_layers: N^d.
        cross_attention_layers: decoder blocks that have MHCA, counted from 0; the last one alone by default.
        decoder_layer_norm_eps: eps of the decoder's layer norms.
        intermediate_size: width of the feed-forward layers; 4 D by default.
        vocab_size: rows of the word embedding.
        max_text_positions: K^d, most tokens of title, s and feedback together.
        lambda_nlg: weight of the NLG loss (eq. 4); 0 is McC alone (rows 1 to 3 of Table 3): no feedback is written.
        lambda_mcc: weight of the McC loss (eq. 4).
        lambda_title: weight of the loss that teaches `compare_title` which titles fit; not in the paper.
        predict_title: also take the NLG loss on the title's words, all but the first, which follows nothing (first idea
            in the README of the published code; the paper: feedback only, eq. 3).
        loss_at_separator: also take the NLG loss on s, as the published code does; the paper does not (eq. 3).
        loss_on_padding: also take the NLG loss on padding, as the published code does; the paper does not (eq. 3).
        dropout: in encoder and decoder blocks and before the McC head; the tower keeps timm's.
        attention_dropout: on the attention weights of the same blocks; above 0 it rules fused attention out.
        pad_token_id: padding.
        separator_token_id: s, between title and feedback.
        eos_token_id: ends the feedback.
        qualified_token_id: the constant word "yes" of accepted sequences (section 3.1).
        tie_word_embeddings: the LM head shares the word embedding, as GPT2 does; False gives it weights of its own that
            start at random (third idea in the README of the published code).
    """

    model_type = "muisc"
    keys_to_ignore_at_inference: ClassVar[list[str]] = [
        "past_key_values",
        "loss_mcc",
        "loss_nlg",
        "loss_title",
        "lm_logits",
        "cross_attentions",
    ]
    attribute_map: ClassVar[dict[str, str]] = {
        "num_hidden_layers": "num_decoder_layers",
        "max_position_embeddings": "max_text_positions",
    }

    vision_model: str = "vit_base_patch16_224.augreg2_in21k_ft_in1k"
    vision_kwargs: dict[str, Any] | None = None
    vision_layer_norm_eps: float | None = None
    image_size: int = 224
    grid_size: tuple[int, ...] | list[int] = (14, 14)
    num_images: int = 3
    fusion: str = "late"
    hidden_size: int = 768
    num_attention_heads: int = 12
    num_sequence_layers: int = 1
    sequence_layer_norm_eps: float = 1e-12
    compare_images: bool = False
    compare_title: bool = False
    use_decoder: bool = True
    num_decoder_layers: int = 3
    cross_attention_layers: tuple[int, ...] | list[int] | None = None
    decoder_layer_norm_eps: float = 1e-5
    intermediate_size: int | None = None
    vocab_size: int = 21131
    max_text_positions: int = 128
    lambda_nlg: float = 0.1
    lambda_mcc: float = 1.0
    lambda_title: float = 0.5
    predict_title: bool = False
    loss_at_separator: bool = False
    loss_on_padding: bool = False
    dropout: float = 0.1
    attention_dropout: float = 0.1
    initializer_range: float = 0.02
    pad_token_id: int | None = 0
    separator_token_id: int = 1
    eos_token_id: int | list[int] | None = 2
    qualified_token_id: int = 3
    tie_word_embeddings: bool = True
    use_cache: bool = True

    def __post_init__(self, **kwargs: Any) -> None:
        if self.vision_kwargs is None:
            self.vision_kwargs = {}
        if self.intermediate_size is None:
            self.intermediate_size = 4 * self.hidden_size
        if self.cross_attention_layers is None:
            self.cross_attention_layers = (self.num_decoder_layers - 1,)
        self.cross_attention_layers = tuple(self.cross_attention_layers)
        self.grid_size = tuple(self.grid_size)
        self._check_sizes()
        self._check_switches()
        super().__post_init__(**kwargs)

    def _check_sizes(self) -> None:
        at_least_one = ("image_size", "num_images", "num_decoder_layers", "vocab_size", "max_text_positions")
        for name in at_least_one:
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        if self.hidden_size % self.num_attention_heads:
            raise ValueError(
                f"hidden_size must be a multiple of num_attention_heads, "
                f"got {self.hidden_size} and {self.num_attention_heads}"
            )
        outside = [layer for layer in self.cross_attention_layers or () if not 0 <= layer < self.num_decoder_layers]
        if outside:
            raise ValueError(f"cross_attention_layers must lie in 0..{self.num_decoder_layers - 1}, got {outside}")
        if min(self.lambda_nlg, self.lambda_title) < 0 or self.lambda_mcc <= 0:
            raise ValueError(
                "lambda_nlg and lambda_title must be at least 0 and lambda_mcc positive (eq. 4), "
                f"got {self.lambda_nlg}, {self.lambda_title} and {self.lambda_mcc}"
            )

    def _check_switches(self) -> None:
        if self.fusion not in FUSIONS:
            raise ValueError(f"fusion must be one of {', '.join(FUSIONS)}, got {self.fusion!r}")
        if self.compare_images and self.fusion == "early":
            raise ValueError("compare_images needs images that are seen one by one; leave it out, or set fusion='late'")
        if self.compare_title and not self.use_decoder:
            raise ValueError(
                "compare_title needs a decoder, which reads the title; leave it out, or set use_decoder=True"
            )
        if not self.use_decoder and self.lambda_nlg:
            raise ValueError(
                f"use_decoder=False leaves nothing that could write: lambda_nlg must be 0, got {self.lambda_nlg}"
            )
        of_nlg = {name: getattr(self, name) for name in ("predict_title", "loss_at_separator", "loss_on_padding")}
        # An LM head of its own is nothing to a model without a decoder, which has none.
        of_nlg["tie_word_embeddings=False"] = self.use_decoder and not self.tie_word_embeddings
        idle = [name for name, given in of_nlg.items() if given]
        if idle and not self.lambda_nlg:
            raise ValueError(
                f"{', '.join(idle)} would change nothing: lambda_nlg is 0, so no NLG loss is taken; set lambda_nlg "
                "above 0 (the paper: 0.1) or leave that out"
            )

    @property
    def writes_feedback(self) -> bool:
        """Whether the model learns to write feedback: it has a decoder and takes the NLG loss."""
        return self.use_decoder and self.lambda_nlg > 0

    @property
    def num_pictures(self) -> int:
        """Most pictures of one sequence that the tower sees: `num_images`, or 1 when they are fused early."""
        return 1 if self.fusion == "early" else self.num_images

    @property
    def tokens_per_image(self) -> int:
        """T, tokens of one image: the global one first, then the grid row by row."""
        rows, columns = self.grid_size
        return 1 + int(rows) * int(columns)

    @property
    def class_ids(self) -> tuple[str, ...]:
        """Ids of the K^g classes in the order of the McC head's outputs."""
        labels: dict[int, str] = self.id2label or {}
        return tuple(labels[index] for index in range(len(labels)))


def _class_names(class_ids: Sequence[str]) -> dict[str, Any]:
    return {
        "id2label": dict(enumerate(class_ids)),
        "label2id": {class_id: index for index, class_id in enumerate(class_ids)},
    }


def muisc_base(class_ids: Sequence[str], **overrides: Any) -> MuiscConfig:
    """The paper's sizes (section 4.2): ViT-B/16 at 224, N^s = 1, N^d = 3, D = 768, MHCA in the last block.

    Its processor: `image_size=224, resize="squash"`, mean and standard deviation 0.5 in every channel.

    Args:
        class_ids: ids of the classes in order, e.g. `load_taxonomy().ids`.
        overrides: fields of MuiscConfig to set otherwise, among them the tokenizer's (`MuiscProcessor.token_fields`).
    """
    return MuiscConfig(**(_class_names(class_ids) | overrides))


def muisc_small(class_ids: Sequence[str], **overrides: Any) -> MuiscConfig:
    """Sizes for two CPU cores: an EfficientNet-Lite0 tower at 192 px, D = 192, MHCA in all three blocks.

    Its decoder starts at random, so it gets more of the NLG loss than the paper's; and it compares images and title.

    Its processor: `image_size=192, resize="pad"`, mean and standard deviation 0.5 in every channel.

    Args:
        class_ids: ids of the classes in order, e.g. `load_taxonomy().ids`.
        overrides: fields of MuiscConfig to set otherwise, among them the tokenizer's (`MuiscProcessor.token_fields`).
    """
    sizes: dict[str, Any] = {
        "vision_model": "tf_efficientnet_lite0",
        "image_size": 192,
        "grid_size": (6, 6),
        "num_images": 5,
        "hidden_size": 192,
        "num_attention_heads": 6,
        "cross_attention_layers": (0, 1, 2),
        "sequence_layer_norm_eps": 1e-5,
        "compare_images": overrides.get("fusion", "late") == "late",
        "compare_title": overrides.get("use_decoder", True),
        "attention_dropout": 0.0,
        "vocab_size": 4096,
        "lambda_nlg": 0.5,
    }
    return MuiscConfig(**(_class_names(class_ids) | sizes | overrides))
