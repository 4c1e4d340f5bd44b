"""Nothing half-done looks installed, wherever a program ends."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from studio.core.errors import ModelError
from studio.generation.catalog import STAGING_FOLDER
from studio.models.staging import open_staging, read_origins, vanish
from studio.models.upkeep import remove, verify
from tests.models.conftest import PIPELINE, Place

NEEDED = {name: content for name, content in PIPELINE.items() if name != "README.md"}
BIG = "unet/diffusion_pytorch_model.safetensors"
MOST_MOVES = 60


class Killed(BaseException):
    """The end of a program."""


class Moves:
    """Counts the moves of files and folders, and ends the program after one of them.

    Every change of what lies where is such a move, so these are the moments that differ.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.last = self.count = self.ends = 0
        rename, replace = Path.rename, Path.replace
        monkeypatch.setattr(Path, "rename", lambda path, to: self._move(rename, path, to))
        monkeypatch.setattr(Path, "replace", lambda path, to: self._move(replace, path, to))

    def _move(self, move: Callable[[Path, Path], Path], path: Path, target: Path) -> Path:
        moved = move(path, target)
        self.count += 1
        if self.count == self.last:
            raise Killed
        return moved

    def each(self, work: Callable[[], object]) -> Iterator[None]:
        """Does work that ends after the first move, after the second, and so on to its end."""
        for last in range(1, MOST_MOVES):
            self.last, self.count = last, 0
            with contextlib.suppress(Killed):
                work()
            if self.count < last:
                return
            self.last = 0
            self.ends += 1
            yield
        raise AssertionError("the work has no end")


@pytest.fixture
def moves(monkeypatch: pytest.MonkeyPatch) -> Moves:
    return Moves(monkeypatch)


def is_whole(place: Place) -> bool:
    """Whether what looks installed is so, to the last bit; also where nothing looks so."""
    model = place.model()
    if not model.installed:
        return True
    return place.files() == NEEDED and not verify(model, place.reports.append).faults


def test_an_installation_that_ends_anywhere_is_finished_by_the_next(
    place: Place, moves: Moves
) -> None:
    for _ in moves.each(place.install):
        assert is_whole(place)
        assert place.install().installed and is_whole(place)
        assert read_origins(place.installed)["pipeline"].hub == "owner/name"
        shutil.rmtree(place.models)
    assert moves.ends >= 6


def test_a_repair_that_ends_anywhere_is_finished_by_the_next(place: Place, moves: Moves) -> None:
    def damage_and_mend() -> None:
        (place.installed / "pipeline" / BIG).write_bytes(b"damaged")
        place.install()

    place.install()
    for _ in moves.each(damage_and_mend):
        assert place.install().installed and is_whole(place)
    assert moves.ends >= 4


def test_a_removal_that_ends_anywhere_leaves_all_or_nothing(place: Place, moves: Moves) -> None:
    place.install()
    for _ in moves.each(lambda: remove(place.model(), place.models)):
        assert is_whole(place)
        place.install()
    assert moves.ends >= 1


def test_no_locks_gather_neither_its_own_nor_those_that_crashes_left(place: Place) -> None:
    folder = place.models / STAGING_FOLDER
    folder.mkdir(parents=True)
    (folder / "crashed.lock").touch()
    with open_staging(place.models, "other", "Other"):
        place.install()
        assert [path.name for path in folder.glob("*.lock")] == ["other.lock"]
        with (
            pytest.raises(ModelError, match="by another program"),
            open_staging(place.models, "other", "Other"),
        ):
            pytest.fail("two are at it")
    assert not list(folder.glob("*.lock"))


def test_what_another_program_clears_before_it_lets_go_is_made_anew(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    acquire = FileLock.acquire

    def acquire_last(lock: FileLock) -> object:
        shutil.rmtree(place.staging, ignore_errors=True)
        return acquire(lock)

    monkeypatch.setattr(FileLock, "acquire", acquire_last)
    assert place.install().installed


def test_what_is_on_its_way_out_goes_with_the_next(place: Place) -> None:
    left = place.models / STAGING_FOLDER / ".removed/left"
    left.mkdir(parents=True)
    (left / "weights").write_bytes(b"x")
    (place.models / "other").mkdir()
    vanish(place.models / "other", place.models)
    assert not left.exists() and not (place.models / "other").exists()
