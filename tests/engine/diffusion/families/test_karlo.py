"""Against the stock pipelines, which load the very same folders."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import UnCLIPImageVariationPipeline, UnCLIPPipeline
from PIL import Image

from studio.core.errors import ModelError
from studio.core.geometry import Extent
from studio.core.picture import Pixels
from studio.engine.desk import JobStopped
from studio.engine.diffusion.device.machine import Machine, seeded
from studio.engine.diffusion.families.karlo import Karlo, load
from studio.engine.diffusion.prompts.unclip_prior import SpacedUnclipScheduler
from studio.generation.catalog import ModelInfo, load_catalog
from tests.helpers.briefs import briefs
from tests.helpers.engine_runs import RecordingDesk, box_mask, shaded
from tests.helpers.machines import CPU
from tests.helpers.tiny import save_models

SIDE = 64
EXTENT = Extent(SIDE, SIDE)
SOURCE = shaded(SIDE, SIDE).rgb()
BOX = box_mask(SIDE, SIDE, 16, 16, 48, 48)
NOTHING = box_mask(SIDE, SIDE, 0, 0, 0, 0)
PRIOR_STEPS = 2
ENLARGING_STEPS = 7

brief = briefs(extent=EXTENT, guidance=8.0, scheduler="ddpm")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelInfo:
    folder = tmp_path_factory.mktemp("karlo")
    models = save_models(folder, ("karlo",))
    nowhere = folder / "nothing"
    return load_catalog(models, nowhere, nowhere, nowhere).get("tiny-karlo")


@pytest.fixture(scope="module")
def folders(model: ModelInfo) -> dict[str, Path]:
    return {part.role: part.path for part in model.parts}


@pytest.fixture(scope="module")
def family(model: ModelInfo, folders: dict[str, Path]) -> Karlo:
    return load(model, folders, CPU)


@pytest.fixture(scope="module")
def wordless(model: ModelInfo, folders: dict[str, Path]) -> Karlo:
    """Of the pipeline for variations alone."""
    return load(model, {"decoder": folders["decoder"]}, CPU)


@pytest.fixture(scope="module")
def words_alone(model: ModelInfo, folders: dict[str, Path]) -> Karlo:
    return load(model, {"pipeline": folders["pipeline"]}, CPU)


def stock(kind: Any, folder: Path) -> Any:
    pipeline = kind.from_pretrained(folder)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def same(one: Pixels, other: Any) -> bool:
    return bool(np.abs(one.astype(int) - np.asarray(other)).max() <= 1)


def test_a_picture_from_words_is_the_stock_pipelines(
    family: Karlo, folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """There one chain of chance runs through prior and decoder; here each begins with the seed."""
    pipeline, generator = stock(UnCLIPPipeline, folders["pipeline"]), seeded(3)
    project = pipeline.text_proj.forward

    def begin_anew(**inputs: Any) -> Any:
        generator.manual_seed(3)
        return project(**inputs)

    monkeypatch.setattr(pipeline.text_proj, "forward", begin_anew)
    [theirs] = pipeline(
        "a cat",
        prior_num_inference_steps=PRIOR_STEPS,
        decoder_num_inference_steps=3,
        generator=generator,
    ).images
    ours = family.text_to_image(brief(), RecordingDesk())
    assert ours.std() > 0
    assert same(ours, theirs)


def test_a_variation_is_the_stock_pipelines(family: Karlo, folders: dict[str, Path]) -> None:
    pipeline = stock(UnCLIPImageVariationPipeline, folders["decoder"])
    [theirs] = pipeline(
        Image.fromarray(SOURCE), decoder_num_inference_steps=3, generator=seeded(3)
    ).images
    ours = family.variation(brief(prompt="a dog"), SOURCE, 1.0, RecordingDesk())
    assert same(ours, theirs)


def test_what_two_pipelines_have_is_loaded_once(family: Karlo) -> None:
    first, second = family.pipelines
    assert first.decoder is second.decoder
    assert first.super_res_last is second.super_res_last


def test_beside_the_pipeline_for_words_the_image_encoder_is_enough(
    model: ModelInfo, folders: dict[str, Path], family: Karlo, tmp_path: Path
) -> None:
    for name in ("image_encoder", "feature_extractor"):
        shutil.copytree(folders["decoder"] / name, tmp_path / name)
    shutil.copy(folders["decoder"] / "model_index.json", tmp_path)
    small = load(model, {"pipeline": folders["pipeline"], "decoder": tmp_path}, CPU)
    pictures = [one.variation(brief(), SOURCE, 1.0, RecordingDesk()) for one in (small, family)]
    assert (pictures[0] == pictures[1]).all()


def test_a_variation_needs_no_prior(wordless: Karlo, family: Karlo) -> None:
    pictures = [one.variation(brief(), SOURCE, 1.0, RecordingDesk()) for one in (wordless, family)]
    assert (pictures[0] == pictures[1]).all()


def test_words_need_a_prior(wordless: Karlo) -> None:
    with pytest.raises(ModelError, match="has no prior, so it paints from pictures only"):
        wordless.text_to_image(brief(), RecordingDesk())


def test_without_an_image_encoder_a_variation_is_a_repaint(words_alone: Karlo) -> None:
    varied = words_alone.variation(brief(), SOURCE, 0.5, RecordingDesk())
    repainted = words_alone.image_to_image(brief(), SOURCE, 0.5, RecordingDesk())
    assert (varied == repainted).all()


def test_a_negative_prompt_changes_the_picture(family: Karlo) -> None:
    plain = family.text_to_image(brief(), RecordingDesk())
    other = family.text_to_image(brief(negative_prompt="a dog"), RecordingDesk())
    assert (plain != other).any()


@pytest.fixture
def plainly_enlarged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without super-resolution, which sees all of a small picture and has weights of chance."""
    monkeypatch.setattr(Karlo, "_decoded", lambda self, latents, *_: self._decode(latents))


