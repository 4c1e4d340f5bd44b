"""``sfumato models``: installing from a local hub, checking, removing."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from studio import app, paths
from studio.generation.memory import GIB, Budget
from tests.cli.conftest import Run
from tests.cli.test_with_starter import sfumato
from tests.helpers.hub import LocalHub, Mood
from tests.helpers.tiny.kandinsky22 import save_kandinsky

TABLE = """
[[model]]
id = "ours"
title = "Ours"
family = "stable_diffusion"
tasks = ["text_to_image"]
license = "Some licence"
license_url = "https://example.org/licence"
license_accept = true
native_size = 64
grid = 8
memory = { full = 1, offload = 0.5, estimated = true }
parts = [{ role = "pipeline", hub = "owner/name" }]

[[adapter]]
id = "style"
title = "Style"
kind = "lora"
family = "stable_diffusion"
license = "MIT"
hub = "owner/style"
files = ["style.safetensors"]
size = 6000
"""

PIPELINE = {
    "model_index.json": b'{"unet": ["diffusers", "UNet"]}',
    "unet/config.json": b"{}",
    "unet/diffusion_pytorch_model.safetensors": bytes(50_000),
}


class Drawer(KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # the library has no types there
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError


@pytest.fixture(autouse=True)
def drawer() -> Iterator[Drawer]:
    """The person's keyring."""
    before = keyring.get_keyring()
    own = Drawer()
    keyring.set_keyring(own)
    yield own
    keyring.set_keyring(before)


@pytest.fixture
def hub(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHub]:
    """A hub that has what the person's list names."""
    (home / "config").mkdir(parents=True)
    (home / "config/models.toml").write_text(TABLE, encoding="utf-8")
    with LocalHub() as local:
        local.add("owner/name", PIPELINE)
        local.add("owner/style", {"style.safetensors": b"style"})
        monkeypatch.setenv("HF_ENDPOINT", local.endpoint)
        yield local


def test_a_model_is_installed_checked_mended_and_removed(run: Run, hub: LocalHub) -> None:
    done = run("models", "install", "ours", "--accept-licence")
    assert (done.code, done.lines) == (0, ["Ours is installed: 50 kB."])
    folder = Path(run("models", "path", "ours").lines[0])
    assert folder.is_relative_to(paths.models())
    assert run("models", "verify", "ours").lines == ["Ours: 3 files are what they should be."]

    bad = folder / "unet/diffusion_pytorch_model.safetensors"
    bad.write_bytes(bytes(49_999) + b"x")
    checked = run("models", "verify", "ours")
    assert (checked.code, checked.lines) == (3, [f"{bad} is damaged"])
    assert "sfumato models install ours" in checked.err
    assert run("models", "install", "ours").code == 0
    assert run("models", "verify", "ours", "--json").objects == [
        {"id": "ours", "checked": 3, "faults": []}
    ]

    assert run("models", "remove", "ours").lines == ["Ours is removed: 51 kB are free again."]
    assert not folder.exists()
    again = run("models", "remove", "ours")
    assert again.code == 3 and "nothing to remove" in again.err


def test_the_licence_has_to_be_accepted_once(run: Run, hub: LocalHub) -> None:
    refused = run("models", "install", "ours")
    assert refused.code == 3
    assert "https://example.org/licence" in refused.err and "--accept-licence" in refused.err
    assert run("models", "install", "ours", "--accept-licence").code == 0
    assert run("models", "remove", "ours").code == 0
    assert run("models", "install", "ours").code == 0


def test_progress_is_told_to_programs(run: Run, hub: LocalHub) -> None:
    told = run("models", "install", "style", "--json").objects
    assert told[-1] == {"event": "installed", "id": "style", "size_bytes": 5}
    stages = [each["stage"] for each in told if each["event"] == "progress"]
    assert stages == ["listing", "fetching", "finishing"]
    assert told[1]["total"] == 5


def test_an_adapter_is_one_file(run: Run, hub: LocalHub) -> None:
    run("models", "install", "style")
    (path,) = run("models", "path", "style").lines
    assert Path(path).read_bytes() == b"style"


def test_models_and_adapters_are_listed_searched_and_shown(run: Run, hub: LocalHub) -> None:
    assert {"ours", "style", "starter"} <= {each.split()[0] for each in run("models", "list").lines}
    assert [each["id"] for each in run("models", "list", "lora", "STYLE", "--json").objects] == [
        "style"
    ]
    assert "6 kB to download" in run("models", "list", "style").out
    assert [each.split()[0] for each in run("models", "list", "--installed").lines] == ["starter"]
    shown = run("models", "show", "ours").out
    for words in ("Some licence, to be accepted", "owner/name", "(estimated)", "text to image"):
        assert words in shown
    (fields,) = run("models", "show", "ours", "--json").objects
    assert fields["parts"][0]["source"] == "owner/name"


