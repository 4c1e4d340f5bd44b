"""What is written of an import: its table in the list of models, from what was detected."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from studio.core.errors import ModelError
from studio.generation.catalog_entries import AdapterEntry, Defaults, ModelEntry, Task
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

_DISTILLED: Final = re.compile(r"turbo|lightning|hyper[-_ ]?sd|(?<![a-z])(?:lcm|dmd2?)(?![a-z])")
"""Words in names of models that were distilled to few steps and no guidance."""
_STEPS: Final = re.compile(r"(?<!\d)([1-9]|1\d)[-_ ]?steps?")
_FEW_STEPS: Final = 8
_NO_GUIDANCE: Final = 0.0
_XL_TURBO: Final = re.compile(r"sd_?xl[-_ ]turbo")
"""The one that Stability AI distilled, at half the size of other models of its kind."""
_XL_TURBO_SIZE: Final = 512


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
    named: Named,
    found: Detected,
    variant: Variant,
    tasks: Sequence[Task],
    parts: Sequence[Placed],
    weights_bytes: int,
) -> Table:
    """The ``[[model]]`` of an import.

    Args:
        named: its id and title.
        found: what was detected.
        variant: of that, or of the model that it is added to.
        tasks: what the model does.
        parts: all of the model's.
        weights_bytes: of all parts together.
    """
    gib = weights_bytes / _GIB
    table: dict[str, object] = {
        "id": named.id,
        "title": named.title,
        "family": variant.family,
        "variant": variant.id,
        "tasks": list(tasks),
        "license": found.licence or UNKNOWN_LICENCE,
        "native_size": _size(variant, name_of(found.path)),
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
    if preprocessor := _preprocessor(found):
        table["preprocessor"] = preprocessor
    if found.scale:
        table["scale"] = found.scale
    return _checked(table, AdapterEntry)


def _preprocessor(found: Detected) -> str:
    """What a ControlNet reads, by itself or by its name, or an estimator makes; else empty."""
    match found.kind:
        case "estimator":
            return found.detail
        case "controlnet":
            return found.detail or preprocessor_of(name_of(found.path))
        case _:
            return ""


def _size(variant: Variant, name: str) -> int:
    is_small = variant.id == "sdxl" and _XL_TURBO.match(name.lower())
    return _XL_TURBO_SIZE if is_small else variant.native_size


def _settings(usual: Defaults, name: str) -> dict[str, object]:
    """The variant's settings, or those of distilled models where the name speaks of it.

    Flow models have their guidance as an input, or none at all, and keep it.
    """
    steps, guidance, scheduler = usual.steps, usual.guidance, usual.scheduler
    if _DISTILLED.search(name.lower()):
        said = _STEPS.search(name.lower())
        steps = int(said[1]) if said else min(steps, _FEW_STEPS)
        if scheduler != "flow":
            guidance, scheduler = _NO_GUIDANCE, "euler"
    return {"steps": steps, "guidance": guidance, "scheduler": scheduler}


def _checked(table: dict[str, object], kind: type[ModelEntry] | type[AdapterEntry]) -> Table:
    try:
        msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        raise ModelError(f"This cannot be imported: {error}; choose another id or name.") from error
    return table
