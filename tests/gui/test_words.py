from __future__ import annotations

import pytest

from studio.engine.protocol import Phase, Progress
from studio.generation.request import Ranking, Request, TextToImage, Variation
from studio.gui.words import (
    bytes_words,
    progress_words,
    queue_words,
    request_details,
    request_words,
    seconds_words,
)


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 B"), (999, "999 B"), (1024, "1 KB"), (64 * 2**20, "64 MB"), (5 * 2**28, "1.2 GB")],
)
def test_bytes(count: int, words: str) -> None:
    assert bytes_words(count) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.1, "1 s"), (59, "59 s"), (60, "1 min 0 s"), (125, "2 min 5 s"), (4200, "1 h 10 min")],
)
def test_seconds(seconds: float, words: str) -> None:
    assert seconds_words(seconds) == words


def test_progress_names_the_phase_the_step_and_the_time_left() -> None:
    event = Progress(
        job_id="a", phase=Phase.DENOISING, step=3, total=20, fraction=0.2, seconds_left=4.0
    )
    assert progress_words(event) == "painting 3 of 20 · 4 s left"


def test_progress_says_nothing_that_nobody_knows() -> None:
    assert progress_words(Progress(job_id="a", phase=Phase.LOADING)) == "loading the model"


@pytest.mark.parametrize(
    ("request_", "name", "details"),
    [
        (
            TextToImage(model="m", prompt=" a  red\nball ", seed=1, width=64, height=32),
            "a red ball",
            "64 × 32",
        ),
        (
            TextToImage(model="m", prompt="many " * 30, seed=1, width=64, height=64, count=4),
            " ".join(["many"] * 12) + "…",
            "64 × 64 · 4 pictures",
        ),
        (
            TextToImage(model="m", prompt="海の上の赤い船" * 9, seed=1, width=64, height=64),
            ("海の上の赤い船" * 9)[:59] + "…",
            "64 × 64",
        ),
        (
            Variation(model="m", seed=1, width=64, height=64, source="0"),
            "Variation",
            "64 × 64",
        ),
        (Ranking(model="m", prompt="a boat", pictures=("0", "1")), "a boat", "2 pictures to score"),
    ],
)
def test_a_request_is_known_by_its_prompt_or_else_by_its_task(
    request_: Request, name: str, details: str
) -> None:
    assert request_words(request_) == name
    assert request_details(request_) == details


def test_an_empty_queue_has_no_words() -> None:
    assert queue_words(0, 0, paused=False) == ""
    assert queue_words(0, 0, paused=True) == "queue paused"
