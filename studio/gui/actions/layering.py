"""What is done with the chosen layers of the current document: each one undoable step."""

from __future__ import annotations

from typing import Any, Literal

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from studio.core.commands.arranging import MoveLayers, SetProperties, outermost
from studio.core.commands.group import CommandGroup
from studio.core.commands.grouping import GroupLayers, Ungroup
from studio.core.commands.layer import AddLayer, Property, RemoveLayer
from studio.core.commands.masking import AddMask, RemoveMask
from studio.core.commands.merging import (
    FlattenGroup,
    FlattenImage,
    MergeDown,
    Rasterise,
    Replacement,
)
from studio.core.commands.selection import SetSelection
from studio.core.commands.stack import Command, CommandStack
from studio.core.document import Document
from studio.core.errors import KnownError
from studio.core.layers import GroupLayer, Layer, RasterLayer
from studio.core.selection import from_alpha
from studio.gui.background import Background
from studio.gui.workspace import Workspace

Lock = Literal["pixels", "position", "alpha"]


class Layering(QObject):
    """The layer menu's work.

    Signals:
        refused(str): something cannot be done; the sentence says why and what to do.
    """

    refused = Signal(str)

    def __init__(
        self, workspace: Workspace, background: Background, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._background = background

    @property
    def active(self) -> Layer | None:
        """The layer that tools work on."""
        return self._document.active

    @property
    def chosen(self) -> tuple[Layer, ...]:
        """The layers that the person chose, from the bottom up."""
        return self._workspace.current.chosen

    @property
    def group(self) -> GroupLayer | None:
        """The active layer where it is a group."""
        return self.active if isinstance(self.active, GroupLayer) else None

    # Places ---------------------------------------------------------------------------------------

    def add(self) -> None:
        """Adds an empty layer above the active one."""
        number = sum(1 for _ in self._document.walk()) + 1
        self.push(AddLayer(RasterLayer(f"Layer {number}")))

    def duplicate(self) -> None:
        """Puts a copy of each layer directly above it."""
        document, commands = self._document, []
        added: dict[int, int] = {}
        for layer in outermost(document, self.chosen):
            stack, parent = document.stack_of(layer), document.parent_of(layer)
            index = stack.index(layer) + 1 + added.get(id(stack), 0)
            added[id(stack)] = added.get(id(stack), 0) + 1
            copy = layer.duplicate(f"{layer.name} copy")
            commands.append(AddLayer(copy, index, parent, "Duplicate layer"))
        self._push_all("Duplicate layers", commands)

    def remove(self) -> None:
        """Removes the chosen layers."""
        layers = outermost(self._document, self.chosen)
        self._push_all("Remove layers", [RemoveLayer(layer) for layer in layers])

    def move(self, step: int) -> None:
        """Moves the chosen layers one up (1) or down (-1), as far as there is room."""
        document = self._document
        layers = outermost(document, self.chosen)
        if not layers:
            return
        stack, parent = document.stack_of(layers[-1]), document.parent_of(layers[-1])
        places = [stack.index(layer) for layer in layers if layer in stack]
        gap = max(places) + 2 if step > 0 else min(places) - 1
        if 0 <= gap <= len(stack):
            self.push(MoveLayers(document, layers, parent, gap))

    def choose(self, step: int) -> None:
        """Makes the next layer above (1) or below (-1) the active one, into groups and out."""
        layers = list(self._document.walk())
        if self.active is not None:
            index = layers.index(self.active) + step
            if 0 <= index < len(layers):
                self._workspace.current.choose([layers[index]], layers[index])

    # Groups ---------------------------------------------------------------------------------------

    def group_chosen(self) -> None:
        """Takes the chosen layers together."""
        self.push(GroupLayers(self.chosen))

    def ungroup(self) -> None:
        """Takes the active group apart."""
        if self.group is not None:
            self.push(Ungroup(self.group))

    def merge(self) -> None:
        """Merges the active layer into the one below."""
        if self.active is not None:
            self.push(MergeDown(self.active))

    def can_merge(self) -> bool:
        """Whether there is a layer below the active one."""
        return (
            self.active is not None and self._document.stack_of(self.active).index(self.active) > 0
        )

    def flatten_group(self) -> None:
        """Makes one plain layer of the active group."""
        if self.group is not None:
            self.push(FlattenGroup(self.group))

    def rasterise(self) -> None:
        """Makes a plain layer of the active one."""
        if self.active is not None:
            self.push(Rasterise(self.active))

    def can_rasterise(self) -> bool:
        """Whether the active layer is more than a plain one."""
        return self.active is not None and type(self.active) is not RasterLayer

    def flatten(self) -> None:
        """Makes one layer of all that is shown."""
        self.push(FlattenImage())

    # Looks ----------------------------------------------------------------------------------------

    def set(self, key: Property, value: Any, layers: tuple[Layer, ...] = ()) -> None:
        """Sets a property of these layers, or of the chosen ones."""
        layers = layers or self.chosen
        if layers and any(getattr(layer, key) != value for layer in layers):
            self.push(SetProperties(layers, key, value))

    def turn_over(self, key: Property, layer: Layer | None = None) -> None:
        """Switches a property on or off, for this layer or for all chosen ones as the active is."""
        reference = layer or self.active
        if reference is not None:
            layers = self.chosen if reference in self.chosen else (reference,)
            self.set(key, not getattr(reference, key), layers)

    def turn_lock(self, lock: Lock) -> None:
        """Switches one of the locks of the chosen layers on or off, as the active one's is."""
        if self.active is not None:
            is_on = getattr(self.active.locks, lock)
            self.set("locks", replace(self.active.locks, **{lock: not is_on}))

    # Masks ----------------------------------------------------------------------------------------

    def add_mask(self) -> None:
        """Masks the active layer, with what is selected if anything is; tools then paint on it."""
        document, layer = self._document, self.active
        if layer is None:
            return
        selection = document.selection.snapshot() if document.has_selection else None
        if self.push(AddMask(layer, selection)):
            document.editing_mask = True

    def remove_mask(self, *, apply: bool) -> None:
        """Takes the active layer's mask away, or erases what it hides."""
        if self.active is not None and self.active.mask is not None:
            self.push(RemoveMask(self.active, apply=apply))
            self._document.editing_mask = False

    def has_mask(self) -> bool:
        """Whether the active layer has a mask."""
        return self.active is not None and self.active.mask is not None

    def edits_mask(self) -> bool:
        """Whether tools paint on the active layer's mask."""
        return self.has_mask() and self._document.editing_mask

    def edit_mask(self, editing: bool) -> None:
        """Lets tools paint on the active layer's mask, or on its pixels."""
        self._document.editing_mask = editing and self.has_mask()

    def select(self, layer: Layer | None = None) -> None:
        """Selects what a layer shows, the active one where it is left out."""
        source = layer or self.active
        if source is None:
            return
        tab = self._workspace.current
        pixels, canvas = source.snapshot().pixels, tab.document.canvas
        self._background.run(
            lambda: from_alpha(pixels, canvas),
            lambda mask: tab.stack.push(SetSelection(mask, "Layer to selection")),
            self._failed,
        )

    def push(self, command: Command) -> bool:
        """Does a command; says why where it cannot be done. Whether it was, or soon will be."""
        if isinstance(command, Replacement | RemoveMask):
            return self._replace(command)
        return self._do(command, self._workspace.stack)

    def _replace(self, command: Replacement | RemoveMask) -> bool:
        """Works out on another thread what takes longer than a frame, and then does it."""
        document, stack = self._document, self._workspace.stack
        try:
            work = command.prepare(document)
        except KnownError as error:
            self.refused.emit(error.message)
            return False
        if work is None:
            return self._do(command, stack)
        layers = list(document.walk())

        def done(_: None) -> None:
            if list(document.walk()) == layers:
                self._do(command, stack)
            else:
                self.refused.emit("The layers have changed meanwhile: please do it again.")

        self._background.run(work, done, self._failed)
        return True

    def _do(self, command: Command, stack: CommandStack) -> bool:
        self._workspace.tool_finish()
        try:
            stack.push(command)
        except KnownError as error:
            self.refused.emit(error.message)
            return False
        return True

    def _push_all(self, name: str, commands: list[Any]) -> None:
        """One step of several commands; a single one keeps its own name."""
        if commands:
            self.push(commands[0] if len(commands) == 1 else CommandGroup(name, commands))

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, KnownError):
            raise error
        self.refused.emit(error.message)

    @property
    def _document(self) -> Document:
        return self._workspace.document
