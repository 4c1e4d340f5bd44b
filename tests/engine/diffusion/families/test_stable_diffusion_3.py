"""Against the stock pipelines, which load the very same folders."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import (
    FlowMatchEulerDiscreteScheduler,
    SD3Transformer2DModel,
    StableDiffusion3InpaintPipeline,
    StableDiffusion3Pipeline,
)
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from PIL import Image
from safetensors.torch import save_file

from studio.core.errors import ModelError, RequestError
from studio.core.geometry import Extent
from studio.core.picture import Pixels
from studio.engine.desk import JobStopped
from studio.engine.diffusion.device.machine import Machine, seeded
from studio.engine.diffusion.families.stable_diffusion_3 import StableDiffusion3, load
from studio.generation.catalog import Catalog, ModelInfo, load_catalog
from tests.helpers.briefs import briefs
from tests.helpers.engine_runs import RecordingDesk, box_mask, shaded
from tests.helpers.machines import CPU
from tests.helpers.quantised import save_gguf
from tests.helpers.tiny import save_models
from tests.helpers.tiny.parts import seed_weights
from tests.helpers.tiny.stable_diffusion_3 import makers_names, transformer

EXTENT = Extent(96, 64)
SOURCE = shaded(*EXTENT).rgb()
BOX = box_mask(*EXTENT, 16, 16, 64, 48)
NOTHING = box_mask(*EXTENT, 0, 0, 0, 0)

brief = briefs(extent=EXTENT, guidance=5.0, scheduler="flow")


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    folder = tmp_path_factory.mktemp("sd3")
    models = save_models(folder, ("stable_diffusion_3",))
    return load_catalog(models, folder / "nothing", folder / "nothing", folder / "nothing")


@pytest.fixture(scope="module")
def model(catalog: Catalog) -> ModelInfo:
    return catalog.get("tiny-sd3")


@pytest.fixture(scope="module")
def folders(model: ModelInfo) -> dict[str, Path]:
    return {part.role: part.path for part in model.parts}


@pytest.fixture(scope="module")
def family(model: ModelInfo, folders: dict[str, Path]) -> StableDiffusion3:
    return load(model, folders, CPU)


@pytest.fixture(scope="module")
def plain(model: ModelInfo, folders: dict[str, Path]) -> StableDiffusion3:
    """Without an inpainting transformer."""
    return load(model, {"pipeline": folders["pipeline"]}, CPU)


@pytest.fixture(scope="module")
def small(catalog: Catalog) -> StableDiffusion3:
    """Without a T5."""
    model = catalog.get("tiny-sd3-small")
    return load(model, {part.role: part.path for part in model.parts}, CPU)


def stock(
    kind: Any, folder: Path, parts: Mapping[str, None] | None = None, **inputs: Any
) -> Pixels:
    pipeline = kind.from_pretrained(folder, **(parts or {}))
    pipeline.set_progress_bar_config(disable=True)
    values = {
        "prompt": "a cat",
        "guidance_scale": 5.0,
        "num_inference_steps": 3,
        "width": EXTENT.width,
        "height": EXTENT.height,
        "generator": seeded(3),
    }
    [image] = pipeline(**(values | inputs)).images
    return np.asarray(image)


def same(one: Pixels, other: Pixels) -> bool:
    return bool(np.abs(one.astype(int) - other).max() <= 1)


def test_a_picture_from_words_is_the_stock_pipelines(
    family: StableDiffusion3, folders: dict[str, Path]
) -> None:
    ours = family.text_to_image(brief(negative_prompt="a dog"), RecordingDesk())
    theirs = stock(StableDiffusion3Pipeline, folders["pipeline"], negative_prompt="a dog")
    assert ours.std() > 0
    assert same(ours, theirs)


def test_without_guidance_what_is_not_wanted_is_not_asked_for(
    family: StableDiffusion3, folders: dict[str, Path]
) -> None:
    unguided = brief(guidance=1.0, negative_prompt="a dog")
    ours = family.text_to_image(unguided, RecordingDesk())
    assert same(ours, stock(StableDiffusion3Pipeline, folders["pipeline"], guidance_scale=1.0))


def test_a_missing_t5_is_left_out_as_in_the_stock_pipeline(
    small: StableDiffusion3, catalog: Catalog
) -> None:
    [part] = catalog.get("tiny-sd3-small").parts
    ours = small.text_to_image(brief(), RecordingDesk())
    nothing = {"text_encoder_3": None, "tokenizer_3": None}
    assert same(ours, stock(StableDiffusion3Pipeline, part.path, nothing))


def test_a_scheduler_that_shifts_by_the_size_is_set_as_in_the_stock_pipeline(
    model: ModelInfo, folders: dict[str, Path], tmp_path: Path
) -> None:
    shutil.copytree(folders["pipeline"], tmp_path, dirs_exist_ok=True)
    shifting = FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True)
    shifting.save_pretrained(tmp_path / "scheduler")
    family = load(model, {"pipeline": tmp_path}, CPU)
    ours = family.text_to_image(brief(), RecordingDesk())
    assert same(ours, stock(StableDiffusion3Pipeline, tmp_path))
    assert not same(ours, stock(StableDiffusion3Pipeline, folders["pipeline"]))


def test_the_inpainting_transformer_sees_what_the_stock_pipeline_shows_it(
    family: StableDiffusion3, folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stock pipeline draws its latents of the known picture by chance; ours are the mean."""
    shown: list[torch.Tensor] = []
    answer = SD3Transformer2DModel.forward

    def watch(denoiser: Any, hidden_states: torch.Tensor, **inputs: Any) -> Any:
        shown.append(hidden_states[:1, 16:])
        return answer(denoiser, hidden_states, **inputs)

    monkeypatch.setattr(SD3Transformer2DModel, "forward", watch)
    monkeypatch.setattr(
        DiagonalGaussianDistribution, "sample", lambda self, generator=None: self.mode()
    )
    stock(
        StableDiffusion3InpaintPipeline,
        folders["inpaint"],
        image=Image.fromarray(SOURCE),
        mask_image=Image.fromarray(BOX.array()),
        strength=1.0,
    )
    theirs = shown[-1]
    family.inpaint(brief(), SOURCE, BOX, 1.0, RecordingDesk())
    assert torch.allclose(shown[-1], theirs, atol=1e-3)


