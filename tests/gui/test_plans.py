from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from studio.core.commands.layer import AddLayer
from studio.core.commands.selection import SetMask, SetSelection
from studio.core.commands.stack import CommandStack
from studio.core.document import Document
from studio.core.errors import RequestError
from studio.core.geometry import Bounds
from studio.core.layers import RasterLayer
from studio.core.picture import Picture
from studio.core.selection import rectangle
from studio.generation.catalog import Catalog
from studio.generation.catalog_entries import ANY_FAMILY
from studio.generation.request import (
    ImageToImage,
    Inpaint,
    InstructionEdit,
    Lora,
    TextToImage,
)
from studio.generation.task import Task
from studio.gui.plans import Plan, Stride, Wish, make_plan, settings_from
from studio.gui.settings import PromptSettings
from tests.helpers.adapters import adapter_info, lora_info
from tests.helpers.pictures import smooth
from tests.helpers.scripted_engine import painted

CANVAS = Bounds(0, 0, 256, 192)
PROMPT = PromptSettings(prompt="a red ball", count=3, strength=0.4, mask_strength=0.9)


def document(picture: Picture | None = None, frame: Bounds = CANVAS) -> Document:
    made = Document(CANVAS, frame)
    if picture is not None:
        CommandStack(made).push(AddLayer(RasterLayer.from_picture("picture", picture)))
    return made


def plan(
    catalog: Catalog,
    made: Document,
    prompt: PromptSettings = PROMPT,
    override: Task | None = None,
) -> Plan:
    model = catalog.get("starter")
    return make_plan(Wish(made.snapshot(), prompt, model, seed=11, override=override))


def test_an_empty_frame_gets_a_picture_from_words(catalog: Catalog) -> None:
    made = plan(catalog, document())
    (stride,) = made.strides
    request = stride.edit.request
    assert isinstance(request, TextToImage)
    assert (request.prompt, request.seed, request.count) == ("a red ball", 11, 3)
    assert request.extent == CANVAS.extent
    assert stride.is_last


def test_a_full_frame_is_repainted_at_its_strength(catalog: Catalog) -> None:
    request = plan(catalog, document(smooth(256, 192))).strides[0].edit.request
    assert isinstance(request, ImageToImage)
    assert request.strength == 0.4


def test_a_full_frame_may_be_changed_as_the_prompt_says(catalog: Catalog) -> None:
    seen = document(smooth(256, 192)).snapshot()
    model = replace(catalog.get("starter"), tasks=("edit",))
    [stride] = make_plan(Wish(seen, PROMPT, model, seed=11)).strides
    request = stride.edit.request
    assert isinstance(request, InstructionEdit)
    assert request.prompt == PROMPT.prompt
    assert request.needs == tuple(stride.edit.attachments)


def test_a_scheduler_that_the_model_does_not_have_is_not_asked_for(catalog: Catalog) -> None:
    for chosen, asked in (("ddpm", "ddpm"), ("flow", None), (None, None)):
        prompt = msgspec.structs.replace(PROMPT, scheduler=chosen)
        request = plan(catalog, document(), prompt).strides[0].edit.request
        assert request.scheduler == asked


def test_only_what_is_here_and_fits_takes_the_place_of_the_models_own(catalog: Catalog) -> None:
    adapters = (
        adapter_info(Path("ultra"), "upscaler", ANY_FAMILY),
        adapter_info(Path("away"), "upscaler", ANY_FAMILY, installed=False),
        adapter_info(Path("soft"), "vae", "kandinsky22"),
        adapter_info(Path("far"), "vae", "flux"),
    )
    for upscaler, vae, asked in (("ultra", "soft", ("ultra", "soft")), ("away", "far", ("", ""))):
        prompt = msgspec.structs.replace(PROMPT, upscaler=upscaler, vae=vae)
        wish = Wish(document().snapshot(), prompt, catalog.get("starter"), 11, adapters=adapters)
        request = make_plan(wish).strides[0].edit.request
        assert (request.upscaler, request.vae) == asked
        again = settings_from(request, 1, PROMPT)
        assert (again.upscaler, again.vae) == asked


def test_a_mask_has_a_strength_of_its_own(catalog: Catalog) -> None:
    made = document(smooth(256, 192))
    CommandStack(made).push(SetMask.from_bounds(Bounds(40, 40, 60, 50)))
    request = plan(catalog, made).strides[0].edit.request
    assert isinstance(request, Inpaint)
    assert request.strength == 0.9


