"""What every test gets: folders of its own, and the reason where it cannot run here."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from tests.helpers.screen import missing_programs

# How long an example takes says more of the machine than of the code.
settings.register_profile("sfumato", deadline=None)
settings.load_profile("sfumato")

OUTSIDE = Path(__file__).parents[2] / "shared" / "outside"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The person's folders, moved into the test's own."""
    folder = tmp_path / "home"
    monkeypatch.setenv("SFUMATO_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def outside() -> Path:
    """Files that other programs made; tests that use it are marked ``outside``."""
    return OUTSIDE


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skips what this machine lacks the means for, saying what is lacking."""
    reasons = {}
    if missing := missing_programs():
        reasons["journey"] = f"a virtual screen needs {', '.join(missing)}"
    if not OUTSIDE.is_dir():
        reasons["outside"] = "the files of other programs are not beside the project"
    for item in items:
        for name, reason in reasons.items():
            if item.get_closest_marker(name):
                item.add_marker(pytest.mark.skip(reason=reason))
