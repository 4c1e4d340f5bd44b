"""What the person does with the queue, and with the memory that the engine holds."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from studio.engine.protocol import EngineStatus
from studio.generation.jobs import Job
from studio.gui.engine_thread import EngineThread
from studio.gui.widgets.toasts import Tone
from studio.gui.words import bytes_words


class Queueing(QObject):
    """Orders, pauses and thins the queue, and has memory freed.

    Signals:
        changed(): what runs, what waits, their order, or whether the queue is paused.
        message(str, Tone, str): a sentence for the person, how it is meant, and details.
    """

    changed = Signal()
    message = Signal(str, object, str)

    def __init__(self, thread: EngineThread, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = thread
        self._freeing: int | None = None
        thread.job_changed.connect(lambda _: self.changed.emit())
        thread.pausing.connect(lambda _: self.changed.emit())
        thread.status_changed.connect(self._on_status)

    @property
    def running(self) -> Job | None:
        """The job that the engine works on."""
        return self._thread.queue.running

    @property
    def waiting(self) -> list[Job]:
        """The jobs still to come, next one first."""
        return self._thread.queue.waiting

    @property
    def is_paused(self) -> bool:
        """Whether no job is started for the time being."""
        return self._thread.queue.is_paused

    @property
    def is_empty(self) -> bool:
        """Whether nothing runs or waits."""
        return len(self._thread.queue) == 0

    @property
    def can_free_memory(self) -> bool:
        """Whether the engine holds a model."""
        return bool(self._thread.status.model)

    def toggle_pause(self) -> None:
        """Starts no further job, or goes on."""
        self._thread.pause(not self.is_paused)

    def put_first(self, job_id: str) -> None:
        """Has a waiting job run next."""
        self._thread.queue.put_first(job_id)

    def drop(self, job_id: str) -> None:
        """Cancels a job, whether it waits or runs."""
        self._thread.cancel(job_id)

    def explain_pause(self) -> None:
        """Says why nothing happens, after something was queued while the queue is paused."""
        if self.is_paused:
            self.message.emit(
                "The queue is paused: this waits until you let it go on.", Tone.NOTE, ""
            )

    def free_memory(self) -> None:
        """Has the models unloaded, and says so once they are."""
        self._freeing = self._thread.status.memory
        self._thread.free_memory()
        if self.running is not None:
            self.message.emit(
                "The memory is freed as soon as the running job has ended.", Tone.NOTE, ""
            )

    def _on_status(self, status: EngineStatus) -> None:
        if self._freeing is None or status.model:
            return
        freed, self._freeing = self._freeing - status.memory, None
        words = f"{bytes_words(freed)} of memory are free again." if freed > 0 else ""
        self.message.emit(f"The models are unloaded. {words}".strip(), Tone.DONE, "")
