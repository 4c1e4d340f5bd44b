"""The buttons at the foot of dialogs."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox


class Agreement(QDialogButtonBox):
    """Two answers: to do what the dialog is about, and to leave it.

    Args:
        dialog: that they accept or reject.
        deed: what is done, in a word: "Scale".
    """

    def __init__(self, dialog: QDialog, deed: str) -> None:
        buttons = QDialogButtonBox.StandardButton
        super().__init__(buttons.Ok | buttons.Cancel)
        self.button(buttons.Ok).setText(deed)
        self.accepted.connect(dialog.accept)
        self.rejected.connect(dialog.reject)

    def allow(self, allowed: bool) -> None:
        """Whether it can be done as the dialog says now."""
        self.button(QDialogButtonBox.StandardButton.Ok).setEnabled(allowed)


def close_button(dialog: QDialog) -> QDialogButtonBox:
    """The button that closes a dialog which asks nothing."""
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    return buttons
