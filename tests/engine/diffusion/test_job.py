"""One request's work with a loaded model that needs no weights."""

from dataclasses import replace
from pathlib import Path

import pytest

from studio.core.errors import EngineError
from studio.core.picture import Pixels
from studio.engine.desk import Desk
from studio.engine.diffusion.adapters.estimators import Estimators
from studio.engine.diffusion.adapters.outfit import Outfit
from studio.engine.diffusion.bases.family import Brief, Unsound
from studio.engine.diffusion.job import Job
from studio.engine.diffusion.shelf import Loaded
from studio.engine.protocol import Candidate, Note, Scored
from studio.generation.catalog import ModelInfo
from studio.generation.memory import MemoryPlan, Rung
from studio.generation.request import Generation, Ranking, TextToImage, Variation, attach
from studio.generation.vocabulary import Vocabulary
from tests.helpers.adapters import adapter_info
from tests.helpers.copyist import SOURCE, Copyist, candidates, words
from tests.helpers.engine_runs import RecordingDesk, of_kind
from tests.helpers.machines import CPU


class Forgetful(Copyist):
    """Reads the first word alone, and learns none."""

    def unread(self, prompt: str) -> str:
        return prompt.partition(" ")[2]


class Tired(Copyist):
    """Fails after so many pictures."""

    def __init__(self, pictures: int) -> None:
        super().__init__()
        self._pictures = pictures

    def text_to_image(self, brief: Brief, desk: Desk) -> Pixels:
        if len(self.briefs) == self._pictures:
            raise EngineError("too tired")
        return super().text_to_image(brief, desk)


def loaded(
    model: ModelInfo,
    family: Copyist,
    rung: Rung = Rung.FULL,
    vocabulary: Vocabulary | None = None,
    together: int = 1,
) -> Loaded:
    plan = MemoryPlan(rung=rung, needed=0, total=1, is_shared=True, together=together)
    return Loaded(model, family, CPU, plan, "digest", vocabulary, None, Estimators(CPU))


def job(request: Generation | Ranking, desk: RecordingDesk, outfit: Outfit | None = None) -> Job:
    return Job(request, attach([SOURCE]), outfit or Outfit(), desk)


def notes(desk: RecordingDesk) -> list[str]:
    return [note.message for note in of_kind(desk.events, Note)]


def prompted(prompt: str) -> TextToImage:
    return TextToImage(model="tiny", prompt=prompt, seed=1, width=64, height=64)


def test_it_goes_on_behind_the_candidates_that_were_sent_when_it_is_run_again(
    model: ModelInfo,
) -> None:
    desk = RecordingDesk()
    work = job(words(64, 64, count=4), desk)
    with pytest.raises(EngineError):
        work.run(loaded(model, Tired(2)))
    work.run(loaded(model, Copyist()))
    assert [candidate.index for candidate in candidates(desk)] == [0, 1, 2, 3]


def test_it_tells_how_many_were_being_denoised_when_it_failed(model: ModelInfo) -> None:
    work = job(words(64, 64, count=3), RecordingDesk())
    with pytest.raises(Unsound):
        work.run(loaded(model, Copyist(unsound=1), together=2))
    assert work.together == 2


def test_on_the_last_rung_the_model_paints_smaller_on_its_grid(model: ModelInfo) -> None:
    desk, family = RecordingDesk(), Copyist()
    native = replace(model, native_size=256)
    job(words(256, 256), desk).run(loaded(native, family, Rung.SMALLER))
    [brief], [candidate] = family.briefs, candidates(desk)
    assert brief.extent.width < 256 and brief.extent.width % model.grid == 0
    assert candidate.picture.extent == (256, 256)


def test_rankings_are_scored_and_nothing_is_said_of_their_words(model: ModelInfo) -> None:
    desk = RecordingDesk()
    ranking = Ranking(model="tiny", prompt="too many words", pictures=(SOURCE.digest,))
    job(ranking, desk).run(loaded(model, Forgetful()))
    [scored] = of_kind(desk.events, Scored)
    assert len(scored.scores) == 1
    assert not notes(desk)


@pytest.mark.parametrize(
    ("prompt", "end"),
    [
        ("red boat", "its last word is not read, from “boat” on."),
        ("red boats ashore", "its last 2 words are not read, from “boats” on."),
    ],
)
def test_words_that_are_too_many_are_counted_and_the_first_is_named(
    model: ModelInfo, prompt: str, end: str
) -> None:
    desk = RecordingDesk()
    job(prompted(prompt), desk).run(loaded(model, Forgetful()))
    assert notes(desk) == [f"The prompt is too long for {model.title}: {end}"]


@pytest.mark.parametrize(("prompt", "told"), [("a zebra", True), ("a RED zebra", False)])
def test_who_uses_no_word_that_the_model_knows_is_told_one(
    model: ModelInfo, prompt: str, told: bool
) -> None:
    desk = RecordingDesk()
    known = Vocabulary(frozenset({"a", "red"}), frozenset({"a"}), {}, ("a red ball",))
    job(prompted(prompt), desk).run(loaded(model, Copyist(), vocabulary=known))
    assert [f"such as “{known.prompts[0]}”" in note for note in notes(desk)] == [True] * told
    assert len(of_kind(desk.events, Candidate)) == 1


def test_variations_may_have_words_that_nobody_reads(model: ModelInfo) -> None:
    desk = RecordingDesk()
    varied = Variation(
        model="tiny", prompt="too many", seed=1, width=64, height=64, source=SOURCE.digest
    )
    job(varied, desk).run(loaded(model, Forgetful()))
    assert not notes(desk)


def test_words_that_the_model_cannot_learn_are_told(model: ModelInfo) -> None:
    desk = RecordingDesk()
    word = adapter_info(Path("teapot"), "textual_inversion", model.family)
    job(words(64, 64), desk, Outfit(words=(word,))).run(loaded(model, Copyist()))
    assert notes(desk) == [f"{model.title} cannot know Teapot: it is read as words."]


def test_what_looks_at_pictures_takes_memory_beside_the_model() -> None:
    edges = adapter_info(Path("edges"), "controlnet", "kandinsky22")
    outfit = Outfit(guides={"edges": edges})
    assert job(words(64, 64), RecordingDesk(), outfit).beside == (edges,)