def test_a_frame_around_the_whole_canvas_does_not_enlarge_what_the_model_sees(
    catalog: Catalog,
) -> None:
    made = document(smooth(256, 192))
    CommandStack(made).push(SetMask.from_bounds(Bounds(40, 40, 20, 20)))
    whole = plan(catalog, made).area
    assert whole.area < CANVAS.area
    made.frame = Bounds(10, 10, 200, 150)
    assert plan(catalog, made).area == made.frame


def test_nothing_to_be_done_is_said(catalog: Catalog) -> None:
    with pytest.raises(RequestError, match="Write what the picture should show"):
        plan(catalog, document(), PromptSettings())
    with pytest.raises(RequestError, match="mask"):
        plan(catalog, document(smooth(256, 192)), override=Task.INPAINT)


def test_a_small_extension_is_one_request_for_all_candidates(catalog: Catalog) -> None:
    made = document(smooth(256, 192), Bounds(0, 0, 320, 192))
    planned = plan(catalog, made)
    assert planned.steps == 1
    assert planned.choice.sentence == "Extend to the right by 64 px"
    assert [stride.edit.request.count for stride in planned.strides] == [3]


def run(stride: Stride) -> Picture:
    """The whole result of a part, step by step."""
    while True:
        patch = painted(stride.edit.request, 0, stride.edit.attachments)
        if stride.is_last:
            return stride.result(patch)
        stride = stride.after(patch)


def test_a_long_extension_is_painted_in_steps_that_leave_nothing_out(catalog: Catalog) -> None:
    frame = Bounds(0, 0, 1400, 192)
    planned = plan(catalog, document(smooth(256, 192), frame))
    assert planned.steps > 1
    assert len(planned.strides) == PROMPT.count
    assert [stride.edit.request.seed for stride in planned.strides] == [11, 12, 13]
    result = run(planned.strides[0]).array()
    assert result.shape == (192, 1400, 4)
    assert result[:, 256:, 3].min() == 255


def test_an_extension_never_touches_what_was_there(catalog: Catalog) -> None:
    picture = smooth(256, 192)
    frame = Bounds(0, 0, 900, 192)
    planned = plan(catalog, document(picture, frame))
    alpha = run(planned.strides[0]).array()[:, :200, 3]
    assert np.count_nonzero(alpha) == 0


def test_every_candidate_of_a_long_extension_differs(catalog: Catalog) -> None:
    frame = Bounds(0, 0, 900, 192)
    planned = plan(catalog, document(smooth(256, 192), frame))
    digests = {run(stride).digest for stride in planned.strides}
    assert len(digests) == PROMPT.count


def test_the_feather_is_passed_on(catalog: Catalog) -> None:
    made = document(smooth(256, 192))
    CommandStack(made).push(SetMask.from_bounds(Bounds(40, 40, 60, 50)))
    request = plan(catalog, made, msgspec.structs.replace(PROMPT, feather=7)).strides[0].edit
    assert isinstance(request.request, Inpaint)
    assert request.request.feather == 7


def test_what_is_selected_counts_as_masked_where_nothing_is(catalog: Catalog) -> None:
    made = document(smooth(256, 192))
    CommandStack(made).push(SetSelection(rectangle(Bounds(64, 64, 32, 48))))
    planned = plan(catalog, made)
    assert planned.choice.task is Task.INPAINT
    assert planned.choice.sentence == "Fill the selected area"
    request = planned.strides[0].edit.request
    assert isinstance(request, Inpaint)
    mask = planned.strides[0].edit.attachments[request.mask].array()
    assert (mask == 255).sum() == 32 * 48


def test_a_painted_mask_counts_before_the_selection(catalog: Catalog) -> None:
    made = document(smooth(256, 192))
    stack = CommandStack(made)
    stack.push(SetSelection(rectangle(Bounds(64, 64, 32, 48))))
    stack.push(SetMask.from_bounds(Bounds(8, 8, 64, 64)))
    choice = plan(catalog, made).choice
    assert choice.sentence == "Fill the masked area"
    assert choice.area == Bounds(8, 8, 64, 64)


def test_a_lora_in_the_prompt_is_put_on_and_comes_back_with_the_recipe(catalog: Catalog) -> None:
    prompt = msgspec.structs.replace(PROMPT, prompt="a red ball <lora:ink:0.5>")
    model, ink = catalog.get("starter"), lora_info(Path("/ink.safetensors"), "kandinsky22")
    wish = Wish(document().snapshot(), prompt, model, seed=11, adapters=(ink,))
    request = make_plan(wish).strides[0].edit.request
    assert request.prompt == "a red ball"
    assert request.loras == (Lora(adapter="ink", weight=0.5),)
    assert settings_from(request, 1, PROMPT).prompt == prompt.prompt
    with pytest.raises(RequestError, match="no LoRA 'ink'"):
        make_plan(msgspec.structs.replace(wish, adapters=()))
