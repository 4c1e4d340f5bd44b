"""What the select menu does: to the selection, or to the painted mask where that is the target."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from weakref import WeakKeyDictionary

import msgspec
from PySide6.QtCore import QObject, Signal

from studio.core.commands.canvas import SetFrame
from studio.core.commands.selection import (
    ChangeSelection,
    ClearMask,
    InvertMask,
    SetChannel,
    SetSelection,
    Target,
)
from studio.core.commands.stack import Command
from studio.core.document import Document
from studio.core.errors import KnownError
from studio.core.geometry import Bounds
from studio.core.selection import (
    Operation,
    bordered,
    clipped,
    combined,
    feathered,
    from_alpha,
    from_luminosity,
    from_mask,
    grown,
    rectangle,
    shrunk,
    smoothed,
)
from studio.core.tiles import MaskSurface, Snapshot, TileReader
from studio.gui.errands import Errands
from studio.gui.open_document import OpenDocument
from studio.gui.selection_trial import Trial
from studio.gui.widgets.toasts import Tone
from studio.gui.workspace import ToolId, Workspace
from studio.tools import SelectSettings, nothing
from studio.tools.filling import MaskedInk
from studio.tools.washing import clear, wash, washable

T = TypeVar("T")

_MASKING = (ToolId.MASK, ToolId.MASK_ERASER)


class Refinement(msgspec.Struct, frozen=True):
    """A change of the selection that asks for an amount.

    Attributes:
        title: of the change, such as "Grow".
        change: the mask by so many pixels, on a canvas.
        amount: that is offered first, in pixels.
    """

    title: str
    change: Callable[[Snapshot, int, Bounds], Snapshot]
    amount: int


REFINEMENTS = {
    "grow": Refinement("Grow", grown, 8),
    "shrink": Refinement("Shrink", shrunk, 8),
    "feather": Refinement("Feather", feathered, 12),
    "border": Refinement("Border", bordered, 8),
    "smooth": Refinement("Smooth", smoothed, 8),
}
"""By the names of their actions."""


class Selecting(QObject):
    """Changes what is selected in the current document, each time as one step.

    Signals:
        message(str, Tone, str): a sentence for the person, how it is meant, and details.
        changed(): something that menus show may be different.
    """

    message = Signal(str, object, str)
    changed = Signal()

    def __init__(
        self, workspace: Workspace, errands: Errands, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._errands = errands
        self._last: WeakKeyDictionary[Document, Snapshot] = WeakKeyDictionary()
        self._release: Callable[[], None] = lambda: None
        for tab in workspace.tabs:
            self._equip(tab)
        workspace.opened.connect(self._equip)
        workspace.document_replaced.connect(self._follow)
        workspace.tool_settings.changed.connect(self._on_settings)
        self._follow()

    # What is there ------------------------------------------------------------------------------

    @property
    def target(self) -> Target:
        """What is changed: the painted mask, while it is in hand or was chosen for it."""
        if self._workspace.tool_id in _MASKING:
            return Target.MASK
        return self._workspace.tool_settings[SelectSettings].target

    @property
    def is_empty(self) -> bool:
        """Whether nothing of the target is selected."""
        return self._surface.is_empty

    @property
    def can_reselect(self) -> bool:
        """Whether there was a selection before."""
        return self._document in self._last

    @property
    def has_layer(self) -> bool:
        """Whether there is a layer to select by."""
        return self._document.active is not None

    @property
    def has_layer_mask(self) -> bool:
        """Whether that layer has a mask."""
        return self._document.active is not None and self._document.active.mask is not None

    # All, none, the others ----------------------------------------------------------------------

    def select_all(self) -> None:
        """Selects the whole canvas; or masks what of it is in the frame."""
        document, target = self._document, self.target
        area = document.canvas
        if target is Target.MASK:
            area = area.intersection(document.frame)
        name = "Select all" if target is Target.SELECTION else "Mask everything"
        self._push(SetSelection(rectangle(area), name, target))

    def deselect(self) -> None:
        """Selects nothing."""
        self._push(ClearMask(self.target))

    def reselect(self) -> None:
        """Selects what was selected last."""
        self._push(SetSelection(self._last[self._document], "Reselect"))

    def invert(self) -> None:
        """Selects what is not selected."""
        self._push(InvertMask(self.target))

    # By some amount -----------------------------------------------------------------------------

    def trial(self, refinement: Refinement) -> Trial:
        """Lets a change of the target be tried out with several amounts."""
        tab, canvas = self._workspace.current, self._document.canvas
        noun = "selection" if self.target is Target.SELECTION else "mask"
        return Trial(
            tab.document,
            tab.stack,
            self.target,
            lambda mask, amount: refinement.change(mask, amount, canvas),
            f"{refinement.title} {noun}",
            self.run,
        )

    # From and to other things -------------------------------------------------------------------

    def from_alpha(self) -> None:
        """Selects the active layer's shape."""
        self._from_layer(from_alpha, "Select layer's shape")

    def from_luminosity(self) -> None:
        """Selects what is light in the active layer."""
        self._from_layer(from_luminosity, "Select layer's lights")

    def from_layer_mask(self) -> None:
        """Selects what the active layer's mask shows."""
        layer = self._document.active
        if layer is not None and layer.mask is not None:
            mask, canvas = layer.mask.snapshot(), self._document.canvas
            self._replace(lambda: from_mask(mask, canvas), "Select layer's mask")

    def to_mask(self) -> None:
        """Masks what is selected."""
        selection = self._document.selection.snapshot()
        self._push(SetSelection(selection, "Mask the selection", Target.MASK))

    def from_painted_mask(self) -> None:
        """Selects what is masked."""
        mask = self._document.mask.snapshot()
        self._push(SetSelection(mask, "Select the mask", Target.SELECTION))

    def save_channel(self, name: str) -> None:
        """Keeps what is selected under a name."""
        self._push(SetChannel(name, self._surface.snapshot()))

    def remove_channel(self, name: str) -> None:
        """Forgets what was kept under a name."""
        self._push(SetChannel(name, None))

    def load_channel(self, name: str, operation: Operation = Operation.REPLACE) -> None:
        """Puts what was kept under a name together with what is selected."""
        channel = self._document.channels[name]

        def change(base: Snapshot, canvas: Bounds) -> Snapshot:
            return combined(base, clipped(channel, canvas), operation)

        self._push(ChangeSelection(change, f"Load channel {name}", self.target))

    # What is done with it -----------------------------------------------------------------------

    def clear_layer(self) -> None:
        """Makes what is selected of the active layer transparent, or hides it by its mask.

        All of it where nothing is selected.
        """
        try:
            clear(self._workspace.current.context, "Clear")
        except KnownError as error:
            self._refused(error)

    def fill_layer(self) -> None:
        """Fills what is selected of the active layer, or all of the canvas, with the colour."""
        context = self._workspace.current.context
        colour = context.brush.colour
        everything = rectangle(context.document.canvas)
        try:
            wash(context, washable(context), lambda: MaskedInk(everything, colour, 1.0), "Fill")
        except KnownError as error:
            self._refused(error)

    def frame_selection(self) -> None:
        """Frames what is selected."""
        selected = self._surface.used_bounds().intersection(self._document.canvas)
        if not selected.is_empty:
            self._push(SetFrame(selected))

    @property
    def is_quick_mask(self) -> bool:
        """Whether brush and eraser paint the selection."""
        return self._document.editing_selection

    def toggle_quick_mask(self) -> None:
        """Has brush and eraser paint the selection, or the picture again."""
        self._document.editing_selection = not self._document.editing_selection
        if self._document.editing_selection:
            words = "Brush and eraser paint the selection now; the quick mask's key ends it."
            self.message.emit(words, Tone.NOTE, "")
        self.changed.emit()

    def toggle_target(self) -> None:
        """Has the selection tools change the painted mask, or the selection again."""
        was_mask = self._workspace.tool_settings[SelectSettings].target is Target.MASK
        target = Target.SELECTION if was_mask else Target.MASK
        self._workspace.tool_settings.change(SelectSettings, target=target)

    def run(
        self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[], None] = nothing
    ) -> None:
        """Works on another thread; the runner of all open documents' tools."""

        def refused(error: Exception) -> None:
            failed()
            self._refused(error)

        self._errands.run("Working", lambda _: work(), done, refused)

    # ---------------------------------------------------------------------------------------------

    @property
    def _document(self) -> Document:
        return self._workspace.document

    @property
    def _surface(self) -> MaskSurface:
        return self.target.surface(self._document)

    def _from_layer(self, make: Callable[[TileReader, Bounds], Snapshot], name: str) -> None:
        layer, canvas = self._document.active, self._document.canvas
        if layer is not None:
            pixels = layer.snapshot().pixels
            self._replace(lambda: make(pixels, canvas), name)

    def _replace(self, make: Callable[[], Snapshot], name: str) -> None:
        stack, target = self._workspace.stack, self.target
        self.run(make, lambda mask: stack.push(SetSelection(mask, name, target)))

    def _push(self, command: Command) -> None:
        self._workspace.stack.push(command)
        self._workspace.stack.seal()

    def _equip(self, tab: OpenDocument) -> None:
        tab.context.run = self.run

    def _follow(self) -> None:
        self._release()
        document = self._document
        document.selection_changed.connect(self._remember)
        self._release = lambda: document.selection_changed.disconnect(self._remember)
        self.changed.emit()

    def _remember(self, _: Bounds) -> None:
        document = self._document
        if document.has_selection and not document.editing_selection:
            self._last[document] = document.selection.snapshot()
        self.changed.emit()

    def _on_settings(self, kind: type) -> None:
        if kind is SelectSettings:
            self.changed.emit()

    def _refused(self, error: Exception) -> None:
        if not isinstance(error, KnownError):
            raise error
        self.message.emit(error.message, Tone.WARNING, error.details)
