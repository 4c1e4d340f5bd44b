"""Kandinsky 5.0 Image Lite against the stock pipelines, which load the very same folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import Kandinsky5I2IPipeline, Kandinsky5T2IPipeline
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from PIL import Image
from transformers import AutoTokenizer

from studio.core.geometry import Extent
from studio.core.picture import Pixels
from studio.engine.diffusion.adapters.wardrobe import Worn
from studio.engine.diffusion.device.machine import seeded
from studio.engine.protocol import Note
from studio.generation.catalog import Catalog, ModelInfo
from tests.helpers.adapters import lora_info
from tests.helpers.engine_runs import RecordingDesk, of_kind, shaded
from tests.helpers.tiny.lora import save_lora
from tests.helpers.tiny.qwen_image import stock_processor
from tests.helpers.tiny_family import brief_for, farthest, loaded, saved_models

EXTENT = Extent(96, 64)
SOURCE = shaded(*EXTENT).rgb()
OTHER = shaded(*EXTENT, 5).rgb()


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return saved_models(tmp_path_factory.mktemp("kandinsky5"), "kandinsky5")


@pytest.fixture(scope="module")
def model(catalog: Catalog) -> ModelInfo:
    return catalog.get("tiny-kandinsky5")


def folder_of(model: ModelInfo, role: str) -> Path:
    [folder] = [part.path for part in model.parts if part.role == role]
    return folder


def stock_pipeline(kind: Any, folder: Path) -> Any:
    """As it would be with torchvision, and for pictures of `EXTENT`."""
    tokenizer = AutoTokenizer.from_pretrained(folder / "tokenizer")
    pipeline = kind.from_pretrained(folder, tokenizer=stock_processor(tokenizer))
    pipeline.set_progress_bar_config(disable=True)
    pipeline.resolutions = [tuple(EXTENT)]
    return pipeline


def stock_picture(kind: Any, folder: Path, **told: Any) -> Pixels:
    values = {
        "prompt": "a cat",
        "width": EXTENT.width,
        "height": EXTENT.height,
        "num_inference_steps": 3,
        "generator": seeded(3),
    }
    [image] = stock_pipeline(kind, folder)(**(values | told)).image
    return np.asarray(image)


@pytest.mark.parametrize(("guidance", "negative"), [(1.0, ""), (3.5, ""), (3.5, "rain & snow")])
def test_a_picture_from_words_is_the_stock_pipelines(
    family: Any, model: ModelInfo, guidance: float, negative: str
) -> None:
    told = {"guidance_scale": guidance, "negative_prompt": negative}
    theirs = stock_picture(Kandinsky5T2IPipeline, folder_of(model, "pipeline"), **told)
    brief = brief_for(model, guidance=guidance, negative_prompt=negative, extent=EXTENT, steps=3)
    assert farthest(family.text_to_image(brief, RecordingDesk()), theirs) <= 1


@pytest.mark.parametrize("model_id", ["tiny-kandinsky5", "tiny-kandinsky5-edit"])
def test_an_edit_is_the_stock_pipelines(
    catalog: Catalog, model_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stock pipeline draws its latents of the picture by chance; ours are the mean."""
    monkeypatch.setattr(
        DiagonalGaussianDistribution, "sample", lambda self, generator=None: self.mode()
    )
    model = catalog.get(model_id)
    told = {"prompt": "make it blue", "negative_prompt": "rain", "guidance_scale": 5.0}
    image = Image.fromarray(SOURCE)
    theirs = stock_picture(Kandinsky5I2IPipeline, folder_of(model, "edit"), image=image, **told)
    brief = brief_for(
        model,
        prompt="make it blue",
        negative_prompt="rain",
        guidance=5.0,
        extent=EXTENT,
        steps=3,
    )
    ours = loaded(model).edit(brief, [SOURCE], RecordingDesk())
    assert farthest(ours, theirs) <= 1


def test_what_is_shown_counts_and_only_the_first_picture_is(family: Any, model: ModelInfo) -> None:
    brief, desk = brief_for(model, extent=EXTENT), RecordingDesk()
    alone = family.edit(brief, [SOURCE], RecordingDesk())
    assert (alone != family.edit(brief, [OTHER], RecordingDesk())).any()
    assert (alone == family.edit(brief, [SOURCE, OTHER], desk)).all()
    [note] = of_kind(desk.events, Note)
    assert "looks at one picture" in note.message


def test_an_editor_alone_paints_from_words_as_if_nothing_were_shown(catalog: Catalog) -> None:
    model = catalog.get("tiny-kandinsky5-edit")
    picture = loaded(model).text_to_image(brief_for(model), RecordingDesk())
    assert picture.std() > 0


def test_a_lora_changes_the_picture_until_it_is_taken_off(
    family: Any, model: ModelInfo, tmp_path: Path
) -> None:
    stock = stock_pipeline(Kandinsky5T2IPipeline, folder_of(model, "pipeline"))
    file = save_lora(stock, tmp_path / "ink.safetensors", seed=1)
    brief = brief_for(model)
    pictures = []
    for loras in ([], [Worn(lora_info(file, "kandinsky5"), 1.0)], []):
        family.wear(loras)
        pictures.append(family.text_to_image(brief, RecordingDesk()))
    plain, worn, again = pictures
    assert (plain != worn).any()
    assert (plain == again).all()


def test_latents_know_no_shift(family: Any) -> None:
    """Although the configuration of their autoencoder names one."""
    autoencoder = family._autoencoder
    latents = torch.ones(1, 4, 2, 2)
    scale: float = autoencoder.module.config.scaling_factor
    assert torch.allclose(autoencoder.unscaled(latents), latents / scale)
