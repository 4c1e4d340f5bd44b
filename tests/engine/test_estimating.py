"""Pictures that only models can make of others, through the real worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from studio.engine.client import LocalEngine
from studio.engine.protocol import Failed, Note
from studio.engine.wire import Places
from studio.generation.catalog import MODELS_FILE
from studio.generation.catalog_entries import ANY_FAMILY
from studio.generation.request import Control, TextToImage, attach
from tests.helpers.adapters import adapter_table
from tests.helpers.engine_runs import of_kind, pictures_of, run_job, shaded
from tests.helpers.tiny import save_models, stable_diffusion
from tests.helpers.tiny.guides import save_controlnet, save_depth, save_people, save_pose

pytestmark = pytest.mark.engine

SOURCE = shaded(72, 56)
REQUEST = TextToImage(
    model="tiny-sd",
    prompt="a red boat",
    seed=5,
    width=SOURCE.width,
    height=SOURCE.height,
    controls=(Control(picture=SOURCE.digest, adapter="depths", preprocessor="depth"),),
)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    models = save_models(tmp_path / "made", ("stable_diffusion",))
    (tmp_path / "config").mkdir()
    return Places(models, *(tmp_path / name for name in ("resources", "config", "data", "logs")))


@pytest.fixture
def engine(places: Places) -> Iterator[LocalEngine]:
    with LocalEngine(places) as engine:
        yield engine


def test_an_estimator_that_is_installed_meanwhile_sees_what_a_controlnet_reads(
    engine: LocalEngine, places: Places, tmp_path: Path
) -> None:
    listed, pictures = places.config / MODELS_FILE, attach([SOURCE])
    net = save_controlnet(stable_diffusion.pipeline().unet, tmp_path / "depths", seed=1)
    table = adapter_table(net, "controlnet", "stable_diffusion", preprocessor="depth")
    coming = adapter_table(tmp_path / "seer", "estimator", ANY_FAMILY, preprocessor="depth")
    listed.write_text(table + coming, encoding="utf-8")

    unseen = run_job(engine, REQUEST, pictures)
    [note] = of_kind(unseen, Note)
    assert note.message.startswith("Depths reads a depth picture, which is not made here")
    assert note.message.endswith("install Seer with sfumato models install seer.")

    folder = save_depth(tmp_path / "seer", seed=2)
    seen = run_job(engine, REQUEST, pictures)
    assert not of_kind(seen, Note)
    assert pictures_of(seen) != pictures_of(unseen)
    assert pictures_of(run_job(engine, REQUEST, pictures)) == pictures_of(seen)

    (folder / "config.json").write_text('{"model_type": "zoedepth"}', encoding="utf-8")
    engine.free_memory()
    [failed] = of_kind(run_job(engine, REQUEST, pictures), Failed)
    assert "Seer sees depths in a way (zoedepth)" in failed.error.message
    assert not failed.error.is_bug


def test_poses_are_drawn_of_one_person_or_of_those_who_are_found(
    engine: LocalEngine, places: Places, tmp_path: Path
) -> None:
    net = save_controlnet(stable_diffusion.pipeline().unet, tmp_path / "poses", seed=1)
    request = msgspec.structs.replace(
        REQUEST,
        controls=(Control(picture=SOURCE.digest, adapter="poses", preprocessor="pose"),),
    )
    seers = (save_pose(tmp_path / "pose", seed=2), tmp_path / "people")
    tables = [adapter_table(net, "controlnet", "stable_diffusion", preprocessor="pose")]
    tables += [
        adapter_table(seer, "estimator", ANY_FAMILY, preprocessor=seer.name) for seer in seers
    ]
    (places.config / MODELS_FILE).write_text("".join(tables), encoding="utf-8")

    alone = run_job(engine, request, attach([SOURCE]))
    [note] = of_kind(alone, Note)
    assert note.message.startswith("Your picture is taken to show one person.")
    save_people(tmp_path / "people", seed=3)
    found = run_job(engine, request, attach([SOURCE]))
    assert not of_kind(found, Note)
    assert pictures_of(found) != pictures_of(alone)
