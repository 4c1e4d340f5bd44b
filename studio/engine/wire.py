"""What client and worker say to each other: msgspec values as MessagePack, one a message.

The client sends orders, the worker answers with the events of `studio.engine.protocol` and reports
of its status. Pictures travel as raw bytes inside. Nothing is ever unpickled.
"""

from __future__ import annotations

from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeAlias

import msgspec

from studio import paths
from studio.core.picture import Picture
from studio.engine.protocol import EngineEvent, EngineStatus
from studio.engine.tuning import Tuning
from studio.generation.request import Digest, Request


@dataclass(frozen=True)
class Places:
    """Where the engine finds the list of models, their weights, and room for its log."""

    models_file: Path
    resources: Path
    config: Path
    data: Path
    logs: Path

    @classmethod
    def usual(cls) -> Places:
        """What ships with the program, and the person's own folders."""
        return cls(
            paths.models_file(), paths.resources(), paths.config(), paths.data(), paths.logs()
        )


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """All that a worker is told at birth, over its standard input.

    Attributes:
        address: where it listens, as `multiprocessing.connection.Listener` takes it.
        authkey: the secret that both sides prove to know.
        parent: process id without which it has no reason to live.
        spare_cores: how many cores' worth of threads it leaves to others on a processor.
        models_file, resources, config, data: as in `Places`.
        tuning: how it uses the machine; as in the person's settings where it is None.
    """

    address: str
    authkey: bytes
    parent: int
    spare_cores: int
    models_file: str
    resources: str
    config: str
    data: str
    tuning: Tuning | None = None


class Submit(msgspec.Struct, frozen=True, kw_only=True, tag_field="order", tag="submit"):
    """Run this after all that was submitted before."""

    job_id: str
    request: Request
    attachments: dict[Digest, Picture]


class Cancel(msgspec.Struct, frozen=True, kw_only=True, tag_field="order", tag="cancel"):
    """End this job within one step, or never begin it."""

    job_id: str


class Preload(msgspec.Struct, frozen=True, kw_only=True, tag_field="order", tag="preload"):
    """Load a model ahead of the first job; the default one where the id is empty."""

    model: str = ""


class Unload(msgspec.Struct, frozen=True, kw_only=True, tag_field="order", tag="unload"):
    """Give the memory of every model back, once the jobs submitted before have ended."""


class Ping(msgspec.Struct, frozen=True, kw_only=True, tag_field="order", tag="ping"):
    """Say that you are there, whatever you are doing."""


class Close(msgspec.Struct, frozen=True, kw_only=True, tag_field="order", tag="close"):
    """End the process."""


Order: TypeAlias = Submit | Cancel | Preload | Unload | Ping | Close


class StatusReport(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="status"):
    """The worker has become ready, or has loaded another model."""

    status: EngineStatus


class Pong(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="pong"):
    """The worker is there; its job may hang all the same."""


Answer: TypeAlias = EngineEvent | StatusReport | Pong

_ENCODER = msgspec.msgpack.Encoder()
_ORDERS: msgspec.msgpack.Decoder[Order] = msgspec.msgpack.Decoder(Order)
_ANSWERS: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)


def send(connection: Connection, message: Order | Answer) -> None:
    """Sends one message.

    Raises:
        OSError: if the other side is gone.
    """
    connection.send_bytes(_ENCODER.encode(message))


def receive_order(connection: Connection) -> Order:
    """Waits for what the client wants.

    Raises:
        EOFError, OSError: if the client is gone.
    """
    return _ORDERS.decode(connection.recv_bytes())


def receive_answer(connection: Connection) -> Answer:
    """Waits for what the worker says.

    Raises:
        EOFError, OSError: if the worker is gone.
    """
    return _ANSWERS.decode(connection.recv_bytes())