@pytest.mark.parametrize("kind", ["family", "plain"])
def test_an_inpaint_changes_the_middle_of_the_mask_and_not_what_is_far_from_it(
    kind: str, request: pytest.FixtureRequest
) -> None:
    """But for what the autoencoder makes of latents: a picture of its own is the measure."""
    painter: StableDiffusion3 = request.getfixturevalue(kind)
    own = painter.text_to_image(brief(seed=9), RecordingDesk())
    kept = painter.inpaint(brief(), own, NOTHING, 1.0, RecordingDesk())
    painted = painter.inpaint(brief(), own, BOX, 1.0, RecordingDesk())
    far, middle = np.s_[:, 88:], np.s_[16:48, 16:64]
    assert _distance(painted[far], kept[far]) < _distance(painted[middle], kept[middle])


def test_an_inpainting_transformer_alone_paints_from_words_as_if_all_were_masked(
    model: ModelInfo, folders: dict[str, Path]
) -> None:
    masked = load(model, {"inpaint": folders["inpaint"]}, CPU)
    assert masked.text_to_image(brief(), RecordingDesk()).std() > 0


def test_a_weak_repaint_stays_nearer_to_the_source_than_a_strong_one(
    family: StableDiffusion3,
) -> None:
    """To what the autoencoder makes of the source, that is: its weights are of chance."""
    painted = brief(steps=10)
    source = family.inpaint(painted, SOURCE, NOTHING, 1.0, RecordingDesk())
    kept = family.image_to_image(painted, SOURCE, 0.1, RecordingDesk())
    lost = family.image_to_image(painted, SOURCE, 1.0, RecordingDesk())
    assert _distance(kept, source) < _distance(lost, source)


@pytest.mark.parametrize("extent", [Extent(64, 64), Extent(16, 64), Extent(128, 48)])
def test_sizes_are_those_of_the_brief(family: StableDiffusion3, extent: Extent) -> None:
    pixels = family.text_to_image(brief(extent=extent), RecordingDesk())
    assert pixels.shape == (extent.height, extent.width, 3)


def test_half_precision_leads_near_to_what_full_precision_does(
    family: StableDiffusion3, model: ModelInfo, folders: dict[str, Path]
) -> None:
    machine = Machine(CPU.device, torch.bfloat16, "CPU")
    half = load(model, folders, machine)
    pictures = [one.image_to_image(brief(), SOURCE, 0.6, RecordingDesk()) for one in (half, family)]
    assert _distance(*pictures) < 5


def test_the_same_brief_gives_the_same_pixels(family: StableDiffusion3) -> None:
    first, second = (family.text_to_image(brief(), RecordingDesk()) for _ in range(2))
    assert (first == second).all()


