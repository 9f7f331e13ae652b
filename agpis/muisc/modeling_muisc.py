"""MUIsC, the Multi-modality Unified Image-sequence Classifier (section 3.4), as a Hugging Face model.

    pixels -> tower, each image alone -> + positions -> N^s blocks over all images = F^e          encoder (3.4.1)
    title, s, feedback -> N^d blocks that attend to F^e -> H^d                                    decoder (3.4.2)
    H^d at s -> McC head; H^d after s -> LM head                                                  two tasks (3.4.3)

Without a decoder an MLP classifies F^e, without NLG no words are learned, and with early fusion a sequence is a single
picture (K = 1 below): the configuration's switches, the paper's ablations and baselines (sections 4.3 and 4.5).

The blocks are transformers' own BertLayer and GPT2Block. Shapes: N images, B sequences, K = K^t images in a
sequence, T tokens of one image (the global one first), D hidden size, L words.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any, ClassVar, Self

import torch
from safetensors import SafetensorError
from torch import Tensor, nn
from torch.nn import functional
from transformers import Cache, GenerationMixin, LogitsProcessorList, PreTrainedModel
from transformers.masking_utils import create_bidirectional_mask
from transformers.modeling_outputs import BaseModelOutputWithPastAndCrossAttentions
from transformers.models.bert.modeling_bert import BertLayer

from agpis.errors import ModelError
from agpis.muisc.comparison import ImageComparison
from agpis.muisc.configuration_muisc import IGNORED, MuiscConfig
from agpis.muisc.layers_muisc import Decoder, SingleTowerHead, VisionTower, decoder_config, sequence_config
from agpis.muisc.losses_muisc import nlg_targets
from agpis.muisc.outputs_muisc import MuiscOutput, SequenceLogits
from agpis.muisc.title_comparison import TitleComparison
from agpis.muisc.verdict_muisc import VerdictFirst


class MuiscModel(PreTrainedModel, GenerationMixin):  # type: ignore[misc]
    """MUIsC (section 3.4): scores an image sequence with its title, and writes a reviewer's feedback.

    For many sequences over the same images, encode each image once:
        features = model.encode_images(pixel_values)                      # (N, T, D)
        scores = model.score_sequences(features[index], image_mask, ...)  # index: (B, K)
    """

    config_class = MuiscConfig
    main_input_name = "input_ids"
    _supports_sdpa = True
    # Loaded in bfloat16, the tower would bring nearly all of the rounding, and its batch norms suffer most.
    _keep_in_fp32_modules_strict: ClassVar[list[str]] = ["vision_tower"]
    _tied_weights_keys: ClassVar[dict[str, str]] = {"lm_head.weight": "decoder.wte.weight"}

    def __init__(self, config: MuiscConfig) -> None:
        super().__init__(config)
        size = config.hidden_size
        self.vision_tower = VisionTower(config)
        for module in self.vision_tower.modules():
            module._is_hf_initialized = True  # type: ignore[assignment]  # timm's own initialisation stays
        width = self.vision_tower.width
        self.projection = nn.Identity() if width == size else nn.Sequential(nn.Linear(width, size), nn.LayerNorm(size))
        self.image_positions = nn.Embedding(config.num_pictures * config.tokens_per_image, size)
        self.comparison = ImageComparison(size, config.num_images, config.grid_size) if config.compare_images else None
        self.sequence_config = sequence_config(config)
        self.sequence_layers = nn.ModuleList(BertLayer(self.sequence_config) for _ in range(config.num_sequence_layers))
        self.mcc_head: nn.Module
        if config.use_decoder:
            self.decoder = Decoder(decoder_config(config), tuple(config.cross_attention_layers or ()))
            self.title_comparison = TitleComparison(size) if config.compare_title else None
            self.lm_head = nn.Linear(size, config.vocab_size, bias=False)
            self.mcc_head = nn.Sequential(nn.Dropout(config.dropout), nn.Linear(size, len(config.class_ids)))
        else:
            self._tied_weights_keys = {}  # type: ignore[misc]
            self.mcc_head = SingleTowerHead(config)
        self.post_init()
        self._tell_images_apart()
        self.generation_config.update(
            pad_token_id=config.pad_token_id, eos_token_id=config.eos_token_id, use_cache=config.use_cache
        )

    @torch.no_grad()
    def _tell_images_apart(self) -> None:
        # Rows of one image start with a vector in common. From independent small rows alone, finding out which image
        # holds a mark took a small model some 2,000 steps; so it takes 400.
        table = self.image_positions.weight.view(self.config.num_pictures, -1, self.config.hidden_size)
        table += torch.randn_like(table[:, :1])

    @classmethod
    def from_pretrained(cls, folder: str | Path, **kwargs: Any) -> Self:
        """Load a model from a folder, in evaluation mode and float32; weights from safetensors only.

        Args:
            folder: what `save_pretrained` wrote.
            kwargs: passed on to transformers, e.g. `dtype` or `attn_implementation`.

        Raises:
            ModelError: when the folder, its configuration or its weights are missing, malformed or do not fit.
        """
        if not (Path(folder) / "config.json").is_file():
            raise ModelError(f"no MUIsC model in {folder}: config.json is missing; save one there with save_pretrained")
        settings: dict[str, Any] = {"dtype": torch.float32, "use_safetensors": True, "local_files_only": True} | kwargs
        try:
            model, report = super().from_pretrained(str(folder), output_loading_info=True, **settings)
        except (OSError, ValueError, RuntimeError, SafetensorError) as error:
            raise ModelError(f"the MUIsC model in {folder} cannot be loaded: {error}") from error
        wrong = {kind: sorted(map(str, report[kind])) for kind in ("missing_keys", "unexpected_keys") if report[kind]}
        if wrong:
            raise ModelError(f"the weights in {folder} do not fit its config.json: {wrong}")
        loaded: Self = model.eval()
        return loaded

    def get_input_embeddings(self) -> nn.Module:
        """The word embedding; the LM head shares it unless the configuration unties them.

        Raises:
            NotImplementedError: when the model has no decoder.
        """
        if not self.config.use_decoder:
            # The kind of error by which transformers knows a model without words.
            raise NotImplementedError("a MUIsC without a decoder has no word embedding")
        embedding: nn.Module = self.decoder.wte
        return embedding

    def encode_images(self, pixel_values: Tensor) -> Tensor:
        """F^i of each image, every image by itself (section 3.4.1); with early fusion, of each sequence's one picture.

        Args:
            pixel_values: (N, 3, image_size, image_size), prepared by MuiscProcessor.

        Returns:
            (N, T, D).
        """
        seen = self.vision_tower(pixel_values.to(next(self.vision_tower.parameters()).dtype))
        features: Tensor = self.projection(seen.to(self.image_positions.weight.dtype))
        return features

    def encode_batch(self, pixel_values: Tensor, image_mask: Tensor) -> Tensor:
        """(B, K, 3, image_size, image_size), (B, K) bool -> (B, K, T, D), zeros where the mask is False."""
        # Filled-up places never enter the tower: they would cost time and disturb its batch norms.
        real = self.encode_images(pixel_values[image_mask])
        features = real.new_zeros(*image_mask.shape, *real.shape[1:])
        features[image_mask] = real
        return features

    def encode_sequences(self, image_features: Tensor, image_mask: Tensor) -> tuple[Tensor, Tensor]:
        """F^e, the features of image sequences (section 3.4.1).

        Args:
            image_features: (B, K, T, D) from `encode_images`, in the order of the sequence.
            image_mask: (B, K) bool, False where a shorter sequence was filled up.

        Returns:
            F^e (B, K T, D), and its mask (B, K T) bool.

        Raises:
            ModelError: when the sequence is longer than the position table, or its tokens have another shape.
        """
        _, count, *token_shape = image_features.shape
        if count > self.config.num_pictures:
            raise ModelError(self._too_many(count))
        if token_shape != [self.config.tokens_per_image, self.config.hidden_size]:
            raise ModelError(
                f"image features have {token_shape} tokens x width, this model needs "
                f"{[self.config.tokens_per_image, self.config.hidden_size]}"
            )
        features = image_features.flatten(1, 2)
        features = features + self.image_positions.weight[: features.shape[1]]
        if self.comparison is not None:
            features = features + self.comparison(image_features, image_mask.bool()).flatten(1, 2)
        mask = image_mask.bool().repeat_interleave(token_shape[0], dim=1)
        bias = create_bidirectional_mask(
            config=self.sequence_config, inputs_embeds=features, attention_mask=mask.to(torch.long)
        )
        for layer in self.sequence_layers:
            features = layer(features, bias)
        return features, mask

    def _too_many(self, count: int) -> str:
        if self.config.fusion == "early":
            return (
                f"a sequence of {count} pictures was given, but this model fuses early: it sees a sequence as one "
                "picture of all images, so images encoded one by one cannot be put together or shared between "
                "sequences; prepare every sequence with its processor"
            )
        return (
            f"a sequence of {count} images was given, this model takes at most {self.config.num_images}; "
            "choose a smaller K^t or a model trained with a larger num_images"
        )

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        pixel_values: Tensor | None = None,
        tower_features: Tensor | None = None,
        image_features: Tensor | None = None,
        image_mask: Tensor | None = None,
        sequence_features: Tensor | None = None,
        sequence_mask: Tensor | None = None,
        separator_positions: Tensor | None = None,
        labels: Tensor | None = None,
        feedback_labels: Tensor | None = None,
        position_ids: Tensor | None = None,
        past_key_values: Cache | None = None,
        use_cache: bool = False,
        logits_to_keep: int | None = None,
        output_attentions: bool = False,
        return_dict: bool = True,
    ) -> MuiscOutput:
        """One pass over W^d; images come as pixels, as what the tower or `encode_images` made of them, or as F^e.

        Args:
            input_ids: (B, L) title and s, in training also the feedback, filled up on the right.
            attention_mask: (B, L), 0 on padding.
            pixel_values: (B, K, 3, image_size, image_size).
            tower_features: (B, K, T, width of the tower), zeros where `image_mask` is False; for training with a tower
                that does not learn.
            image_features: (B, K, T, D).
            image_mask: (B, K) bool, False where a shorter sequence was filled up; all True by default.
            sequence_features: (B, K T, D), F^e of `encode_sequences`.
            sequence_mask: (B, K T) bool, its mask; all True by default.
            separator_positions: (B,) index of s in input_ids; the McC head and both losses of a decoder need it.
            labels: (B,) class of each sequence.
            feedback_labels: (B, L) input_ids after s, -100 on padding; not read up to s, nor where none is learned.
            position_ids: (B, L), for `generate`.
            past_key_values: key/value cache, for `generate`.
            use_cache: return the cache.
            logits_to_keep: LM logits of that many last positions; 0 is all, None leaves the LM head out.
            output_attentions: also return MHCA's weights.
            return_dict: passed by `generate`; the result is always a MuiscOutput.

        Raises:
            ModelError: when images are missing or do not fit the model.
        """
        image_features = image_features if tower_features is None else self.projection(tower_features)
        if sequence_features is None or sequence_mask is None:
            sequence_features, sequence_mask = self._encode(pixel_values, image_features, image_mask, sequence_features)
        if not self.config.use_decoder:
            return self._single_tower(sequence_features, sequence_mask, labels)
        if input_ids is None:
            raise ModelError("no words given: pass input_ids, at least s with its place in separator_positions")
        _require_places(separator_positions, labels, feedback_labels)
        asked = (position_ids, past_key_values, use_cache, output_attentions)
        decoded = self._decode(input_ids, attention_mask, sequence_features, sequence_mask, *asked)
        output = self._read_out(decoded, separator_positions, logits_to_keep)
        self._add_mcc_loss(output, labels)
        self._add_title_loss(output, input_ids, attention_mask, sequence_features, sequence_mask, labels)
        self._add_nlg_loss(output, decoded, input_ids, attention_mask, separator_positions, feedback_labels)
        return output

    def _encode(
        self,
        pixel_values: Tensor | None,
        image_features: Tensor | None,
        image_mask: Tensor | None,
        sequence_features: Tensor | None,
    ) -> tuple[Tensor, Tensor]:
        """F^e and its mask, from whichever was given; F^e itself is then taken to have no padding."""
        if sequence_features is not None:
            return sequence_features, sequence_features.new_ones(sequence_features.shape[:2], dtype=torch.bool)
        given = image_features if image_features is not None else pixel_values
        if given is None:
            raise ModelError("no images given: pass pixel_values, image_features or sequence_features")
        if image_mask is None:
            image_mask = torch.ones(given.shape[:2], dtype=torch.bool, device=given.device)
        if image_features is None:
            image_features = self.encode_batch(given, image_mask.bool())
        return self.encode_sequences(image_features, image_mask)

    def _decode(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None,
        sequence_features: Tensor,
        sequence_mask: Tensor,
        position_ids: Tensor | None,
        past_key_values: Cache | None,
        use_cache: bool,
        output_attentions: bool,
    ) -> BaseModelOutputWithPastAndCrossAttentions:
        """H^d, (B, L, D), in what the decoder gives."""
        decoder = self._eager_decoder() if output_attentions else self.decoder
        return decoder(
            inputs_embeds=self._embed(input_ids, attention_mask, sequence_features, sequence_mask, past_key_values),
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=past_key_values,
            encoder_hidden_states=sequence_features,
            encoder_attention_mask=sequence_mask.to(torch.long),
            use_cache=use_cache,
            output_attentions=output_attentions,
        )

    def _read_out(
        self,
        decoded: BaseModelOutputWithPastAndCrossAttentions,
        separator_positions: Tensor | None,
        logits_to_keep: int | None,
    ) -> MuiscOutput:
        """What both heads say of H^d, as far as it was asked for."""
        output = MuiscOutput(past_key_values=decoded.past_key_values, cross_attentions=decoded.cross_attentions)
        if separator_positions is not None:
            output["mcc_logits"] = self.mcc_head(_at(decoded.last_hidden_state, separator_positions))
        if logits_to_keep is not None:
            output["lm_logits"] = self.lm_head(decoded.last_hidden_state[:, -logits_to_keep:])
        return output

    def _single_tower(self, sequence_features: Tensor, sequence_mask: Tensor, labels: Tensor | None) -> MuiscOutput:
        output = MuiscOutput(mcc_logits=self.mcc_head(sequence_features, sequence_mask))
        self._add_mcc_loss(output, labels)
        return output

    # The losses of eq. 4 are means (McC over sequences, NLG over words) where the paper writes sums over the training
    # set: that keeps the step independent of the batch size.

    def _add_mcc_loss(self, output: MuiscOutput, labels: Tensor | None) -> None:
        if labels is not None and output.mcc_logits is not None:
            output["loss_mcc"] = functional.cross_entropy(output.mcc_logits.float(), labels)
            output["loss"] = self.config.lambda_mcc * output.loss_mcc

    def _add_title_loss(
        self,
        output: MuiscOutput,
        input_ids: Tensor,
        attention_mask: Tensor | None,
        sequence_features: Tensor,
        sequence_mask: Tensor,
        labels: Tensor | None,
    ) -> None:
        if labels is None or self.title_comparison is None:
            return
        output["loss_title"] = self.title_comparison.contrast(
            self.decoder.wte(input_ids),
            self._is_title(input_ids, attention_mask),
            sequence_features,
            sequence_mask.bool(),
            # Whether a rejected sequence had a title that fits depends on the rule; an accepted one had.
            labels == 0,
        )
        output["loss"] = output.loss + self.config.lambda_title * output.loss_title

    def _add_nlg_loss(
        self,
        output: MuiscOutput,
        decoded: BaseModelOutputWithPastAndCrossAttentions,
        input_ids: Tensor,
        attention_mask: Tensor | None,
        separator_positions: Tensor | None,
        feedback_labels: Tensor | None,
    ) -> None:
        if feedback_labels is None or separator_positions is None or not self.config.writes_feedback:
            return
        targets = nlg_targets(self.config, input_ids, attention_mask, separator_positions, feedback_labels)
        output["loss_nlg"] = self._nlg_loss(decoded.last_hidden_state, targets)
        weighted = self.config.lambda_nlg * output.loss_nlg
        output["loss"] = weighted if output.loss is None else output.loss + weighted

    def _embed(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None,
        sequence_features: Tensor,
        sequence_mask: Tensor,
        past_key_values: Cache | None = None,
    ) -> Tensor:
        """(B, L, D), the words of W^d; those of the title also tell how well the images match them."""
        words: Tensor = self.decoder.wte(input_ids)
        # With a cache the title went before.
        if self.title_comparison is None or (past_key_values is not None and past_key_values.get_seq_length()):
            return words
        title = self._is_title(input_ids, attention_mask)
        added: Tensor = self.title_comparison(words, title, sequence_features, sequence_mask.bool())
        return words + added

    def _is_title(self, input_ids: Tensor, attention_mask: Tensor | None) -> Tensor:
        """(B, L) bool, True on the words before s."""
        title: Tensor = (input_ids == self.config.separator_token_id).cumsum(dim=1) == 0
        return title if attention_mask is None else title & attention_mask.bool()

    def _nlg_loss(self, hidden: Tensor, targets: Tensor) -> Tensor:
        following = targets[:, 1:]
        counted = following != IGNORED
        logits = self.lm_head(hidden[:, :-1][counted])  # only where a loss is taken
        total = functional.cross_entropy(logits.float(), following[counted], reduction="sum")
        return total / counted.sum().clamp(min=1)

    @torch.no_grad()
    def score_sequences(
        self,
        image_features: Tensor,
        image_mask: Tensor,
        input_ids: Tensor,
        attention_mask: Tensor,
        separator_positions: Tensor,
        *,
        return_p_nlg: bool = False,
    ) -> SequenceLogits:
        """Score sequences in one decoder pass over title and s, without generating text (section 3.4.3).

        Without a decoder the words are not read.

        Args:
            image_features: (B, K, T, D) from `encode_images`.
            image_mask: (B, K) bool.
            input_ids: (B, L) title and s.
            attention_mask: (B, L).
            separator_positions: (B,) index of s.
            return_p_nlg: also read p^nlg("yes") off the LM head at s; adds one small product. Nothing comes of it when
                the model writes no feedback.

        Raises:
            ModelError: when the images do not fit the model.
        """
        features, mask = self.encode_sequences(image_features, image_mask)
        if not self.config.use_decoder:
            return SequenceLogits(self.mcc_head(features, mask), None)
        at_separator = self._read(features, mask, input_ids, separator_positions, attention_mask)
        p_nlg = None
        if return_p_nlg and self.config.writes_feedback:
            words = self.lm_head(at_separator).float().softmax(dim=-1)
            p_nlg = words[:, self.config.qualified_token_id]
        return SequenceLogits(self.mcc_head(at_separator), p_nlg)

    def _read(
        self,
        features: Tensor,
        mask: Tensor,
        input_ids: Tensor,
        separator_positions: Tensor,
        attention_mask: Tensor | None = None,
    ) -> Tensor:
        """H^d at s, (B, D). Words see only those before them, so padding behind s needs no mask."""
        decoded = self.decoder(
            inputs_embeds=self._embed(input_ids, attention_mask, features, mask),
            attention_mask=attention_mask,
            encoder_hidden_states=features,
            encoder_attention_mask=mask.to(torch.long),
        )
        return _at(decoded.last_hidden_state, separator_positions)

    @torch.no_grad()
    def generate_feedback(
        self,
        image_features: Tensor,
        image_mask: Tensor,
        input_ids: Tensor,
        separator_positions: Tensor,
        *,
        num_beams: int = 1,
        max_new_tokens: int | None = None,
        use_cache: bool = True,
    ) -> Tensor:
        """Write the feedback, greedily or with beam search; the text does not depend on the rest of the batch.

        It is "yes" where p^t is at least 0.5, and names a rule elsewhere (`VerdictFirst`).

        Args:
            image_features: (B, K, T, D) from `encode_images`.
            image_mask: (B, K) bool.
            input_ids: (B, L) title and s; whatever follows s is left out.
            separator_positions: (B,) index of s.
            num_beams: 1 is greedy.
            max_new_tokens: limit of the feedback; by default all that the position table has room for.
            use_cache: False is slower and gives the same text.

        Returns:
            (B, L') token ids of the feedback alone, up to and with the end token, then padding.

        Raises:
            ModelError: when the images do not fit the model, no position is left for feedback, or the model has not
                learned to write.
        """
        self.require_feedback()
        features, mask = self.encode_sequences(image_features, image_mask)
        prompt, prompt_mask = _left_padded(input_ids, separator_positions, int(self.config.pad_token_id or 0))
        room = self.config.max_text_positions - prompt.shape[1]
        if room < 1:
            raise ModelError(
                f"title and separator fill {prompt.shape[1]} of {self.config.max_text_positions} positions: nothing is "
                "left for the feedback; lower max_title_tokens of the processor"
            )
        verdict = self.mcc_head(self._read(features, mask, input_ids, separator_positions))
        first_word = VerdictFirst(verdict, int(self.config.qualified_token_id), prompt.shape[1])
        written: Tensor = self.generate(
            prompt,
            attention_mask=prompt_mask,
            sequence_features=features,
            sequence_mask=mask,
            max_new_tokens=room if max_new_tokens is None else min(max_new_tokens, room),
            num_beams=num_beams,
            do_sample=False,
            use_cache=use_cache,
            logits_processor=LogitsProcessorList([first_word]),
        )
        return written[:, prompt.shape[1] :]

    def require_feedback(self) -> None:
        """Refuse to write with a model that has not learned to.

        Raises:
            ModelError: when the model has no decoder, or was made without the NLG task (section 4.5).
        """
        if not self.config.use_decoder:
            raise ModelError(
                "this MUIsC has no decoder (use_decoder=False), so it writes no feedback; use a model with a decoder"
            )
        if not self.config.writes_feedback:
            raise ModelError(
                "this MUIsC was made without the NLG task (lambda_nlg is 0), so its LM head has never learned to write "
                "feedback; train one with lambda_nlg above 0 (the paper: 0.1)"
            )

    def _eager_decoder(self) -> Decoder:
        # Fused attention gives no weights. A twin that shares the parameters leaves other threads undisturbed.
        twin: Decoder = copy.deepcopy(self.decoder, {id(shared): shared for shared in self.decoder.parameters()})
        twin.config._attn_implementation = "eager"
        return twin


def _require_places(separator_positions: Tensor | None, *labels: Tensor | None) -> None:
    if separator_positions is None and any(given is not None for given in labels):
        raise ModelError("labels were given without separator_positions, the places of s in input_ids")


def _at(hidden: Tensor, positions: Tensor) -> Tensor:
    """(B, L, D), (B,) -> (B, D)."""
    return hidden[torch.arange(hidden.shape[0], device=hidden.device), positions]


def _left_padded(input_ids: Tensor, separator_positions: Tensor, pad_token_id: int) -> tuple[Tensor, Tensor]:
    """Title and s moved to the right end, as `generate` continues at the last column; with its mask."""
    lengths = separator_positions + 1
    width = int(lengths.max())
    source = torch.arange(width, device=input_ids.device) - (width - lengths)[:, None]
    mask = source >= 0
    prompt = input_ids.gather(1, source.clamp(min=0)).masked_fill(~mask, pad_token_id)
    return prompt, mask.to(torch.long)
