"""Everything at once that is put on a model, however the model is fitted into memory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.core.picture import Pixels
from studio.engine.diffusion.adapters.guiding import Guiding
from studio.engine.diffusion.adapters.wardrobe import Worn
from studio.engine.diffusion.device.room import Room
from studio.generation.catalog import ModelInfo
from studio.generation.memory import GIB, Rung
from tests.helpers.adapters import adapter_info, lora_info
from tests.helpers.engine_runs import RecordingDesk
from tests.helpers.machines import CPU
from tests.helpers.shortage import small_gpu
from tests.helpers.tiny import stable_diffusion_xl
from tests.helpers.tiny.guides import save_controlnet, save_ip_adapter, save_word
from tests.helpers.tiny.lora import save_lora
from tests.helpers.tiny.parts import WIDTH
from tests.helpers.tiny_family import SOURCE, brief_for, loaded, saved_models

FAMILY = "stable_diffusion_xl"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelInfo:
    return saved_models(tmp_path_factory.mktemp("models"), FAMILY).get("tiny-xl")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One adapter of each kind."""
    folder = tmp_path_factory.mktemp("adapters")
    stock = stable_diffusion_xl.pipeline()
    save_controlnet(stock.unet, folder / "edges", seed=1)
    save_ip_adapter(stock.unet, folder / "style", seed=2)
    save_lora(stock, folder / "ink.safetensors", seed=3)
    save_word(folder / "glow.safetensors", {"clip_l": WIDTH // 2, "clip_g": WIDTH}, seed=4)
    return folder


def painted(model: ModelInfo, folder: Path, rung: Rung) -> list[Pixels]:
    """With everything on, and with nothing on afterwards."""
    room = Room(CPU.device, 0, free=lambda: GIB, release=lambda: None)
    family = loaded(model, replace(small_gpu(), rung=rung, room=room))
    edges = Guiding(adapter_info(folder / "edges", "controlnet", FAMILY), SOURCE)
    style = Guiding(adapter_info(folder / "style", "ip_adapter", FAMILY), SOURCE, 0.7)
    word = adapter_info(folder / "glow.safetensors", "textual_inversion", FAMILY, trigger="glow")
    plain = brief_for(model, prompt="a glow")
    family.text_to_image(plain, RecordingDesk())
    family.wear([Worn(lora_info(folder / "ink.safetensors", FAMILY), 0.5)])
    assert not family.learn([word])
    decorated = replace(plain, controls=(edges,), references=(style,))
    everything = family.text_to_image(decorated, RecordingDesk())
    family.wear([])
    family.learn([])
    return [everything, family.text_to_image(plain, RecordingDesk())]


def test_adapters_paint_the_same_wherever_weights_wait(model: ModelInfo, folder: Path) -> None:
    everything, nothing = painted(model, folder, Rung.FULL)
    assert not np.array_equal(everything, nothing)
    for rung in (Rung.MODULES, Rung.BLOCKS, Rung.LAYERS):
        for picture, full in zip(painted(model, folder, rung), (everything, nothing), strict=True):
            assert np.array_equal(picture, full), rung
    for picture, full in zip(
        painted(model, folder, Rung.HALVED), (everything, nothing), strict=True
    ):
        assert np.abs(picture.astype(int) - full).mean() <= 4
