"""What an import becomes: a model by itself, with the rest of an installed one, or an adapter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from studio.core.errors import ModelError
from studio.generation.adapters import VAE_FAMILIES
from studio.generation.catalog import Catalog, InstalledPart, ModelInfo
from studio.generation.catalog_entries import ANY_FAMILY, Task
from studio.generation.roles import (
    CHECKPOINT,
    DECODER,
    EDIT,
    INPAINT,
    LLAMA,
    PIPELINE,
    PRIOR,
    REDUX,
    REFINER,
    TRANSFORMER,
)
from studio.models.detection.detect import detect
from studio.models.detection.files import Detected, Kind
from studio.models.detection.folders import needed_files
from studio.models.detection.variants import FAMILIES, VARIANTS, Variant

_KANDINSKY: Final = "kandinsky22"
_KANDINSKY_ROLES: Final = (PRIOR, DECODER, INPAINT)
_CHECKPOINTS: Final = frozenset({"stable_diffusion", "stable_diffusion_xl"})
"""Families that are loaded from one file with everything in it."""
_WHOLE_ONLY: Final = frozenset({_KANDINSKY, "karlo", "stable_unclip"})
"""Families whose denoisers are not replaced."""
_BASES: Final = (PIPELINE, CHECKPOINT, INPAINT, EDIT)
_DENOISERS: Final = ("transformer", "unet")
_ADDED: Final[Mapping[str, tuple[Task, ...]]] = {REDUX: ("variation",), REFINER: ()}
"""Roles of folders that add to an installed model, and the tasks that it has them to thank for."""
_COMPANIONS: Final = {"hidream": LLAMA}
"""Roles of what is published apart from a family's pipelines, and what it is called in them."""
_APPLIED: Final = frozenset({"lora", "loha", "lokr"})
"""Ways of writing a LoRA that the engine knows."""
_STEERED: Final[Mapping[Kind, frozenset[str]]] = {
    "controlnet": frozenset(
        {
            *("stable_diffusion", "stable_diffusion_xl", "stable_diffusion_3", "flux"),
            *("qwen_image", "sana", "z_image"),
        }
    ),
    "ip_adapter": frozenset(
        {"stable_diffusion", "stable_diffusion_xl", "stable_diffusion_3", "flux"}
    ),
}
"""Families that are steered by pictures, by what steers them."""
_TOLD_BY_FOLDER: Final = frozenset({"stable_diffusion_3", "z_image"})
"""Families whose ControlNets' weights do not tell all of how they are asked."""
_ENCODERS: Final = {"text_encoder": "a text encoder", "image_encoder": "an image encoder"}
_HINTS: Final = {
    "stable_diffusion_xl": ("xl",),
    "stable_diffusion_3": ("sd3", "sd-3", "stable-diffusion-3"),
    "flux": ("flux", "ae.safetensors"),
    "qwen_image": ("qwen",),
    "z_image": ("z-image", "z_image", "zimage"),
}
"""What names of files say where shapes leave the family open."""


@dataclass(frozen=True)
class Plan:
    """A model or adapter about to be made.

    Attributes:
        found: what was detected, by role; of an adapter, by kind.
        lent: parts of an installed model.
        variant: of a model; None for an adapter.
        base: the model that lends.
    """

    found: Mapping[str, Detected]
    lent: tuple[InstalledPart, ...] = ()
    variant: Variant | None = None
    base: ModelInfo | None = None

    @property
    def tasks(self) -> tuple[Task, ...]:
        """What a model does."""
        own = self.variant.tasks if self.variant else ()
        added = (task for role in self.found for task in _ADDED.get(role, ()))
        return tuple(dict.fromkeys((*own, *added)))

    @property
    def main(self) -> Detected:
        """That which gives the name."""
        return self.found.get(DECODER) or next(iter(self.found.values()))

    @property
    def weights_bytes(self) -> int:
        """Of all weights, but of those whose place a denoiser takes."""
        own = sum(item.size_bytes for item in self.found.values())
        for part in self.lent:
            files = [part.path] if part.path.is_file() else needed_files(part.path)
            own += sum(file.stat().st_size for file in files if not self._is_replaced(file))
        return own

    def role_of(self, part: InstalledPart) -> str:
        """What a lent part is in the new model: a pipeline does what its new denoiser does."""
        kept = (CHECKPOINT, *_COMPANIONS.values())
        if self.variant is None or TRANSFORMER not in self.found or part.role in kept:
            return part.role
        return self.variant.role

    def _is_replaced(self, file: Path) -> bool:
        return TRANSFORMER in self.found and file.parent.name in _DENOISERS


