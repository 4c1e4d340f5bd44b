"""The adapters that a request names, found in the catalog."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from studio.core.errors import ModelError, RequestError
from studio.engine.diffusion.adapters.estimators import AIDES
from studio.engine.diffusion.adapters.wardrobe import Worn
from studio.generation.adapters import VAE_FAMILIES, a_kind, absence, check_kind, word_pattern
from studio.generation.catalog import AdapterInfo, Catalog, ModelInfo
from studio.generation.catalog_entries import AdapterKind
from studio.generation.request import Generation, InstructionEdit, Ranking

_WORDED: Final = ("stable_diffusion", "stable_diffusion_xl")
"""Families whose models learn the words of textual inversions."""

_GUIDED: Final[Mapping[AdapterKind, tuple[tuple[str, ...], str]]] = {
    "controlnet": (
        (*_WORDED, "stable_diffusion_3", "flux", "qwen_image", "sana", "z_image"),
        "Stable Diffusion, Stable Diffusion XL, Stable Diffusion 3, FLUX.1, Qwen-Image, Sana and "
        "Z-Image",
    ),
    "ip_adapter": (
        (*_WORDED, "stable_diffusion_3", "flux"),
        "Stable Diffusion, Stable Diffusion XL, Stable Diffusion 3 and FLUX.1",
    ),
}
"""Families whose models an adapter guides that looks at pictures, and what people call them."""


@dataclass(frozen=True)
class Outfit:
    """The adapters of one request.

    Attributes:
        loras: in the order of the request.
        guides: those that look at pictures, by their ids.
        words: textual inversions that its prompts call up.
        estimators: by the preprocessors that they stand for, their aides among them; where none is
            installed, one that could be.
    """

    loras: tuple[Worn, ...] = ()
    guides: Mapping[str, AdapterInfo] = field(default_factory=dict)
    words: tuple[AdapterInfo, ...] = ()
    estimators: Mapping[str, AdapterInfo] = field(default_factory=dict)

    @property
    def beside(self) -> tuple[AdapterInfo, ...]:
        """What takes memory of its own: all that looks at pictures, and is installed."""
        seers = (each for each in self.estimators.values() if each.installed)
        return (*self.guides.values(), *seers)


def outfit_of(
    request: Generation | Ranking, model: ModelInfo, read_catalog: Callable[[], Catalog]
) -> Outfit:
    """The adapters that a request names.

    Args:
        request: any.
        model: that is to wear them.
        read_catalog: asked only where there may be adapters for it.

    Raises:
        ModelError: if one is unknown, not installed, or for another family.
        RequestError: if one is of another kind, or a picture is to be looked at and nothing does.
    """
    if isinstance(request, Ranking):
        return Outfit()
    _check_looked_at(request, model)
    named: list[tuple[str, AdapterKind]] = [
        *((guide.adapter, "controlnet") for guide in request.controls),
        *((guide.adapter, "ip_adapter") for guide in request.references if guide.adapter),
    ]
    if not (request.loras or named or model.family in _WORDED):
        return Outfit()
    catalog = read_catalog()
    return Outfit(
        loras=tuple(
            Worn(_fitting(catalog, lora.adapter, "lora", model), lora.weight)
            for lora in request.loras
        ),
        guides={name: _guiding(catalog, name, kind, model) for name, kind in named},
        words=tuple(
            adapter
            for adapter in catalog.adapters
            if adapter.kind == "textual_inversion" and _is_called(adapter, request, model)
        ),
        estimators=_estimators(catalog, {control.preprocessor for control in request.controls}),
    )


def with_autoencoder(
    request: Generation | Ranking, model: ModelInfo, read_catalog: Callable[[], Catalog]
) -> ModelInfo:
    """The model as a request wants it: one of its own where another autoencoder is named.

    Args, errors: as for `outfit_of`.
    """
    if isinstance(request, Ranking) or not request.vae:
        return model
    adapter = _fitting(read_catalog(), request.vae, "vae", model)
    if model.family not in VAE_FAMILIES:
        raise ModelError(
            f"{adapter.title} cannot be used: {model.title} works with its own autoencoder only."
        )
    kept = (part for part in model.parts if part.role != "vae")
    return replace(model, id=f"{model.id}+{adapter.id}", parts=(*kept, *adapter.parts))


def _estimators(catalog: Catalog, preprocessors: Collection[str]) -> Mapping[str, AdapterInfo]:
    """The first of the catalog for each, of those that are installed where there are any."""
    wanted = {*preprocessors, *(AIDES[each] for each in preprocessors if each in AIDES)}
    found = [
        adapter
        for adapter in catalog.adapters
        if adapter.kind == "estimator" and adapter.preprocessor in wanted
    ]
    found.sort(key=lambda adapter: not adapter.installed)
    return {adapter.preprocessor: adapter for adapter in reversed(found)}


def _is_called(word: AdapterInfo, request: Generation, model: ModelInfo) -> bool:
    """Whether a prompt has a textual inversion's word, and the model may know it."""
    if not (word.installed and word.trigger.strip() and word.family == model.family):
        return False
    pattern = word_pattern(word.trigger)
    return any(map(pattern.search, (request.prompt, request.negative_prompt)))


def _check_looked_at(request: Generation, model: ModelInfo) -> None:
    """References without an adapter are for models that change pictures as they are told."""
    looks = isinstance(request, InstructionEdit)
    if not looks and any(not reference.adapter for reference in request.references):
        raise RequestError(
            f"{model.title} looks at reference pictures only where it changes a picture as it is "
            "told: choose an IP-Adapter that looks at them."
        )


def _guiding(catalog: Catalog, adapter_id: str, kind: AdapterKind, model: ModelInfo) -> AdapterInfo:
    adapter = _fitting(catalog, adapter_id, kind, model)
    families, names = _GUIDED[kind]
    if model.family not in families:
        raise ModelError(
            f"{adapter.title} cannot be used: {a_kind(kind)} guides only models of {names} so far."
        )
    return adapter


def _fitting(catalog: Catalog, adapter_id: str, kind: AdapterKind, model: ModelInfo) -> AdapterInfo:
    adapter = catalog.adapter(adapter_id)
    check_kind(adapter, kind)
    if adapter.family != model.family:
        raise ModelError(
            f"{adapter.title} is made for models of the family {adapter.family}, which "
            f"{model.title} is not: take it off, or choose such a model."
        )
    if not adapter.installed:
        raise ModelError(f"{absence(adapter)}, or take it off.")
    return adapter
