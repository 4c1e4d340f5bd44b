"""The painter with a family that needs no model."""

from typing import Any

import pytest

from studio.engine.diffusion.guides import Guides
from studio.engine.diffusion.painter import Painter
from studio.generation.catalog import Catalog, ModelInfo
from studio.generation.request import Attachments, Generation
from tests.helpers.copyist import Copyist, Paint
from tests.helpers.engine_runs import RecordingDesk


@pytest.fixture
def model(tiny_catalog: Catalog) -> ModelInfo:
    """Paints at 64 px on a grid of 16."""
    return tiny_catalog.get("tiny")


@pytest.fixture
def paint(model: ModelInfo) -> Paint:
    """Runs a request with a copyist; tells what it was asked, and what was sent."""

    def run(
        request: Generation,
        attachments: Attachments | None = None,
        unsound: int = 0,
        together: int = 1,
        **guiding: Any,
    ) -> tuple[RecordingDesk, Copyist]:
        desk, family, pictures = RecordingDesk(), Copyist(unsound), attachments or {}
        guides = Guides(desk, pictures, **guiding)
        painter = Painter(model, family, desk, pictures, guides=guides, together=together)
        painter.paint(request)
        return desk, family

    return run