def test_an_unknown_scheduler_is_refused_with_the_known_one(family: StableDiffusion3) -> None:
    with pytest.raises(RequestError, match="'ddim': choose one of flow"):
        family.text_to_image(brief(scheduler="ddim"), RecordingDesk())


@pytest.mark.parametrize("stop_at", [1, 2, 3, 5])
def test_cancelling_ends_the_job_before_another_step(
    family: StableDiffusion3, stop_at: int
) -> None:
    """Steps 1 and 2 are the reading of two texts that no other test has."""
    desk = RecordingDesk(stop_at)
    words = brief(prompt=f"stop at {stop_at}", negative_prompt=f"not at {stop_at}", steps=50)
    with pytest.raises(JobStopped):
        family.text_to_image(words, desk)
    assert desk.steps == stop_at


def test_the_same_words_are_not_read_twice(family: StableDiffusion3) -> None:
    first, second = RecordingDesk(), RecordingDesk()
    family.text_to_image(brief(prompt="seldom said", negative_prompt="never"), first)
    family.text_to_image(brief(prompt="seldom said", negative_prompt="ever"), second)
    assert first.steps - second.steps == 1


def test_what_no_encoder_reads_is_told(family: StableDiffusion3, small: StableDiffusion3) -> None:
    """To the T5 a letter and the space before it are two tokens, to CLIP they are one."""
    text = " ".join("abcdefgh" * 20)
    assert family.unread("short") == small.unread("short") == ""
    assert len(family.unread(text).split()) == 160 - 127
    assert len(small.unread(text).split()) == 160 - 75


@pytest.fixture(scope="module")
def other() -> SD3Transformer2DModel:
    """A denoiser of another version than the pipeline's."""
    seed_weights(99)
    return transformer(num_layers=3, qk_norm="rms_norm", dual_attention_layers=(0, 1))


class TestASingleFile:
    """In the place of the pipeline's transformer; it may be of another version than that.

    As 3.5 differs from 3, and large from medium.
    """

    @pytest.fixture
    def painted(self, model: ModelInfo, folders: dict[str, Path]) -> Callable[[Path], Pixels]:
        def paint(file: Path) -> Pixels:
            parts = {"pipeline": folders["pipeline"], "transformer": file}
            return load(model, parts, CPU).text_to_image(brief(), RecordingDesk())

        return paint

    @pytest.fixture
    def expected(
        self,
        other: SD3Transformer2DModel,
        model: ModelInfo,
        folders: dict[str, Path],
        tmp_path: Path,
    ) -> Pixels:
        shutil.copytree(folders["pipeline"], tmp_path / "whole")
        other.save_pretrained(tmp_path / "whole" / "transformer")
        whole = load(model, {"pipeline": tmp_path / "whole"}, CPU)
        return whole.text_to_image(brief(), RecordingDesk())

    def test_with_diffusers_names(
        self, other: Any, painted: Callable[[Path], Pixels], expected: Pixels, tmp_path: Path
    ) -> None:
        file, state = tmp_path / "other.safetensors", other.state_dict()
        save_file({name: tensor.contiguous() for name, tensor in state.items()}, file)
        assert (painted(file) == expected).all()

    @pytest.mark.parametrize("prefix", ["", "model.diffusion_model."])
    def test_with_its_makers_names(
        self,
        other: Any,
        painted: Callable[[Path], Pixels],
        expected: Pixels,
        tmp_path: Path,
        prefix: str,
    ) -> None:
        file, state = tmp_path / "other.safetensors", makers_names(other)
        save_file({prefix + name: tensor for name, tensor in state.items()}, file)
        assert (painted(file) == expected).all()

    def test_of_quantised_weights(
        self, other: Any, painted: Callable[[Path], Pixels], expected: Pixels, tmp_path: Path
    ) -> None:
        save_gguf(makers_names(other), tmp_path / "other.gguf")
        assert _distance(painted(tmp_path / "other.gguf"), expected) < 2


def test_a_folder_whose_denoiser_is_another_familys_is_refused(
    model: ModelInfo, tmp_path: Path
) -> None:
    save_models(tmp_path, ("flux",))
    with pytest.raises(ModelError, match="Tiny-Sd3 cannot be loaded"):
        load(model, {"pipeline": tmp_path / "flux" / "dev"}, CPU)


def _distance(one: Pixels, other: Pixels) -> float:
    return float(np.abs(one.astype(int) - other.astype(int)).mean())
