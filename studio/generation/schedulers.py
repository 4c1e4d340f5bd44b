"""The schedulers by whose steps the models of each family can denoise, by the names in requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

NOISE: Final = ("ddim", "ddpm", "dpm++", "dpm++-karras", "euler", "euler-a", "unipc", "lcm")
"""For models that predict noise, the clean picture, or the velocity between them."""

FLOW: Final = ("flow",)
"""For models of rectified flow."""

_FAMILIES: Final[Mapping[str, tuple[str, ...]]] = {
    "kandinsky22": ("ddim", "ddpm", "dpm++"),
    "karlo": ("ddpm",),
    "stable_unclip": NOISE,
    "stable_diffusion": NOISE,
    "stable_diffusion_xl": NOISE,
    "sana": ("flow", "dpm++"),
    "hidream": ("unipc", "flow", "lcm"),
}
"""Those that have others than models of rectified flow."""


def schedulers_of(family: str) -> tuple[str, ...]:
    """The names for models of a family, the id of one in the catalog."""
    return _FAMILIES.get(family, FLOW)
