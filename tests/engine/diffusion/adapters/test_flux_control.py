"""ControlNets beside the transformers of tiny models of FLUX.1."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import FluxControlNetModel, FluxControlNetPipeline, FluxMultiControlNetModel
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from PIL import Image
from safetensors.torch import load_file, save_file

from studio.core.errors import ModelError
from studio.core.picture import Pixels
from studio.engine.diffusion.adapters.guiding import Guiding
from studio.engine.diffusion.adapters.preprocessors import canny
from studio.engine.tuning import Tuning
from studio.generation.catalog import AdapterInfo, Catalog
from tests.helpers.adapters import adapter_info
from tests.helpers.engine_runs import RecordingDesk
from tests.helpers.guided import (
    OTHERS,
    SHAPES,
    check_idle,
    check_inpainting,
    check_rungs,
    check_sum,
    painted,
)
from tests.helpers.machines import CPU
from tests.helpers.tiny import flux
from tests.helpers.tiny.guides import save_flux_controlnet
from tests.helpers.tiny_family import (
    SOURCE,
    brief_for,
    farthest,
    loaded,
    saved_models,
    stock_picture,
)

MODES = 3
WEIGHTS = "diffusion_pytorch_model.safetensors"


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return saved_models(tmp_path_factory.mktemp("models"), "flux")


@pytest.fixture(scope="module")
def nets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, AdapterInfo]:
    """Those that fit, and others."""
    folder, transformer = tmp_path_factory.mktemp("nets"), flux.transformer()
    kinds: dict[str, dict[str, Any]] = {
        "edges": {},
        "depths": {"singles": 0},
        "unguided": {"guidance_embeds": False},
        "union": {"num_mode": MODES},
        "hinted": {"conditioning_embedding_channels": flux.CHANNELS, "patch_size": 2},
        "wide": {"num_attention_heads": 4},
    }
    return {
        name: adapter_info(
            save_flux_controlnet(transformer, folder / name, seed=seed, **config),
            "controlnet",
            "flux",
        )
        for seed, (name, config) in enumerate(kinds.items())
    }


@pytest.fixture(scope="module")
def family(catalog: Catalog) -> Any:
    return loaded(catalog.get("tiny-flux"))


def stock(catalog: Catalog, model: str, controlnet: Any, **inputs: Any) -> Pixels:
    """What the stock pipeline paints."""
    found = catalog.get(model)
    place = next(part.path for part in found.parts if part.role == "pipeline")
    values = {"prompt": "a cat", "guidance_scale": found.defaults.guidance, **inputs}
    return stock_picture(FluxControlNetPipeline, place, values, controlnet=controlnet)


@pytest.fixture
def unsampled(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stock pipeline draws the latents of the pictures that it reads; ours takes their mean."""
    monkeypatch.setattr(
        DiagonalGaussianDistribution, "sample", lambda self, generator=None: self.mode()
    )


@pytest.mark.usefixtures("unsampled")
@pytest.mark.parametrize(
    ("model", "net"),
    [
        ("tiny-flux", "edges"),
        ("tiny-flux", "depths"),
        ("tiny-flux", "unguided"),
        ("tiny-flux", "hinted"),
        ("tiny-flux-schnell", "unguided"),
    ],
)
def test_pictures_are_those_of_the_stock_pipeline(
    catalog: Catalog, nets: dict[str, AdapterInfo], model: str, net: str
) -> None:
    family = loaded(catalog.get(model))
    expected = stock(
        catalog,
        model,
        FluxControlNetModel.from_pretrained(nets[net].path),
        control_image=Image.fromarray(SHAPES),
        controlnet_conditioning_scale=0.7,
        max_sequence_length=512 if model == "tiny-flux" else 256,
    )
    assert farthest(painted(family, [Guiding(nets[net], SHAPES, 0.7)]), expected) <= 1
    assert farthest(painted(family), expected) > 1


