"""A document with one of everything."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from studio.core.blend import BlendMode
from studio.core.colour import Colour
from studio.core.document import Document
from studio.core.geometry import Bounds, Point
from studio.core.guides import Guide, Orientation
from studio.core.layers import GeneratedLayer, GroupLayer, Locks, RasterLayer, TextLayer
from studio.core.text import TextContent
from studio.core.tiles import MaskSurface, Snapshot, TiledSurface
from tests.helpers.documents import rgba_noise

CANVAS = Bounds(-40, -30, 400, 300)


def noise(bounds: Bounds, seed: int) -> TiledSurface:
    """A surface with random pixels there."""
    surface = TiledSurface()
    surface.write(bounds, rgba_noise(bounds, seed))
    return surface


def noisy_mask(bounds: Bounds, seed: int, fill: int = 0) -> MaskSurface:
    """A mask with random values there."""
    mask = MaskSurface(fill)
    mask.write(bounds, rgba_noise(bounds, seed)[..., 0])
    return mask


def document_with_everything() -> Document:
    """Every kind of layer, in a group in a group too, with masks, selection, channels, guides."""
    document = Document(CANVAS, Bounds(0, 0, 128, 128))
    text = TextContent("two\nlines", size_px=20.0, colour=Colour(1, 2, 3), width=90)
    area = Bounds(5, 6, 70, 80)
    inner = GroupLayer(
        "inner",
        [RasterLayer("deep", noise(Bounds(0, 0, 50, 40), 1), opacity=0.5, clipped=True)],
        mask=noisy_mask(Bounds(0, 0, 60, 60), 2, fill=255),
        collapsed=True,
    )
    outer = GroupLayer(
        "outer",
        [
            RasterLayer("ground", noise(CANVAS, 3), locks=Locks(alpha=True)),
            inner,
            TextLayer("words", text, Point(7, 9), noise(Bounds(7, 9, 60, 30), 4)),
        ],
        blend_mode=BlendMode.MULTIPLY,
        visible=False,
    )
    made = GeneratedLayer(
        "made",
        noise(area, 5),
        recipe=b'{"prompt": "lake"}',
        area=area,
        request_mask=noisy_mask(area, 6).snapshot(),
        mask=noisy_mask(area, 7),
        mask_enabled=False,
    )
    for layer in (outer, made, RasterLayer("empty", locks=Locks(pixels=True, position=True))):
        document.layers.insert(len(document.layers), layer)
    document.mask.write(Bounds(0, 0, 30, 30), rgba_noise(Bounds(0, 0, 30, 30), 8)[..., 0])
    document.selection.write(Bounds(9, 9, 30, 30), rgba_noise(Bounds(9, 9, 30, 30), 9)[..., 0])
    document.channels["sky"] = noisy_mask(Bounds(0, 0, 300, 20), 10).snapshot()
    document.guides = (Guide(Orientation.VERTICAL, 40), Guide(Orientation.HORIZONTAL, -3))
    document.active = inner.layers[0]
    return document


def change_somehow(document: Document, chance: Random) -> None:
    """Changes one thing of a document with everything."""
    sheets = [layer for layer in document.walk() if isinstance(layer, RasterLayer)]
    sheet = chance.choice(sheets)
    place = Bounds(chance.randint(-40, 300), chance.randint(-30, 200), 60, 50)
    changes: list[Callable[[], object]] = [
        lambda: sheet.surface.write(place, rgba_noise(place, chance.randrange(99))),
        lambda: sheet.surface.clear(place),
        lambda: sheet.translate(chance.randint(-300, 300), 1),
        lambda: setattr(sheet, "opacity", chance.random()),
        lambda: setattr(sheet, "mask", noisy_mask(place, chance.randrange(99))),
        lambda: setattr(sheet, "mask", None),
        lambda: document.mask.write(place, rgba_noise(place, 1)[..., 0]),
        lambda: document.selection.clear_all(),
        lambda: document.channels.update({f"channel {chance.randrange(3)}": _small(place)}),
        lambda: document.layers.insert(0, sheet.duplicate("copy")),
        lambda: document.stack_of(sheet).remove(sheet) if len(sheets) > 2 else None,
        lambda: setattr(document, "canvas", place),
    ]
    chance.choice(changes)()


def _small(place: Bounds) -> Snapshot:
    return noisy_mask(place, 3).snapshot()
