"""What the help menu shows."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio import __version__, paths
from studio.gui.actions.registry import ActionRegistry, shortcut_text

_GROUPS = {
    "tool": "Tools",
    "brush": "Brush",
    "file": "File",
    "edit": "Edit",
    "view": "View",
    "layer": "Layer",
    "select": "Select",
    "generate": "Generate",
    "window": "Window",
    "help": "Help",
}
_CANVAS_KEYS = (
    ("Show the next or previous candidate", "Right, Left"),
    ("Keep the candidate as a layer", "Enter"),
    ("Make variations of the candidate", "V"),
    ("Discard the candidates", "Esc"),
    ("Jump to a candidate", "1 … 9"),
    ("Move the view", "Space and drag"),
    ("Size of the brush", "Right button and drag"),
    ("Hardness of the brush", "Ctrl, right button and drag"),
    ("Pick a colour", "Alt and click"),
)


class ShortcutsDialog(QDialog):
    """Every action with its keys, by menu, and what keys do on the canvas."""

    def __init__(self, registry: ActionRegistry, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Shortcuts")
        self.resize(560, 640)
        tree = QTreeWidget()
        tree.setAccessibleName("Shortcuts")
        tree.setHeaderLabels(["Action", "Keys"])
        tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        tree.header().setStretchLastSection(False)
        groups = {key: QTreeWidgetItem(tree, [title]) for key, title in _GROUPS.items()}
        for spec in registry:
            action = registry[spec.id]
            item = QTreeWidgetItem(groups[spec.id.partition(".")[0]])
            item.setText(0, action.text())
            item.setText(1, shortcut_text(action))
            item.setIcon(0, action.icon())
            item.setToolTip(0, action.statusTip())
        canvas = QTreeWidgetItem(tree, ["On the canvas"])
        for words, keys in _CANVAS_KEYS:
            QTreeWidgetItem(canvas, [words, keys])
        tree.expandAll()
        layout = QVBoxLayout(self)
        layout.addWidget(tree)
        layout.addWidget(_close_button(self))


class AboutDialog(QDialog):
    """Version, licence, and where the person's things lie."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Sfumato")
        words = QLabel(
            f"<h3>Sfumato {__version__}</h3>"
            "<p>A desktop image studio. Nothing leaves this computer.</p>"
            "<p>Apache License 2.0. Icons by Lucide, ISC licence.</p>"
            f"<p>Gallery: {paths.gallery()}<br>Settings: {paths.config()}"
            f"<br>Logs: {paths.logs()}</p>"
        )
        words.setTextFormat(Qt.TextFormat.RichText)
        words.setWordWrap(True)
        words.setMinimumWidth(420)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        layout = QVBoxLayout(self)
        layout.addWidget(words)
        layout.addWidget(_close_button(self))


def _close_button(dialog: QDialog) -> QDialogButtonBox:
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    return buttons
