"""Networks that take the library spandrel, which stands beside the program or does not."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import torch

from studio.core.errors import ModelError
from studio.engine.diffusion.upscalers.loading import load_network
from tests.helpers.upscalers import save_upscaler

SWINIR = {
    "conv_first.weight": (4, 3, 3, 3),
    "layers.0.residual_group.blocks.0.mlp.fc1.bias": (8,),
    "upsample.0.weight": (12, 4, 3, 3),
}


class UnsupportedModelError(Exception):
    """As spandrel's."""


class Described(SimpleNamespace):
    """A descriptor as spandrel gives it, of a network that repeats pixels."""

    def __call__(self, pictures: torch.Tensor) -> torch.Tensor:
        return pictures.repeat_interleave(self.scale, -1).repeat_interleave(self.scale, -2)


def describes(**changes: Any) -> Described:
    known: dict[str, Any] = {"scale": 2, "input_channels": 3, "output_channels": 3}
    return Described(**(known | {"model": torch.nn.Identity()} | changes))


def stand_in(monkeypatch: pytest.MonkeyPatch, found: Described | Exception) -> None:
    class ModelLoader:
        def load_from_state_dict(self, tensors: dict[str, torch.Tensor]) -> Described:
            assert set(tensors) == set(SWINIR)
            if isinstance(found, Exception):
                raise found
            return found

    library = ModuleType("spandrel")
    library.__dict__.update(ModelLoader=ModelLoader, UnsupportedModelError=UnsupportedModelError)
    monkeypatch.setitem(sys.modules, "spandrel", library)


@pytest.fixture
def swinir(tmp_path: Path) -> Path:
    return save_upscaler(tmp_path / "2x-swin.safetensors", SWINIR)


def test_what_spandrel_knows_is_run_by_it(swinir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, describes())
    network = load_network(swinir)
    assert network.factor == 2
    assert network(torch.zeros(1, 3, 5, 7)).shape == (1, 3, 10, 14)


def test_without_spandrel_it_is_told_what_to_install(
    swinir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "spandrel", None)
    with pytest.raises(ModelError, match=r"2x-swin.*SwinIR, which needs spandrel.*pip install"):
        load_network(swinir)


@pytest.mark.parametrize(
    "found", [UnsupportedModelError(), KeyError("norm.weight"), describes(scale=1)]
)
@pytest.mark.parametrize("channels", [3, 1])
def test_what_spandrel_cannot_use_is_refused(
    swinir: Path,
    monkeypatch: pytest.MonkeyPatch,
    found: Described | Exception,
    channels: int,
) -> None:
    if isinstance(found, Described):
        found = describes(scale=1 if channels == 3 else 2, input_channels=channels)
    stand_in(monkeypatch, found)
    with pytest.raises(ModelError, match=r"2x-swin"):
        load_network(swinir)
