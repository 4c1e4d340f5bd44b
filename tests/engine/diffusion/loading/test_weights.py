import hashlib
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from studio.core.errors import ModelError
from studio.engine.diffusion.loading.weights import _Reading, verify
from studio.generation.catalog import ModelInfo, load_catalog
from studio.generation.checksums import CHECKSUMS

MODELS = """
[[model]]
id = "ours"
title = "Ours"
family = "kandinsky22"
tasks = ["text_to_image"]
license = "MIT"
native_size = 64
memory = { full = 0.1, offload = 0.1 }
parts = [{ role = "prior", bundled = "ours" }, { role = "decoder", bundled = "ours" }]
"""


def model_in(folder: Path) -> ModelInfo:
    models = folder / "models.toml"
    models.write_text(MODELS)
    return load_catalog(models, folder, folder / "config", folder / "data").get("ours")


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """Two parts of a model with their checksums."""
    folder = tmp_path / "ours"
    for role in ("prior", "decoder"):
        (folder / role).mkdir(parents=True)
        (folder / role / "model_index.json").write_text("{}")
        (folder / role / "weights.safetensors").write_bytes(role.encode() * 100)
    write_checksums(folder)
    return folder


def write_checksums(folder: Path) -> None:
    listed = {}
    for path in sorted(folder.rglob("*.*")):
        if path.name != CHECKSUMS:
            content = path.read_bytes()
            listed[path.relative_to(folder).as_posix()] = {
                "sha256": hashlib.sha256(content).hexdigest(),
                "size": len(content),
            }
    (folder / CHECKSUMS).write_text(json.dumps(listed))


def test_the_digest_names_the_weights_by_content(tmp_path: Path, weights: Path) -> None:
    model = model_in(tmp_path)
    first = verify(model)
    assert len(first) == 64 and first == verify(model)
    (weights / "prior/weights.safetensors").write_bytes(b"other")
    write_checksums(weights)
    assert verify(model) != first


def test_it_tells_how_many_bytes_are_read_of_all(
    tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.engine.diffusion.loading.weights._CHUNK", 64)
    told: list[tuple[int, int]] = []
    verify(model_in(tmp_path), lambda done, total: told.append((done, total)))
    total = sum(path.stat().st_size for path in weights.rglob("*.*") if path.name != CHECKSUMS)
    assert {each for _, each in told} == {total}
    read = [done for done, _ in told]
    assert read == sorted(read) and read[-1] == total and len(read) > 10


def test_weights_without_checksums_are_taken_as_they_are_and_read_ahead(
    tmp_path: Path, weights: Path
) -> None:
    (weights / CHECKSUMS).unlink()
    (weights / "prior/weights.fp16.safetensors").write_bytes(b"not read beside the others")
    told: list[tuple[int, int]] = []
    assert verify(model_in(tmp_path), lambda done, total: told.append((done, total))) == ""
    total = len(b"prior" * 100 + b"decoder" * 100)
    assert told == [(500, total), (total, total)]


def test_more_than_the_memory_holds_is_not_read_ahead(
    tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (weights / CHECKSUMS).unlink()
    memory = SimpleNamespace(available=1000)
    monkeypatch.setattr("psutil.virtual_memory", lambda: memory)
    told: list[tuple[int, int]] = []
    assert verify(model_in(tmp_path), lambda done, total: told.append((done, total))) == ""
    assert not told


@pytest.mark.parametrize(
    "content", [b"", b"prior" * 99 + b"priot"], ids=["truncated", "one bit flipped"]
)
def test_a_damaged_file_is_named(tmp_path: Path, weights: Path, content: bytes) -> None:
    (weights / "prior/weights.safetensors").write_bytes(content)
    with pytest.raises(ModelError, match=r"prior/weights\.safetensors of Ours is damaged"):
        verify(model_in(tmp_path))


def test_a_missing_file_is_named_with_what_to_do(tmp_path: Path, weights: Path) -> None:
    (weights / "decoder/weights.safetensors").rename(weights / "decoder/other.safetensors")
    with pytest.raises(
        ModelError, match=r"decoder/weights\.safetensors of Ours is missing: install Sfumato again"
    ):
        verify(model_in(tmp_path))


def test_a_missing_part_is_named(tmp_path: Path, weights: Path) -> None:
    (weights / "decoder/model_index.json").unlink()
    with pytest.raises(ModelError, match="Ours lacks its decoder"):
        verify(model_in(tmp_path))


def test_only_safetensors_are_weights(tmp_path: Path, weights: Path) -> None:
    file = weights / "prior/weights.safetensors"
    file.rename(file.with_suffix(".bin"))
    with pytest.raises(ModelError, match=r"holds no \.safetensors"):
        verify(model_in(tmp_path))


def test_unreadable_checksums_are_damage_too(tmp_path: Path, weights: Path) -> None:
    (weights / CHECKSUMS).write_text("{")
    with pytest.raises(ModelError, match="cannot be read"):
        verify(model_in(tmp_path))


def test_a_lone_file_is_checked_too(tmp_path: Path, weights: Path) -> None:
    lone = weights / "decoder/weights.safetensors"
    models = tmp_path / "models.toml"
    place = f'path = "{lone.as_posix()}"'
    models.write_text(
        MODELS.replace('role = "decoder", bundled = "ours"', f'role = "checkpoint", {place}')
    )
    model = load_catalog(models, tmp_path, tmp_path / "c", tmp_path / "d").get("ours")
    assert model.parts[1].path == lone
    lone.write_bytes(b"other")
    with pytest.raises(ModelError, match=r"decoder/weights\.safetensors of Ours is damaged"):
        verify(model)


def test_what_was_compared_is_not_read_again_until_it_is_touched(
    tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "data/models/ours"
    installed.parent.mkdir(parents=True)
    weights.rename(installed)
    models = tmp_path / "models.toml"
    models.write_text(MODELS.replace('bundled = "ours"', 'hub = "owner/ours"'))
    model = load_catalog(models, tmp_path, tmp_path / "c", tmp_path / "data").get("ours")
    digest = verify(model)
    read: list[str] = []
    with monkeypatch.context() as patch:
        patch.setattr(_Reading, "sha256", lambda self, path: read.append(path.name))
        assert verify(model) == digest
    assert read == []
    (installed / "prior/weights.safetensors").write_bytes(b"priot" * 100)
    with pytest.raises(ModelError, match="is damaged"):
        verify(model)


def test_nothing_is_written_beside_what_ships_with_the_program(
    tmp_path: Path, weights: Path
) -> None:
    before = sorted(path.name for path in weights.iterdir())
    verify(model_in(tmp_path))
    assert sorted(path.name for path in weights.iterdir()) == before


def test_weights_on_a_drive_that_went_away_are_looked_for_there(
    tmp_path: Path, weights: Path
) -> None:
    models = tmp_path / "models.toml"
    gone = f'path = "{(tmp_path / "gone/decoder").as_posix()}"'
    models.write_text(
        MODELS.replace('role = "decoder", bundled = "ours"', f'role = "decoder", {gone}')
    )
    model = load_catalog(models, tmp_path, tmp_path / "c", tmp_path / "d").get("ours")
    with pytest.raises(ModelError, match="lacks its decoder .* whether its drive is connected"):
        verify(model)
