from __future__ import annotations

import pytest

from studio.engine.protocol import Candidate, Phase, Progress
from studio.generation.request import TextToImage
from tests.helpers.pictures import noise


def test_a_candidate_knows_how_it_was_made() -> None:
    request = TextToImage(model="starter", prompt="x", seed=3, count=2, width=32, height=32)
    candidate = Candidate(
        job_id="j", index=1, seed=4, picture=noise(32, 32), score=0.5, seconds=1.5
    )
    recipe = candidate.recipe(request, parents=("a",))
    assert recipe.request == request
    assert (recipe.seed, recipe.score, recipe.seconds) == (4, 0.5, 1.5)
    assert (recipe.job_id, recipe.parents) == ("j", ("a",))


@pytest.mark.parametrize(
    ("phase", "total", "share"),
    [(Phase.LOADING, 4, 0.75), (Phase.LOADING, 0, 0.5), (Phase.DENOISING, 4, 0.5)],
)
def test_a_bar_shows_the_model_while_that_is_loaded_and_else_the_job(
    phase: Phase, total: int, share: float
) -> None:
    assert Progress(job_id="j", phase=phase, step=3, total=total, fraction=0.5).share == share
