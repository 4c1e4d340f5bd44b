"""``sfumato memory`` on a machine of the test's choosing."""

import pytest

from studio import app
from studio.generation.memory import GIB, Budget
from tests.cli.conftest import Run


@pytest.fixture(autouse=True)
def gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    budget = Budget(free=7 * GIB, total=8 * GIB, main=32 * GIB, is_shared=False)
    monkeypatch.setattr(app, "find_device", lambda: ("NVIDIA RTX 4060", budget))


def test_it_tells_the_device_and_how_what_is_installed_fits(run: Run) -> None:
    device, *models = run("memory").lines
    assert device.split("  ")[0] == "NVIDIA RTX 4060" and device.endswith("7.0 of 8 GB free")
    assert models == [line for line in models if line.startswith("starter")]
    assert models[0].endswith("All on the GPU, 0.1 of 8 GB")


def test_a_model_need_not_be_installed(run: Run) -> None:
    [_, line] = run("memory", "kandinsky-2.2").lines
    assert "Slower, parts wait in main memory" in line


def test_scripts_get_figures(run: Run) -> None:
    [told] = run("memory", "kandinsky-2.2", "--json").objects
    assert told["rung"] in {"modules", "blocks"} and told["fits"] is True
    assert 0 < told["needed"] < told["free"] == 7 * GIB < told["total"]


def test_an_unknown_model_is_told(run: Run) -> None:
    outcome = run("memory", "huge")
    assert outcome.code != 0 and "There is no model 'huge'" in outcome.err
