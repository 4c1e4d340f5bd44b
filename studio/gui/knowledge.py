"""What the model in use knows: its words, prompts to begin with, and styles to choose from."""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path

from studio import paths
from studio.core.errors import KnownError
from studio.generation.catalog import ModelInfo
from studio.generation.styles import Style, read_styles
from studio.generation.vocabulary import Vocabulary, read_vocabulary

log = logging.getLogger(__name__)

_SAMPLES = 3
_ANY_WORDS = (
    "a lighthouse on a cliff at dusk, oil on canvas",
    "a fox asleep in tall grass, soft morning light",
    "a glass teapot on a windowsill, rain outside",
)


def vocabulary_of(model: ModelInfo) -> Vocabulary | None:
    """The words that a small model knows; None for one that knows too many to list."""
    return None if model.vocabulary is None else _read(model.vocabulary)


def sample_prompts(model: ModelInfo) -> tuple[str, ...]:
    """Three prompts that the model can follow."""
    vocabulary = vocabulary_of(model)
    if vocabulary is None or not vocabulary.prompts:
        return _ANY_WORDS
    return vocabulary.prompts[:_SAMPLES]


def styles() -> tuple[Style, ...]:
    """The styles that come with the program; none where their table is damaged."""
    try:
        resources = paths.resources()
        return read_styles(resources / "styles.toml", resources / "starter" / "styles")
    except KnownError as error:
        log.warning("%s (%s)", error.message, error.details)
        return ()


@lru_cache(maxsize=4)  # as many as one is likely to change between; a list has some kilobytes
def _read(path: Path) -> Vocabulary | None:
    try:
        return read_vocabulary(path)
    except KnownError as error:
        log.warning("%s (%s)", error.message, error.details)
        return None
