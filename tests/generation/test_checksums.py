"""Checksums of installed files."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.generation.checksums import (
    CHECKSUMS,
    Checksum,
    checksums_of,
    read_checksums,
    write_checksums,
)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    listed = {"b/x.json": Checksum("00", 1), "a/ü.safetensors": Checksum("ff", 2**40)}
    write_checksums(tmp_path, listed)
    assert read_checksums(tmp_path) == listed
    assert list(read_checksums(tmp_path)) == sorted(listed)


def test_a_folder_without_the_file_lists_nothing(tmp_path: Path) -> None:
    assert read_checksums(tmp_path) == {}


@pytest.mark.parametrize("written", [b"", b"[]", b'{"a": 1}', b"\xff"])
def test_anything_else_is_refused(tmp_path: Path, written: bytes) -> None:
    (tmp_path / CHECKSUMS).write_bytes(written)
    with pytest.raises(ValueError):
        read_checksums(tmp_path)


def test_a_part_finds_its_own_files_beside_it(tmp_path: Path) -> None:
    listed = {
        "prior/a.json": Checksum("00", 1),
        "prior2/a.json": Checksum("11", 2),
        "transformer/x.gguf": Checksum("22", 3),
    }
    for name in listed:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    write_checksums(tmp_path, listed)
    for part, name in (("prior", "prior/a.json"), ("transformer/x.gguf", "transformer/x.gguf")):
        assert checksums_of(tmp_path / part) == (tmp_path, {name: listed[name]})


def test_a_part_without_checksums_has_none(tmp_path: Path) -> None:
    assert checksums_of(tmp_path / "elsewhere/prior")[1] == {}
