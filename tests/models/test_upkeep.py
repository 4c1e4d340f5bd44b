"""Checking and removing what is installed."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import pytest

from studio.core.errors import ModelError
from studio.generation.checksums import CHECKSUMS
from studio.generation.seals import Seals
from studio.models.control import Control, Stopped
from studio.models.staging import open_staging
from studio.models.upkeep import remedy, remove, verify
from tests.models.conftest import PIPELINE, Place

BIG = "pipeline/unet/diffusion_pytorch_model.safetensors"


def test_every_file_is_compared(place: Place) -> None:
    verdict = verify(place.install(), place.reports.append)
    assert (verdict.checked, verdict.faults) == (3, ())
    assert place.reports[-1].total == sum(
        len(content) for name, content in PIPELINE.items() if name != "README.md"
    )


@pytest.mark.parametrize(
    ("content", "what"),
    [(None, "is missing"), (b"", "is damaged"), (bytes(65_536), "is damaged")],
)
def test_the_bad_file_is_named(place: Place, content: bytes | None, what: str) -> None:
    model = place.install()
    bad = place.installed / BIG
    bad.unlink() if content is None else bad.write_bytes(content)
    (fault,) = verify(model, place.reports.append).faults
    assert (fault.role, fault.path, fault.what) == ("pipeline", bad, what)


def test_what_was_fetched_is_sealed_until_it_is_found_to_be_wrong(place: Place) -> None:
    model = place.install()
    verify(model, place.reports.append)
    assert Seals(place.installed).hold(BIG)
    state = (place.installed / BIG).stat()
    (place.installed / BIG).write_bytes(bytes(state.st_size))
    os.utime(place.installed / BIG, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert Seals(place.installed).hold(BIG)
    verify(model, place.reports.append)
    assert not Seals(place.installed).hold(BIG)


def test_checksums_that_cannot_be_read_are_said(place: Place) -> None:
    model = place.install()
    (place.installed / CHECKSUMS).write_text("{")
    with pytest.raises(ModelError, match="install it again"):
        verify(model, place.reports.append)


def test_damage_that_cannot_be_fetched_anew_has_another_remedy(place: Place) -> None:
    model = place.install()
    assert remedy(model, "pipeline") == ""
    place.parts = 'parts = [{ role = "pipeline", path = "ours/pipeline" }]'
    assert remedy(place.model(), "pipeline") == "remove Ours, and import it again"
    place.id = "lent"
    assert remedy(place.model(), "pipeline") == "it is lent by ours: install that again"
    place.parts = 'parts = [{ role = "pipeline", bundled = "starter" }]'
    assert remedy(place.model(), "pipeline") == "install Sfumato again"


def test_what_is_not_there_is_said_with_what_brings_it_back(place: Place) -> None:
    with pytest.raises(ModelError, match="or install it"):
        verify(place.model(), place.reports.append)
    place.parts = 'parts = [{ role = "pipeline", path = "gone" }]'
    with pytest.raises(ModelError, match="or import it again"):
        verify(place.model(), place.reports.append)


def test_checking_can_be_cancelled(place: Place) -> None:
    model = place.install()
    control = Control()
    control.cancel()
    with pytest.raises(Stopped):
        verify(model, place.reports.append, control)


def test_checking_waits_while_it_is_paused(place: Place) -> None:
    model = place.install()
    control = Control()
    control.pause()
    checking = threading.Thread(target=verify, args=(model, place.reports.append, control))
    checking.start()
    checking.join(0.1)
    assert checking.is_alive()
    control.resume()
    checking.join()


def test_removing_takes_what_was_fetched_half_as_well(place: Place) -> None:
    model = place.install()
    half = place.staging / "pipeline/x.part"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"x")
    assert remove(model, place.models) > 65_536
    assert not place.installed.exists() and not place.staging.exists()
    assert not place.model().installed


def test_what_is_being_installed_is_not_removed(place: Place) -> None:
    model = place.install()
    with (
        open_staging(place.models, "ours", "Ours"),
        pytest.raises(ModelError, match="by another program"),
    ):
        remove(model, place.models)
    assert place.model().installed


def test_the_persons_own_folder_is_never_removed(place: Place, tmp_path: Path) -> None:
    shutil.copytree(place.install().parts[0].path, tmp_path / "own")
    remove(place.model(), place.models)
    place.parts = f'parts = [{{ role = "pipeline", path = "{(tmp_path / "own").as_posix()}" }}]'
    assert place.model().installed
    with pytest.raises(ModelError, match=r"your own models\.toml"):
        remove(place.model(), place.models)
    assert (tmp_path / "own/model_index.json").is_file()
