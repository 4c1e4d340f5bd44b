"""The families of models, one adapter module each, imported when a model of it is loaded."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Final

from studio.core.errors import ModelError
from studio.engine.diffusion.bases.family import Family, Loader
from studio.engine.diffusion.device.machine import Machine
from studio.generation.catalog import ModelInfo

MODULES: Final = {
    family: f"studio.engine.diffusion.families.{family}"
    for family in (
        "chroma",
        "cogview4",
        "flux",
        "flux2",
        "glm_image",
        "hidream",
        "hunyuan_image",
        "kandinsky22",
        "kandinsky5",
        "karlo",
        "krea2",
        "longcat_image",
        "lumina2",
        "ovis_image",
        "qwen_image",
        "qwen_image_21",
        "sana",
        "stable_diffusion",
        "stable_diffusion_3",
        "stable_diffusion_xl",
        "stable_unclip",
        "z_image",
    )
}
"""Each module has a `Loader` named ``load``."""


def load_family(model: ModelInfo, machine: Machine) -> Family:
    """Loads a model with its family's adapter.

    Raises:
        ModelError: if the family is unknown, or a part is no such model.
    """
    if model.family not in MODULES:
        known = ", ".join(MODULES)
        raise ModelError(
            f"{model.title} is of the family {model.family!r}, which Sfumato does not know: "
            f"it knows {known}."
        )
    load: Loader[Family] = importlib.import_module(MODULES[model.family]).load
    parts: dict[str, Path] = {part.role: part.path for part in model.parts}
    return load(model, parts, machine)
