"""Everything the person can do, in one place that menus, shortcuts and the palette share."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping

import msgspec
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence, QPalette
from PySide6.QtWidgets import QWidget

from studio.core.errors import BugError
from studio.gui.icons import icon

Condition = Callable[[], bool]

SEPARATOR = ""
"""Stands for a line between the items of a menu."""


class Scope(enum.Enum):
    """Where an action's shortcut is heard."""

    WINDOW = "window"
    """Everywhere in the window."""
    CANVAS = "canvas"
    """Only while the canvas has the keyboard, because the key means something else elsewhere."""


class ActionSpec(msgspec.Struct, frozen=True):
    """What an action is, before anybody says what it does.

    Attributes:
        id: a dotted name that stays the same for ever, such as ``file.open``.
        text: as menus show it, without ellipsis where it asks nothing further.
        icon: a name in ``resources/icons``.
        tip: one sentence for the status bar.
        shortcuts: as `QKeySequence` reads them; the first is shown.
        checkable: whether it is on or off.
        exclusive: whether it is one of several of which one is on, such as a tool.
        scope: where its shortcuts are heard.
    """

    id: str
    text: str
    icon: str
    tip: str
    shortcuts: tuple[str, ...] = ()
    checkable: bool = False
    exclusive: bool = False
    scope: Scope = Scope.WINDOW


class ActionRegistry(QObject):
    """The actions by their ids.

    An action exists once it is bound to what it does. Whether it may be used is asked again by
    `refresh`, which whoever changes the state that conditions look at calls.
    """

    def __init__(self, specs: tuple[ActionSpec, ...], window: QWidget, canvas: QWidget) -> None:
        super().__init__(window)
        self._specs = {spec.id: spec for spec in specs}
        self._hosts = {Scope.WINDOW: window, Scope.CANVAS: canvas}
        self._actions: dict[str, QAction] = {}
        self._enabled: dict[str, Condition] = {}
        self._checked: dict[str, Condition] = {}
        if len(self._specs) != len(specs):
            raise BugError("two actions have the same id")

    def __iter__(self) -> Iterator[ActionSpec]:
        return iter(self._specs.values())

    def __getitem__(self, action_id: str) -> QAction:
        return self._actions[action_id]

    @property
    def unbound(self) -> list[str]:
        """Actions of which nobody has said yet what they do."""
        return [action_id for action_id in self._specs if action_id not in self._actions]

    def bind(
        self,
        action_id: str,
        call: Callable[[], object],
        *,
        enabled: Condition | None = None,
        checked: Condition | None = None,
    ) -> QAction:
        """Says what an action does, and when it may be used or is on.

        Raises:
            BugError: if there is no such action, or it is bound already.
        """
        spec = self._specs.get(action_id)
        if spec is None or action_id in self._actions:
            raise BugError(f"{action_id} is no action, or bound twice")
        action = self._make(spec)
        action.triggered.connect(lambda: self._trigger(action_id, call))
        self._actions[action_id] = action
        if enabled is not None:
            self._enabled[action_id] = enabled
        if checked is not None:
            self._checked[action_id] = checked
        return action

    @property
    def custom_keys(self) -> dict[str, tuple[str, ...]]:
        """The shortcuts of the actions whose shortcuts the person changed, by their ids."""
        return {
            spec.id: self.keys_of(spec.id)
            for spec in self
            if self.keys_of(spec.id) != _portable(spec.shortcuts)
        }

    def keys_of(self, action_id: str) -> tuple[str, ...]:
        """The shortcuts of an action, as `QKeySequence` writes them for every system."""
        return tuple(keys.toString() for keys in self._actions[action_id].shortcuts())

    def users_of(self, keys: str) -> list[ActionSpec]:
        """The actions that have this shortcut."""
        (wanted,) = _portable((keys,)) or ("",)
        return [spec for spec in self if wanted and wanted in self.keys_of(spec.id)]

    def set_keys(self, action_id: str, keys: tuple[str, ...]) -> None:
        """Gives an action other shortcuts; other actions that have one of them lose it."""
        wanted = _portable(keys)
        for key in wanted:
            for other in self.users_of(key):
                rest = tuple(each for each in self.keys_of(other.id) if each != key)
                self._show_keys(other.id, rest)
        self._show_keys(action_id, wanted)

    def reset_keys(self, action_id: str) -> None:
        """Gives an action the shortcuts that it has at first."""
        self.set_keys(action_id, self._specs[action_id].shortcuts)

    def restore_keys(self, custom: Mapping[str, tuple[str, ...]]) -> None:
        """Brings `custom_keys` back; all other actions have their first shortcuts."""
        for spec in self:
            self._show_keys(spec.id, custom.get(spec.id, spec.shortcuts))

    def run(self, action_id: str) -> None:
        """Does it, if it may be done now."""
        self._actions[action_id].trigger()

    def refresh(self) -> None:
        """Asks every condition again."""
        for action_id, condition in self._enabled.items():
            self._actions[action_id].setEnabled(condition())
        for action_id, condition in self._checked.items():
            self._actions[action_id].setChecked(condition())

    def _trigger(self, action_id: str, call: Callable[[], object]) -> None:
        # What it depends on may have changed since it was shown as possible.
        may = self._enabled.get(action_id)
        if may is None or may():
            call()
        self.refresh()

    def _show_keys(self, action_id: str, keys: tuple[str, ...]) -> None:
        _set_keys(self._actions[action_id], self._specs[action_id], keys)

    def _make(self, spec: ActionSpec) -> QAction:
        on_accent = QPalette.ColorRole.HighlightedText if spec.exclusive else None
        action = QAction(icon(spec.icon, checked=on_accent), spec.text, self)
        action.setObjectName(spec.id)
        action.setStatusTip(spec.tip)
        _set_keys(action, spec, spec.shortcuts)
        action.setCheckable(spec.checkable)
        action.setShortcutVisibleInContextMenu(True)
        host = self._hosts[spec.scope]
        if spec.scope is Scope.CANVAS:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        host.addAction(action)
        return action


def shortcut_text(action: QAction) -> str:
    """The first shortcut as people write it here; empty where there is none."""
    return action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)


def _set_keys(action: QAction, spec: ActionSpec, keys: tuple[str, ...]) -> None:
    action.setShortcuts([QKeySequence(key) for key in keys])
    shown = shortcut_text(action)
    action.setToolTip(f"{spec.tip} ({shown})" if shown else spec.tip)


def _portable(keys: tuple[str, ...]) -> tuple[str, ...]:
    """The keys as Qt writes them for every system; what it cannot read is left out."""
    return tuple(text for key in keys if (text := QKeySequence(key).toString()))
