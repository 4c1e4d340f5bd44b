"""Against the stock pipelines, which load the very same folders."""

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import (
    StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLInpaintPipeline,
    StableDiffusionXLInstructPix2PixPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from PIL import Image

from studio.core.errors import ModelError
from studio.core.geometry import Extent
from studio.core.picture import Pixels
from studio.engine.desk import JobStopped
from studio.engine.diffusion.device.machine import seeded
from studio.engine.diffusion.families.stable_diffusion_xl import StableDiffusionXL, load
from studio.engine.diffusion.sampling.schedulers import NOISE_SCHEDULERS
from studio.generation.catalog import Catalog
from tests.helpers.briefs import briefs
from tests.helpers.engine_runs import RecordingDesk, box_mask, shaded
from tests.helpers.machines import CPU
from tests.helpers.tiny_family import loaded, saved_models

HALF = dataclasses.replace(CPU, dtype=torch.float16)
EXTENT = Extent(64, 48)
SOURCE = shaded(*EXTENT).rgb()
BOX = box_mask(*EXTENT, 16, 16, 40, 32)
STEPS = 5

brief = briefs(negative_prompt="a dog", extent=EXTENT, steps=STEPS, guidance=3.0, scheduler="euler")


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return saved_models(tmp_path_factory.mktemp("xl"), "stable_diffusion_xl")


@pytest.fixture(scope="module")
def folder(catalog: Catalog) -> Path:
    """In which all pipelines are."""
    return catalog.get("tiny-xl").parts[0].path.parent


@pytest.fixture(scope="module")
def plain(catalog: Catalog) -> Any:
    return loaded(catalog.get("tiny-xl"))


@pytest.fixture(scope="module")
def refined(catalog: Catalog) -> Any:
    """With a refiner, and denoisers for inpainting and for instructions."""
    return loaded(catalog.get("tiny-xl-all"))


def stock(kind: Any, folder: Path, **inputs: Any) -> Any:
    pipeline = kind.from_pretrained(folder, add_watermarker=False)
    pipeline.set_progress_bar_config(disable=True)
    values = {
        "prompt": "a cat",
        "negative_prompt": "a dog",
        "guidance_scale": 3.0,
        "num_inference_steps": STEPS,
        "generator": seeded(3),
    }
    [image] = pipeline(**(values | inputs)).images
    return image


def sized(**inputs: Any) -> dict[str, Any]:
    return {"width": EXTENT.width, "height": EXTENT.height, **inputs}


def same(one: Pixels, other: Any) -> bool:
    return bool(np.abs(one.astype(int) - np.asarray(other)).max() <= 1)


@pytest.mark.parametrize("unwanted", ["a dog", ""])
def test_a_picture_from_words_is_the_stock_pipelines(
    plain: StableDiffusionXL, folder: Path, unwanted: str
) -> None:
    """Which tells nothing at all in the place of an empty negative prompt."""
    ours = plain.text_to_image(brief(negative_prompt=unwanted), RecordingDesk())
    theirs = stock(
        StableDiffusionXLPipeline, folder / "base", **sized(negative_prompt=unwanted or None)
    )
    assert ours.std() > 0
    assert same(ours, theirs)


def test_the_refiner_makes_the_last_steps_as_the_stock_pipeline_does(
    refined: StableDiffusionXL, folder: Path
) -> None:
    ours = refined.text_to_image(brief(), RecordingDesk())
    latents = stock(
        StableDiffusionXLPipeline,
        folder / "base",
        **sized(denoising_end=0.8, output_type="latent"),
    )
    theirs = stock(
        StableDiffusionXLImg2ImgPipeline,
        folder / "refiner",
        image=latents[None],
        denoising_start=0.8,
    )
    assert same(ours, theirs)


def test_the_refiner_needs_nothing_beside_its_denoiser(
    catalog: Catalog, folder: Path, refined: StableDiffusionXL, tmp_path: Path
) -> None:
    for name in ("unet", "scheduler"):
        shutil.copytree(folder / "refiner" / name, tmp_path / name)
    shutil.copy(folder / "refiner" / "model_index.json", tmp_path)
    parts = {"pipeline": folder / "base", "refiner": tmp_path}
    pictures = [
        family.text_to_image(brief(), RecordingDesk())
        for family in (refined, load(catalog.get("tiny-xl"), parts, CPU))
    ]
    assert (pictures[0] == pictures[1]).all()


def test_the_refiner_alone_repaints_pictures_as_the_stock_pipeline_does(
    catalog: Catalog, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for chance: it draws the source's latents, and noise after them; so ours is given."""
    refiner = loaded(catalog.get("tiny-xl-refiner"))
    noise = torch.randn((1, 4, 6, 8), generator=seeded(3))
    monkeypatch.setattr(
        StableDiffusionXLImg2ImgPipeline,
        "prepare_latents",
        lambda self, image, timestep, *rest, **more: self.scheduler.add_noise(
            refiner._encoded(SOURCE), noise, timestep
        ),
    )
    ours = refiner.image_to_image(brief(), SOURCE, 0.6, RecordingDesk())
    theirs = stock(
        StableDiffusionXLImg2ImgPipeline,
        folder / "refiner",
        image=Image.fromarray(SOURCE),
        strength=0.6,
    )
    assert same(ours, theirs)


@pytest.fixture
def mean_latents(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stock pipeline draws its latents of the known picture by chance; ours are the mean."""
    monkeypatch.setattr(
        DiagonalGaussianDistribution, "sample", lambda self, generator=None: self.mode()
    )


@pytest.mark.usefixtures("mean_latents")
def test_an_inpaint_of_the_whole_picture_is_the_stock_pipelines(
    catalog: Catalog, folder: Path
) -> None:
    mask = box_mask(*EXTENT, 0, 0, *EXTENT)
    ours = loaded(catalog.get("tiny-xl-inpaint")).inpaint(
        brief(), SOURCE, mask, 1.0, RecordingDesk()
    )
    theirs = stock(
        StableDiffusionXLInpaintPipeline,
        folder / "inpaint",
        **sized(
            image=Image.fromarray(SOURCE), mask_image=Image.fromarray(mask.array()), strength=1.0
        ),
    )
    assert same(ours, theirs)


def test_an_edit_is_the_stock_pipelines(catalog: Catalog, folder: Path) -> None:
    ours = loaded(catalog.get("tiny-xl-edit")).edit(brief(), [SOURCE], RecordingDesk())
    theirs = stock(
        StableDiffusionXLInstructPix2PixPipeline,
        folder / "edit",
        **sized(image=Image.fromarray(SOURCE), image_guidance_scale=1.5),
    )
    assert same(ours, theirs)


def test_every_task_is_refined_where_there_is_a_refiner_but_instructions(
    refined: StableDiffusionXL, plain: StableDiffusionXL, catalog: Catalog
) -> None:
    for task in ("image_to_image", "variation"):
        pictures = [
            getattr(family, task)(brief(), SOURCE, 0.8, RecordingDesk())
            for family in (refined, plain)
        ]
        assert (pictures[0] != pictures[1]).any()
    edits = [
        family.edit(brief(), [SOURCE], RecordingDesk())
        for family in (refined, loaded(catalog.get("tiny-xl-edit")))
    ]
    assert (edits[0] == edits[1]).all()


@pytest.mark.parametrize("guidance", [0.0, 1.0])
def test_distilled_models_are_asked_once_a_step_from_full_noise_on(
    plain: StableDiffusionXL, monkeypatch: pytest.MonkeyPatch, guidance: float
) -> None:
    asked: list[tuple[int, int]] = []
    answer = UNet2DConditionModel.forward

    def watch(unet: Any, sample: torch.Tensor, timestep: torch.Tensor, **more: Any) -> Any:
        asked.append((len(sample), int(timestep)))
        return answer(unet, sample, timestep, **more)

    monkeypatch.setattr(UNet2DConditionModel, "forward", watch)
    plain.text_to_image(brief(guidance=guidance, steps=4), RecordingDesk())
    assert asked == [(1, 999), (1, 749), (1, 499), (1, 249)]


@pytest.mark.parametrize("scheduler", NOISE_SCHEDULERS)
@pytest.mark.parametrize("guidance", [0.0, 3.0])
def test_every_scheduler_paints_something_of_its_own_from_any_start(
    plain: StableDiffusionXL, scheduler: str, guidance: float
) -> None:
    painted = brief(scheduler=scheduler, steps=4, guidance=guidance)
    pictures = [
        plain.text_to_image(painted, RecordingDesk()),
        plain.image_to_image(painted, SOURCE, 0.25, RecordingDesk()),
        plain.inpaint(painted, SOURCE, BOX, 0.75, RecordingDesk()),
    ]
    assert all(picture.std() > 0 for picture in pictures)


def test_a_long_prompt_is_read_by_both_towers(plain: StableDiffusionXL) -> None:
    long = " ".join("abcdefgh" * 20)
    pictures = [
        plain.text_to_image(brief(prompt=prompt), RecordingDesk()) for prompt in (long, f"{long} x")
    ]
    assert (pictures[0] != pictures[1]).any()


@pytest.mark.parametrize("stop_at", [1, STEPS - 1])
def test_cancelling_ends_the_job_before_another_step(
    refined: StableDiffusionXL, stop_at: int
) -> None:
    desk = RecordingDesk(stop_at)
    with pytest.raises(JobStopped):
        refined.text_to_image(brief(), desk)
    assert desk.steps == stop_at


def test_an_autoencoder_that_overflows_in_half_precision_computes_in_the_full_one(
    catalog: Catalog, plain: StableDiffusionXL
) -> None:
    family = loaded(catalog.get("tiny-xl-all"), HALF)
    base = family.pipelines[0]
    assert (base.vae.dtype, base.unet.dtype) == (torch.float32, torch.float16)
    ours = family.text_to_image(brief(), RecordingDesk())
    assert ours.std() > 0
    assert family.inpaint(brief(), SOURCE, BOX, 1.0, RecordingDesk()).std() > 0
    assert family.edit(brief(), [SOURCE], RecordingDesk()).std() > 0
    assert family.pipelines[-1].vae is base.vae


def test_another_autoencoder_is_kept_in_half_precision_if_it_does_not_overflow(
    catalog: Catalog, folder: Path, tmp_path: Path
) -> None:
    base: Any = StableDiffusionXLPipeline.from_pretrained(folder / "base")
    base.vae.register_to_config(force_upcast=False)
    base.vae.save_pretrained(tmp_path)
    parts = {"pipeline": folder / "base", "vae": tmp_path}
    family = load(catalog.get("tiny-xl"), parts, HALF)
    assert family.pipelines[0].vae.dtype is torch.float16


def test_another_familys_folder_is_refused(catalog: Catalog, tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text('{"_class_name": "Other"}')
    with pytest.raises(ModelError, match="Tiny-Xl cannot be loaded"):
        load(catalog.get("tiny-xl"), {"pipeline": tmp_path}, CPU)
