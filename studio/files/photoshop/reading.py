"""Reading Photoshop documents, whole or damaged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image
from psd_tools import ParseLimits, PSDImage
from psd_tools.api.layers import Group
from psd_tools.api.layers import Layer as PsdLayer
from psd_tools.constants import BlendMode as PsdMode
from psd_tools.constants import ChannelID, ColorMode, Resource

from studio.core import atomic
from studio.core.blend import BlendMode
from studio.core.document import Document
from studio.core.errors import PictureError
from studio.core.geometry import Bounds, Extent, Point
from studio.core.layers import GroupLayer, Layer, Locks, RasterLayer
from studio.core.tiles import MaskSurface, TiledSurface
from studio.files.colour import rgba_strips
from studio.files.limits import (
    DAMAGE,
    MAX_CANVAS_SIDE,
    MAX_DEPTH,
    MAX_LAYERS,
    MAX_NAME,
    DamagedPartError,
    Limits,
)
from studio.files.loaded import LoadedDocument
from studio.files.photoshop.modes import is_known, nearest
from studio.files.pictures import load_picture
from studio.files.progress import Progress, unheeded

MAX_FILE_BYTES = 2**30
"""No file may be larger; all of it is in memory while its layers are decoded."""
_MAX_ALLOCATED = 512 * 2**20
"""For decoding one layer."""
_PARSE_LIMITS = ParseLimits(
    max_read_bytes=MAX_FILE_BYTES,
    max_total_bytes=2 * MAX_FILE_BYTES,
    max_objects=500_000,
)


def read_psd(path: Path, progress: Progress = unheeded) -> LoadedDocument:
    """Reads a document; what is damaged or unknown in it is told in a note.

    Where its layers cannot be read at all, the merged picture that it may hold is taken. Works in
    any thread.

    Raises:
        PictureError: if it is no such file, exceeds the limits, or nothing in it can be read.
        Cancelled: if ``progress`` raises it.
    """
    size = _size(path)
    try:
        psd = PSDImage.open(path, max_alloc_bytes=_MAX_ALLOCATED, parse_limits=_PARSE_LIMITS)
    except DAMAGE:
        return _merged(path)
    canvas = Bounds(0, 0, psd.width, psd.height)
    if canvas.is_empty or canvas.extent.longest > MAX_CANVAS_SIDE:
        raise PictureError(
            f"{path} has {canvas.extent} pixels: 1 to {MAX_CANVAS_SIDE} a side can be opened."
        )
    reader = _Reader(path, psd, Limits(size, held_bytes=size), progress)
    layers = reader.layers()
    if not layers or (reader.is_damaged and all(layer.pixels.is_empty for layer in layers)):
        return _merged(path, reader.notes)
    return LoadedDocument(_document(canvas, layers), reader.notes)


class _Reader:
    def __init__(self, path: Path, psd: PSDImage, limits: Limits, progress: Progress) -> None:
        self._path = path
        self._psd = psd
        self._limits = limits
        self._progress = progress
        self._notes: dict[str, None] = {}
        self._damaged = False
        self._read = 0
        self._total = _count(psd, path)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out or changed."""
        return tuple(self._notes)

    @property
    def is_damaged(self) -> bool:
        """Whether the pixels of a layer could not be read."""
        return self._damaged

    def layers(self) -> list[Layer]:
        """The layers of the document, the lowest first."""
        return list(self._inside(self._psd, 0))

    def _inside(self, group: PSDImage | Group, depth: int) -> Iterator[Layer]:
        for layer in group:
            self._progress(self._read / self._total)
            self._read += 1
            if not isinstance(layer, Group):
                read = self._sheet(layer)
                if read is not None:
                    yield read
            elif depth < MAX_DEPTH:
                yield self._group(layer, depth)
            else:
                self._note("Some groups lie too deep: their layers were put into the one around.")
                yield from self._inside(layer, depth)

    def _group(self, group: Group, depth: int) -> GroupLayer:
        look = self._look(group)
        layers = list(self._inside(group, depth + 1))
        if group.blend_mode is PsdMode.PASS_THROUGH and not _mixes_normally(layers):
            self._note(
                f"The group {look['name']!r} is now mixed by itself, and may look different."
            )
        return GroupLayer(layers=layers, collapsed=not group.open_folder, **look)

    def _sheet(self, layer: PsdLayer) -> RasterLayer | None:
        """A layer of pixels; None for one that has none by its nature."""
        look = self._look(layer)
        what = f"The layer {look['name']!r}"
        surface = TiledSurface()
        try:
            has_pixels = self._fill(surface, layer)
        except (DamagedPartError, *DAMAGE) as damage:
            fault = damage if isinstance(damage, DamagedPartError) else "is damaged"
            self._note(f"{what} {fault} and was left empty.")
            self._damaged = True
            self._limits.hold(-surface.size)
            surface.clear_all()
        else:
            if not has_pixels and layer.kind != "pixel":
                self._note(f"{what} was left out: it is of a kind ({layer.kind}) without pixels.")
                return None
        if layer.kind == "type":
            self._note("Texts are now layers of pixels.")
        elif layer.kind not in ("pixel", "type"):
            self._note(f"{what} was of another kind ({layer.kind}) and is now one of pixels.")
        if layer.has_effects():
            self._note(f"The effects of {what[0].lower()}{what[1:]} are not shown.")
        return RasterLayer(surface=surface, **look)

    def _fill(self, surface: TiledSurface, layer: PsdLayer) -> bool:
        """Whether there was anything to decode."""
        self._limits.begin(Extent(max(0, layer.width), max(0, layer.height)))
        image = layer.topil(apply_icc=False)
        if image is None:
            return False
        alpha = None if image.has_transparency_data else self._alpha(layer, image.size)
        profile = self._psd.image_resources.get_data(Resource.ICC_PROFILE)
        if isinstance(profile, bytes):
            image.info["icc_profile"] = profile
        top = layer.top
        for strip in rgba_strips(image, alpha):
            before = surface.size
            surface.write(Bounds(layer.left, top, image.width, len(strip)), strip)
            self._limits.hold(surface.size - before)
            top += len(strip)
        return True

    def _alpha(self, layer: PsdLayer, size: tuple[int, int]) -> Image.Image | None:
        """The transparency of a layer whose colours Pillow cannot join with it, such as CMYK."""
        if self._psd.color_mode in (ColorMode.RGB, ColorMode.GRAYSCALE):
            return None
        alpha = layer.topil(channel=ChannelID.TRANSPARENCY_MASK)
        return alpha if alpha is not None and alpha.size == size else None

    def _look(self, layer: PsdLayer) -> dict[str, Any]:
        mode = layer.blend_mode
        if not is_known(mode) and mode is not PsdMode.PASS_THROUGH:
            title = nearest(mode).title.lower()
            self._note(
                f"The mode {mode.name.replace('_', ' ').lower()} is not known: {title} is used."
            )
        return {
            "name": layer.name[:MAX_NAME],
            "visible": layer.visible,
            "opacity": layer.opacity * layer.fill_opacity / 255**2,
            "blend_mode": nearest(mode),
            "locks": _locks(layer),
            "clipped": layer.clipping,
            "mask": self._mask(layer),
            "mask_enabled": layer.mask is None or not layer.mask.disabled,
        }

    def _mask(self, layer: PsdLayer) -> MaskSurface | None:
        if layer.mask is None:
            if layer.has_vector_mask() and layer.kind == "pixel":
                self._note(f"The vector mask of {layer.name[:MAX_NAME]!r} is not used.")
            return None
        try:
            return self._read_mask(layer)
        except (DamagedPartError, *DAMAGE):
            self._note(f"The mask of {layer.name[:MAX_NAME]!r} is damaged and was left out.")
            return None

    def _read_mask(self, layer: PsdLayer) -> MaskSurface | None:
        mask = layer.mask
        if mask is None:
            return None
        surface = MaskSurface(255 if mask.background_color else 0)
        self._limits.begin(Extent(max(0, mask.width), max(0, mask.height)))
        image = mask.topil()
        if image is not None:
            pixels = next(rgba_strips(image, None, height=image.height))[..., 0]
            surface.write(Bounds(mask.left, mask.top, *image.size), pixels)
            self._limits.hold(surface.size)
        return surface

    def _note(self, sentence: str) -> None:
        self._notes[sentence] = None


