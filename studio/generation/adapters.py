"""LoRAs as people write them into prompts: ``<lora:name:0.8>``, and what is meant by a name."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from studio.core.errors import RequestError
from studio.generation.catalog import AdapterInfo
from studio.generation.request import Lora

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
    loras = [adapter for adapter in adapters if adapter.kind == "lora"]
    found: dict[str, Lora] = {}
    for tag in tags:
        adapter = _meant(tag.name, loras, family)
        weight = adapter.weight if tag.weight is None else tag.weight
        found[adapter.id] = Lora(adapter=adapter.id, weight=weight)
    return tuple(found.values())


def _meant(name: str, loras: list[AdapterInfo], family: str) -> AdapterInfo:
    wanted = name.casefold()
    matches = [lora for lora in loras if wanted in _names(lora)]
    if not matches:
        known = {one: lora.id for lora in loras for one in _names(lora)}
        near = {known[one] for one in difflib.get_close_matches(wanted, known, n=3, cutoff=0.5)}
        hint = f"did you mean {' or '.join(sorted(near))}?" if near else "import it first."
        raise RequestError(f"There is no LoRA {name!r}: {hint}")
    return min(matches, key=lambda lora: lora.family != family)


def _names(lora: AdapterInfo) -> set[str]:
    return {lora.id.casefold(), lora.title.casefold(), lora.path.stem.casefold()}


def _number(weight: str, text: str) -> float:
    try:
        number = float(weight)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise RequestError(f"{weight!r} in {text!r} is no number: write a weight such as 0.8.")
    return number
