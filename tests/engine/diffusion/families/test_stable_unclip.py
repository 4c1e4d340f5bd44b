"""Against the stock pipelines, which load the very same folders."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import PriorTransformer, StableUnCLIPImg2ImgPipeline, StableUnCLIPPipeline
from PIL import Image

from studio.core.errors import ModelError
from studio.core.geometry import Extent
from studio.core.picture import Pixels
from studio.engine.desk import JobStopped
from studio.engine.diffusion.device.machine import Machine, seeded
from studio.engine.diffusion.families.stable_unclip import StableUnclip, load
from studio.generation.catalog import Catalog, ModelInfo, load_catalog
from tests.helpers.briefs import briefs
from tests.helpers.engine_runs import RecordingDesk, box_mask, shaded
from tests.helpers.machines import CPU
from tests.helpers.tiny import save_models

EXTENT = Extent(96, 64)
SOURCE = shaded(*EXTENT).rgb()
BOX = box_mask(*EXTENT, 16, 16, 64, 48)
NOTHING = box_mask(*EXTENT, 0, 0, 0, 0)
PRIOR_STEPS = 2

brief = briefs(extent=EXTENT, guidance=8.0, scheduler="ddim")


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    folder = tmp_path_factory.mktemp("unclip")
    models = save_models(folder, ("stable_unclip",))
    nowhere = folder / "nothing"
    return load_catalog(models, nowhere, nowhere, nowhere)


@pytest.fixture(scope="module")
def model(catalog: Catalog) -> ModelInfo:
    return catalog.get("tiny-unclip")


@pytest.fixture(scope="module")
def folders(catalog: Catalog, model: ModelInfo) -> dict[str, Path]:
    [words] = catalog.get("tiny-unclip-words").parts
    return {"words": words.path, **{part.role: part.path for part in model.parts}}


@pytest.fixture(scope="module")
def family(model: ModelInfo, folders: dict[str, Path]) -> StableUnclip:
    """For pictures, with a prior."""
    return load(model, {role: folders[role] for role in ("pipeline", "prior")}, CPU)


@pytest.fixture(scope="module")
def words_alone(model: ModelInfo, folders: dict[str, Path]) -> StableUnclip:
    return load(model, {"pipeline": folders["words"]}, CPU)


@pytest.fixture(scope="module")
def wordless(model: ModelInfo, folders: dict[str, Path]) -> StableUnclip:
    return load(model, {"pipeline": folders["pipeline"]}, CPU)


def stock(kind: Any, folder: Path, *given: Any, **inputs: Any) -> Pixels:
    """There one chain of chance runs through; here latents and embedding begin with the seed."""
    pipeline = kind.from_pretrained(folder)
    pipeline.set_progress_bar_config(disable=True)
    rows, columns = EXTENT.height // 8, EXTENT.width // 8
    [image] = pipeline(
        *given,
        width=EXTENT.width,
        height=EXTENT.height,
        num_inference_steps=3,
        guidance_scale=8.0,
        latents=torch.randn(1, 4, rows, columns, generator=seeded(3)),
        generator=seeded(3),
        **inputs,
    ).images
    return np.asarray(image)


def same(one: Pixels, other: Pixels) -> bool:
    return bool(np.abs(one.astype(int) - other).max() <= 1)


def test_a_picture_from_words_is_the_stock_pipelines(
    words_alone: StableUnclip, folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At noise level 0 hardly any chance reaches the embedding, but some."""
    noising = StableUnCLIPPipeline.noise_image_embeddings

    def begin_anew(pipeline: Any, generator: torch.Generator, **inputs: Any) -> Any:
        return noising(pipeline, generator=generator.manual_seed(3), **inputs)

    monkeypatch.setattr(StableUnCLIPPipeline, "noise_image_embeddings", begin_anew)
    theirs = stock(
        StableUnCLIPPipeline,
        folders["words"],
        "a cat",
        prior_num_inference_steps=PRIOR_STEPS,
        prior_guidance_scale=4.0,
    )
    monkeypatch.undo()
    ours = words_alone.text_to_image(brief(), RecordingDesk())
    assert ours.std() > 0
    assert same(ours, theirs)


def test_a_variation_is_the_stock_pipelines_at_a_noise_level_of_its_strength(
    family: StableUnclip, folders: dict[str, Path]
) -> None:
    ours = family.variation(brief(prompt="a dog"), SOURCE, 1.0, RecordingDesk())
    source = Image.fromarray(SOURCE)
    theirs = stock(StableUnCLIPImg2ImgPipeline, folders["pipeline"], source, noise_level=500)
    assert same(ours, theirs)


