"""What ``models.toml`` may say: its tables as typed values, read with the line of every mistake."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, Final, Literal, TypeAlias, TypeVar

import msgspec

from studio.core.errors import ModelError

Task: TypeAlias = Literal[
    "text_to_image", "image_to_image", "inpaint", "variation", "edit", "blend"
]
"""What a model can do; but for ``edit`` and ``blend`` the tags of `studio.generation.request`."""

AdapterKind: TypeAlias = Literal[
    "lora", "textual_inversion", "controlnet", "ip_adapter", "vae", "upscaler", "estimator"
]
"""What is laid over a model, put in the place of a part of it, or makes what another one reads."""

ANY_FAMILY = "any"
"""The family of estimators and upscalers, which see pictures and no models."""

MAX_SCALE = 16
"""By how much an upscaler may enlarge at once."""

KINDS: Final = ("canny", "depth", "pose", "scribble", "tile")
"""What ControlNets read and preprocessors make."""

UNION: Final = "union"
"""The preprocessor of ControlNets that read several of these, and are told which with a picture."""

_ID = re.compile(r"[a-z0-9][a-z0-9._-]*")
_HUB = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PATTERN = re.compile(r"[*?\[]")
_SINGLE = frozenset({"checkpoint", "transformer", "lora", "textual_inversion"})
"""Roles whose weights are one file."""


class Memory(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """GiB that the model takes: all of it on the device, and with parts waiting outside."""

    full: float
    offload: float
    estimated: bool = False
    """Whether the figures were worked out from the sizes of the weights, and not measured."""


class Defaults(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a request's None stands for; the prior's settings where the family has a prior.

    ``inpaint_guidance`` is for holes, where it differs: what surrounds one speaks up as well, and
    a small model hears the prompt less.
    """

    steps: int = 30
    guidance: float = 4.0
    inpaint_guidance: float | None = None
    scheduler: str = "ddpm"
    prior_steps: int = 25
    prior_guidance: float = 4.0


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where weights come from; exactly one of the four sources is set.

    Attributes:
        bundled: a folder of the program's resources that holds a folder for each role.
        path: a file or folder on this computer; a relative one is below the installed models'.
        hub: a repository on the model hub, at ``revision`` where that is known.
        files: the repository's files that are needed, as names or patterns such as
            ``unet/*.safetensors``; without them, what a diffusers folder is made of.
        variant: of the weights, such as ``fp16``, where the repository has it.
        url: a file to be fetched, whose content is named by ``sha256``.
        size: about how many bytes are fetched; 0 where that is not known.
        gated: whether the hub wants to know who is asking.
    """

    bundled: str = ""
    path: str = ""
    hub: str = ""
    revision: str = ""
    files: tuple[str, ...] = ()
    variant: str = ""
    url: str = ""
    sha256: str = ""
    size: int = 0
    gated: bool = False

    def __post_init__(self) -> None:
        if sum(map(bool, (self.bundled, self.path, self.hub, self.url))) != 1:
            raise ValueError("a part has exactly one of bundled, path, hub and url")
        if self.url and not _SHA256.fullmatch(self.sha256):
            raise ValueError("a part with a url needs its sha256")
        if self.hub and not _HUB.fullmatch(self.hub):
            raise ValueError("hub is a repository such as owner/name")
        if any(_is_outside(name) for name in self.files):
            raise ValueError("files are names below the repository's folder")
        if self.size < 0:
            raise ValueError("size is a number of bytes")

    @property
    def file_name(self) -> str:
        """The one file that is all there is to it; empty where it is a folder."""
        if self.url:
            return PurePosixPath(self.url.partition("?")[0]).name
        if len(self.files) == 1 and not _PATTERN.search(self.files[0]):
            return PurePosixPath(self.files[0]).name
        return ""


class Part(Source, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One set of weights of a model, in its role.

    Attributes:
        role: ``pipeline`` (a diffusers folder), ``checkpoint`` (one file with everything in it),
            ``transformer`` (one file in the place of the pipeline's denoiser), ``inpaint`` and
            ``edit`` (folders whose denoisers see what is known), ``refiner``, ``vae``,
            ``upscaler``; with Kandinsky and Karlo, ``prior`` and ``decoder``; and, with HiDream,
            ``text_encoder_4``.
    """

    role: str

    def __post_init__(self) -> None:
        super().__post_init__()
        if not _ID.fullmatch(self.role):
            raise ValueError("role is made of a-z, 0-9, dot, dash and underscore")
        if self.hub and self.role in _SINGLE and not self.file_name:
            raise ValueError("files names the one file of this role")


class ModelEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A ``[[model]]`` table, as written."""

    id: str
    title: str
    family: str
    tasks: tuple[Task, ...]
    license: str
    native_size: int
    memory: Memory
    parts: tuple[Part, ...]
    license_url: str = ""
    license_accept: bool = False
    gated: bool = False
    grid: int = 64
    vocabulary: str = ""
    variant: str = ""
    """Names the family's kind, such as ``sd-1-inpaint``, where weights in one file leave it out."""
    defaults: Defaults = Defaults()

    def __post_init__(self) -> None:
        _check_id(self.id)
        if not 16 <= self.native_size <= 4096:
            raise ValueError("native_size lies between 16 and 4096")
        if not 1 <= self.grid <= self.native_size:
            raise ValueError("grid lies between 1 and native_size")
        if not self.tasks or not self.parts:
            raise ValueError("a model has at least one task and one part")
        roles = [part.role for part in self.parts]
        if len(set(roles)) < len(roles):
            raise ValueError("parts have a role each")
        if self.license_accept and not self.license_url:
            raise ValueError("license_accept needs a license_url to read")
        if self.variant and not _ID.fullmatch(self.variant):
            raise ValueError("variant is made of a-z, 0-9, dot, dash and underscore")


class AdapterEntry(Source, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An ``[[adapter]]`` table, as written: the fields of a source beside its own.

    Attributes:
        family: of the models that it fits; `ANY_FAMILY` for estimators and upscalers.
        trigger: words of the prompt that call it up.
        preprocessor: what a ControlNet wants done to a picture, such as ``canny`` or `UNION`, or
            an estimator does to it.
        weight: how strongly it is applied where nothing is said.
        scale: by how much an upscaler enlarges; 0 where only its weights tell.
    """

    id: str
    title: str
    kind: AdapterKind
    family: str
    license: str
    license_url: str = ""
    license_accept: bool = False
    trigger: str = ""
    preprocessor: str = ""
    weight: float = 1.0
    scale: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_id(self.id)
        if self.hub and self.kind in (*_SINGLE, "upscaler") and not self.file_name:
            raise ValueError("files names the one file of this kind")
        if self.kind == "estimator" and not (self.preprocessor and self.family == ANY_FAMILY):
            raise ValueError(f"preprocessor of an estimator is set, and its family {ANY_FAMILY}")
        if self.kind == "upscaler" and self.family != ANY_FAMILY:
            raise ValueError(f"family of an upscaler is {ANY_FAMILY}")
        if not 0 <= self.scale <= MAX_SCALE:
            raise ValueError(f"scale lies between 0 and {MAX_SCALE}")
        if self.license_accept and not self.license_url:
            raise ValueError("license_accept needs a license_url to read")


class Entries(msgspec.Struct, frozen=True):
    """All tables of one file, in its order."""

    models: tuple[ModelEntry, ...] = ()
    adapters: tuple[AdapterEntry, ...] = ()

    def merged(self, other: Entries) -> Entries:
        """These, with the other's in the place of those of the same id and after them."""
        models = {entry.id: entry for entry in (*self.models, *other.models)}
        adapters = {entry.id: entry for entry in (*self.adapters, *other.adapters)}
        return Entries(tuple(models.values()), tuple(adapters.values()))


def read_entries(path: Path) -> Entries:
    """The tables of one file.

    Raises:
        ModelError: if it cannot be read or holds a mistake, naming the file and the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
        tables = tomllib.loads(text)
    except OSError as error:
        raise ModelError(f"The list of models {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ModelError(f"The list of models {path} is not a UTF-8 text file.") from error
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else len(text.splitlines())
        raise _mistake(path, line, re.sub(r" \(at .*\)$", "", str(error))) from error
    return _Reader(path, text).entries(tables)


_Entry = TypeVar("_Entry", ModelEntry, AdapterEntry)


class _Reader:
    """Turns the tables of one file into entries."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._lines = text.splitlines()
        self._seen: set[str] = set()

    def entries(self, tables: dict[str, Any]) -> Entries:
        unknown = [name for name in tables if name not in {"model", "adapter"}]
        if unknown:
            line = _line_of(self._lines, 0, unknown[0])
            raise _mistake(self._path, line, f"unknown key {unknown[0]!r}")
        return Entries(
            models=tuple(self._converted(tables, "model", ModelEntry)),
            adapters=tuple(self._converted(tables, "adapter", AdapterEntry)),
        )

    def _converted(self, tables: dict[str, Any], name: str, kind: type[_Entry]) -> Iterator[_Entry]:
        found = tables.get(name, [])
        if not isinstance(found, list):
            raise _mistake(self._path, _line_of(self._lines, 0, name), f"write [[{name}]]")
        for index, table in enumerate(found):
            try:
                entry = msgspec.convert(table, kind)
            except msgspec.ValidationError as error:
                message, _, where = str(error).partition(" - at ")
                line = self._find(name, index, message, where)
                raise _mistake(self._path, line, message) from error
            if entry.id in self._seen:
                line = self._find(name, index, "", "`$.id`")
                raise _mistake(self._path, line, f"{entry.id!r} is there twice")
            self._seen.add(entry.id)
            yield entry

    def _find(self, table: str, index: int, message: str, where: str) -> int:
        """The line of what msgspec complains of in the ``index``-th table of that name.

        It gives a path such as ``$.parts[1].role``, or names an unknown key or its own field in
        the message. The innermost name that stands in the table's lines is taken, else its head.
        """
        start, end = self._span(table, index)
        named = re.findall(r"[A-Za-z_]\w*", where)[::-1]
        quoted = re.findall(r"unknown field `(\w+)`", message)
        for name in (*quoted, *named, *message.split()[:1]):
            line = _line_of(self._lines[start:end], -1, name)
            if line >= 0:
                return start + line
        return start + 1

    def _span(self, table: str, index: int) -> tuple[int, int]:
        """The lines, counted from 0, of the ``index``-th table of that name."""
        heads = [
            (at, found[1])
            for at, line in enumerate(self._lines)
            if (found := re.match(r"\s*\[\[\s*(model|adapter)\s*]]", line))
        ]
        starts = [at for at, name in heads if name == table]
        if index >= len(starts):
            return 0, len(self._lines)
        later = (at for at, _ in heads if at > starts[index])
        return starts[index], next(later, len(self._lines))


def _check_id(name: str) -> None:
    if not _ID.fullmatch(name):
        raise ValueError("id is made of a-z, 0-9, dot, dash and underscore")


def _is_outside(name: str) -> bool:
    path = PurePosixPath(name)
    return not name or path.is_absolute() or ".." in path.parts or "\\" in name


def _line_of(lines: list[str], default: int, key: str) -> int:
    """The line, counted from 1, that sets ``key``, alone, in an inline table or as a table."""
    sets = re.compile(rf"(^|[\s{{,.\[])[\"']?{re.escape(key)}[\"']?\s*(=|\.|]+\s*$)")
    found = (at for at, line in enumerate(lines, start=1) if sets.search(line.partition("#")[0]))
    return next(found, default)


def _mistake(path: Path, line: int, message: str) -> ModelError:
    reason = message[:1].lower() + message[1:]
    return ModelError(f"{path}, line {line}: {reason}; correct the file and try again.")
