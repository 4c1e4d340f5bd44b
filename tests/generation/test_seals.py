"""Files that were found to be right and have not been touched since."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from studio.generation.seals import SEALS, Seals


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.safetensors"
    path.write_bytes(b"weights")
    seals = Seals(tmp_path)
    seals.renew(seals.look([path.name]))
    return path


def test_a_sealed_file_is_held_until_it_is_touched(file: Path) -> None:
    assert Seals(file.parent).hold(file.name)
    os.utime(file, ns=(0, file.stat().st_mtime_ns + 1))
    assert not Seals(file.parent).hold(file.name)


def test_another_size_breaks_the_seal(file: Path) -> None:
    before = file.stat()
    file.write_bytes(b"weight")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert not Seals(file.parent).hold(file.name)


def test_a_missing_file_and_one_never_sealed_are_not_held(file: Path) -> None:
    file.unlink()
    assert not Seals(file.parent).hold(file.name)
    assert not Seals(file.parent).hold("other.safetensors")


@pytest.mark.parametrize("written", [b"", b"[]", b'{"a.safetensors": 1}'])
def test_seals_that_cannot_be_read_hold_nothing(file: Path, written: bytes) -> None:
    (file.parent / SEALS).write_bytes(written)
    assert not Seals(file.parent).hold(file.name)


def test_what_was_found_to_be_wrong_loses_its_seal(file: Path) -> None:
    Seals(file.parent).drop([file.name])
    assert not Seals(file.parent).hold(file.name)
