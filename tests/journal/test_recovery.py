"""What is left behind is found, unless it was saved or belongs to somebody who lives."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from studio.core.errors import PictureError
from studio.core.restoring import restored
from studio.journal import About, Journal, lost_drawings
from studio.journal.journal import SUFFIX
from studio.journal.log import Kind, Log
from studio.journal.recovery import read_journal
from tests.helpers.states import digest
from tests.helpers.trees import document_with_everything


def left(parent: Path, about: About) -> Path:
    """A journal of a process that is gone."""
    journal = Journal.start(parent)
    journal.record(document_with_everything().snapshot(), about)
    journal.leave()
    return journal.folder


def test_a_drawing_is_found_until_it_is_discarded(tmp_path: Path) -> None:
    left(tmp_path, About(name="lake"))
    (lost,) = lost_drawings(tmp_path)
    assert lost.about.name == "lake"
    assert restored(lost.read()).layers
    lost.keep()
    (again,) = lost_drawings(tmp_path)
    again.discard()
    assert not list(lost_drawings(tmp_path))
    assert not list(tmp_path.iterdir())


def test_what_somebody_is_looking_at_is_not_offered_twice(tmp_path: Path) -> None:
    left(tmp_path, About(name="lake"))
    (lost,) = lost_drawings(tmp_path)
    assert not list(lost_drawings(tmp_path))
    lost.keep()


def test_the_journal_of_one_who_lives_is_left_alone(tmp_path: Path) -> None:
    journal = Journal.start(tmp_path)
    document = document_with_everything()
    journal.record(document.snapshot(), About(name="mine"))
    assert not list(lost_drawings(tmp_path))
    found = read_journal(journal.folder)
    assert found is not None
    assert digest(restored(found[1])) == digest(document)
    journal.discard()


@pytest.mark.parametrize("saved", ["saved", "never recorded"])
def test_where_nothing_is_lost_nothing_is_offered_and_all_is_swept(
    tmp_path: Path, saved: str
) -> None:
    if saved == "saved":
        left(tmp_path, About(name="lake", is_saved=True))
    else:
        Journal.start(tmp_path).leave()
    assert not list(lost_drawings(tmp_path))
    assert not list(tmp_path.iterdir())


def test_what_another_version_wrote_is_left_for_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = left(tmp_path, About(name="lake"))
    log = Log(folder / f"999999{SUFFIX}")
    log.append(Kind.STATE, msgspec.msgpack.encode({"from": "the future"}))
    log.close()
    with pytest.raises(PictureError, match="another version"):
        read_journal(folder)
    assert not list(lost_drawings(tmp_path))
    assert folder.is_dir()
    assert "cannot be read" in caplog.text


def test_one_unreadable_journal_hides_no_other(tmp_path: Path) -> None:
    for name in ("lake", "hill", "tree"):
        left(tmp_path, About(name=name))
    spoilt = sorted(path for path in tmp_path.iterdir() if path.is_dir())[1]
    next(spoilt.glob(f"*{SUFFIX}")).write_bytes(b"")
    found = list(lost_drawings(tmp_path))
    assert len(found) == 2
    for lost in found:
        lost.discard()
