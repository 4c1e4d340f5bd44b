"""Models of transformers' that see something in pictures, from their folders."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Final

import torch
from transformers import AutoConfig

from studio.core.errors import ModelError
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.device.placement import place_module
from studio.generation.catalog import AdapterInfo

_NAME: Final = "estimator"


@dataclass(frozen=True)
class Seeing:
    """A model that sees something in pictures.

    Attributes:
        model: one of transformers'.
        processor: makes what it sees of a picture, or says how.
        device: on which it computes.
    """

    model: Any
    processor: Any
    device: torch.device


def load_seeing(
    auto: Any,
    adapter: AdapterInfo,
    machine: Machine,
    kinds: Collection[str],
    otherwise: str,
    idle: str = "(?!)",
) -> Any:
    """A model in 32 bits: with fewer, what is even would come out in steps.

    Args:
        auto: transformers' class that finds the model's own by its configuration.
        adapter: whose folder it is in.
        machine: on which it is to compute.
        kinds: those by whose answers something can be done here.
        otherwise: says of another kind, ``{kind}``, that it is of no use, and what to choose.
        idle: a pattern of the weights that may be left out, for nothing asks them.

    Raises:
        ModelError: if it is of another kind.
        Exception: many kinds where the folder holds no such model; see `loading`.
    """
    only = {"local_files_only": True, "trust_remote_code": False}
    config = AutoConfig.from_pretrained(adapter.path, **only)
    if config.model_type not in kinds:
        raise ModelError(f"{adapter.title} {otherwise.format(kind=config.model_type)}")
    model, found = auto.from_pretrained(
        adapter.path,
        config=config,
        dtype=torch.float32,
        use_safetensors=True,
        output_loading_info=True,
        **only,
    )
    lacking = [name for name in found["missing_keys"] if not re.search(idle, name)]
    if lacking:
        raise ValueError(f"it lacks {lacking[0]}")
    return place_module(_NAME, model.eval(), replace(machine, dtype=torch.float32))
