"""Against the stock pipelines, which load the very same folders."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import (
    KandinskyV22InpaintPipeline,
    KandinskyV22Pipeline,
    KandinskyV22PriorPipeline,
    UNet2DConditionModel,
)
from PIL import Image

from studio.core.errors import ModelError, RequestError
from studio.core.geometry import Extent
from studio.core.picture import Picture, Pixels
from studio.engine.desk import JobStopped
from studio.engine.diffusion.bases.family import Unsound
from studio.engine.diffusion.device.machine import Machine, seeded
from studio.engine.diffusion.families import load_family
from studio.engine.diffusion.families.kandinsky22 import Kandinsky22, load
from studio.generation.catalog import Catalog, ModelInfo
from tests.helpers.briefs import briefs
from tests.helpers.engine_runs import RecordingDesk, box_mask, shaded
from tests.helpers.machines import CPU

SIDE = 64
SOURCE = shaded(SIDE, SIDE).rgb()

brief = briefs(extent=Extent(SIDE, SIDE), steps=4, guidance=2.0, scheduler="ddpm")


@pytest.fixture(scope="module")
def model(tiny_catalog: Catalog) -> ModelInfo:
    return tiny_catalog.get("tiny")


@pytest.fixture(scope="module")
def folders(model: ModelInfo) -> dict[str, Path]:
    return {part.role: part.path for part in model.parts}


@pytest.fixture(scope="module")
def family(model: ModelInfo, folders: dict[str, Path]) -> Kandinsky22:
    return load(model, folders, CPU)


@pytest.fixture(scope="module")
def embeds(folders: dict[str, Path]) -> dict[str, torch.Tensor]:
    prior: Any = KandinskyV22PriorPipeline.from_pretrained(folders["prior"])
    prior.set_progress_bar_config(disable=True)
    answer = prior("a cat", num_inference_steps=2, guidance_scale=1.5, generator=seeded(3))
    return {
        "image_embeds": answer.image_embeds,
        "negative_image_embeds": answer.negative_image_embeds,
    }


def stock(kind: Any, folder: Path, embeds: dict[str, torch.Tensor], **inputs: Any) -> Pixels:
    pipeline = kind.from_pretrained(folder)
    pipeline.set_progress_bar_config(disable=True)
    [image] = pipeline(
        **embeds,
        height=SIDE,
        width=SIDE,
        num_inference_steps=4,
        guidance_scale=2.0,
        generator=seeded(3),
        **inputs,
    ).images
    return np.asarray(image)


def test_a_picture_from_words_is_the_stock_pipelines(
    family: Kandinsky22, folders: dict[str, Path], embeds: dict[str, torch.Tensor]
) -> None:
    theirs = stock(KandinskyV22Pipeline, folders["decoder"], embeds)
    ours = family.text_to_image(brief(), RecordingDesk())
    assert np.abs(ours.astype(int) - theirs).max() <= 1


def test_an_inpaint_of_the_whole_picture_is_the_stock_pipelines(
    family: Kandinsky22, folders: dict[str, Path], embeds: dict[str, torch.Tensor]
) -> None:
    mask = box_mask(SIDE, SIDE, 0, 0, SIDE, SIDE)
    theirs = stock(KandinskyV22InpaintPipeline, folders["inpaint"], embeds, **_inputs(mask))
    ours = family.inpaint(brief(), SOURCE, mask, 1.0, RecordingDesk())
    assert np.abs(ours.astype(int) - theirs).max() <= 1


def test_the_inpainting_denoiser_sees_what_the_stock_pipeline_shows_it(
    family: Kandinsky22,
    folders: dict[str, Path],
    embeds: dict[str, torch.Tensor],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """But for two cells: the stock pipeline grows the mask into six of eight directions."""
    mask = box_mask(SIDE, SIDE, 16, 16, 40, 48)
    shown: list[torch.Tensor] = []
    answer = UNet2DConditionModel.forward

    def watch(unet: Any, sample: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        shown.append(sample[:1, 4:])
        return answer(unet, sample, *args, **kwargs)

    monkeypatch.setattr(UNet2DConditionModel, "forward", watch)
    stock(KandinskyV22InpaintPipeline, folders["inpaint"], embeds, **_inputs(mask))
    theirs = shown[-1]
    family.inpaint(brief(), SOURCE, mask, 1.0, RecordingDesk())
    differing = ((shown[-1] - theirs).abs() > 1e-4).any(dim=1)
    assert int(differing.sum()) == 2
    assert (shown[-1][:, -1] <= theirs[:, -1]).all()


@pytest.mark.parametrize("extent", [Extent(64, 64), Extent(96, 48), Extent(16, 64)])
def test_sizes_are_those_of_the_brief(family: Kandinsky22, extent: Extent) -> None:
    pixels = family.text_to_image(brief(extent=extent), RecordingDesk())
    assert pixels.shape == (extent.height, extent.width, 3)


@pytest.mark.parametrize("scheduler", ["ddim", "ddpm", "dpm++"])
def test_every_scheduler_paints_something_of_its_own_from_any_start(
    family: Kandinsky22, scheduler: str
) -> None:
    painted = brief(scheduler=scheduler, steps=6)
    whole = family.text_to_image(painted, RecordingDesk())
    part = family.image_to_image(painted, SOURCE, 0.5, RecordingDesk())
    assert whole.std() > 0 and part.std() > 0


def test_an_unknown_scheduler_is_refused_with_the_known_ones(family: Kandinsky22) -> None:
    with pytest.raises(RequestError, match=r"'magic': choose one of ddim, ddpm"):
        family.text_to_image(brief(scheduler="magic"), RecordingDesk())


def test_a_negative_prompt_changes_the_picture(family: Kandinsky22) -> None:
    plain = family.text_to_image(brief(), RecordingDesk())
    other = family.text_to_image(brief(negative_prompt="a dog"), RecordingDesk())
    assert (plain != other).any()


def test_a_weak_repaint_stays_nearer_to_the_source_than_a_strong_one(family: Kandinsky22) -> None:
    painted = brief(steps=10, scheduler="ddim")
    source = family.text_to_image(brief(seed=9), RecordingDesk())
    kept = family.image_to_image(painted, source, 0.1, RecordingDesk())
    lost = family.image_to_image(painted, source, 1.0, RecordingDesk())
    assert _distance(kept, source) < _distance(lost, source)


def test_a_variation_goes_by_the_source_and_not_by_words(family: Kandinsky22) -> None:
    first = family.variation(brief(), SOURCE, 1.0, RecordingDesk())
    same = family.variation(brief(prompt="a dog"), SOURCE, 1.0, RecordingDesk())
    other = family.variation(brief(), shaded(SIDE, SIDE, 5).rgb(), 1.0, RecordingDesk())
    assert (first == same).all()
    assert (first != other).any()


def test_an_inpaint_without_words_goes_by_its_surroundings(family: Kandinsky22) -> None:
    mask = box_mask(SIDE, SIDE, 16, 16, 40, 48)
    wordless = family.inpaint(brief(prompt=" "), SOURCE, mask, 1.0, RecordingDesk())
    worded = family.inpaint(brief(), SOURCE, mask, 1.0, RecordingDesk())
    assert (wordless != worded).any()


@pytest.mark.parametrize("stop_at", [1, 3, 5])
def test_cancelling_ends_the_job_before_another_step(family: Kandinsky22, stop_at: int) -> None:
    """Steps 1 and 2 are the prior's: no other prompt here has this seed."""
    desk = RecordingDesk(stop_at)
    with pytest.raises(JobStopped):
        family.text_to_image(brief(seed=100 + stop_at, steps=50), desk)
    assert desk.steps == stop_at


