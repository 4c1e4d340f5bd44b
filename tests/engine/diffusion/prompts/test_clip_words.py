"""Against what the stock pipelines read, and beyond it."""

from typing import Any

import pytest
import torch

from studio.engine.diffusion.prompts.clip_words import ClipWords, Tower, Words
from tests.helpers.tiny import stable_diffusion_xl
from tests.helpers.tiny.parts import TOKENS, clip_text, clip_tokenizer, seed_weights

CPU = torch.device("cpu")
WHOLE = TOKENS - 2
"""Tokens of a full chunk; a letter is one here."""


@pytest.fixture(scope="module")
def tower() -> Tower:
    seed_weights(0)
    tokenizer = clip_tokenizer()
    return Tower(tokenizer, clip_text(tokenizer))


@pytest.fixture
def words(tower: Tower) -> ClipWords:
    return ClipWords([tower], CPU)


def read(words: ClipWords, prompt: str) -> torch.Tensor:
    return words.pair(prompt, "")[0].embeds


def letters(count: int) -> str:
    return ("abcdefghij" * 20)[:count]


@torch.inference_mode()
def test_two_towers_are_read_as_the_stock_pipeline_reads_them() -> None:
    pipeline: Any = stable_diffusion_xl.pipeline()
    ours = ClipWords(
        [
            Tower(pipeline.tokenizer, pipeline.text_encoder, -2),
            Tower(pipeline.tokenizer_2, pipeline.text_encoder_2, -2),
        ],
        CPU,
    ).pair("a cat", "a dog")
    embeds, negative, pooled, negative_pooled = pipeline.encode_prompt(
        "a cat", negative_prompt="a dog"
    )
    for mine, theirs in zip(
        ours, (Words(embeds, pooled), Words(negative, negative_pooled)), strict=True
    ):
        assert mine.pooled is not None and theirs.pooled is not None
        assert torch.allclose(mine.embeds, theirs.embeds, atol=1e-6)
        assert torch.allclose(mine.pooled, theirs.pooled, atol=1e-6)


@pytest.mark.parametrize(
    ("tokens", "chunks"), [(0, 1), (1, 1), (WHOLE, 1), (WHOLE + 1, 2), (2 * WHOLE + 1, 3)]
)
def test_a_prompt_takes_as_many_chunks_as_it_fills(
    words: ClipWords, tokens: int, chunks: int
) -> None:
    assert read(words, letters(tokens)).shape[1] == chunks * TOKENS


def test_chunks_are_read_as_prompts_of_their_own(words: ClipWords) -> None:
    first, second = letters(WHOLE), "xyz"
    both = read(words, f"{first} {second}")
    apart = torch.cat([read(words, first), read(words, second)], dim=1)
    assert torch.allclose(both, apart, atol=1e-6)


def test_the_shorter_of_two_prompts_is_followed_by_empty_chunks(words: ClipWords) -> None:
    long, short = words.pair(letters(WHOLE + 1), "a")
    assert long.embeds.shape == short.embeds.shape
    empty = read(words, "")
    assert torch.equal(short.embeds[:, TOKENS:], empty)


def test_brackets_scale_their_words_and_keep_the_mean_magnitude(words: ClipWords) -> None:
    plain, strong = read(words, "a b c"), read(words, "a (b:1.5) c")
    share = (strong / plain)[0]
    [first, before, at, after] = [float(share[place].mean()) for place in (0, 1, 2, 3)]
    assert at / before == pytest.approx(1.5, rel=1e-3)
    assert first == pytest.approx(before) == pytest.approx(after)
    assert float(strong.abs().mean()) == pytest.approx(float(plain.abs().mean()), rel=1e-4)


def test_words_that_count_nothing_are_still_numbers(words: ClipWords) -> None:
    assert read(words, "(a b c:0)").isfinite().all()


def test_placeholders_are_converted_for_each_tower(tower: Tower) -> None:
    def convert(text: str, tokenizer: Any) -> str:
        assert tokenizer is tower.tokenizer
        return text.replace("style", "abc")

    learnt = ClipWords([Tower(tower.tokenizer, tower.encoder, convert=convert)], CPU)
    plain = ClipWords([tower], CPU)
    assert torch.equal(read(learnt, "in (style)"), read(plain, "in (abc)"))


def test_what_was_read_is_forgotten_on_demand(tower: Tower) -> None:
    words = ClipWords([tower], CPU)
    before = read(words, "a")
    with torch.no_grad():
        tower.encoder.final_layer_norm.weight.mul_(2)
    assert torch.equal(read(words, "a"), before)
    words.clear()
    assert torch.allclose(read(words, "a"), 2 * before)
    with torch.no_grad():
        tower.encoder.final_layer_norm.weight.div_(2)