@pytest.mark.usefixtures("unsampled")
def test_two_add_up_as_in_the_stock_pipeline(
    catalog: Catalog, nets: dict[str, AdapterInfo], family: Any
) -> None:
    places = nets["edges"].path, nets["edges"].path
    expected = stock(
        catalog,
        "tiny-flux",
        FluxMultiControlNetModel([FluxControlNetModel.from_pretrained(place) for place in places]),
        control_image=[Image.fromarray(pixels) for pixels in (SHAPES, OTHERS)],
        controlnet_conditioning_scale=[0.7, 0.4],
    )
    controls = [Guiding(nets["edges"], SHAPES, 0.7), Guiding(nets["edges"], OTHERS, 0.4)]
    assert farthest(painted(family, controls), expected) <= 1


@pytest.mark.usefixtures("unsampled")
@pytest.mark.parametrize(("kind", "mode"), [("canny", 0), ("tile", 1), ("depth", 2)])
def test_one_of_several_kinds_is_told_the_kind_of_its_picture(
    catalog: Catalog,
    nets: dict[str, AdapterInfo],
    family: Any,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    mode: int,
) -> None:
    expected = stock(
        catalog,
        "tiny-flux",
        FluxControlNetModel.from_pretrained(nets["union"].path),
        control_image=Image.fromarray(SHAPES),
        control_mode=mode,
    )
    told: list[int] = []
    embed = torch.nn.Embedding.forward

    def embedded(self: torch.nn.Embedding, numbers: torch.Tensor) -> torch.Tensor:
        if self.num_embeddings == MODES:
            told.extend(numbers.flatten().tolist())
        return embed(self, numbers)

    monkeypatch.setattr(torch.nn.Embedding, "forward", embedded)
    assert farthest(painted(family, [Guiding(nets["union"], SHAPES, kind=kind)]), expected) <= 1
    assert told == [mode, mode]  # in each of two steps


@pytest.mark.usefixtures("unsampled")
def test_one_of_several_kinds_reads_two_pictures_at_once(
    catalog: Catalog, nets: dict[str, AdapterInfo], family: Any
) -> None:
    union = FluxControlNetModel.from_pretrained(nets["union"].path)
    expected = stock(
        catalog,
        "tiny-flux",
        FluxMultiControlNetModel([union]),
        control_image=[Image.fromarray(pixels) for pixels in (SHAPES, OTHERS)],
        control_mode=[0, 2],
        control_guidance_start=[0.0, 0.0],
        control_guidance_end=[1.0, 1.0],
        controlnet_conditioning_scale=[0.7, 0.4],
    )
    controls = [
        Guiding(nets["union"], SHAPES, 0.7, kind="canny"),
        Guiding(nets["union"], OTHERS, 0.4, kind="depth"),
    ]
    assert farthest(painted(family, controls), expected) <= 1


@pytest.mark.parametrize("kind", ["", "pose", "unheard"])
def test_one_of_several_kinds_asks_of_which_its_picture_is(
    family: Any, nets: dict[str, AdapterInfo], kind: str
) -> None:
    with pytest.raises(ModelError, match="say of which this one is, canny, tile or depth"):
        painted(family, [Guiding(nets["union"], SHAPES, kind=kind)])


@pytest.mark.parametrize("other", ["depths", "hinted"])
def test_those_of_unlike_depth_add_up_too(
    family: Any, nets: dict[str, AdapterInfo], other: str
) -> None:
    edges, depths = Guiding(nets["edges"], SHAPES), Guiding(nets[other], OTHERS)
    check_sum(family, edges, depths)


def test_what_does_nothing_changes_nothing(family: Any, nets: dict[str, AdapterInfo]) -> None:
    check_idle(family, nets["edges"])


@pytest.mark.usefixtures("unsampled")
def test_a_range_of_steps_is_that_of_the_stock_pipeline(
    catalog: Catalog, nets: dict[str, AdapterInfo], family: Any
) -> None:
    expected = stock(
        catalog,
        "tiny-flux",
        FluxControlNetModel.from_pretrained(nets["edges"].path),
        control_image=Image.fromarray(SHAPES),
        control_guidance_end=0.5,
    )
    first = painted(family, [Guiding(nets["edges"], SHAPES, 1.0, 0.0, 0.5)])
    assert farthest(first, expected) <= 1
    assert farthest(painted(family, [Guiding(nets["edges"], SHAPES)]), expected) > 1


