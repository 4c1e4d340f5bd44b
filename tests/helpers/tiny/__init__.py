"""Models with random weights, a few kilobytes each, made of the real configuration classes.

A module a family; each has a function ``save`` that writes the family's models into a folder, in
the format in which they are published, and returns their tables for a ``models.toml``.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Final

FAMILIES: Final[tuple[str, ...]] = (
    "stable_diffusion",
    "stable_diffusion_xl",
    "z_image",
    "qwen_image",
    "flux2",
    "longcat_image",
    "krea2",
    "glm_image",
    "qwen_image_21",
    "sana",
    "chroma",
    "lumina2",
    "cogview4",
    "ovis_image",
    "stable_diffusion_3",
    "flux",
    "karlo",
    "stable_unclip",
    "hidream",
    "hunyuan_image",
    "kandinsky5",
)
"""The families that have a module here, by their id."""


def save_models(folder: Path, families: tuple[str, ...] = FAMILIES) -> Path:
    """Writes the models of these families, and the ``models.toml`` that lists them.

    Returns:
        The path of that list.
    """
    tables = [
        importlib.import_module(f"{__name__}.{family}").save(folder / family) for family in families
    ]
    models = folder / "models.toml"
    models.write_text("\n".join(tables), encoding="utf-8")
    return models
