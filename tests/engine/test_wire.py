import multiprocessing
from pathlib import Path

import msgspec
import numpy as np
import pytest

from studio.core.errors import RequestError
from studio.core.picture import Picture
from studio.engine import wire
from studio.engine.protocol import (
    Cancelled,
    Candidate,
    EngineStatus,
    Failed,
    Finished,
    Loading,
    Note,
    Phase,
    Progress,
    Scored,
    Started,
)
from studio.generation.jobs import ErrorReport
from studio.generation.request import Inpaint, Ranking, TextToImage

PICTURE = Picture.from_array(np.arange(48, dtype=np.uint8).reshape(4, 4, 3))
MASK = Picture.from_array(np.eye(4, dtype=np.uint8) * 255)

ORDERS: list[wire.Order] = [
    wire.Submit(
        job_id="a",
        request=Inpaint(
            model="m", seed=1, width=16, height=16, source=PICTURE.digest, mask=MASK.digest
        ),
        attachments={PICTURE.digest: PICTURE, MASK.digest: MASK},
    ),
    wire.Submit(
        job_id="b",
        request=TextToImage(model="m", prompt="ein Bär 🐻", seed=2, width=16, height=16),
        attachments={},
    ),
    wire.Submit(
        job_id="c",
        request=Ranking(model="m", prompt="a bear", pictures=(PICTURE.digest,)),
        attachments={PICTURE.digest: PICTURE},
    ),
    wire.Cancel(job_id="a"),
    wire.Preload(model="m"),
    wire.Unload(),
    wire.Ping(),
    wire.Close(),
]

ANSWERS: list[wire.Answer] = [
    Started(job_id="a"),
    Progress(job_id="a", phase=Phase.DENOISING, step=1, total=2, preview=PICTURE, seconds_left=1.5),
    Note(job_id="a", message="Long."),
    Candidate(job_id="a", index=0, seed=1, picture=PICTURE, score=0.25, seconds=2.0),
    Scored(job_id="a", scores=(0.5, -0.5)),
    Finished(job_id="a", seconds=3.0, model_digest="00"),
    Failed(job_id="a", error=ErrorReport(message="No.", details="x", is_bug=True)),
    Cancelled(job_id="a"),
    wire.StatusReport(status=EngineStatus(device="CPU", model="m", memory=1)),
    wire.StatusReport(status=EngineStatus(device="CPU", loading=Loading(done=1, total=2))),
    wire.Pong(),
]


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: type(order).__name__)
def test_orders_arrive_as_they_were_sent(order: wire.Order) -> None:
    here, there = multiprocessing.Pipe()
    wire.send(here, order)
    assert wire.receive_order(there) == order


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: type(answer).__name__)
def test_answers_arrive_as_they_were_sent(answer: wire.Answer) -> None:
    here, there = multiprocessing.Pipe()
    wire.send(here, answer)
    assert wire.receive_answer(there) == answer


def test_a_request_outside_its_range_is_refused_on_arrival() -> None:
    here, there = multiprocessing.Pipe()
    request = msgspec.to_builtins(ORDERS[1])
    request["request"]["width"] = 0
    here.send_bytes(msgspec.msgpack.encode(request))
    with pytest.raises((RequestError, msgspec.ValidationError), match="width"):
        wire.receive_order(there)


def test_the_usual_places_are_the_persons_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SFUMATO_HOME", str(tmp_path))
    places = wire.Places.usual()
    assert {places.config, places.data, places.logs} == {
        tmp_path / "config",
        tmp_path / "data",
        tmp_path / "logs",
    }
    assert places.models_file.name == "models.toml"
