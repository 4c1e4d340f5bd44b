"""How UNets are asked, with one that answers what it was asked."""

from collections.abc import Mapping
from typing import Any

import pytest
import torch

from studio.engine.diffusion.sampling.unet import (
    Told,
    UnetConditions,
    edit_predictor,
    joined,
    unet_predictor,
)

TIME = torch.tensor(500)
LATENTS = torch.full((1, 4, 2, 2), 3.0)


def told(value: float) -> Told:
    one = torch.full((1, 1), value)
    return Told(torch.full((1, 2, 2), value), {"time_ids": one}, labels=one)


CONDITIONS = UnetConditions(positive=told(1.0), negative=told(0.25))


class Echo:
    """Answers each of a batch with a number that names the words and the picture it was given."""

    def __init__(self) -> None:
        self.asked: list[Mapping[str, Any]] = []

    def __call__(self, seen: torch.Tensor, timestep: torch.Tensor, **inputs: Any) -> Any:
        self.asked.append({"seen": seen, "timestep": timestep, **inputs})
        words = inputs["encoder_hidden_states"][:, :1, :1, None]
        picture = seen[:, 4:].sum(dim=1, keepdim=True)
        return [words + 10 * picture[:, :, :1, :1] + torch.zeros_like(seen[:, :4])]


@pytest.mark.parametrize(("guidance", "answer"), [(3.0, 0.25 + 3 * 0.75), (1.0, 1.0), (0.0, 1.0)])
def test_guidance_goes_beyond_the_wanted_and_is_left_out_up_to_one(
    guidance: float, answer: float
) -> None:
    unet = Echo()
    predicted = unet_predictor(unet, CONDITIONS, guidance)(LATENTS, TIME)
    assert predicted.shape == LATENTS.shape
    assert torch.allclose(predicted, torch.tensor(answer))
    assert len(unet.asked[0]["seen"]) == (2 if guidance > 1 else 1)


def test_everything_that_is_told_stands_in_the_order_of_the_words() -> None:
    unet = Echo()
    unet_predictor(unet, CONDITIONS, 2.0)(LATENTS, TIME)
    [asked] = unet.asked
    assert asked["encoder_hidden_states"][:, 0, 0].tolist() == [0.25, 1.0]
    assert asked["added_cond_kwargs"]["time_ids"].tolist() == [[0.25], [1.0]]
    assert asked["class_labels"].tolist() == [[0.25], [1.0]]


def test_a_unet_that_is_told_words_alone_is_given_nothing_else() -> None:
    unet, words = Echo(), Told(torch.zeros(1, 2, 2))
    unet_predictor(unet, UnetConditions(words, words), 2.0)(LATENTS, TIME)
    assert unet.asked[0]["added_cond_kwargs"] is unet.asked[0]["class_labels"] is None
    assert joined(words, words).embeds.shape == (2, 2, 2)


def test_what_stands_beside_the_latents_is_seen_by_all_of_the_batch() -> None:
    unet = Echo()
    predict = unet_predictor(unet, CONDITIONS, 2.0, beside=torch.ones(1, 5, 2, 2))
    predict(LATENTS, TIME)
    assert unet.asked[0]["seen"].shape == (2, 9, 2, 2)


def test_a_guide_sees_what_the_unet_sees_and_adds_to_its_call() -> None:
    unet = Echo()

    def guide(seen: torch.Tensor, timestep: torch.Tensor, words: Told) -> Mapping[str, Any]:
        assert len(seen) == len(words.embeds) == 2
        return {"mid_block_additional_residual": timestep}

    unet_predictor(unet, CONDITIONS, 2.0, guide=guide)(LATENTS, TIME)
    assert unet.asked[0]["mid_block_additional_residual"] is TIME


def test_the_unet_computes_in_the_precision_of_its_words_and_latents_keep_theirs() -> None:
    unet, words = Echo(), Told(torch.zeros(1, 2, 2, dtype=torch.bfloat16))
    predict = unet_predictor(unet, UnetConditions(words, words), 2.0)
    assert predict(LATENTS, TIME).dtype is torch.float32
    assert unet.asked[0]["seen"].dtype is torch.bfloat16


def test_an_edit_weighs_the_instruction_and_the_picture_apart() -> None:
    picture = torch.full((1, 1, 2, 2), 0.5)
    predict = edit_predictor(Echo(), CONDITIONS, 3.0, 1.5, picture)
    instructed, pictured, free = 1.0 + 5.0, 0.25 + 5.0, 0.25
    expected = free + 3.0 * (instructed - pictured) + 1.5 * (pictured - free)
    assert torch.allclose(predict(LATENTS, TIME), torch.tensor(expected))
