from __future__ import annotations

import dataclasses

import pytest

from studio.generation.catalog import Catalog
from studio.generation.catalog_entries import Memory
from studio.gui.knowledge import sample_prompts
from studio.gui.memory import fit_note

GIB = 2**30


@pytest.mark.parametrize(
    ("memory", "words"),
    [(24, "Fits 24 GB of memory ✓"), (8, "Needs 9 GB: will be slow here."), (4, "has 4.")],
)
def test_it_says_whether_a_model_fits(catalog: Catalog, memory: int, words: str) -> None:
    model = dataclasses.replace(
        catalog.default, installed=True, memory=Memory(full=9.0, offload=4.0)
    )
    assert words in fit_note(model, memory * GIB)


def test_a_model_that_is_not_there_is_said_first(catalog: Catalog) -> None:
    model = dataclasses.replace(catalog.default, installed=False)
    assert fit_note(model).startswith("Not installed")


def test_this_computer_is_measured_where_nothing_is_said(catalog: Catalog) -> None:
    model = dataclasses.replace(
        catalog.default, installed=True, memory=Memory(full=0.0, offload=0.0)
    )
    assert fit_note(model).endswith("✓") or "GB" in fit_note(model)


def test_samples_use_words_that_the_model_knows(catalog: Catalog) -> None:
    few = dataclasses.replace(catalog.default, vocabulary=catalog.get("starter").vocabulary)
    many = dataclasses.replace(catalog.default, vocabulary=None)
    assert len(sample_prompts(few)) == len(sample_prompts(many)) == 3
    assert set(sample_prompts(few)).isdisjoint(sample_prompts(many))
