import torch

from studio.engine.diffusion.sampling.guidance import (
    as_large,
    as_large_at_most,
    contrasted,
    guided,
    spread,
)


def test_guidance_goes_from_what_is_not_wanted_beyond_what_is() -> None:
    answers = torch.tensor([[1.0], [3.0]])
    assert [guided(answers, guidance).item() for guidance in (0.0, 1.0, 2.0)] == [1.0, 3.0, 5.0]


def test_guidance_is_the_same_where_prompts_are_asked_about_one_by_one() -> None:
    asked: list[tuple[str, float]] = []

    def ask(name: str, words: float) -> torch.Tensor:
        asked.append((name, words))
        return torch.tensor([[words, 0.0]])

    assert contrasted(ask, 3.0, None, 2.0).tolist() == [[3.0, 0.0]]
    assert contrasted(ask, 3.0, 1.0, 2.0).tolist() == [[5.0, 0.0]]
    assert contrasted(ask, 3.0, 1.0, 2.0, as_large).tolist() == [[3.0, 0.0]]
    assert asked == [("cond", 3.0), *[("cond", 3.0), ("uncond", 1.0)] * 2]


def test_guided_answers_keep_their_directions_and_the_size_that_is_wanted() -> None:
    wanted, combined = torch.tensor([[3.0, 4.0]]), torch.tensor([[0.0, 10.0], [0.0, 1.0]])
    assert as_large(combined, wanted).tolist() == [[0.0, 5.0], [0.0, 5.0]]
    assert as_large_at_most(combined, wanted).tolist() == [[0.0, 5.0], [0.0, 1.0]]


def test_what_is_told_of_few_pictures_is_told_to_those_in_turn() -> None:
    told = torch.tensor([[1], [2]])
    assert spread(told, 2) is told
    assert spread(told, 4).flatten().tolist() == [1, 1, 2, 2]
