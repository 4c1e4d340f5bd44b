"""What is offered to begin with."""

from __future__ import annotations

import dataclasses

from studio.generation.catalog import Catalog
from studio.gui.knowledge import sample_prompts


def test_samples_use_words_that_the_model_knows(catalog: Catalog) -> None:
    few = dataclasses.replace(catalog.default, vocabulary=catalog.get("starter").vocabulary)
    many = dataclasses.replace(catalog.default, vocabulary=None)
    assert len(sample_prompts(few)) == len(sample_prompts(many)) == 3
    assert set(sample_prompts(few)).isdisjoint(sample_prompts(many))
