"""Every named move that optical flow can see is the move that the film shows, from the words to the decoded frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import stillmotion
from measure import camera, motion, photos
from measure.films import Studio, clean, spread
from stillmotion.diorama.shot.records import Mix

if TYPE_CHECKING:
    from stillmotion.diorama.shot.records import Shot

pytestmark = pytest.mark.quality

NAMED = [
    ("astronaut", "static camera", "static", "none"),
    ("astronaut", "slow pan left", "pan", "left"),
    ("flower", "pan right", "pan", "right"),
    ("astronaut", "tilt up", "tilt", "up"),
    ("cat", "tilt down", "tilt", "down"),
    ("astronaut", "zoom in", "zoom", "in"),
    ("flower", "slow zoom out", "zoom", "out"),
    ("flower", "dolly in", "dolly", "in"),
    ("astronaut", "pull back slowly", "dolly", "out"),
    ("cat", "push in", "dolly", "in"),
    ("astronaut", "truck right", "truck", "right"),
    ("cat", "truck left", "truck", "left"),
    ("astronaut", "crane up", "pedestal", "up"),
    ("flower", "pedestal down", "pedestal", "down"),
    ("flower", "orbit left", "orbit", "left"),
    ("astronaut", "arc shot to the right around her", "orbit", "right"),
    ("astronaut", "drone rising", "rise", "up"),
    ("flower", "the drone rises over the scene", "rise", "up"),
    ("flower", "dolly zoom", "dolly_zoom", "in"),
    ("cat", "vertigo effect", "dolly_zoom", "in"),
    ("astronaut", "handheld camera", "handheld", "none"),
    ("cat", "handheld", "handheld", "none"),
    ("flower", "the camera rolls left", "roll", "left"),
    ("cat", "the camera rolls to the right", "roll", "right"),
]
DEEP = ("astronaut", "flower", "cat", "coffee", "china")
ORDINARY = (
    "cat", "coffee", "astronaut", "rocket", "motorcycle", "china", "flower",
    "hopper", "storm", "garden", "ladybird", "dune", "yellowflower", "twowings",
)  # fmt: skip
PARALLAX_PX = 28.0


@pytest.mark.parametrize(("name", "prompt", "move", "direction"), NAMED)
def test_the_film_shows_the_named_move(films: Studio, name: str, prompt: str, move: str, direction: str) -> None:
    """Tracked points on the subject and behind it name the move and its direction; the Shot says the same."""
    shot, frames = films.quick(name, prompt)
    near, far = (photos.seen_in(parts[name], shot.framing, shot.size_px) for parts in (photos.NEAR, photos.FAR))
    seen = camera.look(spread(frames, 9), near, far)
    assert [(one.kind, one.direction) for one in shot.camera] == [(move, direction)]
    assert (seen.move, seen.direction) == (move, direction)


@pytest.mark.parametrize(
    ("name", "prompt", "to_the_near"),
    [
        ("astronaut", "rack focus from the background to the astronaut", True),
        ("motorcycle", "focus pull from the motorcycle to the background", False),
    ],
)
def test_a_focus_pull_moves_the_sharpness(films: Studio, name: str, prompt: str, to_the_near: bool) -> None:  # noqa: FBT001
    """What is in focus at the end is sharper than at the start, and what was in focus at the start is less sharp."""
    shot, frames = films.quick(name, prompt)
    near, far = (photos.seen_in(parts[name], shot.framing, shot.size_px) for parts in (photos.NEAR, photos.FAR))
    change = [motion.sharpness(frames[-1], mask) / motion.sharpness(frames[0], mask) for mask in (near, far)]
    gains, loses = change if to_the_near else change[::-1]
    assert gains > 1.3
    assert loses < 1 / 1.3


@pytest.mark.parametrize("name", DEEP)
def test_a_dolly_shows_depth_and_a_zoom_does_not(films: Studio, name: str) -> None:
    """What no similarity explains of the motion is at least five times as much in a dolly as in a zoom."""
    dolly, zoom = (motion.residual_px(spread(films.quick(name, prompt)[1], 9)) for prompt in ("dolly in", "zoom in"))
    assert dolly >= 5 * zoom


@pytest.mark.timeout(900)
def test_most_photos_keep_their_depth(films: Studio) -> None:
    """At least 60 % of ordinary photos show 28 px of parallax or more at 720 lines when the camera trucks."""
    shown = {name: trucked_parallax_px(films, name) for name in ORDINARY}
    deep = [name for name, parallax_px in shown.items() if parallax_px >= PARALLAX_PX]
    assert len(deep) >= 0.6 * len(ORDINARY), shown


def trucked_parallax_px(films: Studio, name: str) -> float:
    """The parallax that "truck right" brings, measured in frames of the clip."""
    shot: Shot = clean(films.plan(name, "truck right"), mix=Mix(silent=True))
    clip = stillmotion.render(films.photo(name), shot)
    return motion.parallax_px([clip.frames[k] for k in (0, 45, 60, 75, 119)])
