"""Where things lie: what ships with the program, and the person's own folders.

``SFUMATO_HOME`` moves config, data and cache under one folder, for tests and portable use.
Folders are not made here; who writes into one makes it.
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

_PACKAGE = Path(__file__).resolve().parent
_APP = "sfumato"


def resources() -> Path:
    """What ships with the program: icons, styles, brushes, the starter model."""
    installed = _PACKAGE / "resources"
    return installed if installed.is_dir() else _PACKAGE.parent / "resources"


def models_file() -> Path:
    """The list of models that can be had."""
    installed = _PACKAGE / "models.toml"
    return installed if installed.is_file() else _PACKAGE.parent / "models.toml"


def config() -> Path:
    """Settings of the person."""
    return _home("config") or platformdirs.user_config_path(_APP, appauthor=False)


def data() -> Path:
    """What must not be lost: the gallery, installed models, journals."""
    return _home("data") or platformdirs.user_data_path(_APP, appauthor=False)


def cache() -> Path:
    """What can be made again: thumbnails, downloads under way."""
    return _home("cache") or platformdirs.user_cache_path(_APP, appauthor=False)


def logs() -> Path:
    """Log files."""
    return _home("logs") or platformdirs.user_log_path(_APP, appauthor=False)


def gallery() -> Path:
    """The gallery's folder: pictures as plain files, and its database."""
    return data() / "gallery"


def models() -> Path:
    """Installed models and adapters, a folder each."""
    return data() / "models"


def brushes() -> Path:
    """The person's own brushes."""
    return data() / "brushes"


def journals() -> Path:
    """Drawings as they are, kept until they are saved."""
    return data() / "journals"


def _home(part: str) -> Path | None:
    home = os.environ.get("SFUMATO_HOME")
    return Path(home).expanduser().absolute() / part if home else None
