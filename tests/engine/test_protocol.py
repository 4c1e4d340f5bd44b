from __future__ import annotations

from studio.engine.protocol import Candidate
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
