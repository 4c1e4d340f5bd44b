"""What all families do alike whose words are read by a language model."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from studio.core.errors import ModelError, RequestError
from studio.core.geometry import Extent
from studio.core.picture import Picture, Pixels
from studio.engine.desk import JobStopped
from studio.engine.diffusion.adapters.wardrobe import Worn
from studio.engine.diffusion.bases.family import Unsound
from studio.engine.diffusion.latents.planes import as_planes
from studio.generation.catalog import Catalog, InstalledPart, ModelInfo
from tests.helpers.adapters import lora_info
from tests.helpers.engine_runs import RecordingDesk, box_mask
from tests.helpers.machines import CPU, HALF
from tests.helpers.quantised import save_gguf
from tests.helpers.tiny.lora import save_lora
from tests.helpers.tiny_family import SIDE, SOURCE, brief_for, distance, loaded, saved_models

FAMILIES = (
    "z_image",
    "qwen_image",
    "flux2",
    "sana",
    "chroma",
    "lumina2",
    "cogview4",
    "ovis_image",
    "hidream",
    "hunyuan_image",
    "kandinsky5",
    "longcat_image",
    "krea2",
)
MODELS = (
    "tiny-z",
    "tiny-qwen",
    "tiny-flux2",
    "tiny-flux2-dev",
    "tiny-sana",
    "tiny-sana-sprint",
    "tiny-chroma",
    "tiny-lumina",
    "tiny-cogview",
    "tiny-ovis",
    "tiny-hidream",
    "tiny-hunyuan",
    "tiny-kandinsky5",
    "tiny-longcat",
    "tiny-krea2",
)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return saved_models(tmp_path_factory.mktemp("language"), *FAMILIES)


@pytest.fixture(scope="module")
def model(request: pytest.FixtureRequest, catalog: Catalog) -> ModelInfo:
    return catalog.get(request.param)


@pytest.fixture(scope="module")
def family(model: ModelInfo) -> Any:
    return loaded(model)


every_model = pytest.mark.parametrize("model", MODELS, indirect=True, scope="module")


@every_model
def test_the_same_seed_gives_the_same_pixels_and_another_gives_others(
    family: Any, model: ModelInfo
) -> None:
    first, same, other = (
        family.text_to_image(brief_for(model, seed=seed), RecordingDesk()) for seed in (3, 3, 4)
    )
    assert (first == same).all()
    assert (first != other).any()


@every_model
def test_sizes_are_those_of_the_brief(family: Any, model: ModelInfo) -> None:
    brief = brief_for(model, extent=Extent(2 * model.grid, 3 * model.grid))
    pixels = family.text_to_image(brief, RecordingDesk())
    assert pixels.shape == (3 * model.grid, 2 * model.grid, 3)


@every_model
def test_a_weak_repaint_makes_fewer_steps_and_stays_nearer(
    family: Any, model: ModelInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished = watched(family, "_decode", monkeypatch)
    brief = brief_for(model, steps=8)
    family.text_to_image(brief, RecordingDesk())
    weak, strong = RecordingDesk(), RecordingDesk()
    family.image_to_image(brief, SOURCE, 0.125, weak)
    family.image_to_image(brief, SOURCE, 1.0, strong)
    assert strong.steps - weak.steps == 7
    kept, lost = changes_of(family, finished[1:])
    assert kept < lost


@every_model
def test_a_variation_without_words_repaints_the_source(family: Any, model: ModelInfo) -> None:
    brief = brief_for(model, prompt="")
    varied = family.variation(brief, SOURCE, 0.5, RecordingDesk())
    assert varied.shape == SOURCE.shape
    assert (varied != family.variation(brief, SOURCE[::-1], 0.5, RecordingDesk())).any()


@every_model
def test_a_variation_at_strength_zero_keeps_more_of_the_layout_than_one(
    family: Any, model: ModelInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished = watched(family, "_decode", monkeypatch)
    for strength in (0.0, 1.0):
        family.variation(brief_for(model, steps=8), SOURCE, strength, RecordingDesk())
    kept, lost = changes_of(family, finished)
    assert kept < lost


@every_model
def test_a_file_replaces_the_transformer(family: Any, model: ModelInfo, tmp_path: Path) -> None:
    """By one whose weights are twice as large."""
    weights = family.pipelines[0].transformer.state_dict()
    file = tmp_path / "transformer.safetensors"
    save_file({name: 2 * weight for name, weight in weights.items()}, file)
    part = InstalledPart("transformer", file, model.parts[0].source)
    replaced = loaded(dataclasses.replace(model, parts=(*model.parts, part)))
    for name, weight in replaced.pipelines[0].transformer.state_dict().items():
        assert torch.equal(weight, 2 * weights[name])
    assert replaced.text_to_image(brief_for(model), RecordingDesk()).std() > 0


@pytest.mark.parametrize("model", ["tiny-chroma", "tiny-lumina"], indirect=True, scope="module")
def test_a_quantised_file_replaces_the_transformer_nearly(
    family: Any, model: ModelInfo, tmp_path: Path
) -> None:
    fine, other = (
        family.text_to_image(brief_for(model, seed=seed), RecordingDesk()) for seed in (3, 4)
    )
    file = tmp_path / "transformer.gguf"
    save_gguf(family.pipelines[0].transformer.state_dict(), file)
    part = InstalledPart("transformer", file, model.parts[0].source)
    quantised = loaded(dataclasses.replace(model, parts=(model.parts[0], part)))
    rough = quantised.text_to_image(brief_for(model), RecordingDesk())
    assert 0 < distance(fine, rough) < distance(fine, other)


@pytest.mark.parametrize(
    "model",
    ["tiny-z", "tiny-chroma", "tiny-lumina", "tiny-cogview", "tiny-krea2"],
    indirect=True,
    scope="module",
)
def test_a_lora_counts_while_it_is_worn(family: Any, model: ModelInfo, tmp_path: Path) -> None:
    file = save_lora(family.pipelines[0], tmp_path / "ink.safetensors", seed=1)
    worn = Worn(lora_info(file, model.family), 0.8)
    plain, inked, again = (
        family.wear(loras) or family.text_to_image(brief_for(model), RecordingDesk())
        for loras in ((), (worn,), ())
    )
    assert (plain != inked).any()
    assert (plain == again).all()


@every_model
def test_what_is_known_ends_as_it_began(
    family: Any, model: ModelInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cells beyond the mask and its neighbours, before they are decoded."""
    finished = watched(family, "_decode", monkeypatch)
    side = 4 * family._factor
    extent = Extent(side, side)
    source = np.resize(SOURCE, (side, side, 3))
    mask = box_mask(side, side, 0, 0, family._factor, family._factor)
    family.inpaint(brief_for(model, extent=extent), source, mask, 1.0, RecordingDesk())
    [latents] = finished
    same = (latents == encoded(family, source)).all(dim=1)[0]
    assert same[2:].all() and same[:, 2:].all()
    assert not same[:2, :2].any()


