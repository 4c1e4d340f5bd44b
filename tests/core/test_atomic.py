"""Files are whole or not there at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core import atomic


@given(st.binary(max_size=2000))
def test_what_is_written_is_there_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    folder = tmp_path_factory.mktemp("atomic")
    atomic.write_atomically(folder / "file", b"old")
    atomic.write_atomically(folder / "file", data)
    assert [(path.name, path.read_bytes()) for path in folder.iterdir()] == [("file", data)]


@pytest.mark.parametrize(
    ("owner", "step"), [(os, "fsync"), (Path, "replace"), (Path, "open")], ids=lambda it: str(it)
)
def test_a_step_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: object, step: str
) -> None:
    (tmp_path / "file").write_bytes(b"old")

    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(owner, step, refuse)
        with pytest.raises(OSError, match=os.strerror(errno.EIO)):
            atomic.write_atomically(tmp_path / "file", b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", b"old")]


def test_until_it_is_published_a_file_is_not_seen_under_its_name(tmp_path: Path) -> None:
    temporary = atomic.write_temporary(tmp_path, b"data")
    assert temporary.name.startswith(atomic.TEMPORARY_PREFIX)
    assert not (tmp_path / "file").exists()
    atomic.publish(temporary, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"data"
    assert not temporary.exists()


def test_a_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "real")
    atomic.write_atomically(link, b"new")
    assert link.is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_a_file_gets_the_rights_that_new_files_get(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    atomic.write_atomically(tmp_path / "ours", b"")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_folder_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError):
        atomic.write_atomically(tmp_path / "folder", b"")
    assert list(tmp_path.iterdir()) == [tmp_path / "folder"]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (OSError(errno.EROFS, "Read-only file system"), "the disk is read-only"),
        (OSError(errno.ELOOP, "Too many levels"), "too many levels"),
        (OSError("something"), "something"),
        (OSError(), "the system refused"),
        (PermissionError(errno.EACCES, "Permission denied"), "access is not allowed"),
    ],
)
def test_a_reason_completes_a_sentence(error: OSError, said: str) -> None:
    assert atomic.reason(error) == said
