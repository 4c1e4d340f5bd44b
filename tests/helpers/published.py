"""Models of the tests' own, published on a local hub and installed from there."""

from __future__ import annotations

import json
import re
from pathlib import Path

from studio.generation.catalog import MODELS_FOLDER, load_catalog
from studio.models.hub.settings import HubSettings
from studio.models.installing import Installer
from studio.models.licences import Licences
from tests.helpers.hub import LocalHub

_PLACE = re.compile(r'path = ("(?:[^"\\]|\\.)*")')


def publish(models: Path, hub: LocalHub, target: Path) -> Path:
    """Puts every part that a list names by its path on a hub, a repository each.

    Args:
        models: the list.
        hub: to publish on.
        target: where the list that names the repositories is written.

    Returns:
        The target.
    """

    def published(place: re.Match[str]) -> str:
        path = Path(json.loads(place[1]))
        repository = f"tiny/part-{len(hub.repositories)}"
        if path.is_dir():
            hub.add(repository, path)
            return f'hub = "{repository}"'
        hub.add(repository, {path.name: path.read_bytes()})
        return f'hub = "{repository}", files = [{json.dumps(path.name)}]'

    target.write_text(_PLACE.sub(published, models.read_text(encoding="utf-8")), encoding="utf-8")
    return target


def install_all(models: Path, hub: LocalHub, data: Path) -> None:
    """Installs every model of a list from a hub, over HTTP, into a data folder."""
    nowhere = data / "nowhere"
    installer = Installer(
        data / MODELS_FOLDER,
        HubSettings(endpoint=hub.endpoint),
        Licences(nowhere),
        token=lambda: None,
        cache=nowhere,
    )
    for model in load_catalog(models, nowhere, nowhere, data).models:
        installer.install(model, lambda progress: None)
