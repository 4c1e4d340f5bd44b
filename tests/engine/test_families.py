"""Every family and task through the real worker, with random weights installed over HTTP."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from diffusers import StableDiffusionPipeline

from studio.engine.client import LocalEngine
from studio.engine.protocol import Cancelled, Candidate, Failed, Progress
from studio.engine.wire import Places
from studio.generation.catalog import MODELS_FILE, Catalog, ModelInfo, load_catalog
from studio.generation.request import (
    Control,
    Generation,
    ImageToImage,
    Inpaint,
    InstructionEdit,
    Lora,
    Reference,
    TextToImage,
    Variation,
    attach,
)
from tests.helpers.adapters import adapter_table, lora_table
from tests.helpers.engine_runs import (
    box_mask,
    of_kind,
    pictures_of,
    rest_of,
    run_job,
    shaded,
    until,
)
from tests.helpers.hub import LocalHub
from tests.helpers.published import install_all, publish
from tests.helpers.tiny import FAMILIES, flux, save_models, stable_diffusion_3
from tests.helpers.tiny.guides import (
    save_controlnet,
    save_flux_controlnet,
    save_ip_adapter,
    save_sd3_controlnet,
    save_word,
)
from tests.helpers.tiny.lora import save_lora
from tests.helpers.tiny.parts import WIDTH, table

pytestmark = pytest.mark.engine

SOURCE = shaded(72, 56)
MASK = box_mask(72, 56, 20, 10, 50, 40)
PICTURES = attach([SOURCE, MASK])


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Places:
    """Where every family's models are installed, from a hub as people's are."""
    folder = tmp_path_factory.mktemp("families")
    with LocalHub() as hub:
        models = publish(save_models(folder / "made"), hub, folder / "models.toml")
        install_all(models, hub, folder / "data")
    return Places(models, *(folder / name for name in ("resources", "config", "data", "logs")))


@pytest.fixture(scope="module")
def catalog(places: Places) -> Catalog:
    return load_catalog(places.models_file, places.resources, places.config, places.data)


@pytest.fixture(scope="module")
def engine(places: Places) -> Iterator[LocalEngine]:
    with LocalEngine(places) as engine:
        yield engine


def every_request(model: ModelInfo, **changes: Any) -> dict[str, Generation]:
    """A request for each task, whether or not the model can do it."""
    common: dict[str, Any] = {
        "model": model.id,
        "prompt": "a red boat",
        "seed": 5,
        "width": SOURCE.width,
        "height": SOURCE.height,
        **changes,
    }
    source = {**common, "source": SOURCE.digest}
    return {
        "text_to_image": TextToImage(**common),
        "image_to_image": ImageToImage(**source, strength=0.6),
        "inpaint": Inpaint(**source, mask=MASK.digest),
        "variation": Variation(**source, strength=0.5),
        "edit": InstructionEdit(**source),
    }


def requests_of(model: ModelInfo, **changes: Any) -> dict[str, Generation]:
    """A request for each of the model's tasks."""
    every = every_request(model, **changes)
    return {task: every[task] for task in model.tasks if task in every}


def models_of(catalog: Catalog, family: str) -> list[ModelInfo]:
    models = [model for model in catalog.models if model.family == family]
    assert models, f"no tiny model of {family}"
    return models


@pytest.mark.parametrize("family", FAMILIES)
def test_every_task_gives_pictures_of_the_size_that_was_asked_for(
    engine: LocalEngine, catalog: Catalog, family: str, subtests: pytest.Subtests
) -> None:
    for model in models_of(catalog, family):
        for task, request in requests_of(model).items():
            with subtests.test(model=model.id, task=task):
                [picture] = pictures_of(run_job(engine, request, PICTURES))
                assert picture.extent == SOURCE.extent
                assert picture.rgb().std() > 0


