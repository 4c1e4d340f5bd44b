"""Models that run out of memory, or over their numbers, and go on by themselves."""

import dataclasses
import gc
from collections.abc import Iterator
from copy import copy
from functools import partial
from typing import Any

import pytest
import torch
from diffusers import KandinskyV22Pipeline, UNet2DConditionModel, VQModel
from transformers import CLIPTextModelWithProjection

from studio.core.errors import EngineError, ModelError
from studio.engine.diffusion import runner as runners
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.runner import Runner
from studio.engine.protocol import Candidate, Note, Progress
from studio.engine.tuning import Tuning
from studio.generation.catalog import Catalog
from studio.generation.memory import MemoryMode, Rung
from studio.generation.request import MAX_COUNT, ImageToImage, TextToImage, attach
from tests.helpers.engine_runs import RecordingDesk, of_kind, shaded
from tests.helpers.shortage import run_out, small_gpu

LOADING = (KandinskyV22Pipeline, "from_pretrained")
READING = (CLIPTextModelWithProjection, "forward")
DENOISING = (UNet2DConditionModel, "forward")
DECODING = (VQModel, "decode")


def words(**changes: Any) -> TextToImage:
    values: dict[str, Any] = {"model": "tiny", "seed": 1, "width": 64, "height": 64}
    return TextToImage(prompt="a cat", **(values | changes))


