"""``sfumato generate`` on a scripted engine: what its options mean, and what it refuses."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pytest

from studio import app, paths
from studio.cli.session import Session
from studio.core.errors import GalleryError
from studio.files.pictures import read_picture, read_recipe
from studio.files.writing import write_picture
from studio.gallery.store import Gallery
from studio.generation.catalog import Catalog
from studio.generation.catalog_entries import UNION
from studio.generation.jobs import ErrorReport
from studio.generation.request import Control, Lora, Reference, TextToImage, to_json
from tests.cli.conftest import Run
from tests.helpers.adapters import adapter_info, lora_info
from tests.helpers.disks import full_disk
from tests.helpers.pictures import noise
from tests.helpers.scripted_engine import Script, ScriptedEngine, painted


def test_without_output_the_gallerys_file_is_printed(run: Run) -> None:
    outcome = run("generate", "a red circle")
    assert (outcome.code, outcome.err) == (0, "")
    (path,) = map(Path, outcome.lines)
    assert path.is_relative_to(paths.gallery())
    assert read_picture(path).extent == (256, 256)


def test_output_names_the_file_exactly_and_its_suffix_the_format(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "My picture.webp"
    outcome = run("generate", "a red circle", "-o", target, "--size", "64x32")
    assert outcome.lines == [str(target)]
    assert target.read_bytes()[8:12] == b"WEBP"
    assert read_picture(target).extent == (64, 32)
    assert read_recipe(target) is not None


def test_several_pictures_are_numbered_from_one_and_have_following_seeds(
    run: Run, tmp_path: Path
) -> None:
    outcome = run("generate", "x", "-n", 3, "--seed", 7, "-o", tmp_path / "out.png", "--json")
    assert [made["path"] for made in outcome.objects] == [
        str(tmp_path / f"out-{k}.png") for k in (1, 2, 3)
    ]
    assert [made["seed"] for made in outcome.objects] == [7, 8, 9]


def test_json_says_what_scripts_need(run: Run) -> None:
    outcome = run("generate", "x", "--seed", 1, "--size", "48x64", "--json")
    (made,) = outcome.objects
    expected = {"model": "starter", "width": 48, "height": 64, "score": None, "seed": 1}
    assert made.items() >= expected.items()
    assert {"path", "seconds"} <= made.keys()


def test_the_options_arrive_in_the_request(run: Run, engine: ScriptedEngine) -> None:
    run("generate", "p", "--negative", "n", "--steps", 9, "--guidance", 2.5, "--rank", "-n", 2,
        "--seed", 5, "--model", "kandinsky-2.2", "--size", "64x96")  # fmt: skip
    (request,) = engine.requests
    assert request == TextToImage(
        model="kandinsky-2.2", prompt="p", negative_prompt="n", steps=9, guidance=2.5, rank=True,
        count=2, seed=5, width=64, height=96,
    )  # fmt: skip


def test_a_larger_model_makes_pictures_of_its_own_size(run: Run) -> None:
    (made,) = run("generate", "x", "--model", "kandinsky-2.2", "--json").objects
    assert (made["width"], made["height"]) == (512, 512)


def test_without_a_seed_each_run_has_its_own(run: Run) -> None:
    seeds = {run("generate", "x", "--json").objects[0]["seed"] for _ in range(3)}
    assert len(seeds) == 3


def test_ranked_pictures_are_printed_best_first_and_keep_their_numbers(
    run: Run, tmp_path: Path
) -> None:
    outcome = run(
        "generate", "x", "-n", 4, "--seed", 1, "--rank", "--json", "-o", tmp_path / "o.png"
    )
    scores = [made["score"] for made in outcome.objects]
    assert scores == sorted(scores, reverse=True)
    for made in outcome.objects:
        assert made["path"] == str(tmp_path / f"o-{made['seed']}.png")


def test_results_are_in_the_gallery_before_they_are_printed(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_gallery: list[int] = []
    monkeypatch.setattr(
        Session,
        "_print",
        lambda _, entry, *__: in_gallery.append(len(app.open_gallery().entries(entry.prompt))),
    )
    run("generate", "one", "-n", 2)
    assert in_gallery == [1, 2]


def test_a_stored_result_knows_how_it_was_made(run: Run) -> None:
    run("generate", "a red circle", "--seed", 3, "-n", 2)
    gallery = app.open_gallery()
    second, first = gallery.entries()
    gallery.close()
    assert (first.seed, second.seed, second.index) == (3, 4, 1)
    assert first.job_id == second.job_id
    assert first.model_digest
    assert isinstance(first.request, TextToImage)
    assert read_picture(first.path) == painted(first.request, 0, {})


@pytest.mark.parametrize("place", ["file", "-"])
def test_a_request_as_json_makes_the_same_picture_again(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    request = TextToImage(model="starter", prompt="x", seed=11, width=32, height=32, count=2)
    text = to_json(request)
    (tmp_path / "file").write_bytes(text)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    outcome = run("generate", "--request", "-" if place == "-" else tmp_path / place, "--json")
    assert [made["seed"] for made in outcome.objects] == [11, 12]


def test_the_request_of_an_edit_finds_its_pictures_in_the_gallery(
    run: Run, tmp_path: Path, image: Path, mask: Path
) -> None:
    (edited,) = run("edit", image, "a hat", "--mask", mask, "--json").objects
    gallery = app.open_gallery()
    entry = gallery.get(edited["id"])
    gallery.close()
    (tmp_path / "request.json").write_bytes(to_json(entry.request))
    outcome = run("generate", "--request", tmp_path / "request.json")
    assert read_picture(Path(outcome.lines[0])) == read_picture(entry.path)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([""], "prompt is empty"),
        (["   \n"], "prompt is empty"),
        (["x" * 40_000], "shorten it to 32000"),
        (["\udcff"], "not valid UTF-8"),
        (["x", "--size", "0x0"], "width is 0: choose one from 16 to 4096"),
        (["x", "--size", "1x64"], "width is 1"),
        (["x", "--size", "64x100000"], "height is 100000"),
        (["x", "-n", "0"], "number of pictures is 0"),
        (["x", "-n", "1000000000"], "number of pictures is 1000000000"),
        (["x", "--seed", "-1"], "seed is -1"),
        (["x", "--steps", "0"], "number of steps is 0"),
        (["x", "--guidance", "nan"], "guidance is nan"),
        (["x", "--model", "nothing"], "no model 'nothing': choose one of starter"),
        (["x", "-o", "out.xyz"], "use one of .png"),
        (["x", "-o", "missing/out.png"], "make it first"),
        (["--request", "missing.json"], "missing.json cannot be read"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_3(
    run: Run, arguments: list[str], said: str
) -> None:
    outcome = run("generate", *arguments)
    assert outcome.code == 3
    assert outcome.out == ""
    assert said in outcome.err
    assert outcome.err.startswith("sfumato: ")
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["x", "y"],
        ["x", "--bogus"],
        ["x", "--size", "large"],
        ["x", "--size", "64"],
        ["x", "-n", "many"],
        ["x", "--no-rank"],
        ["x", "--request", "r.json"],
    ],
)
def test_a_wrong_command_line_is_one_line_and_exit_code_2(run: Run, arguments: list[str]) -> None:
    outcome = run("generate", *arguments)
    assert outcome.code == 2
    assert outcome.out == ""
    assert outcome.err.startswith("sfumato: ")
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize("prompt", ["😀 🎨", "赤い丸", "x" * 20_000, "--", "a\nb", "-"])
@pytest.mark.parametrize("size", ["33x57"])
def test_unusual_prompts_and_odd_sizes_are_fine(run: Run, prompt: str, size: str) -> None:
    outcome = run("generate", "--size", size, "--json", "--", prompt)
    assert outcome.code == 0
    assert outcome.objects[0]["prompt"] == prompt


def test_a_job_that_fails_is_one_line_and_what_was_finished_is_kept(
    run: Run, engine: ScriptedEngine
) -> None:
    engine.script(Script(error=ErrorReport(message="The model does not fit into memory.")))
    outcome = run("generate", "x")
    assert outcome.code == 3
    assert outcome.err == "sfumato: The model does not fit into memory.\n"


def test_the_workers_death_is_a_sentence(run: Run, engine: ScriptedEngine) -> None:
    engine.script(Script(dies=True))
    outcome = run("generate", "x")
    assert outcome.code == 3
    assert "was killed" in outcome.err


def test_a_bug_is_logged_with_its_traceback_and_said_in_one_line(
    run: Run, engine: ScriptedEngine, home: Path
) -> None:
    engine.script(Script(error=ErrorReport(message="Oops.", details="in f()", is_bug=True)))
    outcome = run("generate", "x")
    log = home / "logs" / "sfumato.log"
    assert outcome.code == 1
    assert outcome.err.count("\n") == 1
    assert str(log) in outcome.err
    assert "Traceback" in log.read_text()
    assert "in f()" in log.read_text()


def test_notes_of_the_engine_are_said(run: Run, engine: ScriptedEngine) -> None:
    engine.script(Script(notes=("The prompt is long.",)))
    outcome = run("generate", "x")
    assert outcome.code == 0
    assert outcome.err == "The prompt is long.\n"


def test_a_gallery_that_refuses_does_not_cost_the_picture(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise GalleryError("The disk is full.")

    monkeypatch.setattr(Gallery, "add", refuse)
    outcome = run("generate", "x", "-o", tmp_path / "out.png")
    assert (outcome.code, outcome.out) == (3, "")
    assert read_picture(tmp_path / "out.png").extent == (256, 256)


def test_a_gallery_that_cannot_be_opened_stops_before_the_engine_works(
    run: Run, engine: ScriptedEngine, home: Path
) -> None:
    (home / "data").mkdir(parents=True)
    (home / "data" / "gallery").write_text("a file in its place")
    outcome = run("generate", "x")
    assert outcome.code == 3
    assert engine.requests == []


def test_loras_are_named_by_options_and_in_the_prompt(
    run: Run, engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = app.build_catalog()
    loras = [lora_info(Path(f"/{name}.safetensors"), "kandinsky22") for name in ("ink", "chalk")]
    monkeypatch.setattr(app, "build_catalog", lambda: Catalog(known.models, loras))
    assert run("generate", "a cat <lora:ink:0.5>", "--lora", "chalk", "--lora", "ink:2").code == 0
    [request] = engine.requests
    assert isinstance(request, TextToImage)
    assert request.prompt == "a cat"
    assert request.loras == (Lora(adapter="ink", weight=2), Lora(adapter="chalk"))
    outcome = run("generate", "a cat", "--lora", "inks")
    assert outcome.code == 3
    assert "did you mean ink?" in outcome.err


@pytest.fixture
def guiding(monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalog with what looks at pictures, and a LoRA."""
    known = app.build_catalog()
    adapters = [
        adapter_info(Path("/edges"), "controlnet", "kandinsky22", preprocessor="canny", weight=0.9),
        adapter_info(Path("/union"), "controlnet", "kandinsky22", preprocessor=UNION),
        adapter_info(Path("/style"), "ip_adapter", "kandinsky22", weight=0.6),
        lora_info(Path("/ink.safetensors"), "kandinsky22"),
    ]
    monkeypatch.setattr(app, "build_catalog", lambda: Catalog(known.models, adapters))


