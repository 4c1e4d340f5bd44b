"""A model hub of the tests' own: the Hugging Face hub's addresses over HTTP, and all its moods.

It serves folders as repositories, sends large files by way of a second server as the real one
does, and misbehaves on demand: refusals, stalls, answers cut short, wrong bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import threading
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

MODEL = re.compile(r"/api/models/(?P<repository>[^/]+/[^/]+)/(?P<what>revision|tree)/(?P<at>[^/]+)")
FILE = re.compile(r"/(?P<repository>[^/]+/[^/]+)/resolve/(?P<at>[^/]+)/(?P<path>.+)")
LARGE_SUFFIXES = (".safetensors", ".gguf", ".bin", ".model")
STALL_SECONDS = 30.0
PAGE = 5
"""Files on one page of a listing: few, so that there are several pages."""


@dataclass
class Mood:
    """How a file, or everything, is answered for some requests; then as usual.

    Attributes:
        status: other than 0: this refusal.
        headers, body: of the refusal.
        cut: other than 0: the connection is closed after so many bytes of the content.
        stall: nothing more is sent after half of the content.
        hold: nothing more is sent after half of the content, until `LocalHub.let_go`.
        wrong: bytes are changed.
        times: requests that it lasts for.
    """

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"refused"
    cut: int = 0
    stall: bool = False
    hold: bool = False
    wrong: bool = False
    times: int = 1_000_000


@dataclass(frozen=True)
class Seen:
    """A request that came."""

    server: str
    method: str
    path: str
    range: str
    token: str


class _File:
    """Content with its names."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.sha256 = hashlib.sha256(content).hexdigest()
        self.blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class LocalHub:
    """Serves repositories; use as a context manager.

    Attributes:
        seen: all requests, in order.
        moods: by a part of the path that they concern.
        gated: repositories that want the token ``hf_right``.
        extra: entries of a listing that are not so, by repository.
        sizes: what the listing says of a file's bytes where that is not so.
        ranges: whether parts of files are served.
        let_go: once set, content that was held back is sent.
    """

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.moods: dict[str, Mood] = {}
        self.gated: set[str] = set()
        self.extra: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.sizes: dict[str, int] = {}
        self.ranges = True
        self.let_go = threading.Event()
        self._repositories: dict[str, dict[str, _File]] = {}
        self._closing = threading.Event()
        self._servers = [_server(self, "hub"), _server(self, "cdn")]
        self._lock = threading.Lock()

    @property
    def endpoint(self) -> str:
        """The address of the hub."""
        return f"http://127.0.0.1:{self._servers[0].server_address[1]}"

    @property
    def cdn(self) -> str:
        """The address of the server that large files come from."""
        return f"http://127.0.0.1:{self._servers[1].server_address[1]}"

    def add(self, repository: str, content: Path | dict[str, bytes]) -> str:
        """Serves a folder, or files by their paths, and returns the commit."""
        if isinstance(content, Path):
            files = {
                path.relative_to(content).as_posix(): path.read_bytes()
                for path in content.rglob("*")
                if path.is_file()
            }
        else:
            files = dict(content)
        self._repositories[repository] = {path: _File(each) for path, each in files.items()}
        return self.commit(repository)

    def commit(self, repository: str) -> str:
        """The name of what a repository holds now."""
        files = self._repositories[repository]
        listed = repr(sorted((path, file.sha256) for path, file in files.items()))
        return hashlib.sha1(listed.encode()).hexdigest()

    def fetched(self, part: str) -> list[Seen]:
        """The requests for content whose path holds ``part``."""
        return [seen for seen in self.seen if seen.method == "GET" and part in seen.path]

    def file(self, repository: str, path: str) -> _File | None:
        """A file; None where there is none."""
        return self._repositories.get(repository, {}).get(path)

    @property
    def repositories(self) -> frozenset[str]:
        """The names of all that it has."""
        return frozenset(self._repositories)

    def mood(self, path: str) -> Mood:
        """How to answer this request."""
        with self._lock:
            for part, mood in self.moods.items():
                if part in path and mood.times > 0:
                    mood.times -= 1
                    return mood
        return Mood()

    def wait(self, seconds: float) -> None:
        """Waits, but not beyond the end."""
        self._closing.wait(seconds)

    def listing(self, repository: str) -> list[dict[str, Any]]:
        """All files as the hub lists them."""
        files = self._repositories[repository]
        entries = [{"type": "directory", "oid": "0" * 40, "size": 0, "path": "some"}]
        for path, file in sorted(files.items()):
            size = self.sizes.get(path, len(file.content))
            entry: dict[str, Any] = {"type": "file", "oid": file.blob, "size": size, "path": path}
            if path.endswith(LARGE_SUFFIXES):
                entry["lfs"] = {"oid": file.sha256, "size": size, "pointerSize": 134}
            entries.append(entry)
        return entries + self.extra[repository]

    def __enter__(self) -> Self:
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self.let_go.set()
        for server in self._servers:
            server.shutdown()
            server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    hub: LocalHub
    name: str

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that leave in the middle are what is tested."""


def _server(hub: LocalHub, name: str) -> _Server:
    server = _Server(("127.0.0.1", 0), _Handler)
    server.hub, server.name = hub, name
    return server


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._answer(with_content=True)

    def do_HEAD(self) -> None:
        self._answer(with_content=False)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""

    def _answer(self, with_content: bool) -> None:
        hub, path = self.server.hub, unquote(urlsplit(self.path).path)
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        hub.seen.append(
            Seen(self.server.name, self.command, path, self.headers.get("Range", ""), token)
        )
        mood = hub.mood(path)
        if mood.status:
            self._send(mood.status, mood.body, mood.headers)
        elif self.server.name == "cdn":
            repository, _, name = path[1:].partition("//")
            self._send_file(hub.file(repository, name), mood, with_content)
        elif model := MODEL.fullmatch(path):
            self._send_about(model["repository"], model["what"], model["at"], token)
        elif file := FILE.fullmatch(path):
            self._resolve(file, mood, token, with_content)
        else:
            self._send(HTTPStatus.NOT_FOUND)

    def _send_about(self, repository: str, what: str, at: str, token: str) -> None:
        if not self._may_see(repository, token):
            return
        hub = self.server.hub
        commit = hub.commit(repository)
        if at not in {"main", commit}:
            self._send(HTTPStatus.NOT_FOUND, headers={"X-Error-Code": "RevisionNotFound"})
        elif what == "revision":
            self._send(HTTPStatus.OK, json.dumps({"id": repository, "sha": commit}).encode())
        else:
            found = re.search(r"cursor=(\d+)", self.path)
            start = int(found[1]) if found else 0
            entries = hub.listing(repository)
            headers = {}
            if start + PAGE < len(entries):
                address = f"{hub.endpoint}{self.path.partition('&cursor')[0]}"
                headers["Link"] = f'<{address}&cursor={start + PAGE}>; rel="next"'
            body = json.dumps(entries[start : start + PAGE]).encode()
            self._send(HTTPStatus.OK, body, headers)

    def _resolve(self, file: re.Match[str], mood: Mood, token: str, with_content: bool) -> None:
        repository, path = file["repository"], file["path"]
        if not self._may_see(repository, token):
            return
        found = self.server.hub.file(repository, path)
        if found is not None and path.endswith(LARGE_SUFFIXES):
            address = f"{self.server.hub.cdn}/{repository}//{path}?signature=secret"
            headers = {
                "Location": address,
                "X-Repo-Commit": self.server.hub.commit(repository),
                "X-Linked-Etag": f'"{found.sha256}"',
                "X-Linked-Size": str(len(found.content)),
            }
            self._send(HTTPStatus.FOUND, headers=headers)
        else:
            commit = {"X-Repo-Commit": self.server.hub.commit(repository)}
            self._send_file(found, mood, with_content, commit)

    def _may_see(self, repository: str, token: str) -> bool:
        hub = self.server.hub
        if repository in hub.gated and token != "hf_right":
            code = {"X-Error-Code": "GatedRepo"}
            self._send(HTTPStatus.FORBIDDEN if token else HTTPStatus.UNAUTHORIZED, headers=code)
            return False
        if repository not in hub.repositories:
            code = {"X-Error-Code": "RepoNotFound"}
            self._send(HTTPStatus.NOT_FOUND if token else HTTPStatus.UNAUTHORIZED, headers=code)
            return False
        return True

    def _send_file(
        self,
        file: _File | None,
        mood: Mood,
        with_content: bool,
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        if file is None:
            self._send(HTTPStatus.NOT_FOUND, headers={"X-Error-Code": "EntryNotFound"})
            return
        content, tag = file.content, f'"{file.sha256}"'
        start, status = 0, HTTPStatus.OK
        headers = {"ETag": tag, "Content-Type": "application/octet-stream", **more}
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if asked and self.server.hub.ranges and self.headers.get("If-Range", tag) == tag:
            start, status = int(asked[1]), HTTPStatus.PARTIAL_CONTENT
            if start >= len(content):
                self._send(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
                return
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        if mood.wrong:
            content = bytes(byte ^ 1 for byte in content)
        self._send_content(status, headers, content[start:], mood, with_content)

    def _send_content(
        self,
        status: HTTPStatus,
        headers: dict[str, str],
        content: bytes,
        mood: Mood,
        with_content: bool,
    ) -> None:
        self._head(status, headers, len(content))
        if not with_content:
            return
        half = mood.cut or len(content) // 2
        self.wfile.write(content[:half])
        self.wfile.flush()
        if mood.cut:
            self.close_connection = True
            return
        if mood.stall:
            self.server.hub.wait(STALL_SECONDS)
        if mood.hold:
            self.server.hub.let_go.wait(STALL_SECONDS)
        with contextlib.suppress(OSError):
            self.wfile.write(content[half:])

    def _send(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self._head(status, headers or {}, len(body))
        if self.command != "HEAD":
            self.wfile.write(body)

    def _head(self, status: int, headers: dict[str, str], length: int) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()


def times_fetched(hub: LocalHub) -> Counter[str]:
    """How often the content of each file was asked for at the server that has it."""
    return Counter(seen.path.rpartition("//")[2] for seen in hub.seen if seen.server == "cdn")
