"""The word side of MUIsC: a byte-level BPE tokenizer, which can spell any title."""

from __future__ import annotations

from collections.abc import Iterable

from tokenizers import Tokenizer
from tokenizers.decoders import ByteLevel as ByteLevelDecoder
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel
from tokenizers.trainers import BpeTrainer
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

PAD = "<|pad|>"
SEPARATOR = "<|feedback|>"
END = "<|end|>"


def train_tokenizer(
    texts: Iterable[str], vocab_size: int = 4096, *, qualified_word: str = "yes"
) -> PreTrainedTokenizerFast:
    """Learn a vocabulary from titles and feedback.

    Args:
        texts: titles and feedback.
        vocab_size: most entries, with the 256 bytes and the three special tokens; at least 300.
        qualified_word: the constant word of accepted sequences; it becomes one token, so that p^nlg of that word
            is read off a single position (section 3.4.3).

    Raises:
        ValueError: when `vocab_size` is too small to hold the bytes, the special tokens and the qualified word.
    """
    if vocab_size < 300:
        raise ValueError(f"vocab_size must be at least 300, got {vocab_size}")
    corpus = list(texts)
    # As many copies of the word as texts: its merges then rank among the first.
    corpus += [qualified_word] * (len(corpus) + 1)
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False)
    tokenizer.decoder = ByteLevelDecoder()
    trainer = BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=[PAD, SEPARATOR, END],
        initial_alphabet=ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token=PAD, sep_token=SEPARATOR, eos_token=END)


def with_special_tokens(tokenizer: PreTrainedTokenizerBase) -> PreTrainedTokenizerBase:
    """Give a tokenizer the special tokens that it lacks: padding, separator, end of feedback."""
    wanted = {"pad_token": PAD, "sep_token": SEPARATOR, "eos_token": END}
    missing = {name: token for name, token in wanted.items() if getattr(tokenizer, name) is None}
    if missing:
        tokenizer.add_special_tokens(missing)
    return tokenizer
