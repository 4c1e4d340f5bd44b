"""A log gives back what was appended whole, wherever it was cut or harmed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.journal.log import Kind, Log, payloads, records

PAYLOADS = st.lists(st.binary(max_size=60), min_size=1, max_size=6)
ANYWHERE = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def written(path: Path, contents: list[bytes]) -> list[int]:
    """Writes a log; where each record ends."""
    path.unlink(missing_ok=True)
    log = Log(path)
    ends = []
    for number, payload in enumerate(contents):
        log.append(Kind.STATE if number % 2 else Kind.TILE, payload)
        ends.append(log.size)
    log.close()
    return ends


@ANYWHERE
@given(PAYLOADS)
def test_what_was_appended_comes_back_in_order(tmp_path: Path, contents: list[bytes]) -> None:
    path = tmp_path / "log"
    written(path, contents)
    found = list(records(path))
    assert [record.payload for record in found] == contents
    assert [record.kind for record in found[:2]] == [Kind.TILE, Kind.STATE][: len(found)]
    assert list(payloads(path, [record.offset for record in found])) == contents


@ANYWHERE
@given(PAYLOADS, st.data())
def test_a_torn_log_gives_what_was_whole(
    tmp_path: Path, contents: list[bytes], data: st.DataObject
) -> None:
    path = tmp_path / "log"
    ends = written(path, contents)
    cut = data.draw(st.integers(0, ends[-1]))
    path.write_bytes(path.read_bytes()[:cut])
    whole = sum(end <= cut for end in ends)
    assert [record.payload for record in records(path)] == contents[:whole]


@ANYWHERE
@given(PAYLOADS, st.data())
def test_a_harmed_byte_spoils_no_record_before_it(
    tmp_path: Path, contents: list[bytes], data: st.DataObject
) -> None:
    path = tmp_path / "log"
    ends = written(path, contents)
    raw = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(raw)
    start = len(raw) - sum(len(payload) for payload in contents) - 9 * len(contents)
    whole = sum(end <= place for end in ends) if place >= start else 0
    assert [record.payload for record in records(path)] == contents[:whole]


def test_what_is_cut_off_is_gone_and_writing_goes_on(tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    log.append(Kind.TILE, b"kept")
    size = log.size
    log.append(Kind.TILE, b"not wanted")
    log.cut(size)
    log.append(Kind.STATE, b"after")
    log.sync()
    log.close()
    assert [record.payload for record in records(log.path)] == [b"kept", b"after"]


def test_a_log_that_exists_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("something")
    with pytest.raises(FileExistsError):
        Log(tmp_path / "log")


def test_another_file_holds_no_records(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"\x89PNG, surely" * 20)
    assert not list(records(tmp_path / "log"))
