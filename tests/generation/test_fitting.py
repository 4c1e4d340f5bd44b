"""One rule says whether a model fits, and one sentence tells it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from studio import paths
from studio.generation.catalog import ModelInfo, load_catalog
from studio.generation.catalog_entries import Memory
from studio.generation.fitting import Fit, fit_of, fit_words
from studio.generation.memory import GIB, Budget


@pytest.fixture
def model(tmp_path: Path) -> ModelInfo:
    """A model of nine gigabytes, whose largest part has four."""
    catalog = load_catalog(paths.models_file(), paths.resources(), tmp_path, tmp_path)
    return replace(catalog.default, memory=Memory(full=9.0, offload=4.0))


def gpu(gib: float, free: float = 0) -> Budget:
    return Budget(int(free * GIB), int(gib * GIB), 64 * GIB, is_shared=False)


def main_memory(gib: float) -> Budget:
    return Budget(int(gib * GIB), int(gib * GIB), int(gib * GIB), is_shared=True)


@pytest.mark.parametrize(
    ("budget", "fit", "words"),
    [
        (gpu(24), Fit.WELL, "Fits into memory: 9 of 24 GB"),
        (gpu(8), Fit.SLOWLY, "Slower, parts wait in main memory: 9 of 8 GB"),
        (gpu(4), Fit.HARDLY, "Very slow, if at all: 9 of 4 GB"),
        (main_memory(16), Fit.WELL, "Fits into memory: 9 of 16 GB"),
        (main_memory(8), Fit.HARDLY, "Very slow, if at all: 9 of 8 GB"),
    ],
)
def test_a_model_is_held_against_what_the_device_has(
    model: ModelInfo, budget: Budget, fit: Fit, words: str
) -> None:
    assert fit_of(model, budget) is fit
    assert fit_words(model, budget) == words


@pytest.mark.parametrize("free", [0, 5, 24])
def test_what_other_programs_hold_just_now_changes_nothing(model: ModelInfo, free: float) -> None:
    assert fit_of(model, gpu(24, free)) is Fit.WELL


def test_something_is_left_to_the_system(model: ModelInfo) -> None:
    assert fit_of(model, gpu(9)) is Fit.SLOWLY
    assert fit_of(model, main_memory(10)) is Fit.HARDLY