class Planner:
    """Makes plans.

    Args:
        catalog: has the models that may lend their parts.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def plans(self, found: Sequence[Detected]) -> list[Plan]:
        """One for each, but one for Kandinsky's folders together.

        Raises:
            ModelError: if something is of no use, or lacks what no installed model has.
        """
        return [self._plan(group) for group in _grouped(found)]

    def _plan(self, group: Sequence[Detected]) -> Plan:
        first = group[0]
        reason = why_useless(first)
        if reason:
            raise ModelError(f"{first.path} {reason}.")
        if first.kind == "pipeline":
            return self._whole(group)
        if first.kind == CHECKPOINT and set(first.families) <= _CHECKPOINTS:
            return Plan({CHECKPOINT: first}, variant=VARIANTS[first.variant])
        if first.kind in {CHECKPOINT, "denoiser"}:
            return self._on_base(first)
        return Plan({first.kind: first})

    def _whole(self, group: Sequence[Detected]) -> Plan:
        """A model of diffusers folders; Kandinsky's may want more of an installed one."""
        found = {item.role: item for item in group}
        variant = VARIANTS[found[DECODER].variant if DECODER in found else group[0].variant]
        if variant.role in _ADDED:
            return self._added(group[0], variant)
        companion = _COMPANIONS.get(variant.family, "")
        if companion and not (group[0].path / companion).is_dir():
            return self._accompanied(group[0], variant, companion)
        if variant.family != _KANDINSKY:
            return Plan(found, variant=variant)
        variant = VARIANTS["kandinsky-2.2"]
        missing = {PRIOR, DECODER} - set(found)
        if not missing:
            return Plan(found, variant=variant)
        base = self._kandinsky(variant, missing)
        if base is None:
            raise ModelError(
                f"{group[0].path} is the {group[0].role} of a Kandinsky 2.2, which needs its "
                f"{' and '.join(sorted(missing))} too: import their folders together, or install "
                "Kandinsky 2.2 first."
            )
        lent = [part for part in base.parts if part.role in _KANDINSKY_ROLES]
        return Plan(found, tuple(part for part in lent if part.role not in found), variant, base)

    def _added(self, found: Detected, variant: Variant) -> Plan:
        """An installed model with one part more."""
        for model in self._catalog.models:
            pipeline = next((part for part in model.parts if part.role == "pipeline"), None)
            if model.family == variant.family and model.installed and pipeline:
                base = _variant_of(pipeline)
                lent = tuple(part for part in model.parts if part.role != variant.role)
                if base is not None and base.role == "pipeline":
                    return Plan({variant.role: found}, lent, base, model)
        if variant.role == REFINER:
            return Plan({variant.role: found}, variant=variant)
        raise ModelError(
            f"{found.path} is {variant.title}, which adds to a model: install or import one of "
            f"the family {variant.family} first."
        )

    def _accompanied(self, found: Detected, variant: Variant, role: str) -> Plan:
        """A pipeline's folder, with what an installed model of its family has beside it."""
        for model in self._catalog.models:
            lent = tuple(part for part in model.parts if part.role == role and part.exists)
            if model.family == variant.family and lent:
                return Plan({found.role: found}, lent, variant, model)
        raise ModelError(
            f"{found.path} lacks its {role}, which is published apart: install a {variant.title} "
            f"first, or save what belongs there as the folder {role} in it."
        )

    def _kandinsky(self, variant: Variant, roles: set[str]) -> ModelInfo | None:
        """An installed model that has these parts, of the same size."""
        for model in self._catalog.models:
            is_alike = model.family == _KANDINSKY and model.native_size == variant.native_size
            if is_alike and roles <= {part.role for part in model.parts if part.exists}:
                return model
        return None

    def _on_base(self, found: Detected) -> Plan:
        """A denoiser alone, with everything else of an installed model."""
        variant = VARIANTS[found.variant]
        if variant.family in _WHOLE_ONLY:
            raise ModelError(
                f"{found.path} is one part of a {variant.title}, which Sfumato runs as a whole: "
                "import its diffusers folder."
            )
        if found.path.suffix == ".json":
            raise ModelError(
                f"{found.path} is a denoiser in several files: import the whole model's folder, "
                "or the denoiser in one file."
            )
        for model in self._catalog.models:
            part = next((part for part in model.parts if part.role in _BASES), None)
            if part is None or model.family != variant.family or not model.installed:
                continue
            base = _variant_of(part)
            if base is not None and base.anatomy == variant.anatomy:
                companion = _COMPANIONS.get(variant.family)
                others = (other for other in model.parts if other.role == companion)
                return Plan({TRANSFORMER: found}, (part, *others), variant, model)
        raise ModelError(
            f"{found.path} is the denoiser of a {variant.title} and needs the rest of one: "
            f"install or import a {variant.title} as a whole first."
        )


