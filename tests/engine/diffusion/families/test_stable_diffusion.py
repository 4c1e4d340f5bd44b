"""Against the stock pipelines, which load the very same folders."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import (
    DiffusionPipeline,
    PNDMScheduler,
    StableDiffusionInpaintPipeline,
    StableDiffusionInstructPix2PixPipeline,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from PIL import Image
from safetensors.torch import save_file
from transformers import CLIPTextModel

from studio import paths
from studio.core.errors import ModelError, RequestError
from studio.core.geometry import Extent
from studio.core.picture import Picture, Pixels
from studio.engine.desk import JobStopped
from studio.engine.diffusion.bases import latent
from studio.engine.diffusion.bases.family import Unsound
from studio.engine.diffusion.device.machine import Machine, seeded
from studio.engine.diffusion.families.stable_diffusion import StableDiffusion, load
from studio.engine.diffusion.latents.planes import cells_to_change
from studio.engine.diffusion.latents.tiles import in_tiles
from studio.engine.diffusion.sampling.schedulers import NOISE_SCHEDULERS
from studio.engine.protocol import Note
from studio.generation.catalog import Catalog
from tests.helpers.briefs import briefs
from tests.helpers.engine_runs import RecordingDesk, box_mask, of_kind, shaded
from tests.helpers.machines import CPU
from tests.helpers.tiny import stable_diffusion
from tests.helpers.tiny.parts import seed_weights
from tests.helpers.tiny_family import loaded, saved_models

EXTENT = Extent(64, 48)
SOURCE = shaded(*EXTENT).rgb()
BOX = box_mask(*EXTENT, 16, 16, 40, 32)

brief = briefs(negative_prompt="a dog", extent=EXTENT, guidance=3.0, scheduler="ddim")


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return saved_models(tmp_path_factory.mktemp("sd"), "stable_diffusion")


@pytest.fixture(scope="module")
def folder(catalog: Catalog) -> Path:
    """In which all pipelines are."""
    return catalog.get("tiny-sd").parts[0].path.parent


@pytest.fixture(scope="module")
def plain(catalog: Catalog) -> Any:
    return loaded(catalog.get("tiny-sd"))


@pytest.fixture(scope="module")
def whole(catalog: Catalog) -> Any:
    """With denoisers for inpainting and for instructions."""
    return loaded(catalog.get("tiny-sd-all"))


def stock(kind: Any, folder: Path, **inputs: Any) -> Pixels:
    pipeline = kind.from_pretrained(folder)
    pipeline.set_progress_bar_config(disable=True)
    values = {
        "prompt": "a cat",
        "negative_prompt": "a dog",
        "guidance_scale": 3.0,
        "num_inference_steps": 3,
        "generator": seeded(3),
    }
    [image] = pipeline(**(values | inputs)).images
    return np.asarray(image)


def sized(**inputs: Any) -> dict[str, Any]:
    return {"width": EXTENT.width, "height": EXTENT.height, **inputs}


def same(one: Pixels, other: Pixels) -> bool:
    return bool(np.abs(one.astype(int) - other).max() <= 1)


@pytest.mark.parametrize("guidance", [3.0, 1.5])
def test_a_picture_from_words_is_the_stock_pipelines(
    plain: StableDiffusion, folder: Path, guidance: float
) -> None:
    ours = plain.text_to_image(brief(guidance=guidance), RecordingDesk())
    theirs = stock(StableDiffusionPipeline, folder / "plain", **sized(guidance_scale=guidance))
    assert ours.std() > 0
    assert same(ours, theirs)


def test_version_2_answers_with_velocities_as_in_the_stock_pipeline(
    catalog: Catalog, folder: Path
) -> None:
    ours = loaded(catalog.get("tiny-sd-2")).text_to_image(brief(), RecordingDesk())
    assert same(ours, stock(StableDiffusionPipeline, folder / "second", **sized()))


def test_without_guidance_the_unwanted_is_not_asked_for(plain: StableDiffusion) -> None:
    one = plain.text_to_image(brief(guidance=1.0), RecordingDesk())
    other = plain.text_to_image(brief(guidance=0.0, negative_prompt="rain"), RecordingDesk())
    assert (one == other).all()


def test_it_is_said_that_the_unwanted_is_not_asked_for(plain: StableDiffusion) -> None:
    desk = RecordingDesk()
    plain.text_to_image(brief(guidance=1.0, negative_prompt=" "), desk)
    assert not of_kind(desk.events, Note)
    plain.text_to_image(brief(guidance=1.0), desk)
    [note] = of_kind(desk.events, Note)
    assert note.message == "Tiny-Sd reads no negative prompt up to a guidance of 1."


def test_a_model_that_is_asked_without_guidance_begins_at_full_noise(
    plain: StableDiffusion, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = shown_to_unets(monkeypatch)
    plain.text_to_image(brief(guidance=1.0), RecordingDesk())
    plain.text_to_image(brief(), RecordingDesk())
    assert [int(timestep) for _, timestep in shown] == [999, 666, 332, 667, 334, 1]


@pytest.mark.parametrize("scheduler", NOISE_SCHEDULERS)
def test_it_does_so_too_where_its_configuration_does_not_speak_of_it(
    plain: StableDiffusion, scheduler: str
) -> None:
    """As that of the first version, whose scheduler is of a kind that is not ours."""
    published: Any = PNDMScheduler.from_pretrained(paths.resources() / "configs/sd-1/scheduler")
    for guidance, is_distilled in ((1.0, True), (3.0, False)):
        asked = brief(scheduler=scheduler, guidance=guidance, steps=4)
        made = plain._scheduler_with(published.config, asked)
        assert len(made.timesteps) == 4
        assert (made.config.timestep_spacing == "trailing") == is_distilled


def shown_to_unets(monkeypatch: pytest.MonkeyPatch) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """What every UNet is shown from now on: what is first in the batch, and the timestep."""
    shown: list[tuple[torch.Tensor, torch.Tensor]] = []
    answer = UNet2DConditionModel.forward

    def watch(unet: Any, sample: torch.Tensor, timestep: torch.Tensor, **more: Any) -> Any:
        shown.append((sample[:1].clone(), timestep))
        return answer(unet, sample, timestep, **more)

    monkeypatch.setattr(UNet2DConditionModel, "forward", watch)
    return shown


def inpainted(mask: Picture) -> dict[str, Any]:
    return sized(
        image=Image.fromarray(SOURCE), mask_image=Image.fromarray(mask.array()), strength=1.0
    )


@pytest.fixture
def mean_latents(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stock pipeline draws its latents of the known picture by chance; ours are the mean."""
    monkeypatch.setattr(
        DiagonalGaussianDistribution, "sample", lambda self, generator=None: self.mode()
    )


