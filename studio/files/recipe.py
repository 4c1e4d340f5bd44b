"""Recipes as text inside picture files, and back."""

from __future__ import annotations

import msgspec

from studio.generation.recipe import Recipe

KEYWORD = "sfumato"
"""Under which name our own JSON lies in a file."""


def recipe_to_json(recipe: Recipe) -> str:
    """The recipe as one line of JSON."""
    return msgspec.json.encode(recipe).decode()


def recipe_from_json(text: str | bytes) -> Recipe | None:
    """The recipe that `recipe_to_json` wrote; None where the text is something else."""
    try:
        content = text.encode() if isinstance(text, str) else text
        recipe: Recipe = msgspec.json.decode(content, type=Recipe)
    except (msgspec.MsgspecError, UnicodeError):
        return None
    return recipe