def test_the_picture_is_prepared_as_it_is_asked_for(
    family: Any, nets: dict[str, AdapterInfo]
) -> None:
    by_itself = painted(family, [Guiding(nets["edges"], SOURCE, preprocessor="canny")])
    given = painted(family, [Guiding(nets["edges"], canny(SOURCE))])
    assert np.array_equal(by_itself, given)


def test_what_is_masked_is_guided_too(catalog: Catalog, nets: dict[str, AdapterInfo]) -> None:
    for model in ("tiny-flux", "tiny-flux-fill"):
        check_inpainting(loaded(catalog.get(model)), Guiding(nets["edges"], SHAPES))


def test_editors_are_guided_too(catalog: Catalog, nets: dict[str, AdapterInfo]) -> None:
    family = loaded(catalog.get("tiny-flux-kontext"))
    with_and_without = [
        family.edit(brief_for(family._model, controls=controls), [SOURCE], RecordingDesk())
        for controls in ((Guiding(nets["edges"], SHAPES),), ())
    ]
    assert farthest(*with_and_without) > 1


def test_a_cache_of_steps_leaves_guided_pictures_as_they_are(
    catalog: Catalog, nets: dict[str, AdapterInfo], family: Any
) -> None:
    caching = replace(CPU, tuning=Tuning(step_cache=1.0))
    hasty = loaded(catalog.get("tiny-flux"), caching)
    controls = [Guiding(nets["edges"], SHAPES)]
    exact = painted(family, controls, steps=4)
    assert np.array_equal(painted(hasty, controls, steps=4), exact)
    assert farthest(painted(hasty, steps=4), painted(family, steps=4)) > 1


@pytest.mark.parametrize("net", ["edges", "depths", "unguided", "union", "hinted"])
def test_one_file_is_the_same_as_its_folder(
    family: Any, nets: dict[str, AdapterInfo], tmp_path: Path, net: str
) -> None:
    file = Path(shutil.copy(nets[net].path / WEIGHTS, tmp_path / f"{net}-alone.safetensors"))
    alone = adapter_info(file, "controlnet", "flux")
    expected = painted(family, [Guiding(nets[net], SHAPES, kind="depth")])
    assert np.array_equal(painted(family, [Guiding(alone, SHAPES, kind="depth")]), expected)


def spoilt(net: AdapterInfo, folder: Path, how: str) -> AdapterInfo:
    shutil.copytree(net.path, folder)
    weights = folder / WEIGHTS
    match how:
        case "cut off":
            weights.write_bytes(weights.read_bytes()[:-50])
        case "missing":
            weights.unlink()
        case "one file that lacks layers":
            tensors = load_file(weights)
            tensors.popitem()
            save_file(tensors, folder / "lacking.safetensors")
            (folder / "config.json").unlink()
            return adapter_info(folder / "lacking.safetensors", "controlnet", net.family)
    return adapter_info(folder, "controlnet", net.family)


@pytest.mark.parametrize(
    ("net", "how", "says"),
    [
        ("edges", "cut off", "cannot be loaded"),
        ("edges", "missing", "cannot be loaded"),
        ("edges", "one file that lacks layers", "does not fit this model"),
        ("wide", "", "made for another version"),
    ],
)
def test_what_cannot_guide_is_refused_in_a_sentence(
    family: Any, nets: dict[str, AdapterInfo], tmp_path: Path, net: str, how: str, says: str
) -> None:
    damaged = spoilt(nets[net], tmp_path / "spoilt", how)
    with pytest.raises(ModelError, match=says):
        painted(family, [Guiding(damaged, SHAPES)])


def test_it_paints_the_same_wherever_weights_wait(
    catalog: Catalog, nets: dict[str, AdapterInfo]
) -> None:
    check_rungs(catalog.get("tiny-flux"), halved=True, controls=[Guiding(nets["edges"], SHAPES)])
