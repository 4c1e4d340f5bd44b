import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from studio.core.errors import EngineError, ModelError
from studio.core.picture import Picture
from studio.engine.diffusion.painter import Painter
from studio.engine.diffusion.runner import Runner
from studio.engine.protocol import Candidate, Note, Phase, Progress
from studio.generation.catalog import Catalog, load_catalog
from studio.generation.request import Ranking, TextToImage, attach
from tests.helpers.engine_runs import RecordingDesk, of_kind, shaded
from tests.helpers.tiny.kandinsky22 import save_kandinsky

PICTURE = shaded(64, 64)


def words(prompt: str = "a cat", **changes: Any) -> TextToImage:
    values: dict[str, Any] = {"model": "tiny", "seed": 1, "width": 64, "height": 64}
    return TextToImage(prompt=prompt, **(values | changes))


@pytest.fixture(scope="module")
def runner(tiny_catalog: Catalog) -> Runner:
    return Runner(lambda: tiny_catalog, spare_cores=0)


def test_a_model_is_loaded_by_the_first_request_alone(tiny_catalog: Catalog) -> None:
    fresh = Runner(lambda: tiny_catalog, spare_cores=0)
    first, second = RecordingDesk(), RecordingDesk()
    assert fresh.status().model == ""
    fresh.run(words(), {}, first)
    fresh.run(words(), {}, second)
    phases = [[event.phase for event in of_kind(d.events, Progress)] for d in (first, second)]
    assert phases[0][0] is Phase.LOADING
    assert Phase.LOADING not in phases[1]
    assert fresh.status().model == "tiny" and fresh.status().memory > 0


def test_the_empty_id_preloads_the_default_model(tiny_catalog: Catalog) -> None:
    fresh = Runner(lambda: tiny_catalog, spare_cores=0)
    desk = RecordingDesk()
    fresh.preload("", desk)
    assert fresh.status().model == "tiny"
    assert of_kind(desk.events, Progress)[0].phase is Phase.LOADING


def test_a_model_that_was_unloaded_is_loaded_again_when_it_is_needed(
    tiny_catalog: Catalog,
) -> None:
    fresh = Runner(lambda: tiny_catalog, spare_cores=0)
    fresh.preload("", RecordingDesk())
    fresh.unload()
    assert fresh.status().model == ""
    fresh.run(words(), {}, RecordingDesk())
    assert fresh.status().model == "tiny"


def test_the_same_request_gives_the_same_pixels(runner: Runner) -> None:
    pictures = []
    for _ in range(2):
        desk = RecordingDesk()
        runner.run(words(count=2), {}, desk)
        pictures.append([candidate.picture for candidate in of_kind(desk.events, Candidate)])
    assert pictures[0] == pictures[1]
    assert pictures[0][0] != pictures[0][1]


def test_a_candidate_has_the_pixels_of_a_single_request_with_its_seed(runner: Runner) -> None:
    batch, single = RecordingDesk(), RecordingDesk()
    runner.run(words(count=3), {}, batch)
    runner.run(words(seed=3), {}, single)
    assert (
        of_kind(batch.events, Candidate)[2].picture == of_kind(single.events, Candidate)[0].picture
    )


def test_an_unknown_model_is_a_known_error(runner: Runner) -> None:
    with pytest.raises(ModelError, match="choose one of tiny"):
        runner.run(words(model="huge"), {}, RecordingDesk())


def test_a_task_that_the_model_has_not_is_refused(tiny_catalog: Catalog) -> None:
    lesser = Catalog([dataclasses.replace(tiny_catalog.get("tiny"), tasks=("inpaint",))])
    with pytest.raises(ModelError, match=r"Tiny cannot do this \(text to image\)"):
        Runner(lambda: lesser, spare_cores=0).run(words(), {}, RecordingDesk())


@pytest.mark.parametrize(
    ("prompt", "end"),
    [
        ("abcdefgh ijk lm nopq", "its last word is not read, from “opq” on."),
        ("abcdefgh ijk lmn op qr", "its last 2 words are not read, from “op” on."),
    ],
)
def test_words_beyond_the_encoder_are_counted_and_the_first_is_named(
    runner: Runner, prompt: str, end: str
) -> None:
    desk = RecordingDesk()
    runner.run(words(prompt), {}, desk)
    [note] = of_kind(desk.events, Note)
    assert note.message == f"The prompt is too long for Tiny: {end}"


@pytest.mark.parametrize(("prompt", "notes"), [("a zebra", 1), ("a RED zebra", 0)])
def test_a_prompt_with_no_known_word_is_told(
    tiny_catalog: Catalog, tmp_path: Path, prompt: str, notes: int
) -> None:
    vocabulary = tmp_path / "words.json"
    vocabulary.write_text('{"words": ["a", "red", "ball"], "links": ["a"]}')
    model = dataclasses.replace(tiny_catalog.get("tiny"), vocabulary=vocabulary)
    desk = RecordingDesk()
    Runner(lambda: Catalog([model]), spare_cores=0).run(words(prompt), {}, desk)
    assert len(of_kind(desk.events, Note)) == notes
    assert len(of_kind(desk.events, Candidate)) == 1


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory"),
        MemoryError(),
    ],
)
def test_too_little_memory_is_a_known_error_with_advice_and_the_next_job_runs(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(Painter, "paint", fail)
        with pytest.raises(EngineError, match="not enough memory"):
            runner.run(words(), {}, RecordingDesk())
    desk = RecordingDesk()
    runner.run(words(), {}, desk)
    assert of_kind(desk.events, Candidate)


def test_other_mistakes_are_not_mistaken_for_too_little_memory(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("shapes differ")

    monkeypatch.setattr(Painter, "paint", fail)
    with pytest.raises(RuntimeError, match="shapes differ"):
        runner.run(words(), {}, RecordingDesk())


def test_a_damaged_model_is_not_kept_and_its_file_is_named(
    tiny_catalog: Catalog, tmp_path: Path
) -> None:
    models = save_kandinsky(tmp_path)
    catalog = load_catalog(models, tmp_path, tmp_path / "config", tmp_path)
    weights = tmp_path / "decoder/unet/diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    damaged = Runner(lambda: catalog, spare_cores=0)
    with pytest.raises(ModelError, match="Tiny cannot be loaded"):
        damaged.run(words(), {}, RecordingDesk())
    assert damaged.status().model == ""


def test_rankings_run_too(runner: Runner) -> None:
    grey = np.full((20, 90, 3), 128, np.uint8)
    pictures = [PICTURE, Picture.from_array(grey)]
    desk = RecordingDesk()
    runner.run(
        Ranking(model="tiny", prompt="x", pictures=tuple(p.digest for p in pictures)),
        attach(pictures),
        desk,
    )
    assert desk.steps == 2
