from __future__ import annotations

import msgspec

from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.tools import SettingsStore
from tests.helpers.documents import context_for, records


class Spray(msgspec.Struct, frozen=True):
    width: int = 3
    wet: bool = False


def test_what_was_never_set_is_as_its_class_makes_it() -> None:
    assert SettingsStore()[Spray] == Spray()


def test_some_of_it_is_changed_by_name() -> None:
    store = SettingsStore()
    store.change(Spray, width=5)
    assert store[Spray] == Spray(width=5)


def test_who_listens_hears_of_what_is_new_only() -> None:
    store = SettingsStore()
    heard = records(store.changed)
    store.put(Spray())
    assert heard == []
    store.put(Spray(wet=True))
    store.put(Spray(wet=True))
    assert heard == [Spray]


def test_a_context_without_settings_has_its_own() -> None:
    context = context_for(Document(Bounds(0, 0, 8, 8)))
    context.settings.change(Spray, wet=True)
    assert context.settings[Spray].wet