@pytest.mark.parametrize("family", FAMILIES)
def test_a_candidate_is_the_picture_of_its_own_seed(
    engine: LocalEngine, catalog: Catalog, family: str
) -> None:
    model = models_of(catalog, family)[0]
    first, second = pictures_of(run_job(engine, requests_of(model, count=2)["text_to_image"]))
    [alone] = pictures_of(run_job(engine, requests_of(model, seed=6)["text_to_image"]))
    assert first != second
    assert alone == second


@pytest.mark.parametrize("family", FAMILIES)
def test_nothing_outside_the_mask_is_touched(
    engine: LocalEngine, catalog: Catalog, family: str, subtests: pytest.Subtests
) -> None:
    for model in models_of(catalog, family):
        if "inpaint" not in model.tasks:
            continue
        with subtests.test(model=model.id):
            [patch] = pictures_of(run_job(engine, requests_of(model)["inpaint"], PICTURES))
            alpha = patch.array()[..., 3]
            assert not alpha[MASK.array() == 0].any()
            assert (alpha[MASK.array() == 255] == 255).all()


@pytest.mark.parametrize("family", FAMILIES)
def test_cancelling_ends_a_job_within_a_step(
    engine: LocalEngine, catalog: Catalog, family: str
) -> None:
    request = requests_of(models_of(catalog, family)[0], steps=200)["text_to_image"]
    engine.submit("long", request, {})
    until(engine, "long", lambda event: isinstance(event, Progress) and event.step > 2)
    engine.cancel("long")
    rest = rest_of(engine, "long")
    assert isinstance(rest[-1], Cancelled)
    assert not of_kind(rest, Candidate)


@pytest.mark.parametrize("family", FAMILIES)
def test_weights_that_were_cut_off_are_said_and_the_next_job_runs(
    engine: LocalEngine, catalog: Catalog, places: Places, family: str, tmp_path: Path
) -> None:
    model = models_of(catalog, family)[0]
    damaged = save_damaged(model, tmp_path)
    places.config.mkdir(exist_ok=True)
    (places.config / MODELS_FILE).write_text(damaged, encoding="utf-8")
    request = requests_of(model)["text_to_image"]
    told = msgspec.structs.replace(request, model="damaged")
    [failed] = of_kind(run_job(engine, told), Failed)
    assert "Damaged" in failed.error.message
    assert not failed.error.is_bug
    assert pictures_of(run_job(engine, request))