@pytest.mark.usefixtures("plainly_enlarged")
def test_a_weak_repaint_stays_nearer_to_the_source_than_a_strong_one(family: Karlo) -> None:
    painted = brief(steps=10)
    kept = family.image_to_image(painted, SOURCE, 0.1, RecordingDesk())
    lost = family.image_to_image(painted, SOURCE, 1.0, RecordingDesk())
    assert _distance(kept, SOURCE) < _distance(lost, SOURCE)


@pytest.mark.usefixtures("plainly_enlarged")
def test_an_inpaint_keeps_the_small_picture_outside_the_mask(family: Karlo) -> None:
    kept = family.inpaint(brief(), SOURCE, NOTHING, 1.0, RecordingDesk())
    painted = family.inpaint(brief(), SOURCE, BOX, 1.0, RecordingDesk())
    changed = (painted != kept).any(axis=2)
    assert changed[16:48, 16:48].any()
    assert not changed[:4].any() and not changed[60:].any()


@pytest.mark.parametrize("extent", [Extent(64, 64), Extent(96, 32)])
def test_sizes_are_those_of_the_brief(family: Karlo, extent: Extent) -> None:
    pixels = family.text_to_image(brief(extent=extent), RecordingDesk())
    assert pixels.shape == (extent.height, extent.width, 3)


def test_half_precision_leads_near_to_what_full_precision_does(
    family: Karlo, model: ModelInfo, folders: dict[str, Path]
) -> None:
    machine = Machine(CPU.device, torch.bfloat16, "CPU")
    half = load(model, folders, machine)
    pictures = [one.image_to_image(brief(), SOURCE, 0.6, RecordingDesk()) for one in (half, family)]
    assert _distance(*pictures) < 5


def test_the_same_brief_gives_the_same_pixels(family: Karlo) -> None:
    first, second = (family.text_to_image(brief(), RecordingDesk()) for _ in range(2))
    assert (first == second).all()


@pytest.mark.parametrize("stop_at", [1, PRIOR_STEPS + 1, PRIOR_STEPS + 3 + ENLARGING_STEPS])
def test_cancelling_ends_the_job_before_another_step(family: Karlo, stop_at: int) -> None:
    desk = RecordingDesk(stop_at)
    with pytest.raises(JobStopped):
        family.text_to_image(brief(prompt=f"stop at {stop_at}"), desk)
    assert desk.steps == stop_at


def test_the_prior_is_not_asked_twice_for_the_same_words_and_seed(family: Karlo) -> None:
    first, second = RecordingDesk(), RecordingDesk()
    family.text_to_image(brief(prompt="seldom said"), first)
    family.text_to_image(brief(prompt="seldom said"), second)
    assert first.steps - second.steps == PRIOR_STEPS


def test_what_the_text_encoder_does_not_read_is_told(family: Karlo) -> None:
    assert family.unread("short") == ""
    assert len(family.unread(" ".join("abcdefgh" * 10)).split()) == 80 - 75


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_the_scheduler_ends_at_no_noise_from_any_number_of_steps(steps: int) -> None:
    scheduler = SpacedUnclipScheduler(prediction_type="sample", clip_sample=False)
    scheduler.set_timesteps(steps)
    sample, clean = torch.randn(1, 4, generator=seeded(0)), torch.ones(1, 4)
    assert len(scheduler.timesteps) == steps
    for timestep in scheduler.timesteps:
        sample = scheduler.step(clean, timestep, sample, seeded(1)).prev_sample
    assert torch.allclose(sample, clean, atol=0.02)


def _distance(one: Pixels, other: Pixels) -> float:
    return float(np.abs(one.astype(int) - other.astype(int)).mean())
