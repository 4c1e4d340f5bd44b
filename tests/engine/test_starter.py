"""The starter that ships with the program, through the real worker and as damaged copies."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from studio import paths
from studio.core.errors import ModelError
from studio.core.geometry import Point
from studio.engine.client import LocalEngine
from studio.engine.diffusion.runner import Runner
from studio.engine.protocol import Candidate, Finished, Note, Phase, Progress, Scored
from studio.engine.wire import Places
from studio.generation.catalog import Catalog, load_catalog
from studio.generation.edits import apply_patch
from studio.generation.request import (
    ImageToImage,
    Inpaint,
    Ranking,
    TextToImage,
    Upscale,
    Variation,
    attach,
)
from tests.helpers.engine_runs import RecordingDesk, box_mask, of_kind, pictures_of, run_job

pytestmark = pytest.mark.engine

BALL = TextToImage(
    model="starter", prompt="a red ball on a white background", seed=3, width=256, height=256
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalEngine]:
    folder = tmp_path_factory.mktemp("home")
    places = Places(paths.models_file(), paths.resources(), folder, folder, folder / "logs")
    with LocalEngine(places, spare_cores=0) as started:
        started.start()
        yield started


def test_words_become_a_picture_with_a_score_and_named_weights(engine: LocalEngine) -> None:
    events = run_job(engine, msgspec.structs.replace(BALL, rank=True))
    [candidate] = of_kind(events, Candidate)
    [finished] = of_kind(events, Finished)
    assert candidate.picture.extent == (256, 256)
    assert candidate.score is not None
    assert len(finished.model_digest) == 64
    assert [note.message for note in of_kind(events, Note)] == [
        "Sfumato Starter paints at 128 px; enlarged to 256 px."
    ]


def test_a_red_ball_is_redder_than_its_surroundings(engine: LocalEngine) -> None:
    [picture] = pictures_of(run_job(engine, BALL))
    red, green, blue = (picture.rgb()[..., k].astype(int) for k in range(3))
    redness = red - np.maximum(green, blue)
    assert redness.max() > 80
    assert np.median(redness) < 40


@pytest.mark.parametrize("prompt", ["quantum bureaucracy", "🦄🦄"])
def test_a_prompt_of_unknown_words_still_gives_a_picture_and_says_so(
    engine: LocalEngine, prompt: str
) -> None:
    events = run_job(engine, msgspec.structs.replace(BALL, prompt=prompt))
    assert pictures_of(events)
    assert any(
        "knows few words, and none of these" in note.message for note in of_kind(events, Note)
    )


def test_pictures_are_repainted_varied_and_scored(engine: LocalEngine) -> None:
    [source] = pictures_of(run_job(engine, BALL))
    attached = attach([source])
    for request in (
        ImageToImage(
            model="starter",
            prompt="a blue ball",
            seed=3,
            width=256,
            height=256,
            source=source.digest,
        ),
        Variation(model="starter", seed=3, width=256, height=256, source=source.digest),
    ):
        [picture] = pictures_of(run_job(engine, request, attached))
        assert picture.extent == source.extent and picture != source
    ranking = Ranking(model="starter", prompt="a red ball", pictures=(source.digest,))
    [scored] = of_kind(run_job(engine, ranking, attached), Scored)
    assert -1 <= scored.scores[0] <= 1


def test_an_inpaint_leaves_every_pixel_outside_its_mask_alone(engine: LocalEngine) -> None:
    [source] = pictures_of(run_job(engine, BALL))
    mask = box_mask(256, 256, 90, 60, 200, 190)
    request = Inpaint(
        model="starter",
        prompt="a yellow star",
        seed=3,
        width=256,
        height=256,
        source=source.digest,
        mask=mask.digest,
    )
    [patch] = pictures_of(run_job(engine, request, attach([source, mask])))
    result = apply_patch(source, patch, Point(0, 0)).rgb()
    outside = mask.array() == 0
    assert np.array_equal(result[outside], source.rgb()[outside])
    assert not np.array_equal(result[~outside], source.rgb()[~outside])


@pytest.mark.parametrize("scale", [2, 4])
def test_its_own_upsamplers_enlarge_any_picture(engine: LocalEngine, scale: int) -> None:
    [source] = pictures_of(run_job(engine, BALL))
    side = 256 * scale
    request = Upscale(model="starter", source=source.digest, width=side, height=side)
    events = run_job(engine, request, attach([source]))
    [large] = pictures_of(events)
    [finished] = of_kind(events, Finished)
    assert large.extent == (side, side)
    assert len(finished.model_digest) == 64
    means = large.rgb().reshape(256, scale, 256, scale, 3).mean(axis=(1, 3))
    assert np.abs(means - source.rgb()).mean() < 4


def copied_catalog(folder: Path) -> Catalog:
    shutil.copytree(paths.resources() / "starter", folder / "starter")
    return load_catalog(paths.models_file(), folder, folder / "config", folder / "data")


@pytest.mark.parametrize(
    "name",
    [
        "prior/text_encoder/model.safetensors",
        "decoder/unet/diffusion_pytorch_model-00002-of-00002.safetensors",
        "inpaint/unet/diffusion_pytorch_model-00002-of-00002.safetensors",
        "upscaler/x4.safetensors",
    ],
)
def test_a_bit_flipped_in_any_part_is_found_and_named(tmp_path: Path, name: str) -> None:
    catalog = copied_catalog(tmp_path)
    path = tmp_path / "starter" / name
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match=f"The file {name} of Sfumato Starter is damaged"):
        Runner(lambda: catalog, 0).run(BALL, {}, RecordingDesk())


def test_missing_weights_are_named_with_what_to_do(tmp_path: Path) -> None:
    catalog = copied_catalog(tmp_path)
    (tmp_path / "starter/decoder/movq/diffusion_pytorch_model.safetensors").unlink()
    with pytest.raises(ModelError, match=r"movq/.* is missing: install Sfumato again\."):
        Runner(lambda: catalog, 0).run(BALL, {}, RecordingDesk())


def test_it_tells_how_many_bytes_of_the_weights_are_read(tmp_path: Path) -> None:
    catalog, desk = copied_catalog(tmp_path), RecordingDesk()
    Runner(lambda: catalog, 0).preload("starter", desk)
    last = of_kind(desk.events, Progress)[-1]
    weights = (tmp_path / "starter").rglob("*.safetensors")
    assert last.phase is Phase.LOADING
    assert last.step == last.total >= sum(path.stat().st_size for path in weights)