@pytest.mark.usefixtures("mean_latents")
def test_an_inpaint_of_the_whole_picture_is_the_stock_pipelines(
    whole: StableDiffusion, folder: Path
) -> None:
    mask = box_mask(*EXTENT, 0, 0, *EXTENT)
    ours = whole.inpaint(brief(), SOURCE, mask, 1.0, RecordingDesk())
    theirs = stock(StableDiffusionInpaintPipeline, folder / "inpaint", **inpainted(mask))
    assert same(ours, theirs)


@pytest.mark.usefixtures("mean_latents")
def test_the_inpainting_denoiser_sees_what_the_stock_pipeline_shows_it(
    whole: StableDiffusion, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose mask is given already grown by a cell, as ours grows it."""
    cells = (cells_to_change(BOX, 8) * 255).astype(np.uint8)
    grown = Picture.from_array(np.kron(cells, np.ones((8, 8), np.uint8)))
    shown = shown_to_unets(monkeypatch)
    stock(StableDiffusionInpaintPipeline, folder / "inpaint", **inpainted(grown))
    theirs = shown[-1][0]
    whole.inpaint(brief(), SOURCE, BOX, 1.0, RecordingDesk())
    ours = shown[-1][0]
    assert ours.shape[1] == 9
    assert torch.allclose(ours[:, 4:], theirs[:, 4:], atol=1e-3)


def test_nothing_that_is_masked_is_shown(
    whole: StableDiffusion, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = shown_to_unets(monkeypatch)
    filled = np.where(BOX.array()[..., None] > 0, np.uint8(255), SOURCE)
    for source in (SOURCE, filled):
        whole.inpaint(brief(), source, BOX, 1.0, RecordingDesk())
    assert torch.equal(shown[0][0][:, 4:], shown[-1][0][:, 4:])


def test_an_inpainting_checkpoint_alone_paints_from_words_as_if_all_were_masked(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    family, shown = loaded(catalog.get("tiny-sd-inpaint")), shown_to_unets(monkeypatch)
    assert family.text_to_image(brief(), RecordingDesk()).std() > 0
    assert (shown[0][0][:, 4] == 1).all()


def test_an_edit_is_the_stock_pipelines(whole: StableDiffusion, folder: Path) -> None:
    ours = whole.edit(brief(), [SOURCE], RecordingDesk())
    theirs = stock(
        StableDiffusionInstructPix2PixPipeline, folder / "edit", image=Image.fromarray(SOURCE)
    )
    assert same(ours, theirs)


def test_an_edit_without_guidance_still_sees_the_picture(whole: StableDiffusion) -> None:
    edits = [
        whole.edit(brief(guidance=1.0), [source], RecordingDesk())
        for source in (SOURCE, SOURCE[::-1].copy())
    ]
    assert (edits[0] != edits[1]).any()


def test_it_is_said_that_an_edit_looks_at_one_picture(whole: StableDiffusion) -> None:
    desk = RecordingDesk()
    several = whole.edit(brief(), [SOURCE, SOURCE[::-1].copy()], desk)
    [note] = of_kind(desk.events, Note)
    assert "looks at one picture" in note.message
    assert (several == whole.edit(brief(), [SOURCE], RecordingDesk())).all()


def test_an_editor_alone_paints_from_words(catalog: Catalog) -> None:
    editor = loaded(catalog.get("tiny-sd-edit"))
    assert editor.text_to_image(brief(), RecordingDesk()).std() > 0
    assert len(editor.pipelines) == 1


def test_a_model_that_was_not_taught_to_follows_no_instructions(plain: StableDiffusion) -> None:
    with pytest.raises(ModelError, match="follows no instructions"):
        plain.edit(brief(), [SOURCE], RecordingDesk())


def test_further_denoisers_are_loaded_when_needed_and_share_the_rest(catalog: Catalog) -> None:
    family = loaded(catalog.get("tiny-sd-all"))
    assert len(family.pipelines) == 1
    family.inpaint(brief(), SOURCE, BOX, 1.0, RecordingDesk())
    base, inpainter = family.pipelines[0], family.pipelines[-1]
    assert inpainter.vae is base.vae and inpainter.text_encoder is base.text_encoder
    assert inpainter.unet is not base.unet


def test_a_further_denoiser_needs_nothing_beside_it(
    catalog: Catalog, folder: Path, whole: StableDiffusion, tmp_path: Path
) -> None:
    for name in ("unet", "scheduler"):
        shutil.copytree(folder / "inpaint" / name, tmp_path / name)
    shutil.copy(folder / "inpaint" / "model_index.json", tmp_path)
    parts = {"pipeline": folder / "plain", "inpaint": tmp_path}
    pictures = [
        family.inpaint(brief(), SOURCE, BOX, 1.0, RecordingDesk())
        for family in (whole, load(catalog.get("tiny-sd"), parts, CPU))
    ]
    assert (pictures[0] == pictures[1]).all()


def test_a_part_that_cannot_do_its_task_is_named(catalog: Catalog, folder: Path) -> None:
    parts = {"pipeline": folder / "plain", "inpaint": folder / "edit"}
    family = load(catalog.get("tiny-sd"), parts, CPU)
    with pytest.raises(ModelError, match="holds no model to inpaint with"):
        family.inpaint(brief(), SOURCE, BOX, 1.0, RecordingDesk())


def test_a_denoiser_that_reads_otherwise_is_no_part_of_the_model(
    catalog: Catalog, folder: Path, tmp_path: Path
) -> None:
    other = stable_diffusion.pipeline(StableDiffusionInpaintPipeline, 9, cross_attention_dim=16)
    other.save_pretrained(tmp_path)
    parts = {"pipeline": folder / "plain", "inpaint": tmp_path}
    family = load(catalog.get("tiny-sd"), parts, CPU)
    with pytest.raises(ModelError, match="holds no model to inpaint with"):
        family.inpaint(brief(), SOURCE, BOX, 1.0, RecordingDesk())


@pytest.mark.parametrize(("task", "encoded"), [("inpaint", 2), ("edit", 1)])
def test_what_the_denoiser_sees_is_encoded_in_tiles_where_memory_is_short(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, task: str, encoded: int
) -> None:
    tiled: list[tuple[int, ...]] = []

    def watch(work: Any, planes: torch.Tensor, *sides: int) -> torch.Tensor:
        tiled.append(tuple(planes.shape[1:]))
        return in_tiles(work, planes, *sides)

    monkeypatch.setattr(latent, "in_tiles", watch)
    family = loaded(catalog.get("tiny-sd-all"))
    family.tiled = True
    if task == "edit":
        family.edit(brief(), [SOURCE], RecordingDesk())
    else:
        family.inpaint(brief(), SOURCE, BOX, 1.0, RecordingDesk())
    picture, latents = (3, EXTENT.height, EXTENT.width), (4, 6, 8)
    assert tiled == [picture] * encoded + [latents]


def test_an_image_to_image_starts_from_the_noised_source(
    plain: StableDiffusion, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = shown_to_unets(monkeypatch)
    plain.image_to_image(brief(steps=4), SOURCE, 0.5, RecordingDesk())
    assert [int(timestep) for _, timestep in shown] == [251, 1]
    scheduler = plain._scheduler(brief(steps=4))
    noise = torch.randn((1, 4, 6, 8), generator=seeded(3))
    noised = scheduler.add_noise(plain._encoded(SOURCE), noise, torch.tensor([251]))
    assert torch.allclose(shown[0][0], noised, atol=1e-5)


def test_a_composed_inpaint_keeps_the_latents_outside_the_mask(plain: StableDiffusion) -> None:
    """But for what the autoencoder makes of latents: its own picture is the measure."""
    own = plain.text_to_image(brief(seed=9), RecordingDesk())
    nothing = Picture.from_array(np.zeros(own.shape[:2], np.uint8))
    kept = plain.inpaint(brief(), own, nothing, 1.0, RecordingDesk())
    painted = plain.inpaint(brief(), own, BOX, 1.0, RecordingDesk())
    far, masked = np.s_[:, 60:], np.s_[16:32, 16:40]
    assert distance(painted[far], kept[far]) < distance(painted[masked], kept[masked])


def distance(one: Pixels, other: Pixels) -> float:
    return float(np.abs(one.astype(int) - other).mean())


@pytest.mark.parametrize("scheduler", NOISE_SCHEDULERS)
def test_every_scheduler_paints_something_of_its_own_from_any_start(
    plain: StableDiffusion, scheduler: str
) -> None:
    """Without guidance, where its timesteps trail; the stock ones lead."""
    painted = brief(scheduler=scheduler, steps=6, guidance=0.0)
    whole = plain.text_to_image(painted, RecordingDesk())
    parts = [
        plain.image_to_image(painted, SOURCE, strength, RecordingDesk())
        for strength in (0.1, 0.5, 0.9)
    ]
    held = plain.inpaint(painted, SOURCE, BOX, 0.7, RecordingDesk())
    assert all(picture.std() > 0 for picture in (whole, held, *parts))
    assert len({picture.tobytes() for picture in (whole, *parts)}) == 4


@pytest.mark.parametrize("scheduler", ["ddim", "dpm++", "euler", "euler-a", "unipc"])
def test_every_scheduler_is_the_stock_one(
    plain: StableDiffusion, folder: Path, scheduler: str
) -> None:
    pipeline: Any = StableDiffusionPipeline.from_pretrained(folder / "plain")
    pipeline.scheduler = NOISE_SCHEDULERS[scheduler](pipeline.scheduler.config)
    pipeline.set_progress_bar_config(disable=True)
    [theirs] = pipeline(
        "a cat",
        negative_prompt="a dog",
        guidance_scale=3.0,
        num_inference_steps=5,
        generator=seeded(3),
        **sized(),
    ).images
    ours = plain.text_to_image(brief(scheduler=scheduler, steps=5), RecordingDesk())
    assert same(ours, np.asarray(theirs))


def test_an_unknown_scheduler_is_refused_with_the_known_ones(plain: StableDiffusion) -> None:
    with pytest.raises(RequestError, match=r"'magic': choose one of ddim, ddpm"):
        plain.text_to_image(brief(scheduler="magic"), RecordingDesk())


def test_more_steps_than_a_scheduler_can_make_are_refused(plain: StableDiffusion) -> None:
    with pytest.raises(RequestError, match="lcm does not make 60 steps"):
        plain.text_to_image(brief(scheduler="lcm", steps=60), RecordingDesk())


@pytest.mark.parametrize("extent", [Extent(64, 64), Extent(16, 64), Extent(96, 48)])
def test_sizes_are_those_of_the_brief(plain: StableDiffusion, extent: Extent) -> None:
    pixels = plain.text_to_image(brief(extent=extent), RecordingDesk())
    assert pixels.shape == (extent.height, extent.width, 3)


def test_the_same_brief_gives_the_same_pixels(plain: StableDiffusion) -> None:
    first, second = (plain.text_to_image(brief(), RecordingDesk()) for _ in range(2))
    assert (first == second).all()


@pytest.mark.parametrize("stop_at", [1, 2, 3])
@pytest.mark.parametrize("task", ["words", "inpaint", "edit"])
def test_cancelling_ends_the_job_before_another_step(
    whole: StableDiffusion, task: str, stop_at: int
) -> None:
    desk, long = RecordingDesk(stop_at), brief(steps=50)
    with pytest.raises(JobStopped):
        match task:
            case "words":
                whole.text_to_image(long, desk)
            case "inpaint":
                whole.inpaint(long, SOURCE, BOX, 1.0, desk)
            case "edit":
                whole.edit(long, [SOURCE], desk)
    assert desk.steps == stop_at


def test_the_same_words_are_not_read_twice(
    plain: StableDiffusion, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain.text_to_image(brief(prompt="seldom said"), RecordingDesk())
    monkeypatch.setattr(CLIPTextModel, "forward", None)
    plain.text_to_image(brief(prompt="seldom said", seed=4), RecordingDesk())


def test_a_long_prompt_is_read_to_its_end(plain: StableDiffusion) -> None:
    """A letter is a token here."""
    long = " ".join("abcdefgh" * 20)
    assert plain.unread(long) == ""
    pictures = [
        plain.text_to_image(brief(prompt=prompt), RecordingDesk())
        for prompt in (long, f"{long} x", f"{long} y")
    ]
    assert len({picture.tobytes() for picture in pictures}) == 3


def test_numbers_that_are_no_picture_are_found(catalog: Catalog) -> None:
    broken = loaded(catalog.get("tiny-sd"))
    with torch.no_grad():
        broken.pipelines[0].unet.conv_out.weight.fill_(float("nan"))
    with pytest.raises(Unsound):
        broken.text_to_image(brief(), RecordingDesk())


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_fewer_bits_give_nearly_the_same_picture(
    catalog: Catalog, plain: StableDiffusion, dtype: torch.dtype
) -> None:
    family = loaded(catalog.get("tiny-sd-all"), Machine(torch.device("cpu"), dtype, "CPU"))
    precise = plain.text_to_image(brief(), RecordingDesk())
    assert distance(family.text_to_image(brief(), RecordingDesk()), precise) < 8
    assert family.inpaint(brief(), SOURCE, BOX, 0.8, RecordingDesk()).std() > 0
    assert family.edit(brief(), [SOURCE], RecordingDesk()).std() > 0


def test_an_autoencoder_of_ones_own_takes_the_place_of_the_models(
    catalog: Catalog, folder: Path, plain: StableDiffusion
) -> None:
    parts = {"pipeline": folder / "plain", "vae": folder / "second" / "vae"}
    family = load(catalog.get("tiny-sd"), parts, CPU)
    ours = family.text_to_image(brief(), RecordingDesk())
    other: Any = DiffusionPipeline.from_pretrained(folder / "second")
    assert torch.equal(
        family.pipelines[0].vae.decoder.conv_in.weight, other.vae.decoder.conv_in.weight
    )
    assert ours.shape == plain.text_to_image(brief(), RecordingDesk()).shape


def test_a_denoiser_in_one_file_takes_the_place_of_the_pipelines(
    catalog: Catalog, folder: Path, tmp_path: Path
) -> None:
    seed_weights(9)
    other, file = stable_diffusion.unet(), tmp_path / "painter.safetensors"
    save_file(other.state_dict(), file)
    model, parts = catalog.get("tiny-sd"), {"pipeline": folder / "plain", "transformer": file}
    family = load(model, parts, CPU)
    assert torch.equal(family.pipelines[0].unet.conv_out.weight, other.conv_out.weight)


def test_a_denoiser_that_does_not_fit_is_refused(
    catalog: Catalog, folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "other.safetensors"
    save_file(stable_diffusion.unet(cross_attention_dim=16).state_dict(), file)
    with pytest.raises(ModelError, match="cannot be loaded"):
        load(catalog.get("tiny-sd"), {"pipeline": folder / "plain", "transformer": file}, CPU)


def test_another_familys_folder_is_refused(catalog: Catalog, tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text('{"_class_name": "Other"}')
    with pytest.raises(ModelError, match="Tiny-Sd cannot be loaded"):
        load(catalog.get("tiny-sd"), {"pipeline": tmp_path}, CPU)


def test_a_model_without_weights_to_paint_with_says_so(catalog: Catalog, folder: Path) -> None:
    with pytest.raises(ModelError, match="has no weights to paint with"):
        load(catalog.get("tiny-sd"), {"vae": folder / "plain" / "vae"}, CPU)
