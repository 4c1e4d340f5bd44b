"""The model hub, as it answers over HTTP: revisions, lists of files, and the files.

The addresses are those of the Hugging Face hub, which its mirrors share:
``/api/models/{repository}/revision/{revision}`` names the commit,
``/api/models/{repository}/tree/{commit}`` lists its files with their checksums, and
``/{repository}/resolve/{commit}/{path}`` is a file, often by way of another server. The token
goes to the hub alone: whoever it redirects to does not get it.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import ssl
from collections.abc import AsyncIterator, Generator
from dataclasses import dataclass
from typing import Annotated, Final, TypeVar
from urllib.parse import quote

import httpx2
import msgspec

from studio import __version__
from studio.core.errors import ModelError
from studio.models.hub.retries import Busy, Retries
from studio.models.hub.settings import HubSettings
from studio.models.hub.tokens import Token

MAX_FILES: Final = 20_000
MAX_LISTING_BYTES: Final = 32 * 2**20
STALL_SECONDS: Final = 30.0
"""A connection that brings nothing for so long is given up and made anew."""

_SHA1_LENGTH: Final = 40
_FORBIDDEN: Final = frozenset({401, 403})
_TRANSIENT: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class RemoteFile:
    """A file of a repository.

    Attributes:
        path: with slashes, below the repository's root.
        sha256: of its content; empty where the hub only knows ``blob``.
        blob: the SHA-1 under which Git knows small files.
    """

    path: str
    size: int
    sha256: str = ""
    blob: str = ""


@dataclass(frozen=True)
class Snapshot:
    """What a repository holds at one commit."""

    repository: str
    commit: str
    files: tuple[RemoteFile, ...]


_Kind = TypeVar("_Kind")


_Bytes = Annotated[int, msgspec.Meta(ge=0)]


class _Revision(msgspec.Struct):
    sha: str


class _Large(msgspec.Struct):
    oid: str = ""
    size: _Bytes = 0


class _Entry(msgspec.Struct):
    type: str
    path: str
    oid: str = ""
    size: _Bytes = 0
    lfs: _Large | None = None


class Hub:
    """Asks a hub; use `open_hub`.

    Args:
        endpoint: its address, without a slash at the end.
        client: whose requests carry the token where it belongs.
        retries: of what fails for a moment.
        has_token: for the advice in errors.
    """

    def __init__(
        self, endpoint: str, client: httpx2.AsyncClient, retries: Retries, has_token: bool
    ) -> None:
        self._endpoint = endpoint
        self._client = client
        self._retries = retries
        self._has_token = has_token

    @property
    def client(self) -> httpx2.AsyncClient:
        """For the files themselves."""
        return self._client

    @property
    def retries(self) -> Retries:
        """How often to try again."""
        return self._retries

    async def snapshot(self, repository: str, revision: str = "") -> Snapshot:
        """What a repository holds.

        Args:
            repository: such as ``owner/name``.
            revision: a commit, tag or branch; the main branch where it is empty.

        Raises:
            ModelError: if the hub does not say.
        """
        name = quote(revision or "main", safe="")
        where = f"{self._endpoint}/api/models/{repository}"
        answer = await self._ask(f"{where}/revision/{name}", repository)
        commit = self._decoded(answer, _Revision).sha
        if not commit.isalnum():
            raise _nonsense(self._endpoint)
        files: list[RemoteFile] = []
        page: str | None = f"{where}/tree/{commit}?recursive=true&expand=false"
        while page is not None:
            answer = await self._ask(page, repository)
            entries = self._decoded(answer, list[_Entry])
            files += (_remote_file(entry) for entry in entries if entry.type == "file")
            if len(files) > MAX_FILES:
                raise ModelError(f"{repository} has more files than a model can have.")
            page = answer.links.get("next", {}).get("url")
        return Snapshot(repository, commit, tuple(files))

    def address(self, snapshot: Snapshot, path: str) -> str:
        """Where a file of a snapshot is fetched."""
        return f"{self._endpoint}/{snapshot.repository}/resolve/{snapshot.commit}/{quote(path)}"

    def check(self, answer: httpx2.Response, what: str) -> None:
        """Accepts an answer that is what was asked for.

        Args:
            answer: its headers suffice.
            what: the repository or address, for the message.

        Raises:
            Busy: if asking again may help.
            ModelError: if it will not.
        """
        if answer.is_success:
            return
        if answer.status_code in _TRANSIENT or self._is_stale(answer):
            raise Busy(f"HTTP {answer.status_code}", answer.headers.get("Retry-After", ""))
        raise ModelError(self._refusal(answer, what))

    def _is_stale(self, answer: httpx2.Response) -> bool:
        """Whether it is an address that the hub signed a while ago; asked anew, it gives others."""
        is_elsewhere = answer.url.origin != httpx2.URL(self._endpoint).origin
        return answer.status_code in _FORBIDDEN and bool(answer.history) and is_elsewhere

    def _refusal(self, answer: httpx2.Response, what: str) -> str:
        code = answer.headers.get("X-Error-Code", "")
        page = f"{self._endpoint}/{what}" if "://" not in what else what
        if answer.status_code == 401 and self._has_token:
            return (
                f"The model hub does not accept your token for {what}: make a new one on the "
                "hub's page of settings, and store it with sfumato models token."
            )
        if answer.status_code == 401 and code != "RepoNotFound":
            return (
                f"The model hub gives {what} only to people it knows: accept the terms at {page}, "
                "then store your token with sfumato models token."
            )
        if answer.status_code == 403:
            return (
                f"The model hub does not let your account have {what} yet: open {page}, accept "
                "the terms, and try again."
            )
        if answer.status_code == 404 and code == "RevisionNotFound":
            return f"The model hub has no such revision of {what}: update Sfumato and try again."
        if answer.status_code in {401, 404, 410}:
            return (
                f"The model hub has no {what} (any more), or shows it only to people with a "
                "token: update Sfumato, or give another source in your own models.toml."
            )
        return (
            f"The model hub answered HTTP {answer.status_code} for {what}: try again later, or "
            "check the address of the mirror."
        )

    async def read(self, snapshot: Snapshot, path: str, most: int) -> bytes:
        """The content of a small file of a snapshot.

        Args:
            snapshot: that has it.
            path: its name.
            most: bytes that it may have.

        Raises:
            ModelError: if the hub does not give it, or it is larger.
        """
        answer = await self._ask(self.address(snapshot, path), snapshot.repository, most)
        return answer.content

    async def size_of(self, address: str) -> int:
        """Bytes of the file at an address; 0 where the server does not say.

        Raises:
            ModelError: if the server does not give it.
        """

        async def once() -> int:
            answer = await self._client.head(address)
            self.check(answer, address)
            length = answer.headers.get("Content-Length", "")
            return int(length) if length.isdecimal() else 0

        return await self._retries.run(once)

    def _decoded(self, answer: httpx2.Response, kind: type[_Kind]) -> _Kind:
        try:
            return msgspec.json.decode(answer.content, type=kind)
        except ValueError as error:
            raise _nonsense(self._endpoint) from error

    async def _ask(
        self, address: str, repository: str, most: int = MAX_LISTING_BYTES
    ) -> httpx2.Response:
        """A short answer, whole."""

        async def once() -> httpx2.Response:
            async with self._client.stream("GET", address) as answer:
                self.check(answer, repository)
                body = bytearray()
                async for chunk in answer.aiter_bytes():
                    body += chunk
                    if len(body) > most:
                        raise _nonsense(self._endpoint)
            headers = {"Link": answer.headers.get("Link", "")}
            return httpx2.Response(answer.status_code, content=bytes(body), headers=headers)

        return await self._retries.run(once)


@contextlib.asynccontextmanager
async def open_hub(
    settings: HubSettings, token: Token | None, retries: Retries, stall: float = STALL_SECONDS
) -> AsyncIterator[Hub]:
    """A hub whose connections are closed at the end.

    Args:
        settings: where it is.
        token: of the person.
        retries: of what fails for a moment.
        stall: seconds without a byte after which a connection is given up.

    Raises:
        ModelError: in offline mode.
    """
    if settings.offline:
        raise ModelError(
            "Offline mode is on, so nothing can be downloaded: switch it off (HF_HUB_OFFLINE), or "
            "import the model from a file."
        )
    # It would write addresses to the log, and signed ones let anybody in for a while.
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    async with httpx2.AsyncClient(
        auth=_HubAlone(settings.endpoint, token),
        verify=_certificates(),
        headers={"User-Agent": f"sfumato/{__version__}", "Accept-Encoding": "identity"},
        timeout=httpx2.Timeout(stall),
        follow_redirects=True,
        max_redirects=8,
    ) as client:
        yield Hub(settings.endpoint, client, retries, token is not None)


@functools.cache
def _certificates() -> ssl.SSLContext:
    """Whom to trust, which takes a while to read; a process needs it once."""
    return httpx2.create_ssl_context()


class _HubAlone(httpx2.Auth):
    """Gives the token to the hub and to nobody else."""

    def __init__(self, endpoint: str, token: Token | None) -> None:
        self._origin = httpx2.URL(endpoint).origin
        self._token = token

    def auth_flow(
        self, request: httpx2.Request
    ) -> Generator[httpx2.Request, httpx2.Response, None]:
        if self._token is not None and request.url.origin == self._origin:
            request.headers["Authorization"] = f"Bearer {self._token.reveal()}"
        yield request


def _remote_file(entry: _Entry) -> RemoteFile:
    if entry.lfs is not None and entry.lfs.oid:
        return RemoteFile(entry.path, entry.lfs.size or entry.size, sha256=entry.lfs.oid.lower())
    blob = entry.oid.lower() if len(entry.oid) == _SHA1_LENGTH else ""
    return RemoteFile(entry.path, entry.size, blob=blob)


def _nonsense(endpoint: str) -> ModelError:
    return ModelError(
        f"{endpoint} does not answer as a model hub does: check the address of the mirror and "
        "whether this network asks you to sign in."
    )