def test_the_prior_is_not_asked_twice_for_the_same_words_and_seed(family: Kandinsky22) -> None:
    first, second = RecordingDesk(), RecordingDesk()
    family.text_to_image(brief(seed=77), first)
    family.text_to_image(brief(seed=77), second)
    assert first.steps - second.steps == 2


def test_what_is_beyond_the_text_encoder_is_told(family: Kandinsky22) -> None:
    assert family.unread("short") == ""
    unread = family.unread("a b c d e f g h i j k l m n o p q r s t")
    assert unread.split() == list("opqrst")


def test_similarity_is_a_cosine_for_each_picture(family: Kandinsky22) -> None:
    scores = family.similarity("a cat", [SOURCE, shaded(40, 90, 2).rgb()])
    assert len(set(scores)) == 2
    assert all(-1 <= score <= 1 for score in scores)


def test_numbers_that_are_no_picture_are_found(model: ModelInfo, folders: dict[str, Path]) -> None:
    broken = load(model, folders, CPU)
    with torch.no_grad():
        broken.pipelines[1].unet.conv_out.weight.fill_(float("nan"))
    with pytest.raises(Unsound):
        broken.text_to_image(brief(), RecordingDesk())


def test_it_computes_in_the_machines_precision(model: ModelInfo, folders: dict[str, Path]) -> None:
    half = load(model, folders, Machine(CPU.device, torch.bfloat16, "CPU"))
    assert half.text_to_image(brief(), RecordingDesk()).shape == (64, 64, 3)
    modules = [part for pipeline in half.pipelines for part in pipeline.components.values()]
    dtypes = {part.dtype for part in modules if isinstance(part, torch.nn.Module)}
    assert dtypes == {torch.bfloat16}


def test_a_folder_that_holds_another_model_is_refused(
    model: ModelInfo, folders: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "model_index.json").write_text('{"_class_name": "Other"}')
    with pytest.raises(ModelError, match="Tiny cannot be loaded"):
        load(model, folders | {"decoder": tmp_path}, CPU)


def test_an_unknown_family_is_refused_with_the_known_ones(model: ModelInfo) -> None:
    import dataclasses

    with pytest.raises(ModelError, match="'cubism', which Sfumato does not know"):
        load_family(dataclasses.replace(model, family="cubism"), CPU)


def test_a_grey_mask_changes_the_picture_less_than_a_white_one(family: Kandinsky22) -> None:
    painted = brief(steps=10, scheduler="ddim")
    source = family.text_to_image(brief(seed=9), RecordingDesk())
    changes = []
    for value in (64, 255):
        mask = Picture.from_array(np.full((SIDE, SIDE), value, np.uint8))
        result = family.inpaint(painted, source, mask, 1.0, RecordingDesk())
        changes.append(_distance(result, source))
    assert changes[0] < changes[1]


def _inputs(mask: Picture) -> dict[str, Image.Image]:
    return {
        "image": Image.fromarray(SOURCE),
        "mask_image": Image.fromarray(mask.array()),
    }


def _distance(one: Pixels, other: Pixels) -> float:
    return float(np.abs(one.astype(int) - other.astype(int)).mean())
