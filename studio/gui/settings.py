"""What the window remembers between two starts, as one typed value in one JSON file."""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

from studio.core.atomic import write_atomically
from studio.core.brush import BrushSettings
from studio.core.colour import Colour
from studio.core.snapping import SnapSettings
from studio.gui.canvas.aids import AidSettings
from studio.tools import (
    CloneSettings,
    FillSettings,
    GradientSettings,
    PickSettings,
    SelectSettings,
    SmudgeSettings,
    TransformSettings,
)

log = logging.getLogger(__name__)

FILE_NAME = "window.json"
MAX_HISTORY = 100
_BRUSH = BrushSettings(size=48.0, colour=Colour(32, 32, 32))


class GuideSettings(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that guides the next generation.

    Attributes:
        adapter: id from the catalog of what looks at it; empty stands for the model itself.
        picture: a file's path; empty stands for what lies on the canvas.
        weight: 0 does nothing; 0 to 2.
        begin, end: the share of the steps after which it begins and ends, 0 to 1.
        preprocessor: makes of the picture what a ControlNet reads; empty where it is that already.
        kind: what the picture is already, for a ControlNet that reads several kinds.
    """

    adapter: str = ""
    picture: str = ""
    weight: float = 1.0
    begin: float = 0.0
    end: float = 1.0
    preprocessor: str = ""
    kind: str = ""


class PromptSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the next generation asks for; its size is that of the document's frame.

    Attributes:
        model: id from the catalog; empty stands for the catalog's default.
        count: how many candidates, 1 to 10.
        strength: of a repaint, 0 to 1.
        mask_strength: under a mask, 0 to 1; 1 forgets what was there.
        likeness: of variations, 0 (almost the same) to 1 (only the idea).
        seed: used when ``seed_locked``; else each generation draws a new one.
        steps, guidance, scheduler: None stands for the model's own default.
        rank: sort the candidates by CLIP score.
        upscaler, vae: ids of adapters in the place of what the model has itself; empty for none.
        feather: width in pixels of the blend ring inside a mask.
        guides: pictures that guide.
    """

    prompt: str = ""
    negative_prompt: str = ""
    model: str = ""
    count: int = 4
    strength: float = 0.6
    mask_strength: float = 1.0
    likeness: float = 0.5
    seed: int = 0
    seed_locked: bool = False
    steps: int | None = None
    guidance: float | None = None
    scheduler: str | None = None
    rank: bool = False
    upscaler: str = ""
    vae: str = ""
    feather: int = 0
    guides: tuple[GuideSettings, ...] = ()


class ToolSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The tool in hand, and how the tools go about their work.

    Attributes:
        tool: its id.
        brush, eraser, mask_brush: to paint, to erase and to mask with; the colour is the first's.
    """

    tool: str = "brush"
    brush: BrushSettings = _BRUSH
    eraser: BrushSettings = _BRUSH
    mask_brush: BrushSettings = _BRUSH
    fill: FillSettings = FillSettings()
    gradient: GradientSettings = GradientSettings()
    clone: CloneSettings = CloneSettings()
    smudge: SmudgeSettings = SmudgeSettings()
    transform: TransformSettings = TransformSettings()
    pick: PickSettings = PickSettings()


class HistorySettings(msgspec.Struct, frozen=True, kw_only=True):
    """What undo may take up.

    Attributes:
        memory: of each document, in bytes; what is beyond it waits on the disk.
        disk: of all documents together, in bytes; what is beyond it is forgotten.
    """

    memory: int = 2**30
    disk: int = 4 * 2**30


class WindowSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that comes back at the next start.

    Attributes:
        geometry, layout: as Qt writes them (`saveGeometry`, `saveState`), in base64.
        theme: ``system``, ``dark`` or ``light``.
        width, height: of a new document, in pixels; 0 stands for the model's native size.
        aids, snapping: what is shown over the canvas, and what things are drawn to.
        selecting: how the selection tools select.
        history: prompts, newest first.
        folder: where the last file was opened or saved.
        recent: the files that were opened or saved last, the newest first.
        shortcuts: of the actions whose shortcuts the person changed, by the actions' ids.
        generate_on_release: whether dragging an edge starts the extension at once.
        undo: what the steps that can be undone may take up; read at the start.
    """

    geometry: str = ""
    layout: str = ""
    theme: str = "system"
    width: int = 0
    height: int = 0
    prompt: PromptSettings = PromptSettings()
    tools: ToolSettings = ToolSettings()
    aids: AidSettings = AidSettings()
    snapping: SnapSettings = SnapSettings()
    selecting: SelectSettings = SelectSettings()
    history: tuple[str, ...] = ()
    folder: str = ""
    recent: tuple[str, ...] = ()
    shortcuts: dict[str, tuple[str, ...]] = {}
    generate_on_release: bool = False
    undo: HistorySettings = HistorySettings()


def remembered(item: str, items: tuple[str, ...], limit: int) -> tuple[str, ...]:
    """The items with this one first, no longer twice, and at most ``limit`` of them."""
    return (item, *(other for other in items if other != item))[:limit]


def load_settings(folder: Path) -> WindowSettings:
    """The settings kept in a folder; the defaults where there are none or they cannot be read."""
    try:
        text = (folder / FILE_NAME).read_bytes()
    except FileNotFoundError:
        return WindowSettings()
    except OSError as error:
        log.warning("the window's settings cannot be read: %s", error)
        return WindowSettings()
    try:
        return msgspec.json.decode(text, type=WindowSettings)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        log.warning("the window's settings are damaged and start afresh: %s", error)
        return WindowSettings()


def save_settings(folder: Path, settings: WindowSettings) -> None:
    """Writes the settings, whole or not at all.

    Raises:
        OSError: if the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / FILE_NAME, msgspec.json.format(msgspec.json.encode(settings)))
