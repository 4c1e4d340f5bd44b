"""Writing Photoshop documents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from psd_tools import PSDImage
from psd_tools.api.layers import Group, PixelLayer
from psd_tools.constants import ProtectedFlags

from studio.core import atomic
from studio.core.compositor import compose
from studio.core.document import DocumentSnapshot
from studio.core.errors import PictureError
from studio.core.geometry import Bounds
from studio.core.layers import LayerSnapshot, Locks
from studio.core.picture import Pixels
from studio.core.tiles import TileReader, straight
from studio.files.photoshop.modes import PSD_MODES
from studio.files.progress import Progress, unheeded

MAX_SIDE = 30_000
"""The most pixels that the format allows on a side."""
_MAX_NAME = 250


def save_psd(
    path: Path, snapshot: DocumentSnapshot, progress: Progress = unheeded
) -> tuple[str, ...]:
    """Writes a document, whole or not at all.

    Returns:
        Sentences that the person should read: what the file does not hold as the document did.

    Raises:
        PictureError: if the file cannot be written; what was there before is then intact.
        Cancelled: if ``progress`` raises it; likewise.
    """
    writer = _Writer(snapshot, progress)
    psd = writer.write()
    try:
        with atomic.replacing(path) as file:
            psd.save(file)
    except OSError as error:
        raise PictureError(
            f"{path} cannot be written because {atomic.reason(error)}: choose another place."
        ) from error
    return writer.notes


class _WithPreview(PSDImage):
    """A file whose merged picture is ours, so that psd-tools makes none by itself."""

    def is_updated(self) -> bool:
        return False


class _Writer:
    def __init__(self, snapshot: DocumentSnapshot, progress: Progress) -> None:
        self._snapshot = snapshot
        self._progress = progress
        self._total = sum(1 for _ in _every(snapshot.layers))
        self._done = 0
        self._notes: dict[str, None] = {}

    @property
    def notes(self) -> tuple[str, ...]:
        """What was simplified."""
        return tuple(self._notes)

    def write(self) -> PSDImage:
        """The document, in memory."""
        snapshot = self._snapshot
        merged = straight(compose(snapshot, snapshot.canvas))
        psd = _WithPreview.frompil(Image.fromarray(_matted(merged)))
        self._add_layers(psd, snapshot.layers, ())
        if snapshot.channels or snapshot.guides or not snapshot.selection.is_empty:
            self._note("The selection, channels and guides are not in the Photoshop file.")
        return psd

    def _add_layers(
        self,
        parent: PSDImage | Group,
        layers: tuple[LayerSnapshot, ...],
        masks: tuple[TileReader, ...],
    ) -> None:
        """Adds layers, the lowest first; ``masks`` are those of the groups around them."""
        for number, layer in enumerate(layers):
            self._progress(self._done / self._total)
            self._done += 1
            added = (
                self._pixels(parent, layer, masks)
                if layer.children is None
                else self._group(parent, layer, layer.children, masks)
            )
            added.visible = layer.visible
            if layer.clipped and number and layer.children is None:
                added.clipping = True
            elif layer.clipped and number:
                self._note("A clipped group is no longer clipped: Photoshop clips layers alone.")
            if layer.locks != Locks():
                added.unlock()  # psd-tools only makes room for the flags at the first call
                added.lock(_protected(layer.locks))

    def _group(
        self,
        parent: PSDImage | Group,
        layer: LayerSnapshot,
        children: tuple[LayerSnapshot, ...],
        masks: tuple[TileReader, ...],
    ) -> Group:
        group = parent.create_group(
            opacity=round(layer.opacity * 255),
            blend_mode=PSD_MODES[layer.blend_mode],
            open_folder=not layer.collapsed,
        )
        group.name = layer.name[:_MAX_NAME]
        if layer.mask is not None:
            self._note("Masks of groups were put into the layers inside.")
            masks = (*masks, layer.mask) if layer.mask_enabled else masks
        self._add_layers(group, children, masks)
        return group

    def _pixels(
        self, parent: PSDImage | Group, layer: LayerSnapshot, masks: tuple[TileReader, ...]
    ) -> PixelLayer:
        if layer.text is not None:
            self._note("Texts are pixels in the Photoshop file.")
        if layer.recipe is not None:
            self._note("How layers were generated is not in the Photoshop file.")
        area = self._area(layer)
        place = area.relative_to(self._snapshot.canvas.origin)
        added = parent.create_pixel_layer(
            Image.fromarray(layer.pixels.read(area)),
            top=place.y,
            left=place.x,
            opacity=round(layer.opacity * 255),
            blend_mode=PSD_MODES[layer.blend_mode],
        )
        added.name = layer.name[:_MAX_NAME]
        own = layer.mask if layer.mask is not None and (layer.mask_enabled or not masks) else None
        together = masks if own is None else (own, *masks)
        if together:
            added.create_mask(Image.fromarray(_product(together, area)), top=place.y, left=place.x)
        if own is not None and not layer.mask_enabled and added.mask is not None:
            added.mask.disabled = True
        return added

    def _area(self, layer: LayerSnapshot) -> Bounds:
        """What of a layer is written: at least one pixel, and no more than the format allows."""
        used = layer.pixels.used_bounds()
        if used.is_empty:
            return Bounds(*self._snapshot.canvas.origin, 1, 1)
        if used.extent.longest > MAX_SIDE:
            self._note("What layers hold far beyond the canvas is not in the Photoshop file.")
            return used.intersection(self._snapshot.canvas)
        return used

    def _note(self, sentence: str) -> None:
        self._notes[sentence] = None


def _every(layers: tuple[LayerSnapshot, ...]) -> Iterator[LayerSnapshot]:
    for layer in layers:
        yield layer
        yield from _every(layer.children or ())


def _matted(rgba: Pixels) -> Pixels:
    """The merged picture as Photoshop keeps it: over white, with the alpha beside."""
    alpha = rgba[..., 3:].astype(np.uint16)
    result = rgba.copy()
    result[..., :3] = (rgba[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255
    return result


def _product(masks: tuple[TileReader, ...], area: Bounds) -> Pixels:
    """What all of some masks show."""
    result = masks[0].read(area)
    for mask in masks[1:]:
        result = ((result.astype(np.uint16) * mask.read(area) + 127) // 255).astype(np.uint8)
    return result


def _protected(locks: Locks) -> int:
    flags = (
        (locks.pixels, ProtectedFlags.COMPOSITE),
        (locks.position, ProtectedFlags.POSITION),
        (locks.alpha, ProtectedFlags.TRANSPARENCY),
    )
    return sum(int(flag) for held, flag in flags if held)
