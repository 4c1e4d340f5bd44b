"""Files that are on this computer already are not fetched again."""

from __future__ import annotations

import errno
import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest
from huggingface_hub import snapshot_download

from studio.models.twins import cache_of_the_library
from studio.models.upkeep import remove
from tests.helpers.hub import LocalHub, times_fetched
from tests.models.conftest import PIPELINE, WEIGHTS, Place

BIG = "unet/diffusion_pytorch_model.safetensors"
BLOB = hashlib.sha256(WEIGHTS).hexdigest()


@pytest.fixture
def other(place: Place) -> Place:
    """Another model with the same weights, on the same drive."""
    place.hub.add("owner/other", PIPELINE)
    place.install()
    place.hub.seen.clear()
    return replace(place, id="other", parts=place.parts.replace("owner/name", "owner/other"))


def test_models_share_a_file_that_they_have_in_common(
    place: Place, other: Place, hub: LocalHub
) -> None:
    assert other.install().installed
    assert times_fetched(hub) == {}
    shared = [each.installed / "pipeline" / BIG for each in (place, other)]
    assert os.path.samefile(*shared)


def test_removing_one_leaves_the_other_and_counts_what_is_free(place: Place, other: Place) -> None:
    assert remove(other.install(), other.models) < len(WEIGHTS)
    assert place.files()[BIG] == WEIGHTS


def test_mending_one_does_not_believe_the_other(place: Place, other: Place, hub: LocalHub) -> None:
    other.install()
    (place.installed / "pipeline" / BIG).write_bytes(bytes(len(WEIGHTS)))
    assert other.install().installed
    assert times_fetched(hub) == {BIG: 1}
    assert other.files()[BIG] == WEIGHTS


def test_where_a_drive_has_no_links_it_is_copied(
    place: Place, other: Place, hub: LocalHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    assert other.install().installed
    assert times_fetched(hub) == {}
    assert other.files()[BIG] == WEIGHTS


@pytest.mark.parametrize(("content", "times"), [(WEIGHTS, {}), (bytes(len(WEIGHTS)), {BIG: 1})])
def test_what_the_librarys_cache_has_is_used_once_it_is_checked(
    place: Place, hub: LocalHub, content: bytes, times: dict[str, int]
) -> None:
    blob = place.cache / "models--owner--name/blobs" / BLOB
    blob.parent.mkdir(parents=True)
    blob.write_bytes(content)
    assert place.install().installed
    assert place.files()[BIG] == WEIGHTS
    assert times_fetched(hub) == times
    assert place.reports[-1].done == place.reports[-1].total


def test_what_the_library_itself_fetched_is_used(
    place: Place, hub: LocalHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
    snapshot_download("owner/name", endpoint=hub.endpoint, cache_dir=place.cache, token=False)
    hub.seen.clear()
    assert place.install().installed
    assert times_fetched(hub) == {}
    assert place.files()[BIG] == WEIGHTS


def test_the_cache_is_where_the_librarys_variables_say(tmp_path: Path) -> None:
    assert cache_of_the_library({"HF_HUB_CACHE": "/a", "HF_HOME": "/b"}) == Path("/a")
    assert cache_of_the_library({"HF_HOME": "/b"}) == Path("/b/hub")
    assert cache_of_the_library({}) == Path.home() / ".cache/huggingface/hub"
