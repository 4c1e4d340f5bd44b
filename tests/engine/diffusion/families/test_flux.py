"""Against the stock pipelines, which load the very same folders."""

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import (
    FluxFillPipeline,
    FluxKontextPipeline,
    FluxPipeline,
    FluxPriorReduxPipeline,
    FluxTransformer2DModel,
)
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from PIL import Image
from safetensors.torch import load_file, save_file

from studio.core.errors import ModelError
from studio.core.geometry import Extent
from studio.core.picture import Picture, Pixels
from studio.engine.desk import JobStopped
from studio.engine.diffusion.bases.family import Unsound
from studio.engine.diffusion.device.machine import Machine, seeded
from studio.engine.diffusion.families.flux import Flux, load
from studio.engine.protocol import Note
from studio.generation.catalog import ModelInfo, load_catalog
from tests.helpers.briefs import briefs
from tests.helpers.engine_runs import RecordingDesk, box_mask, of_kind, shaded
from tests.helpers.machines import CPU
from tests.helpers.quantised import save_gguf
from tests.helpers.tiny import save_models
from tests.helpers.tiny.flux import transformer
from tests.helpers.tiny.parts import seed_weights

SIDE = 64
EXTENT = Extent(96, 64)
SOURCE = shaded(*EXTENT).rgb()
BOX = box_mask(*EXTENT, 16, 16, 64, 48)
NOTHING = box_mask(*EXTENT, 0, 0, 0, 0)

LoadFlux = Callable[..., Flux]

brief = briefs(extent=EXTENT, guidance=3.5, scheduler="flow")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flux")
    save_models(folder, ("flux",))
    return folder / "flux"


@pytest.fixture(scope="module")
def model(folder: Path) -> ModelInfo:
    nowhere = folder / "nothing"
    return load_catalog(folder.parent / "models.toml", nowhere, nowhere, nowhere).get("tiny-flux")


@pytest.fixture(scope="module")
def loaded(folder: Path, model: ModelInfo) -> LoadFlux:
    """Loads a model of these parts, such as ``pipeline="dev"``."""

    def load_parts(machine: Machine = CPU, **parts: str | Path) -> Flux:
        return load(model, {role: folder / place for role, place in parts.items()}, machine)

    return load_parts


@pytest.fixture(scope="module")
def dev(loaded: LoadFlux) -> Flux:
    return loaded(pipeline="dev")


@pytest.fixture(scope="module")
def schnell(loaded: LoadFlux) -> Flux:
    return loaded(pipeline="schnell")


@pytest.fixture(scope="module")
def kontext(loaded: LoadFlux) -> Flux:
    return loaded(edit="kontext")


def stock(kind: Any, folder: Path, **inputs: Any) -> Pixels:
    pipeline = kind.from_pretrained(folder)
    pipeline.set_progress_bar_config(disable=True)
    values = {
        "prompt": "a cat",
        "guidance_scale": 3.5,
        "num_inference_steps": 3,
        "width": EXTENT.width,
        "height": EXTENT.height,
        "generator": seeded(3),
    }
    [image] = pipeline(**(values | inputs)).images
    return np.asarray(image)


def same(one: Pixels, other: Pixels) -> bool:
    return bool(np.abs(one.astype(int) - other).max() <= 1)


def test_a_picture_from_words_is_the_stock_pipelines(dev: Flux, folder: Path) -> None:
    ours = dev.text_to_image(brief(), RecordingDesk())
    assert ours.std() > 0
    assert same(ours, stock(FluxPipeline, folder / "dev"))


def test_guidance_is_an_input_of_what_was_distilled_with_it(dev: Flux) -> None:
    weak = dev.text_to_image(brief(guidance=1.0), RecordingDesk())
    strong = dev.text_to_image(brief(guidance=30.0), RecordingDesk())
    assert (weak != strong).any()


def test_schnell_reads_half_as_many_words_and_takes_no_guidance(
    schnell: Flux, folder: Path
) -> None:
    ours = schnell.text_to_image(brief(), RecordingDesk())
    assert same(ours, stock(FluxPipeline, folder / "schnell", max_sequence_length=256))
    assert (ours == schnell.text_to_image(brief(guidance=9.0), RecordingDesk())).all()


