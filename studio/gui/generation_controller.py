"""From the Generate button to a layer: runs are prepared, queued, shown and kept."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from typing import TypeVar

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from studio.core.commands.stack import Command
from studio.core.errors import KnownError
from studio.core.geometry import Point
from studio.core.layers import GeneratedLayer
from studio.core.picture import Picture
from studio.gallery.entry import Entry
from studio.generation.catalog import ModelInfo
from studio.generation.edits import Edit, apply_patch, instruction_edit, variation_edit
from studio.generation.jobs import Job, JobState
from studio.generation.request import (
    MAX_SEED,
    Inpaint,
    Ranking,
    Upscale,
    Variation,
    from_json,
    to_json,
)
from studio.generation.scene import PictureScene
from studio.generation.task import Task
from studio.gui.background import Background
from studio.gui.candidates import in_place, kept, placed
from studio.gui.canvas.staging import StagedRun
from studio.gui.engine_thread import EngineThread, ProgressUpdate, StoredCandidate
from studio.gui.images import to_image, to_mask_image
from studio.gui.models.variations import VariationsModel
from studio.gui.open_document import OpenDocument
from studio.gui.plans import (
    Plan,
    Stride,
    Wish,
    asked_again,
    make_plan,
    settings_from,
    settings_of,
    task_of,
)
from studio.gui.runs import Run, Wall
from studio.gui.settings import PromptSettings
from studio.gui.situation import Situation
from studio.gui.widgets.toasts import Tone
from studio.gui.words import shortened
from studio.gui.workspace import Workspace

NAME_LENGTH = 48

T = TypeVar("T")


class GenerationController(QObject):
    """Turns what the person asks for into jobs, and their results into candidates and layers.

    Signals:
        started(str): a run with that id was queued.
        progressed(ProgressUpdate): the running job has come further; its fraction is the run's.
        queue_changed(): a job was queued, started or ended.
        entry_added(Entry): a picture is in the gallery.
        message(str, Tone, str): a sentence for the person, how it is meant, and details.
    """

    started = Signal(str)
    progressed = Signal(object)
    queue_changed = Signal()
    entry_added = Signal(object)
    message = Signal(str, object, str)

    def __init__(
        self,
        workspace: Workspace,
        thread: EngineThread,
        situation: Situation,
        background: Background,
        variations: VariationsModel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._thread = thread
        self._situation = situation
        self._background = background
        self._variations = variations
        self._runs: dict[str, Run] = {}
        self._preparing = 0
        self._keeping = False
        self._noted: set[str] = set()
        thread.job_changed.connect(self._on_job)
        thread.progress.connect(self._on_progress)
        thread.candidate_stored.connect(self._on_candidate)
        thread.failed.connect(self._on_failed)
        thread.note.connect(self._on_note)
        thread.not_stored.connect(lambda why: self.message.emit(why, Tone.FAILURE, ""))

    @property
    def is_busy(self) -> bool:
        """Whether anything is being prepared, or runs, or will by itself."""
        return self._preparing > 0 or self._thread.queue.is_active

    def generate(self) -> None:
        """Does what the line above the button says; queues it while something runs."""
        target, prompt = self._workspace.current, self._workspace.prompt
        seed = prompt.seed if prompt.seed_locked else random.randint(0, MAX_SEED)
        self._workspace.set_prompt(msgspec.structs.replace(prompt, seed=seed))
        wish = Wish(
            snapshot=target.asked(),
            prompt=prompt,
            model=self._situation.model,
            seed=seed,
            override=self._situation.override,
            adapters=self._situation.adapters,
        )
        self._ask(wish, target, target.remaking)

    def reroll(self, layer: GeneratedLayer) -> None:
        """Makes a layer of the current document anew: the same request with another seed.

        Raises:
            KnownError: if its recipe is none, or asks for what the document does not hold.
        """
        request = from_json(layer.recipe)
        if isinstance(request, Ranking | Variation | Upscale):
            raise KnownError("This layer does not say what it was made from.")
        target, mask = self._workspace.current, layer.request_mask
        seed = random.randint(0, MAX_SEED)
        wish = Wish(
            snapshot=asked_again(target.document.snapshot(), layer.snapshot(), mask),
            prompt=settings_from(request, seed, self._workspace.prompt),
            model=self._situation.model_of(request.model),
            seed=seed,
            override=task_of(request, masked=mask is not None),
            adapters=self._situation.adapters,
        )
        self._ask(wish, target, layer)

    def remake(self, make: Callable[[], Plan], layer: GeneratedLayer) -> None:
        """Makes a layer of the current document anew as a plan says, which is made elsewhere."""
        target = self._workspace.current
        self._prepare(
            lambda: _Prepared(make(), None), lambda ready: self._start_plan(ready, target, layer)
        )

    def _ask(self, wish: Wish, target: OpenDocument, layer: GeneratedLayer | None) -> None:
        self._prepare(
            lambda: _prepared(wish), lambda prepared: self._start_plan(prepared, target, layer)
        )

    def vary(self, read: Callable[[], Picture], parents: tuple[str, ...] = ()) -> None:
        """Makes variations of a picture, into the grid.

        Args:
            read: brings the picture; called off the window's thread.
            parents: the gallery's ids of it.
        """
        prompt = self._workspace.prompt
        wish = self._wish(prompt, self._situation.model)

        def edit() -> Edit:
            settings = msgspec.structs.replace(settings_of(wish, None), strength=prompt.likeness)
            return variation_edit(read(), settings)

        self._prepare(edit, lambda made: self._start_on(self._variations, made, parents))

    def change(
        self,
        picture: Picture,
        instruction: str,
        model: ModelInfo,
        wall: Wall,
        parents: tuple[str, ...] = (),
    ) -> None:
        """Has one picture made of another as it is told.

        Args:
            picture: to be changed.
            instruction: what should change.
            model: that follows instructions.
            wall: where the result hangs.
            parents: the gallery's ids of the picture.
        """
        prompt = msgspec.structs.replace(self._workspace.prompt, prompt=instruction, count=1)
        wish = self._wish(prompt, model)

        def edit() -> Edit:
            scene = PictureScene(picture)
            return instruction_edit(scene, scene.canvas, settings_of(wish, Task.EDIT))

        self._prepare(edit, lambda made: self._start_on(wall, made, parents))

    def _wish(self, prompt: PromptSettings, model: ModelInfo) -> Wish:
        """Something about other pictures than the canvas, with a seed of its own."""
        return Wish(
            snapshot=self._workspace.document.snapshot(),
            prompt=prompt,
            model=model,
            seed=random.randint(0, MAX_SEED),
            adapters=self._situation.adapters,
        )

    def cancel(self) -> None:
        """Stops the run that is under way; what waits in a paused queue goes on waiting."""
        job = self._thread.queue.running
        if job is None:
            if not self._thread.queue.is_paused:
                self.cancel_all()
            return
        run = self._runs.get(job.id)
        if run is not None:
            run.stopped = True
        self._thread.cancel(job.id)

    def cancel_all(self) -> None:
        """Stops what runs, and drops what waits."""
        for run in self._runs.values():
            run.stopped = True
        self._thread.cancel_all()

    def keep(self) -> None:
        """Makes the candidate that is shown a layer, in one undoable step, and clears the rest."""
        staged, target = self._workspace.staging.current, self._workspace.current
        if staged is None or self._keeping:
            return
        masked, canvas = not target.document.mask.is_empty, target.document.canvas
        before = target.document.find(staged.run.replaces or "")
        replaced = before if isinstance(before, GeneratedLayer) else None

        def push(command: Command) -> None:
            self._keeping = False
            target.stack.push(command)
            self._workspace.staging.dismiss(target.id)

        self._keeping = True
        self._prepare(lambda: kept(staged, canvas, masked, replaced), push)

    def discard(self) -> None:
        """Clears the canvas of candidates; the gallery keeps them."""
        self._workspace.staging.dismiss()

    def use(self, picture: Callable[[], Picture], recipe: bytes, name: str) -> None:
        """Lays a finished picture on the canvas, in the middle of the frame, as a layer.

        Args:
            picture: brings it; called off the window's thread.
            recipe: how it was made, as JSON.
            name: of the layer.
        """
        target = self._workspace.current
        frame, is_empty = target.document.frame, not target.document.layers
        self._prepare(
            lambda: placed(picture(), frame, recipe, name, fits=is_empty), target.stack.push
        )

    def vary_staged(self) -> None:
        """Makes variations of the candidate that is shown."""
        staged = self._workspace.staging.current
        if staged is None:
            return
        snapshot = self._workspace.document.snapshot()
        self.vary(
            lambda: _composed(snapshot.flatten(staged.area), in_place(staged)),
            _parents(staged.stored.entry),
        )

    def vary_picture(self) -> None:
        """Makes variations of what lies under the frame."""
        snapshot = self._workspace.document.snapshot()
        self.vary(lambda: snapshot.flatten(snapshot.frame))

    def _prepare(self, work: Callable[[], T], done: Callable[[T], None]) -> None:
        """Builds requests elsewhere; what cannot be built is said."""
        self._preparing += 1

        def ready(result: T) -> None:
            self._preparing -= 1
            done(result)
            self.queue_changed.emit()

        def refused(error: Exception) -> None:
            self._preparing -= 1
            self._tell(error)
            self.queue_changed.emit()

        self.queue_changed.emit()
        self._background.run(work, ready, refused)

    def _start_plan(
        self, prepared: _Prepared, target: OpenDocument, layer: GeneratedLayer | None
    ) -> None:
        plan = prepared.plan
        run = Run(uuid.uuid4().hex, list(plan.strides), plan.steps)
        request = run.stride.edit.request
        self._workspace.staging.begin(
            StagedRun(
                job_id=run.id,
                area=plan.area,
                count=request.count if len(run.parts) == 1 else len(run.parts),
                name=layer_name(request.prompt, plan.choice.sentence),
                recipe=to_json(request),
                shape=prepared.shape,
                document=target.id,
                replaces=layer.id if layer is not None else None,
                mask=plan.mask,
            )
        )
        self._submit(run)
        self.started.emit(run.id)

    def _start_on(self, wall: Wall, edit: Edit, parents: tuple[str, ...]) -> None:
        run = Run(uuid.uuid4().hex, [Stride(edit, edit.area)], wall=wall, parents=parents)
        wall.begin(run.id, edit.request.count)
        self._submit(run)
        self.started.emit(run.id)

    def _submit(self, run: Run) -> None:
        edit = run.stride.edit
        job = Job(edit.request, edit.attachments)
        self._runs[job.id] = run
        self._thread.submit(job, run.parents, first=run.part + run.step > 0)

    def _on_job(self, job: Job) -> None:
        if job.state.is_final:
            run = self._runs.get(job.id)
            if run is not None and (run.is_single or job.state is not JobState.FINISHED):
                self._finish(run)
        self.queue_changed.emit()

    def _on_progress(self, update: ProgressUpdate) -> None:
        run = self._runs.get(update.event.job_id)
        if run is None:
            return
        event = update.event
        if not run.is_single:
            event = msgspec.structs.replace(
                event, fraction=run.fraction(event.fraction), seconds_left=None
            )
        image = update.image if run.is_single else None
        if run.wall is None:
            self._workspace.staging.show_progress(run.id, event.fraction, image)
        elif image is not None:
            run.wall.show_preview(run.id, event.candidate, image)
        self.progressed.emit(ProgressUpdate(event, image))

    def _on_candidate(self, stored: StoredCandidate) -> None:
        if stored.entry is not None:
            self.entry_added.emit(stored.entry)
        run = self._runs.get(stored.job_id)
        if run is None:
            return
        if run.is_single:
            self._show(run, msgspec.structs.replace(stored, job_id=run.id))
        elif run.stride.is_last:
            stride, part = run.stride, run.part
            self._prepare(
                lambda: _joined(run.id, part, stride, stored), lambda whole: self._next(run, whole)
            )
        elif not run.stopped:
            stride = run.stride
            self._prepare(
                lambda: stride.after(stored.candidate.picture),
                lambda following: self._advance(run, following),
            )

    def _show(self, run: Run, stored: StoredCandidate) -> None:
        (self._workspace.staging if run.wall is None else run.wall).add(stored)

    def _advance(self, run: Run, following: Stride) -> None:
        """Goes to the next step of a part."""
        run.parts[run.part] = following
        run.step += 1
        self._submit_or_finish(run)

    def _next(self, run: Run, whole: StoredCandidate) -> None:
        """Shows what a part has come to, and goes to the next one."""
        self._show(run, whole)
        run.part, run.step = run.part + 1, 0
        self._submit_or_finish(run)

    def _submit_or_finish(self, run: Run) -> None:
        if run.stopped or run.part == len(run.parts):
            self._finish(run)
        else:
            self._submit(run)

    def _finish(self, run: Run) -> None:
        self._runs = {job_id: other for job_id, other in self._runs.items() if other is not run}
        (self._workspace.staging if run.wall is None else run.wall).finish(run.id)

    def _on_note(self, job_id: str, words: str) -> None:
        """Says each sentence once: what holds for every picture need not be said with each."""
        if words not in self._noted:
            self._noted.add(words)
            self.message.emit(words, Tone.NOTE, "")

    def _on_failed(self, job: Job) -> None:
        if job.error is not None:
            self.message.emit(job.error.message, Tone.FAILURE, job.error.details)

    def _tell(self, error: Exception) -> None:
        if not isinstance(error, KnownError):
            raise error
        self.message.emit(error.message, Tone.WARNING, error.details)


def layer_name(prompt: str, otherwise: str) -> str:
    """What a layer is called that was made from a prompt."""
    return shortened(" ".join(prompt.split()) or otherwise, NAME_LENGTH)


class _Prepared(msgspec.Struct, frozen=True):
    """A plan, and where its preview may show."""

    plan: Plan
    shape: QImage | None


def _prepared(wish: Wish) -> _Prepared:
    plan = make_plan(wish)
    edit = plan.strides[0].edit
    if not isinstance(edit.request, Inpaint) or plan.steps > 1:
        return _Prepared(plan, None)
    return _Prepared(plan, to_mask_image(edit.attachments[edit.request.mask]))


def _joined(run_id: str, part: int, stride: Stride, stored: StoredCandidate) -> StoredCandidate:
    """The result of a part that took several steps."""
    picture = stride.result(stored.candidate.picture)
    candidate = msgspec.structs.replace(
        stored.candidate, job_id=run_id, index=part, picture=picture
    )
    return StoredCandidate(run_id, candidate, stored.entry, to_image(picture))


def _composed(below: Picture, patch: Picture) -> Picture:
    return apply_patch(below, patch, Point(0, 0))


def _parents(entry: Entry | None) -> tuple[str, ...]:
    return (entry.id,) if entry is not None else ()
