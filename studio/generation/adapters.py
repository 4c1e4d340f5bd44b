"""Adapters by their names, and LoRAs as people write them into prompts: ``<lora:name:0.8>``."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from studio.core.errors import RequestError
from studio.generation.catalog import AdapterInfo, ModelInfo
from studio.generation.catalog_entries import ANY_FAMILY, AdapterKind
from studio.generation.request import Lora

KIND_NAMES: Final[Mapping[AdapterKind, str]] = {
    "lora": "LoRA",
    "textual_inversion": "textual inversion",
    "controlnet": "ControlNet",
    "ip_adapter": "IP-Adapter",
    "vae": "autoencoder",
    "upscaler": "upscaler",
    "estimator": "estimator",
}
"""As people know the kinds of adapters."""

VAE_FAMILIES: Final = (
    "stable_diffusion",
    "stable_diffusion_xl",
    "stable_diffusion_3",
    "flux",
    "z_image",
)
"""Families whose models work with other autoencoders than their own."""

_TAG: Final = re.compile(r"<lora:([^<>]+)>", re.IGNORECASE)


class Tag(NamedTuple):
    """A LoRA named in a prompt; without a weight it has its own."""

    name: str
    weight: float | None


def without_tags(prompt: str) -> tuple[str, list[Tag]]:
    """A prompt as the model is to read it, and the LoRAs that it named.

    Raises:
        RequestError: if a weight is no number.
    """
    tags = [parse_tag(found[1]) for found in _TAG.finditer(prompt)]
    if not tags:
        return prompt, []
    return re.sub(r"[ \t]{2,}", " ", _TAG.sub("", prompt)).strip(), tags


def parse_tag(text: str) -> Tag:
    """What is in a tag: ``name`` or ``name:weight``.

    Raises:
        RequestError: if the weight is no number.
    """
    name, colon, weight = text.partition(":")
    return Tag(name.strip(), _number(weight, text) if colon else None)


def with_tags(prompt: str, loras: Iterable[Lora]) -> str:
    """A prompt that names these LoRAs again: what `without_tags` and `loras_named` undo."""
    return " ".join([prompt, *(f"<lora:{lora.adapter}:{lora.weight:g}>" for lora in loras)]).strip()


def loras_named(
    tags: Iterable[Tag], adapters: Iterable[AdapterInfo], family: str
) -> tuple[Lora, ...]:
    """The LoRAs that are meant, the last one counting where one is named twice.

    A name is an id, a title or a file's name, in letters of either case; where several have it,
    one for models of the family is meant.

    Raises:
        RequestError: if no LoRA has a name, with those that are nearest to it.
    """
    known = tuple(adapters)
    found: dict[str, Lora] = {}
    for tag in tags:
        adapter = adapter_named(tag.name, "lora", known, family)
        weight = adapter.weight if tag.weight is None else tag.weight
        found[adapter.id] = Lora(adapter=adapter.id, weight=weight)
    return tuple(found.values())


def adapter_named(
    name: str, kind: AdapterKind, adapters: Sequence[AdapterInfo], family: str
) -> AdapterInfo:
    """The adapter of a kind that a name means, which is found as `loras_named` does.

    Raises:
        RequestError: if none has it, with those that are nearest to it.
    """
    wanted, fitting = name.casefold(), [each for each in adapters if each.kind == kind]
    matches = [adapter for adapter in fitting if wanted in _names(adapter)]
    if not matches:
        for other in adapters:
            if wanted == other.id.casefold():
                check_kind(other, kind)
        known = {one: adapter.id for adapter in fitting for one in _names(adapter)}
        near = {known[one] for one in difflib.get_close_matches(wanted, known, n=3, cutoff=0.5)}
        hint = f"did you mean {' or '.join(sorted(near))}?" if near else "import it first."
        raise RequestError(f"There is no {KIND_NAMES[kind]} {name!r}: {hint}")
    return min(matches, key=lambda adapter: adapter.family != family)


def fitting_adapters(
    adapters: Iterable[AdapterInfo], kind: AdapterKind, model: ModelInfo
) -> list[AdapterInfo]:
    """The installed adapters of a kind that a model can use."""
    return [
        adapter
        for adapter in adapters
        if adapter.kind == kind
        and adapter.installed
        and adapter.family in (model.family, ANY_FAMILY)
    ]


def word_pattern(trigger: str) -> re.Pattern[str]:
    """Finds the word that calls up a textual inversion, in letters of either case."""
    return re.compile(rf"(?<!\w){re.escape(trigger.strip())}(?!\w)", re.IGNORECASE)


def check_kind(adapter: AdapterInfo, kind: AdapterKind) -> None:
    """Raises RequestError where an adapter is of another kind."""
    if adapter.kind != kind:
        raise RequestError(
            f"{adapter.title} is no {KIND_NAMES[kind]} but {a_kind(adapter.kind)}: "
            f"choose {a_kind(kind)}."
        )


def a_kind(kind: AdapterKind) -> str:
    """Such as ``a LoRA`` or ``an IP-Adapter``."""
    name = KIND_NAMES[kind]
    return f"an {name}" if name[0] in "AIaeu" else f"a {name}"


def absence(adapter: AdapterInfo) -> str:
    """What is said of an adapter that is not there, and what helps; without a full stop."""
    if adapter.source.path:
        return f"{adapter.title} is not in {adapter.path}: connect the drive, or import it again"
    return f"{adapter.title} is not installed: install it with sfumato models install {adapter.id}"


def _names(adapter: AdapterInfo) -> set[str]:
    return {adapter.id.casefold(), adapter.title.casefold(), adapter.path.stem.casefold()}


def _number(weight: str, text: str) -> float:
    try:
        number = float(weight)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise RequestError(f"{weight!r} in {text!r} is no number: write a weight such as 0.8.")
    return number