def test_a_repaint_without_a_prior_goes_by_the_source_and_by_words(wordless: StableUnclip) -> None:
    pictures = [
        wordless.inpaint(brief(prompt=prompt), source, BOX, 1.0, RecordingDesk())
        for prompt in ("a cat", "a dog")
        for source in (SOURCE, shaded(*EXTENT, 5).rgb())
    ]
    assert len({picture.tobytes() for picture in pictures}) == 4


def test_without_a_prior_words_are_told_alone(wordless: StableUnclip) -> None:
    pictures = [
        wordless.text_to_image(brief(prompt=prompt), RecordingDesk())
        for prompt in ("a cat", "a dog")
    ]
    assert (pictures[0] != pictures[1]).any()


def test_a_prior_for_another_clip_is_refused(
    model: ModelInfo, folders: dict[str, Path], tmp_path: Path
) -> None:
    shutil.copytree(folders["prior"], tmp_path, dirs_exist_ok=True)
    wide = PriorTransformer(
        num_attention_heads=2, attention_head_dim=12, embedding_dim=48, num_layers=1
    )
    wide.save_pretrained(tmp_path / "prior")
    with pytest.raises(ModelError, match="told 32 numbers of a picture and its prior says 48"):
        load(model, {"pipeline": folders["pipeline"], "prior": tmp_path}, CPU)


def test_a_prior_of_its_own_leaves_out_what_paints_in_karlo(family: StableUnclip) -> None:
    _, prior = family.pipelines
    assert prior.decoder is None
    assert prior.prior is not None


def test_without_an_image_encoder_a_variation_is_a_repaint(words_alone: StableUnclip) -> None:
    varied = words_alone.variation(brief(), SOURCE, 0.5, RecordingDesk())
    repainted = words_alone.image_to_image(brief(), SOURCE, 0.5, RecordingDesk())
    assert (varied == repainted).all()


def test_a_negative_prompt_changes_the_picture(family: StableUnclip) -> None:
    plain = family.text_to_image(brief(), RecordingDesk())
    other = family.text_to_image(brief(negative_prompt="a dog"), RecordingDesk())
    assert (plain != other).any()


def test_a_weak_repaint_stays_nearer_to_the_source_than_a_strong_one(family: StableUnclip) -> None:
    """To what the autoencoder makes of the source, that is: its weights are of chance."""
    painted = brief(steps=10)
    source = family.inpaint(painted, SOURCE, NOTHING, 1.0, RecordingDesk())
    kept = family.image_to_image(painted, SOURCE, 0.1, RecordingDesk())
    lost = family.image_to_image(painted, SOURCE, 1.0, RecordingDesk())
    assert _distance(kept, source) < _distance(lost, source)


def test_half_precision_leads_near_to_what_full_precision_does(
    family: StableUnclip, model: ModelInfo, folders: dict[str, Path]
) -> None:
    machine = Machine(CPU.device, torch.bfloat16, "CPU")
    half = load(model, {role: folders[role] for role in ("pipeline", "prior")}, machine)
    pictures = [one.image_to_image(brief(), SOURCE, 0.6, RecordingDesk()) for one in (half, family)]
    assert _distance(*pictures) < 5


def test_the_same_brief_gives_the_same_pixels(family: StableUnclip) -> None:
    first, second = (family.text_to_image(brief(), RecordingDesk()) for _ in range(2))
    assert (first == second).all()


@pytest.mark.parametrize("stop_at", [1, PRIOR_STEPS + 1, PRIOR_STEPS + 3])
def test_cancelling_ends_the_job_before_another_step(family: StableUnclip, stop_at: int) -> None:
    desk = RecordingDesk(stop_at)
    with pytest.raises(JobStopped):
        family.text_to_image(brief(prompt=f"stop at {stop_at}"), desk)
    assert desk.steps == stop_at


def test_another_familys_folder_is_refused(model: ModelInfo, folders: dict[str, Path]) -> None:
    with pytest.raises(ModelError, match="holds a UnCLIPPipeline"):
        load(model, {"pipeline": folders["prior"]}, CPU)


def _distance(one: Pixels, other: Pixels) -> float:
    return float(np.abs(one.astype(int) - other.astype(int)).mean())
