"""Where models come from, and who the person is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from studio.core.errors import ModelError
from studio.gui.background import Background
from studio.gui.dialogs.saving import SavingDialog
from studio.models.hub.settings import (
    DEFAULT_ENDPOINT,
    HubSettings,
    load_hub_settings,
    save_hub_settings,
)

_HINT = "Only models that ask for it need a token. Leave it empty to keep the present one."


class HubDialog(SavingDialog):
    """The hub's address, whether it may be asked, and the person's token.

    The token goes into the system's keyring and is never shown again.

    Args:
        config: folder of the person's settings.
        background: asks the keyring, which may take its time.

    Raises:
        ModelError: if the settings cannot be read.
    """

    def __init__(self, config: Path, background: Background, parent: QWidget | None = None) -> None:
        super().__init__("Model hub", _HINT, background, parent)
        self._config = config
        settings = load_hub_settings(config, {})
        self._address = QLineEdit(settings.endpoint, placeholderText=DEFAULT_ENDPOINT)
        self._offline = QCheckBox("Offline: download nothing")
        self._offline.setChecked(settings.offline)
        self._token = QLineEdit(echoMode=QLineEdit.EchoMode.Password)
        self._token.setPlaceholderText("hf_… (kept in the system's keyring)")
        self.form.addRow("Address", self._address)
        self.form.addRow("", self._offline)
        self.form.addRow("Token", self._token)

    def _keeping(self) -> Callable[[], None]:
        address = self._address.text().strip().rstrip("/") or DEFAULT_ENDPOINT
        offline, token = self._offline.isChecked(), self._token.text().strip()
        try:
            settings = HubSettings(endpoint=address, offline=offline)
        except ValueError as error:
            raise ModelError(
                f"{address} is no address of a hub: begin it with https://."
            ) from error
        return lambda: _keep(self._config, settings, token)


def _keep(config: Path, settings: HubSettings, token: str) -> None:
    if token:
        from studio.models.hub.tokens import keep_token  # the keyring's clients load slowly

        keep_token(token)
    save_hub_settings(config, settings)
