"""The tokenizer reads anything, and what the world's people say in few tokens."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import CLIPTokenizer

from studio.training.language import tokenize, train_tokenizer, typed_caption
from studio.training.parts import TEXT_LENGTH
from studio.training.world.sampling import random_scene


@pytest.fixture(scope="module")
def tokenizer() -> CLIPTokenizer:
    return train_tokenizer(captions=1000)


def test_known_words_are_one_token_each(tokenizer: CLIPTokenizer) -> None:
    _, mask = tokenize(tokenizer, ["a red boat on the sea"])
    assert int(mask.sum()) == 6 + 2


@given(st.text(max_size=400))
def test_any_text_can_be_read(text: str) -> None:
    tokenizer = _shared()
    ids, mask = tokenize(tokenizer, [text])
    assert ids.shape == mask.shape == (1, TEXT_LENGTH)
    assert int(ids.max()) < len(tokenizer)
    assert (ids == tokenizer.eos_token_id).any()


def test_reading_is_the_same_after_saving(
    tokenizer: CLIPTokenizer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("tokenizer")
    tokenizer.save_pretrained(folder)
    again = CLIPTokenizer.from_pretrained(folder)
    texts = ["a red ball", "ein blaues Schiff 🙂", ""]
    assert torch.equal(tokenize(tokenizer, texts)[0], tokenize(again, texts)[0])


def test_some_captions_are_empty_and_some_hold_strange_words() -> None:
    rng = np.random.default_rng(0)
    texts = [typed_caption(random_scene(rng), rng) for _ in range(300)]
    assert 0.01 < np.mean([not text for text in texts]) < 0.1


_TOKENIZERS: list[CLIPTokenizer] = []


def _shared() -> CLIPTokenizer:
    """One tokenizer for all of hypothesis' examples, which take no fixtures of wider scope."""
    if not _TOKENIZERS:
        _TOKENIZERS.append(train_tokenizer(captions=300))
    return _TOKENIZERS[0]