def test_what_is_not_wanted_is_asked_for_where_guidance_is_no_input(
    schnell: Flux, folder: Path
) -> None:
    ours = schnell.text_to_image(brief(negative_prompt="a dog"), RecordingDesk())
    theirs = stock(
        FluxPipeline,
        folder / "schnell",
        max_sequence_length=256,
        negative_prompt="a dog",
        true_cfg_scale=3.5,
    )
    assert same(ours, theirs)


def test_a_distilled_model_says_that_it_reads_no_negative_prompt(dev: Flux) -> None:
    desk = RecordingDesk()
    plain = dev.text_to_image(brief(), RecordingDesk())
    assert (dev.text_to_image(brief(negative_prompt="a dog"), desk) == plain).all()
    [note] = of_kind(desk.events, Note)
    assert note.message == "Tiny-Flux reads no negative prompt."


@pytest.fixture
def mean_latents(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stock Fill draws its latents of the known picture by chance; ours are the mean."""
    monkeypatch.setattr(
        DiagonalGaussianDistribution, "sample", lambda self, generator=None: self.mode()
    )


@pytest.mark.usefixtures("mean_latents")
def test_fill_repaints_a_whole_picture_as_the_stock_pipeline_does(
    loaded: LoadFlux, folder: Path
) -> None:
    mask = box_mask(*EXTENT, 0, 0, *EXTENT)
    ours = loaded(inpaint="fill").inpaint(brief(), SOURCE, mask, 1.0, RecordingDesk())
    assert same(ours, stock(FluxFillPipeline, folder / "fill", **_inputs(mask)))


@pytest.mark.usefixtures("mean_latents")
def test_fill_sees_what_the_stock_pipeline_shows_it(
    loaded: LoadFlux, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[torch.Tensor] = []
    answer = FluxTransformer2DModel.forward

    def watch(transformer: Any, hidden_states: torch.Tensor, **inputs: Any) -> Any:
        shown.append(hidden_states)
        return answer(transformer, hidden_states, **inputs)

    monkeypatch.setattr(FluxTransformer2DModel, "forward", watch)
    mask = box_mask(*EXTENT, 19, 16, 61, 48)
    stock(FluxFillPipeline, folder / "fill", num_inference_steps=1, **_inputs(mask))
    loaded(inpaint="fill").inpaint(brief(steps=1), SOURCE, mask, 1.0, RecordingDesk())
    theirs, ours = shown
    assert torch.allclose(theirs[..., 16:], ours[..., 16:], atol=1e-3)


def test_fill_beside_another_model_needs_its_transformer_alone(
    loaded: LoadFlux, folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(folder / "fill" / "transformer", tmp_path / "transformer")
    shutil.copy(folder / "fill" / "model_index.json", tmp_path)
    family = loaded(pipeline="dev", inpaint=tmp_path)
    assert len(family.pipelines) == 1
    whole = loaded(pipeline="dev", inpaint="fill")
    pictures = [one.inpaint(brief(), SOURCE, BOX, 1.0, RecordingDesk()) for one in (family, whole)]
    assert (pictures[0] == pictures[1]).all()
    assert len(family.pipelines) == 2


def test_fill_alone_paints_from_words_as_if_all_were_masked(loaded: LoadFlux) -> None:
    fill = loaded(inpaint="fill")
    assert fill.text_to_image(brief(), RecordingDesk()).std() > 0
    assert fill.image_to_image(brief(), SOURCE, 0.5, RecordingDesk()).std() > 0


def test_an_edit_is_the_stock_pipelines(kontext: Flux, folder: Path) -> None:
    ours = kontext.edit(brief(), [SOURCE], RecordingDesk())
    theirs = stock(
        FluxKontextPipeline,
        folder / "kontext",
        image=Image.fromarray(SOURCE),
        max_area=EXTENT.area,
        _auto_resize=False,
    )
    assert same(ours, theirs)


def test_an_edit_looks_at_every_picture_and_where_it_stands(kontext: Flux) -> None:
    first, second = shaded(40, 120, 5).rgb(), shaded(100, 30, 6).rgb()
    edits = [
        kontext.edit(brief(), sources, RecordingDesk())
        for sources in ([SOURCE], [SOURCE, first], [SOURCE, first, second], [SOURCE, second, first])
    ]
    assert len({edit.tobytes() for edit in edits}) == 4


def test_a_model_without_kontext_follows_no_instructions(dev: Flux) -> None:
    with pytest.raises(ModelError, match="follows no instructions"):
        dev.edit(brief(), [SOURCE], RecordingDesk())


def test_a_variation_is_the_stock_pipelines_with_redux(loaded: LoadFlux, folder: Path) -> None:
    family = loaded(pipeline="dev", redux="redux")
    ours = family.variation(brief(), SOURCE, 1.0, RecordingDesk())
    plain: Any = FluxPipeline.from_pretrained(folder / "dev")
    redux: Any = FluxPriorReduxPipeline.from_pretrained(
        folder / "redux",
        **{name: plain.components[name] for name in ("text_encoder", "text_encoder_2")},
        **{name: plain.components[name] for name in ("tokenizer", "tokenizer_2")},
    )
    told = redux(Image.fromarray(SOURCE), prompt="")
    assert same(ours, stock(FluxPipeline, folder / "dev", prompt=None, **told))
    assert (ours == family.variation(brief(prompt="a dog"), SOURCE, 1.0, RecordingDesk())).all()


def test_a_wordless_inpaint_goes_by_its_surroundings_where_redux_tells_them(
    loaded: LoadFlux, dev: Flux
) -> None:
    family, wordless = loaded(pipeline="dev", redux="redux"), brief(prompt=" ")
    pictures = [one.inpaint(wordless, SOURCE, BOX, 1.0, RecordingDesk()) for one in (family, dev)]
    assert (pictures[0] != pictures[1]).any()


def test_a_weak_repaint_stays_nearer_to_the_source_than_a_strong_one(dev: Flux) -> None:
    """To what the autoencoder makes of the source, that is: its weights are of chance."""
    painted = brief(steps=10)
    source = dev.inpaint(painted, SOURCE, NOTHING, 1.0, RecordingDesk())
    kept = dev.image_to_image(painted, SOURCE, 0.1, RecordingDesk())
    lost = dev.image_to_image(painted, SOURCE, 1.0, RecordingDesk())
    assert _distance(kept, source) < _distance(lost, source)


def test_a_composed_inpaint_keeps_the_latents_outside_the_mask(dev: Flux) -> None:
    """But for what the autoencoder makes of latents: its own picture is the measure."""
    own = dev.text_to_image(brief(seed=9), RecordingDesk())
    kept = dev.inpaint(brief(), own, NOTHING, 1.0, RecordingDesk())
    painted = dev.inpaint(brief(), own, BOX, 1.0, RecordingDesk())
    far = np.s_[:, 88:]
    assert _distance(painted[far], kept[far]) < _distance(painted[16:48, 16:64], kept[16:48, 16:64])


@pytest.mark.parametrize("extent", [Extent(64, 64), Extent(16, 64), Extent(128, 48)])
def test_sizes_are_those_of_the_brief(dev: Flux, extent: Extent) -> None:
    pixels = dev.text_to_image(brief(extent=extent), RecordingDesk())
    assert pixels.shape == (extent.height, extent.width, 3)


def test_the_same_brief_gives_the_same_pixels(dev: Flux) -> None:
    first, second = (dev.text_to_image(brief(), RecordingDesk()) for _ in range(2))
    assert (first == second).all()


@pytest.mark.parametrize("stop_at", [1, 2, 4])
def test_cancelling_ends_the_job_before_another_step(dev: Flux, stop_at: int) -> None:
    """Step 1 is the reading: no other prompt here is this one."""
    desk = RecordingDesk(stop_at)
    with pytest.raises(JobStopped):
        dev.text_to_image(brief(prompt=f"stop at {stop_at}", steps=50), desk)
    assert desk.steps == stop_at


def test_the_same_words_are_not_read_twice(dev: Flux) -> None:
    first, second = RecordingDesk(), RecordingDesk()
    dev.text_to_image(brief(prompt="seldom said"), first)
    dev.text_to_image(brief(prompt="seldom said", seed=4), second)
    assert first.steps - second.steps == 1


def test_what_the_t5_does_not_read_is_told(dev: Flux, schnell: Flux) -> None:
    """A letter and the space before it are two tokens each; one ends the text."""
    text = " ".join("abcdefgh" * 40)
    assert dev.unread("short") == schnell.unread("short") == ""
    assert len(dev.unread(text).split()) == 320 - 255
    assert len(schnell.unread(text).split()) == 320 - 127


def test_numbers_that_are_no_picture_are_found(loaded: LoadFlux) -> None:
    broken = loaded(pipeline="dev")
    with torch.no_grad():
        broken.pipelines[0].transformer.proj_out.weight.fill_(float("nan"))
    with pytest.raises(Unsound):
        broken.text_to_image(brief(), RecordingDesk())


def test_a_previews_colours_come_from_the_latents(dev: Flux) -> None:
    latents = torch.zeros(1, 4, 8, 12)
    assert dev._load_previewer()(latents).width == 12 * 8


def test_another_autoencoder_may_take_the_place_of_the_pipelines(
    loaded: LoadFlux, folder: Path, dev: Flux, tmp_path: Path
) -> None:
    vae = dev.pipelines[0].vae.from_config(dev.pipelines[0].vae.config)
    vae.save_pretrained(tmp_path / "vae")
    file = tmp_path / "vae" / "diffusion_pytorch_model.safetensors"
    pictures = [
        loaded(pipeline="dev", vae=place).text_to_image(brief(), RecordingDesk())
        for place in (tmp_path / "vae", file)
    ]
    assert (pictures[0] == pictures[1]).all()
    assert (pictures[0] != dev.text_to_image(brief(), RecordingDesk())).any()


def test_another_familys_folder_is_refused(loaded: LoadFlux, tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text('{"_class_name": "Other"}')
    with pytest.raises(ModelError, match="Tiny-Flux cannot be loaded"):
        loaded(pipeline=tmp_path)


def test_a_denoiser_that_is_guided_by_pictures_otherwise_is_refused(
    loaded: LoadFlux, folder: Path, tmp_path: Path
) -> None:
    """As FLUX.1 Depth is, whose denoiser sees a depth map beside the latents."""
    shutil.copytree(folder / "dev", tmp_path / "depth")
    config = tmp_path / "depth" / "transformer" / "config.json"
    config.write_text(config.read_text().replace('"in_channels": 16', '"in_channels": 32'))
    with pytest.raises(ModelError, match="cannot use depth"):
        loaded(pipeline=tmp_path / "depth")


@pytest.mark.parametrize("role", ["inpaint", "redux"])
def test_a_damaged_part_that_is_needed_later_is_told(
    loaded: LoadFlux, tmp_path: Path, role: str
) -> None:
    (tmp_path / "model_index.json").write_text("{}")
    family = loaded(pipeline="dev", **{role: tmp_path})
    with pytest.raises(ModelError, match="Tiny-Flux cannot be loaded"):
        family.inpaint(brief(prompt=""), SOURCE, BOX, 1.0, RecordingDesk())


@pytest.fixture(scope="module")
def other() -> FluxTransformer2DModel:
    """A denoiser of other weights than the folder's."""
    seed_weights(99)
    return transformer()


class TestASingleFile:
    """In the place of the pipeline's denoiser."""

    @pytest.fixture
    def painted(self, loaded: LoadFlux, folder: Path, tmp_path: Path) -> Callable[..., Pixels]:
        """Paints with a replaced denoiser, from a folder that has no weights for it."""
        bare = tmp_path / "bare"
        shutil.copytree(folder / "dev", bare)
        for weights in (bare / "transformer").glob("*.safetensors"):
            weights.unlink()

        def paint(file: Path, machine: Machine = CPU) -> Pixels:
            family = loaded(machine, pipeline=bare, transformer=file)
            return family.text_to_image(brief(), RecordingDesk())

        return paint

    @pytest.fixture
    def expected(
        self, loaded: LoadFlux, folder: Path, tmp_path: Path
    ) -> Callable[[FluxTransformer2DModel], Pixels]:
        """What a whole folder with such a denoiser paints."""

        def paint(denoiser: FluxTransformer2DModel) -> Pixels:
            shutil.copytree(folder / "dev", tmp_path / "whole")
            denoiser.save_pretrained(tmp_path / "whole" / "transformer")
            return loaded(pipeline=tmp_path / "whole").text_to_image(brief(), RecordingDesk())

        return paint

    def test_of_safetensors(
        self, other: Any, painted: Callable[..., Pixels], expected: Any, tmp_path: Path
    ) -> None:
        file = tmp_path / "other.safetensors"
        save_file(other.state_dict(), file)
        assert (painted(file) == expected(other)).all()

    @pytest.mark.parametrize("prefix", ["", "model.diffusion_model.", "diffusion_model."])
    def test_of_another_kind_than_the_pipelines(
        self, loaded: LoadFlux, schnell: Flux, folder: Path, tmp_path: Path, prefix: str
    ) -> None:
        """A Fill and a schnell that borrow the rest of dev."""
        for name in ("fill", "schnell"):
            state = load_file(next((folder / name / "transformer").glob("*.safetensors")))
            named = {prefix + key: tensor for key, tensor in state.items()}
            save_file(named, tmp_path / f"{name}.safetensors")
        fills = [
            loaded(inpaint="dev", transformer=tmp_path / "fill.safetensors"),
            loaded(inpaint="fill"),
        ]
        first, second = (it.inpaint(brief(), SOURCE, BOX, 1.0, RecordingDesk()) for it in fills)
        assert (first == second).all()
        fast = loaded(pipeline="dev", transformer=tmp_path / "schnell.safetensors")
        pictures = [it.text_to_image(brief(), RecordingDesk()) for it in (fast, schnell)]
        assert (pictures[0] == pictures[1]).all()

    def test_of_quantised_weights(
        self, other: Any, painted: Callable[..., Pixels], expected: Any, tmp_path: Path
    ) -> None:
        file = tmp_path / "other.gguf"
        rounded = _rounded(other, file)
        assert same(painted(file), expected(rounded))

    def test_of_quantised_weights_computes_in_the_machines_precision(
        self, other: Any, painted: Callable[..., Pixels], tmp_path: Path
    ) -> None:
        file = tmp_path / "other.gguf"
        save_gguf(other.state_dict(), file)
        half = dataclasses.replace(CPU, dtype=torch.bfloat16)
        assert _distance(painted(file, half), painted(file)) < 5

    @pytest.mark.parametrize("name", ["other.safetensors", "other.gguf"])
    @pytest.mark.parametrize("content", [b"", b"GGUF", b"no weights at all" * 99])
    def test_that_holds_something_else_is_refused(
        self, painted: Callable[..., Pixels], tmp_path: Path, name: str, content: bytes
    ) -> None:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ModelError, match="Tiny-Flux cannot be loaded"):
            painted(tmp_path / name)

    def test_of_other_weights_is_refused(
        self, painted: Callable[..., Pixels], tmp_path: Path
    ) -> None:
        file = tmp_path / "other.safetensors"
        save_file({"model.diffusion_model.input_blocks.0.0.weight": torch.zeros(2)}, file)
        with pytest.raises(ModelError, match="Tiny-Flux cannot be loaded"):
            painted(file)

    def test_that_could_run_code_is_refused(
        self, painted: Callable[..., Pixels], tmp_path: Path
    ) -> None:
        (tmp_path / "other.ckpt").write_bytes(b"")
        with pytest.raises(ModelError, match=r"other.ckpt cannot be used.*convert"):
            painted(tmp_path / "other.ckpt")


def _rounded(denoiser: FluxTransformer2DModel, file: Path) -> FluxTransformer2DModel:
    """Writes a file of its quantised weights; returns a denoiser that has just these."""
    result = transformer()
    result.load_state_dict(save_gguf(denoiser.state_dict(), file))
    return result


def _inputs(mask: Picture) -> dict[str, Image.Image]:
    return {
        "image": Image.fromarray(SOURCE),
        "mask_image": Image.fromarray(mask.array()),
    }


def _distance(one: Pixels, other: Pixels) -> float:
    return float(np.abs(one.astype(int) - other.astype(int)).mean())
