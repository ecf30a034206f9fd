"""The models that people's Sora 2 programs name. The ids are used for compatibility; OpenAI is not involved."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from stillmotion.catalog.records import Example, Model, ModelInput
from stillmotion.diorama.brief import PROMPT_LIMIT, SEED_LIMIT, Brief
from stillmotion.money import Money

_SECOND = {"sora-2": Money.of("0.10"), "720p": Money.of("0.30"), "1080p": Money.of("0.50")}
_NOTE = "Made by an engine on this machine; not affiliated with OpenAI."
Seconds = Annotated[
    Literal[4, 8, 12, 16, 20], Field(description="Length of the film in seconds.", json_schema_extra={"unit": "s"})
]


def _says_something(prompt: str) -> str:
    if not prompt.strip():
        message = "the prompt is empty; describe the shot in a sentence"
        raise ValueError(message)
    return prompt


Prompt = Annotated[
    str,
    Field(
        min_length=1,
        max_length=PROMPT_LIMIT,
        description="What happens, how the camera moves, what is heard and said.",
        json_schema_extra={"pattern": r"\S"},
    ),
    AfterValidator(_says_something),
]
Image = Annotated[
    str, Field(min_length=1, description="The photo to start from: an http(s) address, a data URL or an upload.")
]
Seed = Annotated[int, Field(ge=0, le=SEED_LIMIT, description="Another number gives another take of the same shot.")]


class SoraInput(ModelInput):
    """Inputs of openai/sora-2/image-to-video."""

    image: Image
    prompt: Prompt
    duration: Seconds = 4
    seed: Seed = 0


class SoraProInput(ModelInput):
    """Inputs of openai/sora-2-pro/image-to-video."""

    image: Image
    prompt: Prompt
    resolution: Annotated[Literal["720p", "1080p"], Field(description="Height of the shorter side.")] = "720p"
    duration: Seconds = 4
    seed: Seed = 0


_SIZES_PX = {"720p": (1280, 720), "1080p": (1920, 1080)}


def _brief(inputs: SoraInput, photo_px: tuple[int, int]) -> Brief:
    size_px = _lying_or_standing(_SIZES_PX["720p"], photo_px)
    return Brief(prompt=inputs.prompt, duration_s=inputs.duration, size_px=size_px, seed=inputs.seed)


def _pro_brief(inputs: SoraProInput, photo_px: tuple[int, int]) -> Brief:
    size_px = _lying_or_standing(_SIZES_PX[inputs.resolution], photo_px)
    return Brief(prompt=inputs.prompt, duration_s=inputs.duration, size_px=size_px, seed=inputs.seed)


def _lying_or_standing(size_px: tuple[int, int], photo_px: tuple[int, int]) -> tuple[int, int]:
    """The film stands when the photo does."""
    return size_px if photo_px[0] >= photo_px[1] else (size_px[1], size_px[0])


_EXAMPLE = Example(
    title="A slow dolly over a lake",
    inputs={
        "image": "https://example.com/lake.jpg",
        "prompt": "Slow dolly in over the lake at dawn, birds",
        "duration": 8,
    },
)
SORA_2 = Model(
    id="openai/sora-2/image-to-video",
    title="Sora 2 compatible: image to video",
    kind="image-to-video",
    description=f"One photo and one sentence become a film of 4 to 20 seconds with sound. {_NOTE}",
    input=SoraInput,
    price=lambda inputs: _SECOND["sora-2"] * inputs.duration,
    formula="duration * 0.1",
    brief=_brief,
    engines=("diorama",),
    priced_by=("duration",),
    examples=(_EXAMPLE,),
)
SORA_2_PRO = Model(
    id="openai/sora-2-pro/image-to-video",
    title="Sora 2 Pro compatible: image to video",
    kind="image-to-video",
    description=f"The same in 720p or 1080p. {_NOTE}",
    input=SoraProInput,
    price=lambda inputs: _SECOND[inputs.resolution] * inputs.duration,
    formula='duration * (resolution = "1080p" ? 0.5 : 0.3)',
    brief=_pro_brief,
    engines=("diorama",),
    priced_by=("duration", "resolution"),
    examples=(_EXAMPLE,),
)
