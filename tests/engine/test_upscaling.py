"""Pictures enlarged by installed upscalers, through the real worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from studio.core.errors import EngineError, RequestError
from studio.core.picture import Picture
from studio.engine.client import LocalEngine
from studio.engine.diffusion import runner
from studio.engine.diffusion.device.machine import find_machine
from studio.engine.diffusion.runner import Runner
from studio.engine.diffusion.upscalers.upscaler import Upscaler, Watch
from studio.engine.protocol import Cancelled, Finished, Phase, Progress
from studio.engine.wire import Places
from studio.generation.catalog import load_catalog
from studio.generation.catalog_entries import ANY_FAMILY
from studio.generation.request import MAX_ENLARGED_SIDE, TextToImage, Upscale, attach
from tests.helpers.adapters import adapter_table
from tests.helpers.engine_runs import (
    RecordingDesk,
    failure_of,
    of_kind,
    pictures_of,
    rest_of,
    run_job,
    shaded,
    until,
)
from tests.helpers.upscalers import esrgan, save_upscaler

SWINIR = {
    "conv_first.weight": (4, 3, 3, 3),
    "layers.0.residual_group.blocks.0.mlp.fc1.bias": (8,),
    "upsample.0.weight": (12, 4, 3, 3),
}
SOURCE = shaded(48, 32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("upscalers")
    save_upscaler(place / "quick.safetensors", esrgan(blocks=1, width=8, growth=4))
    save_upscaler(place / "swin.safetensors", SWINIR)
    tables = (
        adapter_table(place / f"{name}.safetensors", "upscaler", ANY_FAMILY)
        for name in ("quick", "swin", "away")
    )
    (place / "models.toml").write_text("".join(tables))
    return place


@pytest.fixture(scope="module")
def engine(folder: Path, tiny_models: Path) -> Iterator[LocalEngine]:
    places = Places(tiny_models, folder, folder, folder / "data", folder / "logs")
    with LocalEngine(places) as started:
        started.start()
        yield started


def asked(source: Picture, scale: int, model: str = "quick") -> Upscale:
    return Upscale(
        model=model,
        source=source.digest,
        width=source.width * scale,
        height=source.height * scale,
    )


@pytest.mark.parametrize("scale", [2, 4, 8])
def test_a_picture_is_enlarged_to_the_size_asked_for(engine: LocalEngine, scale: int) -> None:
    events = run_job(engine, asked(SOURCE, scale), attach([SOURCE]))
    [large] = pictures_of(events)
    assert (large.extent, large.mode) == ((48 * scale, 32 * scale), "RGB")
    phases = [event.phase for event in of_kind(events, Progress)]
    assert Phase.ENLARGING in phases
    assert of_kind(events, Finished)


def test_it_has_the_pixels_of_the_network(engine: LocalEngine, folder: Path) -> None:
    [large] = pictures_of(run_job(engine, asked(SOURCE, 4), attach([SOURCE])))
    network = Upscaler.of_file(folder / "quick.safetensors", find_machine(0))
    expected = network.enlarge(SOURCE.rgb(), 4, Watch())
    assert np.abs(large.rgb().astype(int) - expected).max() <= 1


def test_what_is_transparent_stays_so(engine: LocalEngine) -> None:
    pixels = np.dstack([SOURCE.rgb(), np.full((32, 48), 255, np.uint8)])
    pixels[:, :24, 3] = 0
    source = Picture.from_array(pixels)
    [large] = pictures_of(run_job(engine, asked(source, 4), attach([source])))
    alpha = large.array()[..., 3]
    assert large.mode == "RGBA"
    assert not alpha[:, :88].any()
    assert (alpha[:, 104:] == 255).all()


def test_it_is_cancelled_between_tiles(engine: LocalEngine) -> None:
    source = shaded(2048, 2048)
    engine.submit("long", asked(source, 4), attach([source]))
    until(engine, "long", lambda event: isinstance(event, Progress) and event.step > 0)
    engine.cancel("long")
    assert isinstance(rest_of(engine, "long")[-1], Cancelled)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("nothing", "There is no model or adapter 'nothing'"),
        ("away", "Away is not in"),
        ("tiny", "has no upscaler of its own"),
        ("swin", "needs spandrel"),
    ],
)
def test_what_cannot_enlarge_says_why(engine: LocalEngine, model: str, words: str) -> None:
    events = run_job(engine, asked(SOURCE, 2, model), attach([SOURCE]))
    assert words in failure_of(events).error.message


def test_a_generation_is_taken_to_its_size_by_the_upscaler_that_it_names(
    engine: LocalEngine,
) -> None:
    words = TextToImage(model="tiny", prompt="a ball", seed=1, width=256, height=256, steps=2)
    [plain] = pictures_of(run_job(engine, words))
    named = msgspec.structs.replace(words, upscaler="quick")
    [learned] = pictures_of(run_job(engine, named))
    assert plain.extent == learned.extent == (256, 256)
    assert plain != learned
    missing = run_job(engine, msgspec.structs.replace(words, upscaler="away"))
    assert "Away is not in" in failure_of(missing).error.message


def test_where_even_small_tiles_do_not_fit_models_are_let_go_first(
    folder: Path, tiny_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = load_catalog(tiny_models, folder, folder, folder)
    subject = Runner(lambda: catalog, 0)
    subject.preload("tiny", RecordingDesk())
    loaded: list[str] = []

    def starve(*_: object) -> None:
        loaded.append(subject.status().model)
        raise torch.OutOfMemoryError("no more")

    monkeypatch.setattr(runner, "enlarge", starve)
    with pytest.raises(EngineError, match="not enough memory to enlarge to 96x64"):
        subject.run(asked(SOURCE, 2), attach([SOURCE]), RecordingDesk())
    assert loaded == ["tiny", ""]


def test_a_result_larger_than_a_picture_may_be_is_no_request() -> None:
    with pytest.raises(RequestError, match="at most 16384 pixels a side"):
        asked(shaded(MAX_ENLARGED_SIDE // 2, 16), 4)
