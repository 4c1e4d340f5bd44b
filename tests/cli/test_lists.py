"""``sfumato models list`` and ``sfumato gallery list``."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run


def test_models_are_listed_with_what_is_installed(run: Run) -> None:
    listed = {model["id"]: model for model in run("models", "list", "--json").objects}
    assert not listed["kandinsky-2.2"]["installed"]
    assert listed["starter"]["native_size"] == 128
    lines = run("models", "list").lines
    assert [line.split()[0] for line in lines] == list(listed)


def test_the_gallery_is_listed_newest_first_and_searched(run: Run) -> None:
    assert run("gallery", "list").out == ""
    for prompt in ("a red circle", "a blue square"):
        run("generate", prompt, "--seed", 1)
    listed = run("gallery", "list", "--json").objects
    assert [made["prompt"] for made in listed] == ["a blue square", "a red circle"]
    assert all(Path(made["path"]).is_file() for made in listed)
    assert [made["prompt"] for made in run("gallery", "list", "circ", "--json").objects] == [
        "a red circle"
    ]
    assert len(run("gallery", "list", "--limit", 1).lines) == 1
    assert len(run("gallery", "list", "--limit", 10**30).lines) == 2


def test_a_long_prompt_is_cut_in_the_list_for_people(run: Run) -> None:
    run("generate", "many words " * 100)
    (line,) = run("gallery", "list").lines
    assert "…" in line
    assert "sfumato" not in line.split("…")[0]
