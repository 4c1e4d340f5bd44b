"""Room in memory for what works beside a model, planned before it is loaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pytest

from studio.engine.diffusion import runner as runners
from studio.engine.diffusion.runner import Runner
from studio.engine.protocol import Candidate, Note, Phase, Progress
from studio.generation.catalog import Catalog
from studio.generation.memory import GIB, Budget, Rung
from studio.generation.needs import modules_beside, read_needs
from studio.generation.request import Control, TextToImage, attach
from tests.helpers.adapters import adapter_info
from tests.helpers.engine_runs import RecordingDesk, of_kind, shaded
from tests.helpers.shortage import SmallGpu, small_gpu
from tests.helpers.tiny import stable_diffusion
from tests.helpers.tiny.guides import save_controlnet
from tests.helpers.tiny_family import SIDE, saved_models

NUMBER_BYTES = 4
SOURCE = shaded(SIDE, SIDE)
GUIDE = Control(picture=SOURCE.digest, adapter="edges")

Made: TypeAlias = Callable[[int], Runner]
"""Makes a runner that finds a GPU with so many bytes."""


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """A model, and a ControlNet for it."""
    folder = tmp_path_factory.mktemp("models")
    models = saved_models(folder, "stable_diffusion").models
    place = save_controlnet(stable_diffusion.pipeline().unet, folder / "edges", seed=1)
    return Catalog(models, [adapter_info(place, "controlnet", "stable_diffusion")])


@pytest.fixture
def enough(catalog: Catalog) -> int:
    """Bytes for all of the model, and for nothing beside it."""
    needs = read_needs(catalog.get("tiny-sd"), NUMBER_BYTES)
    return needs.taken(Rung.FULL, is_shared=False)


@pytest.fixture
def extra(catalog: Catalog) -> int:
    """Bytes of the ControlNet."""
    modules = modules_beside([catalog.adapter("edges")], NUMBER_BYTES)
    return sum(module.weights for module in modules)


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch, catalog: Catalog) -> Made:
    def make(total: int) -> Runner:
        monkeypatch.setattr(runners, "find_machine", lambda spare_cores: small_gpu())
        runner = Runner(lambda: catalog, spare_cores=0)

        def budget(_: SmallGpu) -> Budget:
            held = read_needs(catalog.get("tiny-sd"), NUMBER_BYTES)
            free = total - (held.weights if len(runner._shelf) else 0)
            return Budget(free, 0, 16 * GIB, is_shared=False, number_bytes=NUMBER_BYTES)

        monkeypatch.setattr(SmallGpu, "budget", budget)
        return runner

    return make


def run(runner: Runner, **changes: Any) -> tuple[RecordingDesk, Rung]:
    values: dict[str, Any] = {"width": SIDE, "height": SIDE, "steps": 2}
    desk = RecordingDesk()
    request = TextToImage(model="tiny-sd", prompt="a cat", seed=1, **values, **changes)
    runner.run(request, attach([SOURCE]), desk)
    plan = runner.status().plan
    assert plan is not None
    return desk, plan.rung


def picture(desk: RecordingDesk) -> Any:
    [candidate] = of_kind(desk.events, Candidate)
    return candidate.picture.array()


def test_a_model_gives_way_at_once_to_what_is_to_work_beside_it(make: Made, enough: int) -> None:
    _, alone = run(make(enough))
    desk, together = run(make(enough), controls=(GUIDE,))
    assert (alone, together) == (Rung.FULL, Rung.MODULES)
    [note] = of_kind(desk.events, Note)
    assert "Parts wait in main memory" in note.message


def test_where_there_is_room_for_both_both_are_on_the_device(
    make: Made, enough: int, extra: int
) -> None:
    desk, rung = run(make(enough + extra), controls=(GUIDE,))
    assert rung is Rung.FULL
    assert not of_kind(desk.events, Note)


def test_a_loaded_model_is_loaded_again_where_there_is_no_room_beside_it(
    make: Made, enough: int
) -> None:
    runner = make(enough)
    _, before = run(runner)
    squeezed, after = run(runner, controls=(GUIDE,))
    assert (before, after) == (Rung.FULL, Rung.MODULES)
    again, _ = run(runner, controls=(GUIDE,))
    assert not of_kind(again.events, Note)
    roomy, _ = run(make(16 * GIB), controls=(GUIDE,))
    assert np.array_equal(picture(squeezed), picture(roomy))


def test_a_loaded_model_stays_where_there_is_room_beside_it(
    make: Made, enough: int, extra: int
) -> None:
    runner = make(enough + extra)
    run(runner)
    desk, rung = run(runner, controls=(GUIDE,))
    assert rung is Rung.FULL
    assert Phase.LOADING not in [event.phase for event in of_kind(desk.events, Progress)]
