"""What is written of an import: its table in the list of models, from what was detected."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from studio.core.errors import ModelError
from studio.generation.catalog_entries import AdapterEntry, Defaults, ModelEntry
from studio.models.detection.files import Detected
from studio.models.detection.variants import Variant
from studio.models.imported import Table
from studio.models.naming import name_of, preprocessor_of

UNKNOWN_LICENCE: Final = "unknown"

_GIB: Final = 2**30
_WORKING_GIB: Final = 1.0
"""What a picture on its way takes beside the weights, roughly."""
_LARGEST_SHARE: Final = 0.7
"""Of a model's weights, those of its largest part, roughly."""

_FAST: Final = (
    (re.compile(r"turbo|lightning|hyper|lcm|dmd"), 8, 1.0),
    (re.compile(r"schnell"), 4, 0.0),
)
"""Words in names of distilled models, and the steps and guidance that they were distilled for."""


@dataclass(frozen=True)
class Placed:
    """A part that has its place: in ``path``, a relative one below the folder of models."""

    role: str
    path: str


@dataclass(frozen=True)
class Named:
    """What an import is called."""

    id: str
    title: str


def model_table(
    named: Named, found: Detected, variant: Variant, parts: Sequence[Placed], weights_bytes: int
) -> Table:
    """The ``[[model]]`` of an import.

    Args:
        named: its id and title.
        found: what was detected.
        variant: of that.
        parts: all of the model's.
        weights_bytes: of all parts together.
    """
    gib = weights_bytes / _GIB
    table: dict[str, object] = {
        "id": named.id,
        "title": named.title,
        "family": variant.family,
        "variant": variant.id,
        "tasks": list(variant.tasks),
        "license": found.licence or UNKNOWN_LICENCE,
        "native_size": variant.native_size,
        "grid": variant.grid,
        "memory": {
            "full": round(gib + _WORKING_GIB, 1),
            "offload": round(_LARGEST_SHARE * gib + _WORKING_GIB, 1),
            "estimated": True,
        },
        "parts": [{"role": part.role, "path": part.path} for part in parts],
        "defaults": _settings(variant.settings, name_of(found.path)),
    }
    return _checked(table, ModelEntry)


def adapter_table(named: Named, found: Detected, family: str, path: str) -> Table:
    """The ``[[adapter]]`` of an import.

    Args:
        named: its id and title.
        found: what was detected.
        family: of the models that it fits.
        path: where it lies.
    """
    table: dict[str, object] = {
        "id": named.id,
        "title": named.title,
        "kind": found.kind,
        "family": family,
        "license": found.licence or UNKNOWN_LICENCE,
        "path": path,
    }
    trigger = found.trigger
    if found.kind == "textual_inversion":
        trigger = found.detail or name_of(found.path)
    if trigger:
        table["trigger"] = trigger
    if found.kind == "controlnet" and (preprocessor := preprocessor_of(name_of(found.path))):
        table["preprocessor"] = preprocessor
    return _checked(table, AdapterEntry)


def _settings(usual: Defaults, name: str) -> dict[str, object]:
    """The variant's settings, or those of distilled models where the name speaks of it."""
    steps, guidance = usual.steps, usual.guidance
    for words, fast_steps, fast_guidance in _FAST:
        if words.search(name.lower()):
            steps, guidance = min(steps, fast_steps), min(guidance, fast_guidance)
    return {"steps": steps, "guidance": guidance, "scheduler": usual.scheduler}


def _checked(table: dict[str, object], kind: type[ModelEntry] | type[AdapterEntry]) -> Table:
    try:
        msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        raise ModelError(f"This cannot be imported: {error}; choose another id or name.") from error
    return table