@pytest.mark.usefixtures("guiding")
def test_pictures_that_guide_are_named_by_options_and_kept_in_the_gallery(
    run: Run, engine: ScriptedEngine, tmp_path: Path
) -> None:
    one, other = noise(40, 30), noise(20, 30)
    write_picture(tmp_path / "one:1.png", one)
    write_picture(tmp_path / "other.png", other)
    outcome = run(
        *("generate", "a cat", "--json"),
        *("--control", f"edges={tmp_path / 'one:1.png'}"),
        *("--control", f"edges/none={tmp_path / 'one:1.png'}:0.5"),
        *("--reference", f"style={tmp_path / 'other.png'}:0.3"),
        *("--reference", tmp_path / "other.png"),
    )
    assert outcome.code == 0
    [request] = engine.requests
    assert isinstance(request, TextToImage)
    named: dict[str, Any] = {"picture": one.digest, "adapter": "edges"}
    assert request.controls == (
        Control(**named, weight=0.9, preprocessor="canny"),
        Control(**named, weight=0.5),
    )
    assert request.references == (
        Reference(picture=other.digest, adapter="style", weight=0.3),
        Reference(picture=other.digest),
    )
    inputs = paths.gallery() / "inputs"
    assert all(any(inputs.rglob(f"{each.digest}*")) for each in (one, other))


