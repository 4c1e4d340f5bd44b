"""What most families' tests are about: the ``model`` of their module, loaded."""

from pathlib import Path
from typing import Any

import pytest

from studio.generation.catalog import ModelInfo
from tests.helpers.tiny_family import loaded


@pytest.fixture(scope="module")
def family(model: ModelInfo) -> Any:
    """The loaded model."""
    return loaded(model)


@pytest.fixture(scope="module")
def folder(model: ModelInfo) -> Path:
    """Its first part's."""
    return model.parts[0].path
