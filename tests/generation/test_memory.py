"""Fitting models into memory: what each rung takes, and which one is chosen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.generation.memory import (
    GIB,
    GPU_LADDER,
    SHARED_LADDER,
    Budget,
    MemoryMode,
    Module,
    Needs,
    Rung,
    below,
    plan,
)

TEXT = Module(weights=2 * GIB, block=GIB // 4, layer=GIB // 8)
DENOISER = Module(weights=5 * GIB, block=GIB // 2, layer=GIB // 8, is_denoiser=True)
AUTOENCODER = Module(weights=GIB // 4, block=GIB // 8, layer=GIB // 16, is_autoencoder=True)
NEEDS = Needs((TEXT, DENOISER, AUTOENCODER), pixels=1024 * 1024, number_bytes=2)


def gpu(gib: float, main: float = 32) -> Budget:
    return Budget(int(gib * GIB), int(gib * GIB), int(main * GIB), is_shared=False)


def shared(gib: float) -> Budget:
    return Budget(int(gib * GIB), int(gib * GIB), int(gib * GIB), is_shared=True)


@pytest.mark.parametrize(
    ("gib", "rung"),
    [
        (24, Rung.FULL),
        (9, Rung.TILED),
        (7, Rung.MODULES),
        (2, Rung.BLOCKS),
        (0.85, Rung.LAYERS),
        (0.1, Rung.SMALLER),
    ],
)
def test_the_first_rung_that_fits_a_gpu_is_chosen(gib: float, rung: Rung) -> None:
    assert plan(NEEDS, gpu(gib)).rung is rung


@pytest.mark.parametrize(
    ("gib", "rung"), [(16, Rung.FULL), (10.5, Rung.TILED), (7, Rung.HALVED), (1, Rung.SMALLER)]
)
def test_where_the_device_computes_in_main_memory_nothing_waits_there(
    gib: float, rung: Rung
) -> None:
    assert plan(NEEDS, shared(gib)).rung is rung


def test_weights_that_main_memory_cannot_hold_do_not_wait_there() -> None:
    assert plan(NEEDS, gpu(2, main=5)).rung is Rung.HALVED


def test_what_may_not_be_enough_is_tried_and_said() -> None:
    assert plan(NEEDS, gpu(24)).fits
    hopeless = plan(NEEDS, gpu(0.1))
    assert not hopeless.fits
    assert hopeless.line.endswith("; may not be enough")


@pytest.mark.parametrize(
    ("budget", "line"),
    [
        (gpu(24), "All on the GPU, 9.4 of 24 GB"),
        (gpu(7), "Parts wait in main memory: slower, 5.6 of 7 GB"),
        (shared(16), "All in memory, 9.4 of 16 GB"),
    ],
)
def test_a_plan_is_one_line(budget: Budget, line: str) -> None:
    assert plan(NEEDS, budget).line == line


@pytest.mark.parametrize(
    ("mode", "on_gpu", "on_cpu"),
    [
        ("full", Rung.FULL, Rung.FULL),
        ("balanced", Rung.MODULES, Rung.HALVED),
        ("low", Rung.BLOCKS, Rung.HALVED),
        ("lowest", Rung.LAYERS, Rung.HALVED),
        ("halved", Rung.HALVED, Rung.HALVED),
    ],
)
def test_the_person_may_choose_the_rung_to_begin_with(
    mode: MemoryMode, on_gpu: Rung, on_cpu: Rung
) -> None:
    assert plan(NEEDS, gpu(80), mode).rung is on_gpu
    assert plan(NEEDS, gpu(1), mode).rung is on_gpu
    assert plan(NEEDS, shared(80), mode).rung is on_cpu


@pytest.mark.parametrize(("gib", "most", "together"), [(24, 10, 10), (13, 10, 8), (24, 1, 1)])
def test_as_many_candidates_are_painted_together_as_fit(
    gib: float, most: int, together: int
) -> None:
    found = plan(NEEDS, gpu(gib), "full", most)
    assert found.together == together
    assert found.needed <= gpu(gib).usable
    assert (" pictures at a time" in found.line) == (together > 1)


def test_weights_that_wait_outside_leave_room_for_candidates() -> None:
    assert plan(NEEDS, gpu(6), "lowest", 10).together > plan(NEEDS, gpu(6), "balanced", 10).together


def test_one_candidate_is_painted_at_a_time_where_nobody_knows_what_more_take() -> None:
    assert plan(Needs((TEXT, AUTOENCODER), 1024, 2), gpu(80), most=10).together == 1


@given(
    modules=st.lists(
        st.builds(
            lambda layer, block, weights, decodes: Module(
                layer + block + weights, layer + block, layer, decodes, not decodes
            ),
            *[st.integers(0, 10 * GIB)] * 3,
            st.booleans(),
        ),
        min_size=1,
        max_size=5,
    ),
    side=st.integers(64, 2048),
    is_shared=st.booleans(),
)
def test_no_rung_takes_more_than_the_one_before(
    modules: list[Module], side: int, is_shared: bool
) -> None:
    needs = Needs(tuple(modules), side * side, 2)
    ladder = SHARED_LADDER if is_shared else GPU_LADDER
    taken = [needs.taken(rung, is_shared) for rung in ladder]
    assert taken == sorted(taken, reverse=True)


def test_the_ladder_ends_with_smaller_pictures() -> None:
    for ladder in (GPU_LADDER, SHARED_LADDER):
        rungs, rung = [], ladder[0]
        while rung is not None:
            rungs.append(rung)
            rung = below(ladder, rung)  # type: ignore[assignment]
        assert tuple(rungs) == ladder
        assert rungs[-1] is Rung.SMALLER


def test_only_some_rungs_move_weights() -> None:
    assert not Rung.TILED.moves_weights(Rung.FULL)
    assert not Rung.SMALLER.moves_weights(Rung.HALVED)
    assert Rung.BLOCKS.moves_weights(Rung.MODULES)
