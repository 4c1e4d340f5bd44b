"""What a family is asked in tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from studio.engine.diffusion.bases.family import Brief


def briefs(**usual: Any) -> Callable[..., Brief]:
    """Makes briefs of a cat with these values, but for what one changes."""
    values = {"prompt": "a cat", "negative_prompt": "", "seed": 3, "steps": 3, **usual}

    def brief(**changes: Any) -> Brief:
        return Brief(**(values | changes))

    return brief
