"""The record of licences that were accepted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.core.errors import ModelError
from tests.models.conftest import Place


def test_a_licence_that_asks_for_it_is_open_until_it_is_accepted(place: Place) -> None:
    model = replace(place.model(), licence_accept=True)
    assert place.licences.is_open(model)
    place.licences.accept(model)
    assert not place.licences.is_open(model)
    assert not place.licences.is_open(place.model())


def test_another_text_has_to_be_accepted_again(place: Place) -> None:
    model = replace(place.model(), licence_accept=True)
    place.licences.accept(model)
    assert place.licences.is_open(replace(model, licence="Some other licence"))
    assert place.licences.is_open(replace(model, licence_url="https://example.org/2"))


def test_a_record_that_cannot_be_read_is_said(place: Place) -> None:
    model = replace(place.model(), licence_accept=True)
    place.licences.accept(model)
    (place.folder / "config/licences.json").write_text("[")
    with pytest.raises(ModelError, match="accept them again"):
        place.licences.is_open(model)
