"""Installing from a hub that is sometimes in a mood."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.core.errors import ModelError
from studio.generation.checksums import read_checksums
from studio.models import staging
from studio.models.control import Control, Stopped
from studio.models.progress import Progress, Stage
from studio.models.staging import read_origins
from studio.models.upkeep import verify
from tests.helpers.hub import LocalHub, Mood, times_fetched
from tests.models.conftest import PIPELINE, WEIGHTS, Place

NEEDED = {name: content for name, content in PIPELINE.items() if name != "README.md"}
BIG = "unet/diffusion_pytorch_model.safetensors"
SMALL = "unet/config.json"
HALF = len(WEIGHTS) // 2


def until(happened: Callable[[], bool]) -> None:
    """Waits for something that another thread does."""
    while not happened():
        time.sleep(0.005)


def refusal(place: Place) -> str:
    with pytest.raises(ModelError) as caught:
        place.install()
    assert not place.model().installed
    assert not (place.installed / "pipeline").exists()
    return caught.value.message


def test_what_a_pipeline_needs_is_fetched_and_nothing_else(place: Place) -> None:
    model = place.install()
    assert model.installed
    assert place.files() == NEEDED
    assert not place.staging.exists()


def test_checksums_and_the_revision_are_recorded(place: Place, hub: LocalHub) -> None:
    place.install()
    listed = read_checksums(place.installed)
    assert {name: found.sha256 for name, found in listed.items()} == {
        f"pipeline/{name}": hashlib.sha256(content).hexdigest() for name, content in NEEDED.items()
    }
    origin = read_origins(place.installed)["pipeline"]
    assert (origin.hub, origin.revision) == ("owner/name", hub.commit("owner/name"))


def test_progress_counts_bytes_to_the_last(place: Place) -> None:
    place.install()
    fetching = [report for report in place.reports if report.stage is Stage.FETCHING]
    total = sum(map(len, NEEDED.values()))
    assert {report.total for report in fetching} == {total}
    assert place.reports[-1] == Progress(Stage.FINISHING, total, total)
    done = [report.done for report in fetching]
    assert done == sorted(done) and done[0] == 0


def test_the_token_goes_to_the_hub_and_to_nobody_that_it_redirects_to(
    place: Place, hub: LocalHub
) -> None:
    hub.gated.add("owner/name")
    place.token = "hf_right"
    assert place.install().installed
    tokens = {
        server: {s.token for s in hub.seen if s.server == server} for server in ("hub", "cdn")
    }
    assert tokens == {"hub": {"hf_right"}, "cdn": {""}}


@pytest.mark.parametrize(
    ("token", "words"),
    [("", "only to people it knows"), ("hf_other_one", "does not let your account")],
)
def test_a_gated_model_says_how_to_get_in(
    place: Place, hub: LocalHub, token: str, words: str
) -> None:
    hub.gated.add("owner/name")
    place.token = token
    message = refusal(place)
    assert words in message and "owner/name" in message
    assert not token or token not in message


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "only to people it knows"),
        (403, "accept the terms"),
        (404, "has no owner/name"),
        (418, "HTTP 418"),
        (429, r"too busy \(HTTP 429\)"),
        (500, r"too busy \(HTTP 500\)"),
    ],
)
@pytest.mark.parametrize("path", ["/api/models", BIG])
def test_refusals_are_said_in_a_sentence(
    place: Place, hub: LocalHub, status: int, words: str, path: str
) -> None:
    hub.moods[path] = Mood(status, {"Retry-After": "0"})
    with pytest.raises(ModelError, match=words):
        place.install()
    assert not place.model().installed


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_hub_is_asked_again(place: Place, hub: LocalHub, status: int) -> None:
    hub.moods = {
        "/revision/": Mood(status, {"Retry-After": "0"}, times=2),
        BIG: Mood(status, times=1),
    }
    assert place.install().installed
    assert sum(report.waiting for report in place.reports) == 3


def test_an_address_that_is_no_longer_signed_is_asked_for_anew(place: Place, hub: LocalHub) -> None:
    hub.moods["//" + BIG] = Mood(403, times=1)
    assert place.install().installed


def test_a_repository_that_is_not_there_is_said(place: Place) -> None:
    place.parts = 'parts = [{ role = "pipeline", hub = "owner/gone" }]'
    assert "has no owner/gone (any more)" in refusal(place)


def test_an_answer_cut_short_is_continued_where_it_ended(place: Place, hub: LocalHub) -> None:
    hub.moods["//" + BIG] = Mood(cut=20_000, times=2)
    assert place.install().installed
    assert place.files() == NEEDED
    ranges = [seen.range for seen in hub.seen if seen.server == "cdn"]
    assert ranges == ["", "bytes=20000-", "bytes=40000-"]


def test_a_server_without_ranges_begins_again(place: Place, hub: LocalHub) -> None:
    hub.ranges = False
    hub.moods["//" + BIG] = Mood(cut=20_000, times=2)
    assert place.install().installed
    assert place.files() == NEEDED


def test_a_stalled_connection_is_made_anew(place: Place, hub: LocalHub) -> None:
    place.stall = 0.2
    hub.moods["//" + BIG] = Mood(stall=True, times=1)
    assert place.install().installed
    assert hub.fetched("//" + BIG)[-1].range == f"bytes={HALF}-"


def test_wrong_bytes_are_fetched_once_more(place: Place, hub: LocalHub) -> None:
    hub.moods = {"//" + BIG: Mood(wrong=True, times=1), SMALL: Mood(wrong=True, times=1)}
    assert place.install().installed
    assert place.files() == NEEDED
    assert max(report.done for report in place.reports) <= place.reports[-1].total


@pytest.mark.parametrize("path", ["//" + BIG, SMALL])
def test_bytes_that_stay_wrong_are_refused(place: Place, hub: LocalHub, path: str) -> None:
    hub.moods[path] = Mood(wrong=True)
    assert "is not what the hub says it is" in refusal(place)
    assert not list(place.staging.rglob(path.rpartition("/")[2] + "*"))


@pytest.mark.parametrize("size", [len(WEIGHTS) - 1, len(WEIGHTS) + 1])
def test_a_listing_that_lies_about_sizes_is_not_believed(
    place: Place, hub: LocalHub, size: int
) -> None:
    hub.sizes[BIG] = size
    message = refusal(place)
    assert "not what the hub says" in message or "too busy" in message


@pytest.mark.parametrize(
    "path",
    ["../x.json", "/etc/x.json", "unet/../../x.json", "C:/x.json", "unet\\x.json", "unet/nul.json"],
)
def test_names_that_lead_out_of_the_folder_are_refused(
    place: Place, hub: LocalHub, path: str
) -> None:
    place.parts = 'parts = [{ role = "pipeline", hub = "owner/name", files = ["*"] }]'
    hub.extra["owner/name"] = [{"type": "file", "path": path, "size": 1, "oid": "0" * 40}]
    assert "cannot be kept safely" in refusal(place)


def test_pickles_are_never_fetched(place: Place, hub: LocalHub) -> None:
    hub.add("owner/name", {"model_index.json": PIPELINE["model_index.json"], "unet/x.bin": b"x"})
    assert "pickled ones are never downloaded" in refusal(place)
    assert not hub.fetched("x.bin")


def test_an_answer_that_is_no_hubs_is_said(place: Place, hub: LocalHub) -> None:
    place.hub = hub
    hub.moods["/api/"] = Mood(200)
    assert "does not answer as a model hub does" in refusal(place)


def test_a_hub_that_is_not_there_is_said(place: Place) -> None:
    place.hub.__exit__()
    assert "cannot be reached" in refusal(place)


def test_offline_nothing_is_asked(place: Place, hub: LocalHub) -> None:
    place.offline = True
    assert "Offline mode is on" in refusal(place)
    assert hub.seen == []


def test_a_licence_has_to_be_accepted_first(place: Place, hub: LocalHub) -> None:
    place.parts += "\nlicense_accept = true"
    message = refusal(place)
    assert "https://example.org/licence" in message
    assert hub.seen == []
    place.licences.accept(place.model())
    assert place.install().installed


def test_a_full_drive_is_known_before_anything_is_fetched(
    place: Place, hub: LocalHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "SPARE_BYTES", 2**62)
    assert "needs 4611686018.4 GB of room" in refusal(place)
    assert not hub.fetched(BIG)


def test_a_second_program_waits_its_turn(place: Place, hub: LocalHub) -> None:
    hub.moods["//" + BIG] = Mood(hold=True)
    first = threading.Thread(target=place.install)
    first.start()
    until(lambda: bool(hub.fetched("//" + BIG)))
    with pytest.raises(ModelError, match="by another program"):
        place.install()
    hub.let_go.set()
    first.join()
    assert place.model().installed


def test_cancelling_stops_at_once_and_keeps_what_came(place: Place, hub: LocalHub) -> None:
    hub.moods["//" + BIG] = Mood(hold=True)
    control = Control()
    caught: list[BaseException] = []

    def install() -> None:
        try:
            place.install(control)
        except Stopped as stop:
            caught.append(stop)

    thread = threading.Thread(target=install)
    thread.start()
    until(lambda: place.arrived() == HALF)
    control.cancel()
    thread.join()
    assert caught and not place.model().installed
    hub.let_go.set()
    place.install()
    assert hub.fetched("//" + BIG)[-1].range == f"bytes={HALF}-"


def test_pausing_lets_go_and_resuming_continues(place: Place, hub: LocalHub) -> None:
    hub.moods["//" + BIG] = Mood(hold=True)
    control = Control()
    thread = threading.Thread(target=place.install, args=(control,))
    thread.start()
    until(lambda: place.arrived() == HALF)
    control.pause()
    until(lambda: place.reports[-1].paused)
    hub.let_go.set()
    control.resume()
    thread.join()
    assert place.model().installed
    assert hub.fetched("//" + BIG)[-1].range == f"bytes={HALF}-"


def test_installing_mends_what_is_damaged_and_fetches_no_more(place: Place, hub: LocalHub) -> None:
    place.install()
    (place.installed / "pipeline" / BIG).write_bytes(bytes(len(WEIGHTS)))
    (place.installed / "pipeline" / SMALL).unlink()
    hub.seen.clear()
    assert verify(place.install(), place.reports.append).faults == ()
    assert place.files() == NEEDED
    assert times_fetched(hub) == {BIG: 1}


def test_a_whole_model_is_not_fetched_again(place: Place, hub: LocalHub) -> None:
    place.install()
    hub.seen.clear()
    assert place.install().installed
    assert hub.seen == []


def test_a_revision_that_is_not_there_is_said(place: Place) -> None:
    place.parts = 'parts = [{ role = "pipeline", hub = "owner/name", revision = "v9" }]'
    assert "no such revision" in refusal(place)


def test_what_was_fetched_of_another_revision_does_not_stay(place: Place, hub: LocalHub) -> None:
    hub.moods["//" + BIG] = Mood(404)
    refusal(place)
    changed = PIPELINE | {SMALL: b'{"layers": 2}', "unet/more.json": b"{}"}
    assert len(changed[SMALL]) == len(PIPELINE[SMALL])
    hub.moods.clear()
    del changed["unet/more.json"]
    hub.add("owner/name", changed)
    place.install()
    assert place.files()[SMALL] == b'{"layers": 2}'


def test_one_file_comes_from_an_address(place: Place, hub: LocalHub) -> None:
    address = f"{hub.cdn}/owner/name//{BIG}"
    sha256 = hashlib.sha256(WEIGHTS).hexdigest()
    place.parts = f'parts = [{{ role = "checkpoint", url = "{address}", sha256 = "{sha256}" }}]'
    place.token = "hf_right"
    model = place.install()
    assert model.parts[0].path.read_bytes() == WEIGHTS
    assert model.parts[0].path.parent == place.installed / "checkpoint"
    assert {seen.token for seen in hub.seen} == {""}


def test_a_part_on_a_drive_that_went_away_is_said(place: Place, tmp_path: Path) -> None:
    gone = json.dumps((tmp_path / "gone").as_posix())
    place.parts = f'parts = [{{ role = "pipeline", path = {gone} }}]'
    assert "connect the drive" in refusal(place)


def test_a_copy_of_what_was_imported_that_is_damaged_is_said(place: Place) -> None:
    place.install()
    copied = place.installed / "pipeline"
    (copied / BIG).write_bytes(bytes(len(WEIGHTS)))
    place.parts = f'parts = [{{ role = "pipeline", path = {json.dumps(copied.as_posix())} }}]'
    with pytest.raises(ModelError, match="import it again"):
        place.install()


def test_a_model_of_the_program_that_is_damaged_is_not_called_installed(place: Place) -> None:
    shutil.copytree(place.install().parts[0].path.parent, place.folder / "starter")
    (place.folder / "starter/pipeline" / BIG).write_bytes(bytes(len(WEIGHTS)))
    place.parts = 'parts = [{ role = "pipeline", bundled = "starter" }]'
    with pytest.raises(ModelError, match=r"is damaged: install Sfumato again\.$"):
        place.install()


def test_a_folder_that_cannot_be_made_is_said(place: Place) -> None:
    place.models.parent.mkdir(parents=True)
    place.models.write_bytes(b"a file in the way")
    with pytest.raises(ModelError, match="cannot be installed in"):
        place.install()


def test_a_listing_of_more_than_any_drive_holds_is_refused_at_once(
    place: Place, hub: LocalHub
) -> None:
    hub.sizes[BIG] = 10**17
    assert "GB free: make room there" in refusal(place)
    assert not hub.fetched(BIG)


@pytest.mark.parametrize(
    ("where", "requests"),
    [("/api/models/owner/name/revision/main", 9), ("ftp://127.0.0.1/main", 1)],
)
def test_a_hub_that_sends_in_circles_or_nowhere_is_given_up_at_once(
    place: Place, hub: LocalHub, where: str, requests: int
) -> None:
    hub.moods["/revision/"] = Mood(307, {"Location": where})
    assert "check the address of the mirror" in refusal(place)
    assert len(hub.seen) == requests


def test_a_commit_that_is_no_name_is_not_used(place: Place, hub: LocalHub) -> None:
    hub.moods["/revision/"] = Mood(200, body=b'{"sha": "../../x"}')
    assert "does not answer as a model hub does" in refusal(place)
