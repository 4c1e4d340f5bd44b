"""Enlarging pictures: by which upscalers that can be done, and the requests for it."""

from __future__ import annotations

from typing import Final

import msgspec

from studio.core.errors import ModelError
from studio.core.geometry import Extent
from studio.core.picture import Picture
from studio.generation.adapters import absence, adapter_named, check_kind
from studio.generation.catalog import AdapterInfo, Catalog, InstalledPart, ModelInfo
from studio.generation.catalog_entries import ANY_FAMILY
from studio.generation.preparation import lean
from studio.generation.request import Attachments, Upscale, attach

SCALES: Final = (2, 4)
"""By how much the person may enlarge."""

ROLE: Final = "upscaler"
"""The role of a part of a model that enlarges."""


class UpscalerInfo(msgspec.Struct, frozen=True):
    """What enlarges pictures: an upscaler that is installed, or a part of a model.

    Attributes:
        part: where its weights lie: one file, or a folder with several networks.
        scale: by how much it enlarges at once; 0 where that is not known, or by several.
    """

    id: str
    title: str
    part: InstalledPart
    scale: int = 0

    @property
    def parts(self) -> tuple[InstalledPart, ...]:
        """Its one part."""
        return (self.part,)


def upscalers_of(catalog: Catalog) -> list[UpscalerInfo]:
    """Those that are installed: first what people have chosen themselves, then models' own."""
    adapters = (each for each in catalog.adapters if each.kind == "upscaler" and each.installed)
    models = filter(None, map(own_upscaler, catalog.models))
    return [*map(_of_adapter, adapters), *models]


def own_upscaler(model: ModelInfo) -> UpscalerInfo | None:
    """A model's own; None where it has none, or the model is not installed."""
    for part in model.parts:
        if part.role == ROLE and model.installed:
            return UpscalerInfo(model.id, model.title, part)
    return None


def find_upscaler(catalog: Catalog, upscaler_id: str) -> UpscalerInfo:
    """The upscaler of that id, or the one of that model.

    Raises:
        ModelError: if there is none, or it is not installed.
        RequestError: if it is an adapter of another kind.
    """
    item = catalog.installable(upscaler_id)
    if isinstance(item, ModelInfo):
        own = own_upscaler(item)
        if own is None:
            raise ModelError(f"{item.title} has no upscaler of its own: choose an upscaler.")
        return own
    check_kind(item, "upscaler")
    if not item.installed:
        raise ModelError(f"{absence(item)}.")
    return _of_adapter(item)


def upscaler_named(name: str, catalog: Catalog) -> UpscalerInfo:
    """The upscaler that a name means: its id, title or file, or the id of a model that has one.

    Raises:
        RequestError: if none has it, with those that are nearest to it.
        ModelError: if it is not installed.
    """
    if any(name == model.id for model in catalog.models):
        return find_upscaler(catalog, name)
    adapter = adapter_named(name, "upscaler", catalog.adapters, ANY_FAMILY)
    return find_upscaler(catalog, adapter.id)


def default_upscaler(catalog: Catalog) -> UpscalerInfo:
    """The one that is taken where nothing is said.

    Raises:
        ModelError: if there is none.
    """
    for upscaler in upscalers_of(catalog):
        return upscaler
    raise ModelError(
        "There is no upscaler: import one with sfumato models import, such as a .safetensors of "
        "the kind ESRGAN."
    )


def upscale_request(
    picture: Picture, scale: int, upscaler: UpscalerInfo, prompt: str = ""
) -> tuple[Upscale, Attachments]:
    """What enlarges a picture, and what that needs.

    Args:
        picture: of any mode; grey is enlarged as colours.
        scale: by how much.
        upscaler: that is installed.
        prompt: what it was made from, where that is known.

    Raises:
        RequestError: if it would become larger than a picture may be.
    """
    picture = lean(picture)
    extent = Extent(picture.width * scale, picture.height * scale)
    request = Upscale(
        model=upscaler.id,
        source=picture.digest,
        width=extent.width,
        height=extent.height,
        prompt=prompt,
    )
    return request, attach([picture])


def _of_adapter(adapter: AdapterInfo) -> UpscalerInfo:
    return UpscalerInfo(adapter.id, adapter.title, adapter.parts[0], adapter.scale)