def save_damaged(model: ModelInfo, folder: Path) -> str:
    """A copy of a model whose largest file of weights was cut in half; its table."""
    parts = {part.role: folder / part.role for part in model.parts}
    for part in model.parts:
        if part.path.is_dir():
            shutil.copytree(part.path, parts[part.role])
        else:
            parts[part.role] = Path(shutil.copy(part.path, folder / part.path.name))
    largest = max(folder.rglob("*.safetensors"), key=lambda path: path.stat().st_size)
    os.truncate(largest, largest.stat().st_size // 2)
    return table("damaged", model.family, model.tasks, parts, grid=model.grid)


def test_a_task_that_a_model_cannot_do_is_refused_in_a_sentence(
    engine: LocalEngine, catalog: Catalog
) -> None:
    model = next(model for model in catalog.models if "edit" not in model.tasks)
    [failed] = of_kind(run_job(engine, every_request(model)["edit"], PICTURES), Failed)
    assert "cannot do this" in failed.error.message


def test_a_lora_is_put_on_for_one_picture_and_off_for_the_next(
    engine: LocalEngine, catalog: Catalog, places: Places, tmp_path: Path
) -> None:
    model = catalog.get("tiny-sd")
    stock = StableDiffusionPipeline.from_pretrained(model.parts[0].path)
    file = save_lora(stock, tmp_path / "ink.safetensors", seed=1)
    places.config.mkdir(exist_ok=True)
    (places.config / MODELS_FILE).write_text(lora_table(file, "stable_diffusion"), encoding="utf-8")
    request = requests_of(model)["text_to_image"]
    inked = msgspec.structs.replace(request, loras=(Lora(adapter="ink", weight=0.8),))
    [plain], [worn], [again] = (
        pictures_of(run_job(engine, asked)) for asked in (request, inked, request)
    )
    assert worn != plain
    assert again == plain
    other = requests_of(catalog.get("tiny-xl"))["text_to_image"]
    [failed] = of_kind(run_job(engine, msgspec.structs.replace(other, loras=inked.loras)), Failed)
    assert "made for models of the family stable_diffusion" in failed.error.message


def test_pictures_guide_one_picture_and_not_the_next(
    engine: LocalEngine, catalog: Catalog, places: Places, tmp_path: Path
) -> None:
    stock = StableDiffusionPipeline.from_pretrained(catalog.get("tiny-sd").parts[0].path)
    edges = save_controlnet(stock.unet, tmp_path / "edges", seed=1)
    lines = save_flux_controlnet(flux.transformer(), tmp_path / "lines", seed=1)
    tones = save_sd3_controlnet(stable_diffusion_3.transformer(), tmp_path / "tones", seed=1)
    places.config.mkdir(exist_ok=True)
    tables = (
        adapter_table(edges, "controlnet", "stable_diffusion"),
        adapter_table(tones, "controlnet", "stable_diffusion_3"),
        adapter_table(lines, "controlnet", "flux"),
    )
    (places.config / MODELS_FILE).write_text("".join(tables), encoding="utf-8")
    for model, adapter in (("tiny-sd", "edges"), ("tiny-sd3", "tones"), ("tiny-flux", "lines")):
        control = Control(picture=SOURCE.digest, adapter=adapter, preprocessor="tile")
        for plain in requests_of(catalog.get(model)).values():
            guided = msgspec.structs.replace(plain, controls=(control,))
            [before], [followed], [after] = (
                pictures_of(run_job(engine, asked, PICTURES)) for asked in (plain, guided, plain)
            )
            assert followed != before
            assert after == before
    other = requests_of(catalog.get("tiny-xl"))["text_to_image"]
    asked = msgspec.structs.replace(other, controls=(control,))
    [failed] = of_kind(run_job(engine, asked, PICTURES), Failed)
    assert "made for models of the family flux" in failed.error.message


def test_references_and_learnt_words_count_for_one_picture_and_not_the_next(
    engine: LocalEngine, catalog: Catalog, places: Places, tmp_path: Path
) -> None:
    model = catalog.get("tiny-sd")
    stock = StableDiffusionPipeline.from_pretrained(model.parts[0].path)
    style = save_ip_adapter(stock.unet, tmp_path / "style", seed=1)
    word = save_word(tmp_path / "glow.safetensors", {"emb_params": WIDTH}, seed=2)
    plain = requests_of(model)["image_to_image"]
    glowing = msgspec.structs.replace(plain, prompt="a glow")
    [unlearnt] = pictures_of(run_job(engine, glowing, PICTURES))
    places.config.mkdir(exist_ok=True)
    tables = adapter_table(style, "ip_adapter", "stable_diffusion")
    tables += adapter_table(word, "textual_inversion", "stable_diffusion", trigger="glow")
    (places.config / MODELS_FILE).write_text(tables, encoding="utf-8")
    reference = Reference(picture=SOURCE.digest, adapter="style", weight=0.7)
    shown = msgspec.structs.replace(plain, references=(reference,))
    [before], [styled], [learnt], [after] = (
        pictures_of(run_job(engine, asked, PICTURES)) for asked in (plain, shown, glowing, plain)
    )
    assert styled != before
    assert learnt != unlearnt
    assert after == before
    alone = msgspec.structs.replace(plain, references=(Reference(picture=SOURCE.digest),))
    [failed] = of_kind(run_job(engine, alone, PICTURES), Failed)
    assert "choose an IP-Adapter" in failed.error.message
