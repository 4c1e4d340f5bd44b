"""Where the hub is, and whether it may be asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.core.errors import ModelError
from studio.models.hub.settings import HubSettings, load_hub_settings, save_hub_settings


def test_without_settings_it_is_the_usual_hub(tmp_path: Path) -> None:
    assert load_hub_settings(tmp_path, {}) == HubSettings()


def test_settings_are_kept(tmp_path: Path) -> None:
    chosen = HubSettings(endpoint="https://mirror.example", offline=True)
    save_hub_settings(tmp_path / "config", chosen)
    assert load_hub_settings(tmp_path / "config", {}) == chosen


def test_the_environment_goes_before_them(tmp_path: Path) -> None:
    save_hub_settings(tmp_path, HubSettings(endpoint="https://mirror.example"))
    environment = {"HF_ENDPOINT": "http://localhost:1/", "HF_HUB_OFFLINE": "1"}
    assert load_hub_settings(tmp_path, environment) == HubSettings(
        endpoint="http://localhost:1", offline=True
    )
    assert not load_hub_settings(tmp_path, {"HF_HUB_OFFLINE": "0"}).offline


@pytest.mark.parametrize("written", ["{", '{"endpoint": 1}', '{"endpoint": "ftp://x"}'])
def test_settings_that_make_no_sense_are_said(tmp_path: Path, written: str) -> None:
    (tmp_path / "hub.json").write_text(written)
    with pytest.raises(ModelError, match=r"hub\.json"):
        load_hub_settings(tmp_path, {})