def why_useless(found: Detected) -> str:
    """What completes "The file ..." where nothing can be done with it; else empty."""
    if found.kind in _ENCODERS:
        what = _ENCODERS[found.kind]
        return f"is {what} alone, which comes with a whole model: there is nothing to import"
    if found.kind == "vae" and not set(found.families) & set(VAE_FAMILIES):
        return f"is an autoencoder for {found.families[0]}, whose models work with their own only"
    if found.kind == "upscaler" and found.scale == 1:
        return "leaves pictures at their size: Sfumato uses upscalers that enlarge them"
    if found.kind == "upscaler" and found.path.suffix != ".safetensors":
        return "is an upscaler in a form that is not used: take its .safetensors"
    if found.kind == "lora" and _KANDINSKY in found.families:
        return "is a LoRA for Kandinsky 2.2, to which Sfumato applies none"
    if found.kind == "lora" and found.detail not in _APPLIED:
        return (
            f"changes weights in a way ({found.detail}) that Sfumato does not apply: look for a "
            "version of it that is a LoRA, LoHa or LoKr"
        )
    if found.kind in _STEERED and not set(found.families) <= _STEERED[found.kind]:
        return f"steers models of {found.families[0]}, which Sfumato does not steer so"
    is_told = found.path.is_dir() or _TOLD_BY_FOLDER.isdisjoint(found.families)
    if found.kind == "controlnet" and not is_told:
        return "does not say how it reads pictures: import the folder with its config.json"
    return ""


def family_of(found: Detected, wished: str) -> str:
    """The family that an adapter is for; upscalers and estimators are for those of any.

    Args:
        found: what was detected.
        wished: the person's word; empty where they gave none.

    Raises:
        ModelError: if it fits several and nothing tells which, or does not fit the one wished.
    """
    if found.kind in {"upscaler", "estimator"}:
        return ANY_FAMILY
    if wished:
        if wished not in FAMILIES:
            known = ", ".join(FAMILIES)
            raise ModelError(f"There is no family {wished!r}: choose one of {known}.")
        if wished not in found.families:
            fitting = " or ".join(found.families)
            raise ModelError(f"{found.path} is for {fitting}, not for {wished}.")
        return wished
    name = found.path.name.lower()
    hinted = [
        family for family in found.families if any(hint in name for hint in _HINTS.get(family, ()))
    ]
    if len(found.families) == 1 or len(hinted) == 1:
        return (hinted or list(found.families))[0]
    raise ModelError(
        f"{found.path} fits {' and '.join(found.families)} alike: say for which it is, with "
        "sfumato models import --family."
    )


def _grouped(found: Sequence[Detected]) -> list[list[Detected]]:
    """Each for itself, but the folders of one Kandinsky together."""
    kandinsky = [item for item in found if item.kind == "pipeline" and _KANDINSKY in item.families]
    if len({item.role for item in kandinsky}) < len(kandinsky):
        return [[item] for item in found]
    others = [[item] for item in found if item not in kandinsky]
    return [*([kandinsky] if kandinsky else []), *others]


def _variant_of(part: InstalledPart) -> Variant | None:
    """What an installed model is; None where that cannot be told."""
    try:
        return VARIANTS.get(detect(part.path).variant)
    except ModelError:
        return None
