"""The starter's tokenizer, and captions as people really type them."""

from __future__ import annotations

import json

import numpy as np
import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from torch import Tensor
from transformers import CLIPTokenizer

from studio.training.parts import TEXT_LENGTH
from studio.training.world.captions import caption
from studio.training.world.sampling import random_scene
from studio.training.world.scene import Scene

START, END = "<|startoftext|>", "<|endoftext|>"

_MERGES = 900
_WORD_END = "</w>"

EMPTY_SHARE = 0.1
"""Share of captions that are left empty, for the prior's classifier-free guidance."""

_STRANGE_SHARE = 0.1
_LETTERS = np.array(list("aaabcdeeefghiiijklmnnoooprrssttuuvwyz"))


def train_tokenizer(seed: int = 3, captions: int = 8000) -> CLIPTokenizer:
    """A byte-level BPE tokenizer in CLIP's manner, learned from captions of random scenes.

    Every byte is in its vocabulary, so any text can be encoded; words it does not know become
    several tokens.
    """
    rng = np.random.default_rng(seed)
    corpus = [caption(random_scene(rng), rng) for _ in range(captions)]
    bpe = Tokenizer(models.BPE(end_of_word_suffix=_WORD_END, continuing_subword_prefix=""))
    bpe.normalizer = normalizers.Lowercase()
    bpe.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    bpe.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=2 * len(alphabet) + _MERGES,
        initial_alphabet=alphabet,
        end_of_word_suffix=_WORD_END,
        show_progress=False,
    )
    bpe.train_from_iterator(corpus, trainer)
    merges = [tuple(pair) for pair in _learned_merges(bpe)]
    words = [*alphabet, *(letter + _WORD_END for letter in alphabet)]
    words += [left + right for left, right in merges if left + right not in words]
    vocabulary = {word: index for index, word in enumerate([*words, START, END])}
    return CLIPTokenizer(
        vocab=vocabulary, merges=merges, model_max_length=TEXT_LENGTH, pad_token=END
    )


def _learned_merges(bpe: Tokenizer) -> list[list[str]]:
    merges = json.loads(bpe.to_str())["model"]["merges"]
    return [pair if isinstance(pair, list) else pair.split(" ") for pair in merges]


def tokenize(tokenizer: CLIPTokenizer, texts: list[str]) -> tuple[Tensor, Tensor]:
    """Token ids, int64, and mask, bool, both of shape ``(n, TEXT_LENGTH)``."""
    encoded = tokenizer(
        texts,
        padding="max_length",
        max_length=TEXT_LENGTH,
        truncation=True,
        return_tensors="pt",
    )
    return encoded.input_ids, encoded.attention_mask.to(torch.bool)


def typed_caption(scene: Scene, rng: np.random.Generator) -> str:
    """A caption for training: sometimes empty, sometimes with words from outside the world.

    Strange words teach the towers that what they cannot read says nothing.
    """
    if rng.random() < EMPTY_SHARE:
        return " ".join(_strange_word(rng) for _ in range(int(rng.integers(0, 3))))
    text = caption(scene, rng)
    if rng.random() >= _STRANGE_SHARE:
        return text
    words = text.split(" ")
    for _ in range(int(rng.integers(1, 3))):
        words.insert(int(rng.integers(len(words) + 1)), _strange_word(rng))
    return " ".join(words)


def _strange_word(rng: np.random.Generator) -> str:
    return "".join(rng.choice(_LETTERS, int(rng.integers(3, 9))))
