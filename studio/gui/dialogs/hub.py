"""Where models come from, and who the person is there."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from studio.core.errors import KnownError
from studio.gui.background import Background
from studio.gui.theme import UNIT
from studio.gui.widgets.fields import muted
from studio.models.hub.settings import (
    DEFAULT_ENDPOINT,
    HubSettings,
    load_hub_settings,
    save_hub_settings,
)


class HubDialog(QDialog):
    """The hub's address, whether it may be asked, and the person's token.

    The token goes into the system's keyring and is never shown again.

    Args:
        config: folder of the person's settings.
        background: asks the keyring, which may take its time.

    Raises:
        ModelError: if the settings cannot be read.
    """

    def __init__(self, config: Path, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Model hub")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._config = config
        self._background = background
        settings = load_hub_settings(config, {})
        self._address = QLineEdit(settings.endpoint, placeholderText=DEFAULT_ENDPOINT)
        self._offline = QCheckBox("Offline: download nothing")
        self._offline.setChecked(settings.offline)
        self._token = QLineEdit(echoMode=QLineEdit.EchoMode.Password)
        self._token.setPlaceholderText("hf_… (kept in the system's keyring)")
        self._problem = QLabel()
        self._problem.setWordWrap(True)
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        self._lay_out()
        self._buttons.accepted.connect(self._save)
        self._buttons.rejected.connect(self.reject)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow("Address", self._address)
        form.addRow("", self._offline)
        form.addRow("Token", self._token)
        layout = QVBoxLayout(self)
        layout.setSpacing(2 * UNIT)
        layout.addLayout(form)
        hint = muted(
            "Only models that ask for it need a token. Leave it empty to keep the present one."
        )
        hint.setWordWrap(True)
        layout.addWidget(hint)
        layout.addWidget(self._problem)
        layout.addWidget(self._buttons)
        self._problem.hide()
        self.setMinimumWidth(460)

    def _save(self) -> None:
        address = self._address.text().strip().rstrip("/") or DEFAULT_ENDPOINT
        offline, token = self._offline.isChecked(), self._token.text().strip()
        try:
            settings = HubSettings(endpoint=address, offline=offline)
        except ValueError:
            self._tell(f"{address} is no address of a hub: begin it with https://.")
            return
        self._buttons.setEnabled(False)
        self._background.run(lambda: self._keep(settings, token), self._saved, self._refused)

    def _keep(self, settings: HubSettings, token: str) -> None:
        if token:
            from studio.models.hub.tokens import keep_token  # the keyring's clients load slowly

            keep_token(token)
        save_hub_settings(self._config, settings)

    def _saved(self, _: None) -> None:
        self.accept()

    def _refused(self, error: Exception) -> None:
        if not isinstance(error, KnownError):
            raise error
        self._buttons.setEnabled(True)
        self._tell(error.message)

    def _tell(self, sentence: str) -> None:
        self._problem.setText(sentence)
        self._problem.show()
