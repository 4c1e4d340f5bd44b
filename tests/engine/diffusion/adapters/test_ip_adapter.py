"""IP-Adapters on the UNets of tiny models."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline, StableDiffusionXLPipeline
from PIL import Image
from safetensors.torch import load_file, save_file

from studio.core.errors import ModelError
from studio.core.picture import Pixels
from studio.engine.diffusion.adapters.guiding import Guiding
from studio.generation.catalog import AdapterInfo, Catalog
from tests.helpers.adapters import adapter_info
from tests.helpers.engine_runs import RecordingDesk
from tests.helpers.tiny import stable_diffusion, stable_diffusion_xl
from tests.helpers.tiny.guides import save_controlnet, save_ip_adapter
from tests.helpers.tiny_family import brief_for, farthest, loaded, saved_models

STYLE = np.random.default_rng(1).integers(0, 256, (50, 40, 3), dtype=np.uint8)
OTHER = np.random.default_rng(2).integers(0, 256, (40, 40, 3), dtype=np.uint8)
WEIGHTS = "weights.safetensors"


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    folder = tmp_path_factory.mktemp("models")
    return saved_models(folder, "stable_diffusion", "stable_diffusion_xl")


@pytest.fixture(scope="module")
def adapters(tmp_path_factory: pytest.TempPathFactory) -> dict[str, AdapterInfo]:
    folder = tmp_path_factory.mktemp("adapters")
    first, second = stable_diffusion.pipeline().unet, stable_diffusion_xl.pipeline().unet
    places = {
        "style": save_ip_adapter(first, folder / "style", seed=1),
        "content": save_ip_adapter(first, folder / "content", seed=2),
        "patches": save_ip_adapter(first, folder / "patches", seed=6, plus=True),
        "xl": save_ip_adapter(second, folder / "xl", seed=3),
        "odd": save_ip_adapter(first, folder / "odd", seed=4, seen=16),
        "edges": save_controlnet(first, folder / "edges", seed=5),
    }
    return {
        name: adapter_info(place, "ip_adapter", "stable_diffusion")
        for name, place in places.items()
    }


@pytest.fixture(scope="module")
def family(catalog: Catalog) -> Any:
    return loaded(catalog.get("tiny-sd"))


def painted(family: Any, references: Sequence[Guiding] = (), **changes: Any) -> Pixels:
    brief = brief_for(family._model, references=tuple(references), **changes)
    pixels: Pixels = family.text_to_image(brief, RecordingDesk())
    return pixels


@pytest.mark.parametrize(
    ("model", "name", "kind"),
    [
        ("tiny-sd", "style", StableDiffusionPipeline),
        ("tiny-sd", "patches", StableDiffusionPipeline),
        ("tiny-xl", "xl", StableDiffusionXLPipeline),
    ],
)
def test_pictures_are_those_of_the_stock_pipelines(
    catalog: Catalog, adapters: dict[str, AdapterInfo], model: str, name: str, kind: Any
) -> None:
    family = loaded(catalog.get(model))
    [part] = catalog.get(model).parts
    stock = kind.from_pretrained(part.path)
    stock.set_progress_bar_config(disable=True)
    stock.scheduler = family._scheduler(brief_for(family._model))
    stock.load_ip_adapter(str(adapters[name].path), subfolder="", weight_name=WEIGHTS)
    stock.set_ip_adapter_scale(0.7)
    [image] = stock(
        "a cat",
        ip_adapter_image=Image.fromarray(STYLE),
        height=64,
        width=64,
        num_inference_steps=2,
        guidance_scale=family._model.defaults.guidance,
        generator=torch.Generator().manual_seed(3),
    ).images
    expected = np.asarray(image)
    assert farthest(painted(family, [Guiding(adapters[name], STYLE, 0.7)]), expected) <= 1
    assert farthest(painted(family), expected) > 1


@pytest.mark.parametrize("name", ["style", "patches"])
def test_taken_off_it_leaves_no_trace(
    family: Any, adapters: dict[str, AdapterInfo], name: str
) -> None:
    before = painted(family)
    assert not np.array_equal(painted(family, [Guiding(adapters[name], STYLE)]), before)
    assert np.array_equal(painted(family), before)
    assert np.array_equal(painted(family, [Guiding(adapters[name], STYLE, 0.0)]), before)


def test_the_picture_counts_and_so_does_the_weight(
    family: Any, adapters: dict[str, AdapterInfo]
) -> None:
    pictures = [
        painted(family, [Guiding(adapters["style"], pixels, weight)])
        for pixels, weight in ((STYLE, 1.0), (OTHER, 1.0), (STYLE, 0.3))
    ]
    assert all(farthest(pictures[0], other) > 1 for other in pictures[1:])


def test_several_add_up(family: Any, adapters: dict[str, AdapterInfo]) -> None:
    style, content = Guiding(adapters["style"], STYLE), Guiding(adapters["content"], OTHER)
    both = painted(family, [style, content])
    assert farthest(both, painted(family, [style])) > 1
    assert farthest(both, painted(family, [content])) > 1
    twice = painted(family, [style, Guiding(adapters["style"], OTHER)])
    assert farthest(twice, painted(family, [style])) > 1


def test_it_counts_in_its_range_of_steps_alone(
    family: Any, adapters: dict[str, AdapterInfo]
) -> None:
    whole, first, last, none = (
        painted(family, [Guiding(adapters["style"], STYLE, 1.0, *span)])
        for span in ((0.0, 1.0), (0.0, 0.5), (0.5, 1.0), (0.0, 0.3))
    )
    assert np.array_equal(none, painted(family))
    assert len({each.tobytes() for each in (whole, first, last, none)}) == 4


def test_it_goes_with_a_controlnet(family: Any, adapters: dict[str, AdapterInfo]) -> None:
    shapes = np.random.default_rng(3).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    controls = (Guiding(adapters["edges"], shapes),)
    style = [Guiding(adapters["style"], STYLE)]
    both = painted(family, style, controls=controls)
    assert farthest(both, painted(family, style)) > 1
    assert farthest(both, painted(family, controls=controls)) > 1


def spoilt(adapter: AdapterInfo, folder: Path, how: str) -> AdapterInfo:
    shutil.copytree(adapter.path, folder)
    weights = folder / WEIGHTS
    state = load_file(weights)
    match how:
        case "cut off":
            weights.write_bytes(weights.read_bytes()[:-50])
        case "without an encoder":
            shutil.rmtree(folder / "image_encoder")
        case "of faces":
            save_file(state | {"ip_adapter.0.to_q_lora.down.weight": torch.ones(1)}, weights)
        case "something else":
            save_file({"some.weight": torch.ones(2)}, weights)
        case "nothing":
            weights.unlink()
    return adapter_info(folder, "ip_adapter", "stable_diffusion")


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("cut off", "cannot be loaded"),
        ("without an encoder", "has no image encoder"),
        ("of faces", "looks at faces"),
        ("something else", "is no IP-Adapter"),
        ("nothing", "has no weights"),
    ],
)
def test_what_is_none_is_refused_in_a_sentence_and_nothing_is_worn(
    family: Any, adapters: dict[str, AdapterInfo], tmp_path: Path, how: str, says: str
) -> None:
    before = painted(family)
    damaged = spoilt(adapters["style"], tmp_path / "spoilt", how)
    with pytest.raises(ModelError, match=says):
        painted(family, [Guiding(damaged, STYLE)])
    assert np.array_equal(painted(family), before)


@pytest.mark.parametrize(
    ("name", "says"), [("xl", "cannot be put on this model"), ("odd", "is not the one")]
)
def test_what_does_not_fit_is_refused_and_nothing_is_worn(
    family: Any, adapters: dict[str, AdapterInfo], name: str, says: str
) -> None:
    before = painted(family)
    with pytest.raises(ModelError, match=says):
        painted(family, [Guiding(adapters[name], STYLE)])
    assert np.array_equal(painted(family), before)
