"""Candidates that are denoised together, and what guides them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studio.engine.diffusion.adapters.guiding import Guiding
from studio.engine.diffusion.sampling.batch import Batch
from studio.generation.catalog import Catalog
from tests.helpers.adapters import adapter_info
from tests.helpers.engine_runs import RecordingDesk
from tests.helpers.guided import SHAPES
from tests.helpers.tiny import sana
from tests.helpers.tiny.guides import (
    save_controlnet_union,
    save_flux_controlnet,
    save_flux_ip_adapter,
    save_qwen_controlnet,
    save_sana_controlnet,
    save_sd3_controlnet,
    save_sd3_ip_adapter,
    save_z_image_controlnet,
)
from tests.helpers.tiny_family import brief_for, farthest, loaded, saved_models

Save = Callable[..., Path]

GUIDES: dict[str, tuple[str, Save, Save | None]] = {
    "flux": ("tiny-flux-schnell", save_flux_controlnet, save_flux_ip_adapter),
    "stable_diffusion_3": ("tiny-sd3", save_sd3_controlnet, save_sd3_ip_adapter),
    "stable_diffusion_xl": ("tiny-xl", save_controlnet_union, None),
    "qwen_image": ("tiny-qwen", save_qwen_controlnet, None),
    "sana": ("tiny-sana", save_sana_controlnet, None),
    "z_image": ("tiny-z", save_z_image_controlnet, None),
}
"""By families: a model, and what writes its ControlNet and its IP-Adapter."""


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    with pytest.MonkeyPatch.context() as patch:
        # Of one block there is none after which a ControlNet's answer could be added.
        patch.setattr(sana, "LAYERS", 2)
        return saved_models(tmp_path_factory.mktemp("models"), *GUIDES)


@pytest.mark.parametrize("name", GUIDES)
def test_each_is_what_it_is_alone(catalog: Catalog, name: str, tmp_path: Path) -> None:
    model_id, save_net, save_style = GUIDES[name]
    family = loaded(catalog.get(model_id))
    stock = family.pipelines[0]
    denoiser = stock.unet if hasattr(stock, "unet") else stock.transformer
    net = adapter_info(save_net(denoiser, tmp_path / "net", seed=1), "controlnet", name)
    guides: dict[str, Any] = {"controls": (Guiding(net, SHAPES, kind="canny"),)}
    if save_style is not None:
        style = adapter_info(save_style(denoiser, tmp_path / "style", seed=2), "ip_adapter", name)
        guides["references"] = (Guiding(style, SHAPES),)
    brief = brief_for(family._model, negative_prompt="a dog", **guides)
    batch = Batch([3, 4])
    for seed in batch.seeds:
        alone, together = (
            family.text_to_image(replace(brief, seed=seed, batch=each), RecordingDesk())
            for each in (None, batch)
        )
        assert farthest(alone, together) <= 1
    assert family.paints_together
