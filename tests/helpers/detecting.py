"""What is found in files of weights with given tensors."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.core.errors import ModelError
from studio.models.detection.files import Detected, detect_file
from tests.helpers.weights import Shapes, write_safetensors


def detected(folder: Path, shapes: Shapes, name: str = "a", **metadata: str) -> Detected:
    path = write_safetensors(folder / f"{name}.safetensors", shapes, metadata=metadata)
    return detect_file(path)


def refusal(folder: Path, shapes: Shapes, name: str = "a", dtype: str = "F16") -> str:
    with pytest.raises(ModelError) as caught:
        detect_file(write_safetensors(folder / f"{name}.safetensors", shapes, dtype))
    assert name in caught.value.message
    return caught.value.message