@every_model
def test_a_grey_mask_changes_less_than_a_white_one(
    family: Any, model: ModelInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished = watched(family, "_decode", monkeypatch)
    for value in (40, 255):
        mask = Picture.from_array(np.full((SIDE, SIDE), value, np.uint8))
        family.inpaint(brief_for(model, steps=8), SOURCE, mask, 1.0, RecordingDesk())
    grey, white = changes_of(family, finished)
    assert grey < white


@every_model
@pytest.mark.parametrize("stop_at", [1, 2, 3])
def test_cancelling_ends_the_job_at_that_step(family: Any, model: ModelInfo, stop_at: int) -> None:
    """The first is the reading of the prompt, the others are the denoiser's."""
    desk = RecordingDesk(stop_at)
    with pytest.raises(JobStopped):
        family.text_to_image(brief_for(model, prompt=f"stop at {stop_at}", guidance=0.0), desk)
    assert desk.steps == stop_at


@every_model
def test_a_prompt_is_read_once(
    family: Any, model: ModelInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = watched(family, "_encode_words", monkeypatch)
    for seed in (1, 2):
        brief = brief_for(model, prompt="said twice", seed=seed)
        family.text_to_image(brief, RecordingDesk())
    assert read.count("said twice") == 1


@every_model
def test_half_precision_gives_a_similar_picture(family: Any, model: ModelInfo) -> None:
    fine, other = (
        family.text_to_image(brief_for(model, seed=seed), RecordingDesk()) for seed in (3, 4)
    )
    rough = loaded(model, HALF).text_to_image(brief_for(model), RecordingDesk())
    assert 0 < distance(fine, rough) < distance(fine, other)


@every_model
def test_numbers_that_are_no_picture_are_found(model: ModelInfo) -> None:
    broken = loaded(model)
    with torch.no_grad():
        next(broken.pipelines[0].transformer.parameters()).fill_(float("nan"))
    with pytest.raises(Unsound):
        broken.text_to_image(brief_for(model), RecordingDesk())


@every_model
def test_only_what_is_beyond_the_text_encoder_is_told(family: Any) -> None:
    assert family.unread("a cat") == ""
    words = [f"w{number}" for number in range(2000)]
    prompt = " ".join(words)
    unread = family.unread(prompt)
    assert 0 < len(unread) < len(prompt)
    assert prompt.endswith(unread)


@every_model
def test_words_that_are_not_read_change_nothing(family: Any, model: ModelInfo) -> None:
    prompt = " ".join(f"w{number}" for number in range(2000))
    read = prompt.removesuffix(family.unread(prompt))
    whole, changed, shorter = (
        family.text_to_image(brief_for(model, prompt=text), RecordingDesk())
        for text in (prompt, read + " x" * 2000, read[:-40] + "y" * 4000)
    )
    assert (whole == changed).all()
    assert (whole != shorter).any()


@every_model
def test_an_unknown_scheduler_is_refused_with_the_known_ones(family: Any, model: ModelInfo) -> None:
    with pytest.raises(RequestError, match="'magic': choose one of"):
        family.text_to_image(brief_for(model, scheduler="magic"), RecordingDesk())


@every_model
def test_comparing_words_with_pictures_is_refused(family: Any) -> None:
    with pytest.raises(ModelError, match="cannot compare"):
        family.similarity("a cat", [SOURCE])


def watched(family: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The first arguments with which a method is called from now on."""
    seen: list[Any] = []
    method: Callable[..., Any] = getattr(family, name)

    def watch(first: Any, **rest: Any) -> Any:
        seen.append(first)
        return method(first, **rest)

    monkeypatch.setattr(family, name, watch)
    return seen


def encoded(family: Any, source: Pixels) -> torch.Tensor:
    with torch.inference_mode():
        latents: torch.Tensor = family._encode(as_planes(source, CPU))
    return latents


def changes_of(family: Any, finished: list[torch.Tensor]) -> list[float]:
    """How far each of the finished latents is from those of `SOURCE`."""
    original = encoded(family, SOURCE)
    return [float((latents - original).abs().mean()) for latents in finished]
