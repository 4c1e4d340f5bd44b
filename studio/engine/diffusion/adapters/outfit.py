"""What a request puts on its model, found in the catalog."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from studio.core.errors import ModelError
from studio.engine.diffusion.adapters.wardrobe import Worn
from studio.generation.catalog import AdapterInfo, Catalog, ModelInfo
from studio.generation.request import Ranking, Request

_KINDS: Final = {
    "lora": "LoRA",
    "textual_inversion": "textual inversion",
    "controlnet": "ControlNet",
    "ip_adapter": "IP-Adapter",
    "vae": "autoencoder",
    "upscaler": "upscaler",
}


@dataclass(frozen=True)
class Outfit:
    """The adapters of one request.

    Attributes:
        loras: in the order of the request.
    """

    loras: tuple[Worn, ...] = ()


def outfit_of(request: Request, model: ModelInfo, read_catalog: Callable[[], Catalog]) -> Outfit:
    """The adapters that a request names.

    Args:
        request: any.
        model: that is to wear them.
        read_catalog: asked only where the request names adapters.

    Raises:
        ModelError: if one is unknown, not installed, of another kind, or for another family.
    """
    if isinstance(request, Ranking) or not request.loras:
        return Outfit()
    catalog = read_catalog()
    return Outfit(
        loras=tuple(
            Worn(_fitting(catalog, lora.adapter, "lora", model), lora.weight)
            for lora in request.loras
        )
    )


def _fitting(catalog: Catalog, adapter_id: str, kind: str, model: ModelInfo) -> AdapterInfo:
    adapter = catalog.adapter(adapter_id)
    if adapter.kind != kind:
        raise ModelError(
            f"{adapter.title} is no {_KINDS[kind]} but a {_KINDS[adapter.kind]}: "
            f"choose a {_KINDS[kind]}."
        )
    if adapter.family != model.family:
        raise ModelError(
            f"{adapter.title} is made for models of the family {adapter.family}, which "
            f"{model.title} is not: take it off, or choose such a model."
        )
    if not adapter.installed:
        raise ModelError(
            f"{adapter.title} is not installed: install it with sfumato models install "
            f"{adapter.id}, or take it off."
        )
    return adapter