def test_the_list_is_narrowed_to_what_fits_into_memory(
    run: Run, hub: LocalHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    budget = Budget(free=GIB, total=GIB, main=8 * GIB, is_shared=False)
    monkeypatch.setattr(app, "find_device", lambda: ("NVIDIA RTX 4060", budget))
    listed = [each.split()[0] for each in run("models", "list", "--fitting").lines]
    assert {"ours", "starter"} <= set(listed)
    assert not {"flux.1-dev", "style"} & set(listed)


@pytest.mark.parametrize("command", ["install", "verify", "remove"])
def test_commands_want_a_name_that_there_is(run: Run, command: str) -> None:
    assert run("models", command).code == 2
    unknown = run("models", command, "nonsense")
    assert unknown.code == 3 and "nonsense" in unknown.err


def test_what_is_not_installed_has_no_path(run: Run, hub: LocalHub) -> None:
    assert run("models", "path", "ours").code == 3
    assert run("models", "verify", "ours").code == 3
    assert run("models", "path").lines == [str(paths.models())]


def test_what_comes_with_sfumato_is_checked_as_well(run: Run) -> None:
    assert "files are what they should be" in run("models", "verify", "starter").out
    assert run("models", "install", "starter").code == 0


def test_a_folder_used_in_place_has_no_checksums(run: Run, hub: LocalHub, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own/config.json").write_text("{}")
    place = f'path = "{(tmp_path / "own").as_posix()}"'
    table = TABLE.replace('hub = "owner/name"', place).replace("license_accept = true", "")
    (paths.config() / "models.toml").write_text(table, encoding="utf-8")
    assert "without checksums" in run("models", "verify", "ours").out


def test_the_starter_cannot_be_removed(run: Run) -> None:
    refused = run("models", "remove", "starter")
    assert refused.code == 3 and "comes with Sfumato" in refused.err


def test_the_token_opens_gated_models_and_is_shown_nowhere(
    run: Run, hub: LocalHub, drawer: Drawer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.gated.add("owner/style")
    assert "sfumato models token" in run("models", "install", "style").err
    monkeypatch.setattr("sys.stdin", io.StringIO("hf_wrong\n"))
    said = run("models", "token")
    refused = run("models", "install", "style")
    assert refused.code == 3
    monkeypatch.setattr("sys.stdin", io.StringIO("hf_right\n"))
    run("models", "token")
    assert run("models", "install", "style").code == 0
    logs = "".join(path.read_text() for path in (home / "logs").iterdir())
    everything = said.out + said.err + refused.err + logs
    assert "hf_wrong" not in everything and "hf_right" not in everything
    assert "signature" not in everything
    assert run("models", "token", "--forget").code == 0
    assert drawer.kept == {}


@pytest.mark.parametrize("text", ["", "two words here", "hf_ümlaut"])
def test_what_is_no_token_is_not_kept(
    run: Run, drawer: Drawer, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    refused = run("models", "token")
    assert refused.code == 3 and not drawer.kept
    assert not text or text not in refused.err


def test_a_busy_hub_ends_in_a_sentence(run: Run, hub: LocalHub) -> None:
    hub.moods["/resolve/"] = Mood(429, {"Retry-After": "0"})
    failed = run("models", "install", "style")
    assert failed.code == 3
    assert "too busy" in failed.err and "Traceback" not in failed.err


def test_a_mirror_is_chosen_and_left(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    assert run("models", "hub").lines == ["https://huggingface.co"]
    assert run("models", "hub", "https://mirror.example/").lines == ["https://mirror.example"]
    assert run("models", "hub", "--offline").lines == ["https://mirror.example, offline"]
    assert "Offline mode is on" in run("models", "install", "vae-ft-mse").err
    assert run("models", "hub", "default", "--online").lines == ["https://huggingface.co"]
    assert run("models", "hub", "nonsense").code == 3


@pytest.mark.engine
def test_what_was_installed_from_a_hub_paints(
    run: Run, hub: LocalHub, home: Path, tmp_path: Path
) -> None:
    table = save_kandinsky(tmp_path / "source").read_text(encoding="utf-8")
    for role in ("prior", "decoder", "inpaint"):
        place = json.dumps((tmp_path / "source" / role).as_posix())
        assert place in table
        table = table.replace(f"path = {place}", f'hub = "tiny/{role}"')
        hub.add(f"tiny/{role}", tmp_path / "source" / role)
    (home / "config/models.toml").write_text(table, encoding="utf-8")
    assert run("models", "install", "tiny").code == 0
    (made,) = sfumato("generate", "a", "--model", "tiny", "--size", "64x64", "--json")
    assert (made["model"], made["width"], made["height"]) == ("tiny", 64, 64)