@pytest.mark.usefixtures("guiding")
@pytest.mark.parametrize(
    ("said", "preprocessor", "kind"), [("pose", "pose", ""), ("as-pose", "", "pose")]
)
def test_of_several_kinds_of_pictures_the_one_is_named_that_is_made_or_there(
    run: Run, engine: ScriptedEngine, tmp_path: Path, said: str, preprocessor: str, kind: str
) -> None:
    write_picture(tmp_path / "one.png", noise(40, 30))
    assert run("generate", "a cat", "--control", f"union/{said}={tmp_path / 'one.png'}").code == 0
    [request] = engine.requests
    assert isinstance(request, TextToImage)
    [control] = request.controls
    assert (control.preprocessor, control.kind) == (preprocessor, kind)


@pytest.mark.usefixtures("guiding")
@pytest.mark.parametrize(
    ("option", "text", "says"),
    [
        ("--control", "picture.png", "names no ControlNet and picture"),
        ("--control", "edge=picture.png", "did you mean edges?"),
        ("--control", "union=picture.png", "write such as union/pose=picture.png, or union/as-"),
        ("--control", "union/none=picture.png", "reads pictures of several kinds"),
        ("--control", "ink=picture.png", "Ink is no ControlNet but a LoRA"),
        ("--control", "edges=nowhere.png", "nowhere.png"),
        ("--reference", "edges=picture.png", "Edges is no IP-Adapter but a ControlNet"),
    ],
)
def test_pictures_that_cannot_guide_are_refused_in_a_sentence(
    run: Run, engine: ScriptedEngine, option: str, text: str, says: str
) -> None:
    outcome = run("generate", "a cat", option, text)
    assert outcome.code != 0
    assert says in outcome.err
    assert engine.requests == []


def test_nothing_is_made_that_the_gallery_could_not_keep(run: Run, engine: ScriptedEngine) -> None:
    run("generate", "a boat")
    with full_disk(4096):
        refused = run("generate", "a tree")
        listed = run("gallery", "list", "--json")
    assert (refused.code, refused.out) == (3, "")
    assert "can only be looked at" in refused.err.splitlines()[0]
    assert refused.err.splitlines()[1].startswith("sfumato: The gallery")
    assert len(engine.requests) == 1
    assert [entry["prompt"] for entry in listed.objects] == ["a boat"]
    assert "can only be looked at" in listed.err