@pytest.fixture(scope="module", autouse=True)
def frozen() -> Iterator[None]:
    """What is imported is no garbage; without it collecting takes no time."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def runner(tiny_catalog: Catalog) -> Runner:
    return Runner(lambda: tiny_catalog, spare_cores=0)


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """What runners find in the place of the machine."""
    machine = small_gpu()
    monkeypatch.setattr(runners, "find_machine", lambda spare_cores: machine)
    return machine


def rung_of(runner: Runner) -> Rung:
    plan = runner.status().plan
    assert plan is not None
    return plan.rung


def notes(desk: RecordingDesk) -> list[str]:
    """What was told of memory and precision."""
    messages = [note.message for note in of_kind(desk.events, Note)]
    return [message for message in messages if " paints at " not in message]


def indices(desk: RecordingDesk) -> list[int]:
    return [candidate.index for candidate in of_kind(desk.events, Candidate)]


@pytest.mark.parametrize(
    ("place", "call", "rung"),
    [
        (LOADING, 1, Rung.HALVED),
        (READING, 1, Rung.TILED),
        (DENOISING, 1, Rung.TILED),
        (DENOISING, 5, Rung.TILED),
        (DECODING, 1, Rung.TILED),
        (DECODING, 2, Rung.TILED),
    ],
)
def test_a_job_goes_on_one_rung_lower_wherever_the_memory_runs_out(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, place: tuple[Any, str], call: int, rung: Rung
) -> None:
    run_out(monkeypatch, *place, calls={call})
    desk = RecordingDesk()
    runner.run(words(count=2), {}, desk)
    assert indices(desk) == [0, 1]
    assert rung_of(runner) is rung
    assert len(notes(desk)) == 1 and notes(desk)[0].startswith("The memory ran out: ")


def test_the_pictures_are_those_that_enough_memory_would_have_given(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    plenty, short = RecordingDesk(), RecordingDesk()
    runner.run(words(count=2), {}, plenty)
    run_out(monkeypatch, *DENOISING, calls={6})
    runner.run(words(count=2), {}, short)
    pictures = [
        [candidate.picture for candidate in of_kind(desk.events, Candidate)]
        for desk in (plenty, short)
    ]
    assert pictures[0] == pictures[1]


def test_progress_never_falls_when_a_job_begins_anew(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_out(monkeypatch, *DENOISING, calls={7})
    desk = RecordingDesk()
    runner.run(words(count=2), {}, desk)
    fractions = [progress.fraction for progress in of_kind(desk.events, Progress)]
    assert fractions == sorted(fractions)


def test_the_lower_rung_stays_and_is_told_once(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_out(monkeypatch, *DECODING, calls={1})
    runner.run(words(), {}, RecordingDesk())
    desk = RecordingDesk()
    runner.run(words(seed=5), {}, desk)
    assert rung_of(runner) is Rung.TILED and not notes(desk)


def test_freed_memory_lets_a_model_begin_anew(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_out(monkeypatch, *DECODING, calls={1})
    runner.run(words(), {}, RecordingDesk())
    runner.unload()
    runner.run(words(), {}, RecordingDesk())
    assert rung_of(runner) is Rung.FULL


def test_what_the_person_wants_is_read_anew_when_memory_is_freed(
    tiny_catalog: Catalog, gpu: Machine
) -> None:
    wanted: list[Tuning | EngineError] = [
        Tuning(memory="low"),
        EngineError("not valid"),
        Tuning(),
    ]

    def read() -> Tuning:
        tuning = wanted.pop(0)
        if isinstance(tuning, EngineError):
            raise tuning
        return tuning

    runner = Runner(lambda: tiny_catalog, 0, read)
    rungs = []
    for _ in range(3):
        runner.preload("tiny", RecordingDesk())
        rungs.append(rung_of(runner))
        if wanted:
            runner.unload()
    assert rungs == [Rung.BLOCKS, Rung.BLOCKS, Rung.FULL]


def test_each_rung_is_tried_once_and_then_it_is_said_what_would_help(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = run_out(monkeypatch, *DENOISING, calls=range(1, 100))
    desk = RecordingDesk()
    with pytest.raises(EngineError, match="not enough memory for Tiny.*close other programs"):
        runner.run(words(), {}, desk)
    assert len(tries) == 4
    assert len(notes(desk)) == 3
    assert indices(desk) == []


def test_the_next_job_runs_after_one_that_did_not_fit(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as short:
        run_out(short, *DENOISING, calls=range(1, 100))
        with pytest.raises(EngineError):
            runner.run(words(), {}, RecordingDesk())
    desk = RecordingDesk()
    runner.run(words(), {}, desk)
    assert indices(desk) == [0]


def test_on_the_last_rung_a_smaller_picture_is_painted_and_enlarged(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_out(monkeypatch, *DENOISING, calls={1, 2, 3})
    desk = RecordingDesk()
    runner.run(words(), {}, desk)
    [candidate] = of_kind(desk.events, Candidate)
    assert candidate.picture.extent == (64, 64)
    assert rung_of(runner) is Rung.SMALLER
    assert of_kind(desk.events, Note)[-1].message.startswith("Tiny paints at 48 px; enlarged to")


def test_a_source_at_strength_0_needs_no_model_and_is_not_sent_twice(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = shaded(64, 64)
    request = ImageToImage(
        model="tiny", prompt="x", seed=1, width=64, height=64, count=2, strength=0.0, rank=True,
        source=source.digest,
    )  # fmt: skip
    run_out(monkeypatch, *READING, calls={2})
    desk = RecordingDesk()
    runner.run(request, attach([source]), desk)
    assert indices(desk) == [0, 1]


def test_on_a_gpu_each_way_of_waiting_outside_is_tried_in_turn(
    tiny_catalog: Catalog, gpu: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = Runner(lambda: tiny_catalog, spare_cores=0)
    tries = run_out(monkeypatch, *DENOISING, calls=range(1, 100))
    desk = RecordingDesk()
    with pytest.raises(EngineError):
        runner.run(words(), {}, desk)
    assert len(tries) == len(Rung)
    assert [note.split()[4] for note in notes(desk)] == [
        "Tiny", "parts", "blocks", "layers", "the", "Tiny",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("mode", "rung"),
    [
        ("full", Rung.FULL),
        ("balanced", Rung.MODULES),
        ("low", Rung.BLOCKS),
        ("lowest", Rung.LAYERS),
    ],
)
def test_the_person_may_say_where_to_begin(
    tiny_catalog: Catalog, gpu: Machine, mode: MemoryMode, rung: Rung
) -> None:
    pictures = []
    for tuning in (Tuning(), Tuning(memory=mode)):
        runner = Runner(lambda: tiny_catalog, 0, partial(copy, tuning))
        desk = RecordingDesk()
        runner.run(words(), {}, desk)
        pictures.append(of_kind(desk.events, Candidate)[0].picture)
    assert rung_of(runner) is rung
    assert pictures[0] == pictures[1]


def test_a_second_model_stays_beside_the_first_until_memory_is_short(
    tiny_catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = tiny_catalog.get("tiny")
    catalog = Catalog([tiny, dataclasses.replace(tiny, id="other", title="Other")])
    runner = Runner(lambda: catalog, spare_cores=0)
    loads = run_out(monkeypatch, *LOADING, calls={3})
    for model in ("tiny", "other", "tiny"):
        runner.run(words(model=model), {}, RecordingDesk())
    assert len(loads) == 2
    run_out(monkeypatch, *DENOISING, calls={1})
    desk = RecordingDesk()
    runner.run(words(model="tiny"), {}, desk)
    assert rung_of(runner) is Rung.FULL and not notes(desk)
    runner.run(words(model="other"), {}, RecordingDesk())
    assert len(loads) > 2


def test_numbers_that_run_over_are_computed_again_in_more_bits(
    tiny_catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = Machine(torch.device("cpu"), torch.float16, "CPU")
    monkeypatch.setattr(runners, "find_machine", lambda spare_cores: half)
    runner = Runner(lambda: tiny_catalog, spare_cores=0)
    decode = VQModel.decode

    def overflowing(module: Any, latents: torch.Tensor, **settings: Any) -> Any:
        answer = decode(module, latents, **settings)
        if latents.dtype is not torch.float32:
            answer.sample[:] = float("nan")
        return answer

    monkeypatch.setattr(VQModel, "decode", overflowing)
    desk = RecordingDesk()
    runner.run(words(count=2), {}, desk)
    assert indices(desk) == [0, 1]
    assert [note[-8:] for note in notes(desk)] == ["16 bits.", "32 bits."]


def test_no_picture_in_any_precision_is_the_models_fault(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(module: Any, latents: torch.Tensor, **settings: Any) -> Any:
        answer = decode(module, latents, **settings)
        answer.sample[:] = float("nan")
        return answer

    decode = VQModel.decode
    monkeypatch.setattr(VQModel, "decode", broken)
    with pytest.raises(ModelError, match="weights may be damaged: take off what it wears"):
        runner.run(words(), {}, RecordingDesk())


@pytest.fixture
def sociable(tiny_catalog: Catalog) -> Runner:
    """Paints as many candidates together as the memory takes, which here is any number."""
    return Runner(lambda: tiny_catalog, 0, lambda: Tuning(together=True))


def test_candidates_are_painted_in_smaller_batches_before_the_model_takes_a_lower_rung(
    sociable: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = sizes_of_batches(monkeypatch)
    run_out(monkeypatch, *DENOISING, calls={1, 2, 3})
    desk = RecordingDesk()
    sociable.run(words(count=4, guidance=1, steps=2), {}, desk)
    assert indices(desk) == [0, 1, 2, 3]
    assert [note.removeprefix("The memory ran out: ") for note in notes(desk)] == [
        "Tiny paints candidates 2 at a time from now on.",
        "Tiny paints candidates one by one from now on.",
        "Tiny develops its pictures in tiles from now on.",
    ]
    assert seen == [1] * 8
    assert rung_of(sociable) is Rung.TILED


def test_a_batch_that_does_not_fit_is_split_and_what_is_finished_is_not_painted_again(
    sociable: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = sizes_of_batches(monkeypatch)
    run_out(monkeypatch, *DENOISING, calls={1, 4})
    desk = RecordingDesk()
    sociable.run(words(count=4, guidance=1, steps=2), {}, desk)
    assert indices(desk) == [0, 1, 2, 3]
    assert seen == [2, 2, 1, 1, 1, 1]
    assert rung_of(sociable) is Rung.FULL
    assert sociable.status().plan.together == 1  # type: ignore[union-attr]
    sociable.unload()
    sociable.preload("tiny", RecordingDesk())
    assert sociable.status().plan.together == MAX_COUNT  # type: ignore[union-attr]


def test_a_batch_stays_where_developing_was_too_much(
    sociable: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = sizes_of_batches(monkeypatch)
    run_out(monkeypatch, *DECODING, calls={2})
    desk = RecordingDesk()
    sociable.run(words(count=3, guidance=1, steps=1), {}, desk)
    assert indices(desk) == [0, 1, 2]
    assert seen[0] == 3 and rung_of(sociable) is Rung.TILED


def test_a_batch_without_pictures_is_painted_again_in_more_bits(
    tiny_catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = Machine(torch.device("cpu"), torch.bfloat16, "CPU", tuning=Tuning(together=True))
    monkeypatch.setattr(runners, "find_machine", lambda spare_cores: half)
    runner = Runner(lambda: tiny_catalog, 0, lambda: Tuning(together=True))
    seen = sizes_of_batches(monkeypatch)
    decode, developed = VQModel.decode, list[torch.dtype]()

    def overflowing(module: Any, latents: torch.Tensor, **settings: Any) -> Any:
        answer = decode(module, latents, **settings)
        developed.append(latents.dtype)
        if developed == [torch.bfloat16] * 2:
            answer.sample[:] = float("nan")
        return answer

    monkeypatch.setattr(VQModel, "decode", overflowing)
    desk = RecordingDesk()
    runner.run(words(count=3, guidance=1, steps=1), {}, desk)
    assert indices(desk) == [0, 1, 2]
    assert seen == [3, 2]
    assert developed == [torch.bfloat16] * 2 + [torch.float32] * 2


def sizes_of_batches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by the number of rows of each answer of a denoiser."""
    forward, seen = UNet2DConditionModel.forward, list[int]()

    def counted(module: Any, sample: torch.Tensor, *values: Any, **named: Any) -> Any:
        answer = forward(module, sample, *values, **named)
        seen.append(len(sample))
        return answer

    monkeypatch.setattr(UNet2DConditionModel, "forward", counted)
    return seen
