"""How well the images of a sequence match each word of the title.

Evidence for rules of the title, which attention alone does not learn from a few thousand rejections: it would have to
find out for every word by itself what a picture that contradicts it looks like. Here words and image tokens meet in one
space, in which titles of accepted sequences are told from those of other products (as in CLIP, arXiv:2103.00020, and
with the word by word match of FILIP, arXiv:2111.07783). Beyond the paper, `compare_title` of the configuration.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

# A word matches where the image resembles it most: weights of a softmax over cosines times this.
_FOCUS = 10.0
# The contrast's scale at the start; it is learned.
_SCALE = 20.0
# Brings a match, a cosine, to the size of the other inputs.
_GAIN = 5.0


class TitleComparison(nn.Module):
    """Tells every word of the title how well the images match it.

    The match of a word is the mean cosine between the word and all tokens of all images, those that resemble the word
    counting most. A small network turns word and match into what is added to the word.
    """

    def __init__(self, hidden_size: int) -> None:
        """Set up for words and image tokens of width `hidden_size`."""
        super().__init__()
        self.word = nn.Linear(hidden_size, hidden_size, bias=False)
        self.image = nn.Linear(hidden_size, hidden_size, bias=False)
        self.network = nn.Sequential(
            nn.Linear(hidden_size + 1, hidden_size), nn.GELU(), nn.Linear(hidden_size, hidden_size)
        )
        self.log_scale = nn.Parameter(torch.tensor(_SCALE).log())

    def forward(self, words: Tensor, word_mask: Tensor, images: Tensor, image_mask: Tensor) -> Tensor:
        """What is added to the words.

        Args:
            words: (B, L, D) word embeddings.
            word_mask: (B, L) bool, True on the title.
            images: (B, S, D) F^e, the tokens of all images.
            image_mask: (B, S) bool.

        Returns:
            (B, L, D), zeros where `word_mask` is False.
        """
        match = self.matches(words, images, image_mask)
        added: Tensor = self.network(torch.cat((self.word(words), _GAIN * match[..., None]), dim=-1))
        return added * word_mask[..., None]

    def matches(self, words: Tensor, images: Tensor, image_mask: Tensor) -> Tensor:
        """(B, L, D), (B, S, D), (B, S) -> (B, L), the match of every word in [-1, 1]."""
        cosines = torch.einsum("bld,bsd->bls", *self._units(words, images))
        return _focused(cosines, image_mask[:, None]).to(words.dtype)

    def contrast(self, words: Tensor, word_mask: Tensor, images: Tensor, image_mask: Tensor, fits: Tensor) -> Tensor:
        """How badly the titles that fit are told from the titles of the other sequences, and their images likewise.

        Args:
            words: as for `forward`.
            word_mask: as for `forward`.
            images: as for `forward`.
            image_mask: as for `forward`.
            fits: (B,) bool, True where the title is known to fit the images; the other rows take no part.

        Returns:
            The mean cross-entropy of both choices; 0 when fewer than two sequences take part.
        """
        fits = fits & word_mask.any(dim=1)
        if int(fits.sum()) < 2:
            return 0 * self.log_scale  # a batch without a gradient for every weight would stop training on several GPUs
        words, word_mask, images, image_mask = words[fits], word_mask[fits], images[fits], image_mask[fits]
        columns = word_mask.any(dim=0)  # feedback and padding would cost as much as the title
        words, word_mask = words[:, columns], word_mask[:, columns]
        cosines = torch.einsum("ald,bsd->abls", *self._units(words, images))
        match = _focused(cosines, image_mask[None, :, None])  # (titles, sequences, L)
        counted = word_mask[:, None]
        scores = (match * counted).sum(dim=-1) / counted.sum(dim=-1) * self.log_scale.exp()
        own = torch.arange(len(scores), device=scores.device)
        return (functional.cross_entropy(scores, own) + functional.cross_entropy(scores.T, own)) / 2

    def _units(self, words: Tensor, images: Tensor) -> tuple[Tensor, Tensor]:
        # In bfloat16 a cosine has two digits, too few for the softmax over them.
        sides = self.word(words).float(), self.image(images).float()
        return functional.normalize(sides[0], dim=-1), functional.normalize(sides[1], dim=-1)


def _focused(cosines: Tensor, mask: Tensor) -> Tensor:
    """Mean over the last dimension where `mask` is True, larger cosines counting more."""
    weights = (_FOCUS * cosines).masked_fill(~mask, torch.finfo(cosines.dtype).min).softmax(dim=-1)
    return (weights * cosines).sum(dim=-1)