def _size(path: Path) -> int:
    """Bytes of the file, which is checked before it is read."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            signature = file.read(4)
    except OSError as error:
        raise PictureError(f"{path} cannot be read: {atomic.reason(error)}.") from error
    if signature != b"8BPS":
        raise PictureError(f"{path} is not a Photoshop document: get the whole file.")
    if size > MAX_FILE_BYTES:
        raise PictureError(f"{path} is too large: Photoshop documents of up to 1 GB can be opened.")
    return size


def _count(psd: PSDImage, path: Path) -> int:
    count = sum(1 for _ in psd.descendants())
    if count > MAX_LAYERS:
        raise PictureError(f"{path} has too many layers: {MAX_LAYERS} can be opened.")
    return max(1, count)


def _merged(path: Path, notes: tuple[str, ...] = ()) -> LoadedDocument:
    """The picture that the layers made, where they cannot be read or there are none."""
    loaded = load_picture(path)
    layer = RasterLayer.from_picture("Merged picture", loaded.picture, Point(0, 0))
    document = _document(Bounds.of(loaded.picture.extent), [layer])
    return LoadedDocument(
        document, (*notes, "There are no layers in it: the merged picture is shown.")
    )


def _document(canvas: Bounds, layers: list[Layer]) -> Document:
    document = Document(canvas)
    for layer in layers:
        document.layers.insert(len(document.layers), layer)
    document.active = layers[-1]
    return document


def _mixes_normally(layers: list[Layer]) -> bool:
    """Whether it makes no difference that they are mixed among themselves first."""
    return all(
        layer.blend_mode is BlendMode.NORMAL and _mixes_normally(list(layer.children))
        for layer in layers
    )


def _locks(layer: PsdLayer) -> Locks:
    held = layer.locks
    if held is None:
        return Locks()
    return Locks(
        pixels=held.complete or held.composite,
        position=held.complete or held.position,
        alpha=held.complete or held.transparency,
    )
