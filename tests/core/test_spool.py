from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from studio.core.picture import Pixels
from studio.core.spool import Spool, SpoolError
from studio.core.tiles import TileIndex
from tests.helpers.executors import AtOnce, Later

HERE, THERE, NOWHERE = TileIndex(0, 0), TileIndex(-3, 2), TileIndex(9, 9)


def tile(seed: int, *shape: int) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def test_tiles_come_back_as_they_were(tmp_path: Path) -> None:
    tiles = {HERE: tile(0, 16, 16, 4), THERE: tile(1, 16, 16)}
    spool = Spool(lambda: tmp_path, AtOnce())
    spooled = spool.put({**tiles, NOWHERE: None})
    assert spooled.is_whole
    back = spooled.read()
    assert back.keys() == {HERE, THERE, NOWHERE}
    assert back[NOWHERE] is None
    for place, pixels in tiles.items():
        found = back[place]
        assert found is not None
        assert (found == pixels).all()


def test_the_folder_is_made_when_it_is_needed(tmp_path: Path) -> None:
    asked: list[int] = []

    def folder() -> Path:
        asked.append(1)
        return tmp_path

    spool = Spool(folder, AtOnce())
    assert not asked
    spool.put({HERE: tile(0, 4, 4)})
    spool.put({HERE: tile(1, 4, 4)})
    assert asked == [1]


def test_it_knows_how_much_there_is(tmp_path: Path) -> None:
    spool = Spool(lambda: tmp_path, AtOnce(), limit_bytes=1000)
    spooled = spool.put({HERE: tile(0, 40, 40)})
    assert spool.used == spooled.size == sum(path.stat().st_size for path in tmp_path.iterdir())
    assert spool.excess == spool.used - 1000 > 0
    spooled.discard()
    assert spool.used == 0
    assert not list(tmp_path.iterdir())


def test_what_is_on_its_way_is_discarded_when_it_arrives(tmp_path: Path) -> None:
    executor = Later()
    spool = Spool(lambda: tmp_path, executor)
    spooled = spool.put({HERE: tile(0, 8, 8)})
    assert spooled.is_pending
    assert not spooled.is_whole
    spooled.discard()
    executor.work()
    assert spool.used == 0
    assert not list(tmp_path.iterdir())


def test_a_disk_that_refuses_is_asked_no_more(tmp_path: Path) -> None:
    calls: list[int] = []

    def folder() -> Path:
        calls.append(1)
        raise OSError(28, "No space left on device")

    spool = Spool(folder, AtOnce())
    first, second = spool.put({HERE: tile(0, 4, 4)}), spool.put({HERE: tile(1, 4, 4)})
    assert spool.failure is not None
    assert not first.is_whole
    assert not second.is_whole
    assert calls == [1]
    with pytest.raises(SpoolError):
        first.read()


@pytest.mark.parametrize("harm", ["remove", "truncate", "overwrite"])
def test_a_file_that_was_harmed_is_a_known_error(tmp_path: Path, harm: str) -> None:
    spool = Spool(lambda: tmp_path, AtOnce())
    spooled = spool.put({HERE: np.arange(400, dtype=np.uint8).reshape(20, 20)})
    (path,) = tmp_path.iterdir()
    if harm == "remove":
        path.unlink()
    else:
        path.write_bytes(b"" if harm == "truncate" else b"\0" * path.stat().st_size)
    with pytest.raises(SpoolError, match="cannot be undone"):
        spooled.read()


def test_what_was_fetched_is_handed_out_once(tmp_path: Path) -> None:
    executor = Later()
    spool = Spool(lambda: tmp_path, executor)
    spooled = spool.put({HERE: tile(0, 8, 8)})
    executor.work()
    spooled.fetch()
    executor.work()
    (path,) = tmp_path.iterdir()
    path.unlink()
    assert spooled.read()[HERE] is not None
    with pytest.raises(SpoolError):
        spooled.read()


def test_what_waits_to_be_fetched_is_read_at_once(tmp_path: Path) -> None:
    executor = Later()
    spool = Spool(lambda: tmp_path, executor)
    spooled = spool.put({HERE: tile(0, 8, 8)})
    executor.work()
    spooled.fetch()
    assert spooled.read()[HERE] is not None
    executor.work()
    assert spooled.read()[HERE] is not None


def test_a_tile_in_several_places_is_written_once_and_comes_back_as_one(tmp_path: Path) -> None:
    spool = Spool(lambda: tmp_path, AtOnce())
    same = tile(0, 40, 40)
    spooled = spool.put({HERE: same, THERE: same})
    assert spooled.size < 1.5 * same.size
    back = spooled.read()
    assert back[HERE] is back[THERE]
