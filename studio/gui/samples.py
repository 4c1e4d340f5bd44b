"""Prompts to begin with, that the model in use can follow."""

from __future__ import annotations

from studio.generation.catalog import ModelInfo

_FEW_WORDS = (
    "a red boat on the sea",
    "a big yellow moon in the night sky",
    "a blue house in the snow",
)
_MANY_WORDS = (
    "a lighthouse on a cliff at dusk, oil on canvas",
    "a fox asleep in tall grass, soft morning light",
    "a glass teapot on a windowsill, rain outside",
)


def sample_prompts(model: ModelInfo) -> tuple[str, ...]:
    """Three prompts for that model."""
    return _FEW_WORDS if model.vocabulary is not None else _MANY_WORDS
