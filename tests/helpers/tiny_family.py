"""A tiny model of a family, loaded in this process, and what is asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import torch
import transformers

from studio.core.geometry import Extent
from studio.core.picture import Pixels
from studio.engine.diffusion.bases.family import Brief
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.families import load_family
from studio.generation.catalog import Catalog, ModelInfo, load_catalog
from tests.helpers.engine_runs import shaded
from tests.helpers.machines import CPU
from tests.helpers.tiny import save_models

SIDE = 64
SOURCE = shaded(SIDE, SIDE).rgb()


def brief_for(model: ModelInfo, **changes: Any) -> Brief:
    """Two steps, by the model's own defaults for all else."""
    values: dict[str, Any] = {
        "prompt": "a cat",
        "negative_prompt": "",
        "seed": 3,
        "extent": Extent(SIDE, SIDE),
        "steps": 2,
        "guidance": model.defaults.guidance,
        "scheduler": model.defaults.scheduler,
    }
    return Brief(**(values | changes))


def saved_models(folder: Path, *families: str) -> Catalog:
    """The tiny models of these families, written into the folder."""
    for library in (diffusers, transformers):
        library.utils.logging.set_verbosity_error()
        library.utils.logging.disable_progress_bar()
    nowhere = folder / "nowhere"
    return load_catalog(save_models(folder, families), nowhere, nowhere, nowhere)


def loaded(model: ModelInfo, machine: Machine = CPU) -> Any:
    """The model's family."""
    return load_family(model, machine)


def stock_picture(
    kind: Any, folder: Path, inputs: Mapping[str, Any], *, sized: bool = True, **parts: Any
) -> Pixels:
    """What a stock pipeline paints, of `SIDE` by `SIDE` pixels, in two steps, with seed 3.

    Those that decide by themselves how large it is are not told, with ``sized`` False.
    """
    pipeline = kind.from_pretrained(folder, **parts)
    pipeline.set_progress_bar_config(disable=True)
    size = {"height": SIDE, "width": SIDE} if sized else {}
    values = {**size, "num_inference_steps": 2, **inputs}
    [image] = pipeline(**values, generator=torch.Generator().manual_seed(3)).images
    return np.asarray(image)


def distance(one: Pixels, other: Pixels) -> float:
    """Mean absolute difference."""
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


def farthest(one: Pixels, other: Pixels) -> int:
    """The largest difference of any pixel."""
    return int(np.abs(one.astype(int) - other.astype(int)).max())
