"""What drawn things look like and where they are put."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from stillmotion.diorama.geometry import Box
from stillmotion.diorama.motion import ground, light, props
from stillmotion.diorama.motion.stage import Stage
from stillmotion.diorama.shot import props as words
from stillmotion.diorama.shot.records import MotionCue, World
from synthetic import scenes

if TYPE_CHECKING:
    from stillmotion.diorama.motion.light import Lighting

SCENE = scenes.landscape((480, 300))
WHOLE = Box(x0=0.0, y0=0.0, x1=1.0, y1=1.0)


def stage_of(*, metres: float = 6.0, framing: Box = WHOLE) -> Stage:
    """A stage whose photo spans some metres."""
    shot = replace(scenes.shot(), framing=framing, world=World(metres_per_width=metres))
    return Stage(scene=SCENE, shot=shot)


def cue_of(prop: str, verb: str = "roll", **changes: Any) -> MotionCue:
    """A cue for a prop."""
    return MotionCue(verb=verb, subject=prop, prop=prop, **changes)


def from_side(right: int) -> Lighting:
    """Light from one side."""
    return replace(light.of(SCENE), direction=(0.8 * right, -0.4, 0.45))


@pytest.mark.parametrize("prop", props.ALL, ids=lambda prop: prop.name)
def test_a_prop_is_clean_premultiplied_colour_that_fills_its_picture(prop: props.Prop) -> None:
    """No colour outside of the thing, nothing brighter than its own coverage, and the thing is as wide as it says."""
    picture = prop.draw(40, light.of(SCENE), 1)
    assert picture.dtype == np.uint8
    assert picture.shape == (max(2, round(40 * prop.aspect)), 40, 4)
    colour, alpha = picture[..., :3].astype(int), picture[..., 3].astype(int)
    if prop.name not in {"bottle", "marble"}:  # a highlight on glass may be brighter than the glass covers
        assert (colour.max(-1) <= alpha + 1).all()
    assert colour[alpha == 0].sum() == 0
    seen = np.flatnonzero((alpha > 8).any(0))
    assert seen[-1] - seen[0] + 1 >= 0.6 * 40
    assert (alpha > 100).mean() > 0.02 or prop.light


@pytest.mark.parametrize("name", ["ball", "snowball", "basketball", "apple", "balloon", "hot-air balloon"])
def test_a_prop_is_brighter_on_the_side_that_the_light_comes_from(name: str) -> None:
    """Lit from the right the right half is brighter; lit from the left, the left one."""
    for right in (-1, 1):
        picture = props.KNOWN[name].draw(48, from_side(right), 1).astype(float)
        rows = slice(picture.shape[0] // 5, picture.shape[0] // 2)
        left_half, right_half = (
            picture[rows, half, :3].sum() / picture[rows, half, 3].sum() for half in (slice(8, 20), slice(28, 40))
        )
        assert (right_half - left_half) * right > 0.1


def test_drawing_is_the_same_for_the_same_seed_and_differs_for_another() -> None:
    """Props are part of what a Shot fixes."""
    lit = light.of(SCENE)
    one, same, other = (props.KNOWN["stone"].draw(40, lit, seed) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_edges_are_smooth() -> None:
    """A ball's rim goes through several degrees of transparency, not from none to all."""
    alpha = props.KNOWN["ball"].draw(64, light.of(SCENE), 1)[..., 3]
    between = (alpha > 10) & (alpha < 245)
    assert between.sum() > 64 * np.pi * 0.7


def test_every_name_that_words_know_can_be_drawn() -> None:
    """What the lexicon binds exists, and every synonym leads to a prop."""
    drawn = {name.casefold().replace("-", " ") for name in props.KNOWN}
    assert {name.casefold().replace("-", " ") for name in words.names()} <= drawn
    assert set(props.WORDS.values()) == set(props.KNOWN)
    assert len(props.ALL) >= 20


def test_a_prop_has_its_true_size_where_it_can_be_seen() -> None:
    """A ball of 0.6 m where 6 m fill the width takes a tenth of it; tiny or huge is held to what can be seen."""
    for size, share in ((0.6, 0.1 * 1.03), (0.001, 0.045), (50.0, 0.20)):
        layer = props.layer(stage_of(), cue_of("ball", size_m=size))
        assert layer.size_px[0] / 480 == pytest.approx(share, abs=0.006)


def test_a_prop_stands_on_the_ground_at_its_depth() -> None:
    """Its lowest row is the row of the ground plane at its inverse depth."""
    stage = stage_of()
    layer = props.layer(stage, cue_of("crate", "topple"))
    bottom = (layer.top_px + layer.size_px[1]) / 300
    assert bottom == pytest.approx(ground.row(stage, layer.plane.constant), abs=0.006)


def test_props_come_from_where_the_words_say() -> None:
    """Dropped from above the frame; rolled in from its side; a cropped frame counts, not the photo."""
    framing = Box(x0=0.1, y0=0.1, x1=0.9, y1=0.9)
    stage = stage_of(framing=framing)
    dropped = props.layer(stage, cue_of("ball", "fall", words="a ball drops from the top", place=(0.6, -0.08)))
    assert dropped.top_px + dropped.size_px[1] <= 0.1 * 300
    left = props.layer(stage, cue_of("ball", words="a ball rolls in from the left", direction="right"))
    assert left.left_px + left.size_px[0] <= 0.1 * 480 + 1
    right = props.layer(stage, cue_of("ball", words="a ball rolls in from the right", direction="left"))
    assert right.left_px >= 0.9 * 480 - 1


def test_what_rises_behind_something_is_drawn_behind_it() -> None:
    """The named layer is right in front, and the prop is farther away."""
    cue = cue_of("hot-air balloon", "rise", target="subject", words="a hot air balloon rises behind the woman")
    stage = stage_of()
    assert props.order(stage, cue) == "subject"
    assert props.layer(stage, cue).plane.constant < 1.0


def test_the_light_on_a_rolling_ball_stays_while_the_ball_turns() -> None:
    """The body is lit evenly, the shading is a layer of its own with the same place and size."""
    body, shading = props.body(stage_of(), cue_of("ball", size_m=1.0))
    assert shading is not None
    assert (body.left_px, body.top_px, body.size_px) == (shading.left_px, shading.top_px, shading.size_px)
    alpha = body.rgba[..., 3] > 250
    shade = np.where(alpha, shading.rgba[..., 3].astype(int) - shading.rgba[..., :3].max(-1), 0)
    assert shade[-shade.shape[0] // 4 :].sum() > 2 * shade[: shade.shape[0] // 4].sum()
    assert props.body(stage_of(), cue_of("crate", "slide"))[1] is None


def test_a_prop_that_nobody_can_draw_is_an_error() -> None:
    """A cue with an unknown name never becomes a layer."""
    with pytest.raises(ValueError, match="no prop called piano"):
        props.layer(stage_of(), cue_of("piano"))
