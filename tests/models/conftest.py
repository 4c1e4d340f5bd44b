"""A local hub, and a place to install into."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from studio.generation.catalog import Catalog, ModelInfo, load_catalog
from studio.models.control import Control
from studio.models.hub.retries import Retries
from studio.models.hub.settings import HubSettings
from studio.models.hub.tokens import Token
from studio.models.installing import Installer
from studio.models.licences import Licences
from studio.models.progress import Progress
from tests.helpers.hub import LocalHub

WEIGHTS = bytes(range(256)) * 256
"""64 KiB that look like weights to whoever does not look inside."""

PIPELINE = {
    "model_index.json": json.dumps(
        {"_class_name": "Some", "unet": ["diffusers", "UNet"], "safety": [None, None]}
    ).encode(),
    "unet/config.json": b'{"layers": 1}',
    "unet/diffusion_pytorch_model.safetensors": WEIGHTS,
    "README.md": b"# Words",
}

TABLE = """
[[model]]
id = "ours"
title = "Ours"
family = "stable_diffusion"
tasks = ["text_to_image"]
license = "Some licence"
license_url = "https://example.org/licence"
native_size = 64
grid = 8
memory = { full = 1, offload = 1 }
"""


@dataclass
class Place:
    """Folders to install into, and what was reported.

    Attributes:
        parts: the parts of the one model, as lines of TOML; further lines may follow.
        token: that the person has.
    """

    folder: Path
    hub: LocalHub
    parts: str = 'parts = [{ role = "pipeline", hub = "owner/name" }]'
    token: str = ""
    offline: bool = False
    stall: float = 5.0
    id: str = "ours"
    reports: list[Progress] = field(default_factory=list)

    @property
    def models(self) -> Path:
        return self.folder / "data/models"

    @property
    def installed(self) -> Path:
        """Where the model lies."""
        return self.models / self.id

    @property
    def staging(self) -> Path:
        return self.models / ".installing" / self.id

    @property
    def cache(self) -> Path:
        """Of the hub's own library."""
        return self.folder / "cache"

    def arrived(self) -> int:
        """Bytes of the weights that have arrived and are not known to be right yet."""
        return sum(path.stat().st_size for path in self.staging.rglob("*.safetensors.part"))

    @property
    def licences(self) -> Licences:
        return Licences(self.folder / "config")

    def catalog(self) -> Catalog:
        table = self.folder / "models.toml"
        text = TABLE.replace('"ours"', f'"{self.id}"') + self.parts
        table.write_text(text, encoding="utf-8")
        return load_catalog(table, self.folder, self.folder / "config", self.folder / "data")

    def model(self) -> ModelInfo:
        return self.catalog().get(self.id)

    def installer(self, retries: Retries | None = None) -> Installer:
        return Installer(
            self.models,
            HubSettings(endpoint=self.hub.endpoint, offline=self.offline),
            self.licences,
            token=lambda: Token(self.token) if self.token else None,
            retries=retries or Retries(attempts=3, first=0.01, longest=0.02),
            stall=self.stall,
            cache=self.cache,
        )

    def install(self, control: Control | None = None, **options: Any) -> ModelInfo:
        """Installs the model, and returns what the catalog says of it then."""
        self.installer(**options).install(self.model(), self.reports.append, control)
        return self.model()

    def files(self) -> dict[str, bytes]:
        """What is installed of the pipeline."""
        folder = self.installed / "pipeline"
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }


@pytest.fixture
def hub() -> Iterator[LocalHub]:
    """A hub that has the repository ``owner/name``."""
    with LocalHub() as local:
        local.add("owner/name", PIPELINE)
        yield local


@pytest.fixture
def place(tmp_path: Path, hub: LocalHub) -> Place:
    """Folders to install into from the hub."""
    return Place(tmp_path / "place", hub)


@pytest.fixture(autouse=True)
def _folder(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    if "place" in request.fixturenames:
        (tmp_path / "place").mkdir()
