"""What only our own API offers: films of a Shot in place of a prompt, free drafts, and the scene of a photo."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from stillmotion.catalog.records import Example, Model, ModelInput, Work
from stillmotion.catalog.sora import SORA_2, SORA_2_PRO, Image, Prompt, Seconds, Seed, SoraInput, SoraProInput
from stillmotion.diorama.brief import DRAFT_SIZES_PX, Brief
from stillmotion.money import ZERO

PASSING_KEPT = timedelta(hours=1)
"""How long drafts and scenes are kept."""
ShotText = Annotated[str, Field(description="A Shot as JSON; it is filmed as it stands, the prompt is only kept.")]


class SoraShotInput(SoraInput):
    """Inputs of openai/sora-2/image-to-video with a Shot."""

    shot: ShotText = ""


class SoraProShotInput(SoraProInput):
    """Inputs of openai/sora-2-pro/image-to-video with a Shot."""

    shot: ShotText = ""


class DraftInput(ModelInput):
    """Inputs of stillmotion/draft."""

    image: Image
    prompt: Prompt
    duration: Seconds = 4
    seed: Seed = 0
    shot: ShotText = ""


class SceneInput(ModelInput):
    """Inputs of stillmotion/scene."""

    image: Image


def _draft_brief(inputs: DraftInput, photo_px: tuple[int, int]) -> Brief:
    lying, standing = DRAFT_SIZES_PX
    size_px = lying if photo_px[0] >= photo_px[1] else standing
    return Brief(prompt=inputs.prompt, duration_s=inputs.duration, size_px=size_px, seed=inputs.seed)


def _no_brief(inputs: SceneInput, photo_px: tuple[int, int]) -> Brief:
    del photo_px
    message = f"nothing is filmed of {inputs.image[:20]}: a scene is looked at"
    raise TypeError(message)


_PHOTO = "https://example.com/lake.jpg"
SORA_2_SHOT = replace(SORA_2, input=SoraShotInput)
SORA_2_PRO_SHOT = replace(SORA_2_PRO, input=SoraProShotInput)
DRAFT = Model(
    id="stillmotion/draft",
    title="Draft",
    kind="image-to-video",
    description="The plan of a shot and a preview of it in 360p. Free, and gone after an hour.",
    input=DraftInput,
    price=lambda _inputs: ZERO,
    formula="0",
    brief=_draft_brief,
    engines=("diorama",),
    priced_by=(),
    examples=(Example(title="A slow dolly", inputs={"image": _PHOTO, "prompt": "Slow dolly in over the lake"}),),
)
SCENE = Model(
    id="stillmotion/scene",
    title="Scene",
    kind="image-to-scene",
    description="What the engine sees in a photo: layers, labels, boxes. Free, and gone after an hour.",
    input=SceneInput,
    price=lambda _inputs: ZERO,
    formula="0",
    brief=_no_brief,
    engines=("diorama",),
    priced_by=(),
    examples=(Example(title="A lake", inputs={"image": _PHOTO}),),
    work=Work.SCENE,
)
