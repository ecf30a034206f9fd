"""Movement phrases to cues: who moves, whereto, how many, in place of what, and what is added."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from stillmotion.diorama.brief import Brief
from stillmotion.diorama.geometry import Box
from stillmotion.diorama.scene.records import SceneObject
from stillmotion.diorama.shot import describe, plan, planner
from stillmotion.diorama.shot.ambient import AMBIENT

if TYPE_CHECKING:
    from stillmotion.diorama.scene.records import Scene
    from stillmotion.diorama.shot.records import MotionCue, Shot

Build = Callable[..., "Scene"]
WHOLE = (0.0, 0.0, 1.0, 1.0)


@pytest.fixture(autouse=True)
def _without_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Meaning is looked up in its own tests."""
    monkeypatch.setattr(planner, "nearest", lambda clauses, _progress: ([], list(clauses)))


@pytest.fixture
def table(make_scene: Build) -> Scene:
    """A cup and a bowl in one layer on a table."""
    objects = [
        SceneObject(label="cup", score=0.9, box=Box(x0=0.3, y0=0.3, x1=0.5, y1=0.6), layer="subject"),
        SceneObject(label="bowl", score=0.9, box=Box(x0=0.6, y0=0.3, x1=0.8, y1=0.6), layer="subject"),
    ]
    parts = [("support", "support", "table", WHOLE), ("subject", "rigid", "tray", (0.1, 0.1, 0.9, 0.9))]
    return make_scene(parts, objects=objects, salience=(0.4, 0.45))


def _asked(shot: Shot) -> list[MotionCue]:
    return [cue for cue in shot.motion if cue.words != AMBIENT]


def _plan(scene: Scene, words: str) -> Shot:
    return plan(scene, Brief(prompt=words, duration_s=4, seed=3))


def _cue(scene: Scene, words: str) -> MotionCue:
    return _asked(_plan(scene, words))[0]


def test_things_smaller_than_their_layer_are_named_by_their_box(table: Scene) -> None:
    """The cup falls over, not the tray with everything on it."""
    cue = _cue(table, "The cup topples over.")
    assert (cue.layer, cue.box) == ("subject", table.objects[0].box)


def test_targets_are_bound(table: Scene) -> None:
    """A ball that rolls into the cup is aimed at the cup's middle."""
    cue = _cue(table, "A ball rolls into the cup")
    assert cue.prop == "ball"
    assert (cue.target, cue.target_point) == ("subject", pytest.approx((0.4, 0.45)))


@pytest.mark.parametrize(
    ("words", "direction"),
    [
        ("The bird flies out of the frame to the top right", "up right"),
        ("The kite soars to the upper left", "up left"),
        ("A ball rolls in from the right", "left"),
        ("The ball bounces, then rolls off left", ""),
        ("A ball falls down", "down"),
    ],
)
def test_directions_are_those_that_things_go_to(table: Scene, words: str, direction: str) -> None:
    """Corners count, and what comes from a side goes to the other."""
    assert _cue(table, words).direction == direction


def test_things_come_from_where_the_words_say(table: Scene) -> None:
    """From above is over the frame, from the left is left of it."""
    above, left = (_cue(table, f"A ball falls in from {side}.").place for side in ("above", "the left"))
    assert above is not None
    assert left is not None
    assert above[1] < 0 < above[0] < 1
    assert left[0] < 0


def test_sizes_and_numbers_of_drawn_things(table: Scene) -> None:
    """A tiny ball is smaller, a huge one larger; two balloons are two."""
    tiny, huge = (_cue(table, f"A {size} ball drops").size_m or 0.0 for size in ("tiny", "huge"))
    assert tiny < 0.22 < huge
    assert len(_asked(_plan(table, "Two balloons float up"))) == 2
    assert _cue(table, "A ball bounces three times").count == 3


def test_drawn_things_are_said_to_be_added_once(table: Scene) -> None:
    """One note for a ball that falls, bounces and rolls."""
    shot = _plan(table, "A ball falls, bounces twice and rolls off to the left.")
    assert {cue.prop for cue in shot.motion} == {"ball"}
    assert [note.words for note in shot.notes if note.code == "added"] == [
        "Not in the photo, so drawn and added: ball."
    ]
    assert "ball (added)" in describe(_shown(shot))


def _shown(shot: Shot) -> Shot:
    return replace(shot, motion=tuple(replace(cue, performed=True) for cue in shot.motion))


@pytest.mark.parametrize(
    "words", ["A hand throws a ball at the cup", "Someone kicks the ball", "She drops a ball", "A man rolls a ball"]
)
def test_what_somebody_moves_is_what_moves(table: Scene, words: str) -> None:
    """The ball flies, not the hand."""
    assert _cue(table, words).prop == "ball"


def test_parts_do_not_leave_the_living(portrait: Scene) -> None:
    """A hat that is thrown does not take its wearer along."""
    shot = _plan(portrait, "She throws her hat.")
    assert [cue.layer for cue in _asked(shot)] == [None]
    assert any(note.code == "unbound" for note in shot.notes)


def test_substitutes_are_really_planned(portrait: Scene, table: Scene) -> None:
    """Walking becomes a lean, pouring ripples and steam on the cup; opening a push-in."""
    assert [cue.verb for cue in _asked(_plan(portrait, "The woman walks by"))] == ["walk", "lean"]
    poured = _asked(_plan(table, "A hand pours milk into the cup"))
    assert [cue.verb for cue in poured] == ["pour", "ripple", "steam"]
    assert {cue.layer for cue in poured[1:]} == {"subject"}
    opened = _plan(table, "The cup opens")
    assert [str(move.kind) for move in opened.camera] == ["dolly"]
    assert all(any(n.code == "substitute" for n in _plan(table, p).notes) for p in ("The cup melts", "The cup opens"))


def test_plants_that_bend_sway(make_scene: Build) -> None:
    """A stalk that bends and springs back sways; a gust that moves a flower sways it."""
    scene = make_scene(
        [("backdrop", "backdrop", "backdrop", WHOLE), ("subject", "plant", "flower", (0.3, 0.2, 0.7, 1.0))]
    )
    for words in ("The stem bends and springs back", "A gust moves the flower", "The flowers are blown by the wind"):
        assert [cue.verb for cue in _asked(_plan(scene, words))] == ["sway"]


def test_as_if_says_how_and_moves_nothing(table: Scene) -> None:
    """As if someone pushed it: the cup shakes and nobody pushes."""
    assert [cue.verb for cue in _asked(_plan(table, "The cup shakes, as if someone pushed it"))] == ["shake"]


def test_a_doubtful_name_does_not_rename_a_layer(make_scene: Build) -> None:
    """A detector that half sees a boat in a palace does not let the palace sail."""
    boat = SceneObject(label="boat", score=0.6, box=Box(x0=0.1, y0=0.1, x1=0.6, y1=0.9), layer="subject")
    parts = [("sky", "sky", "sky", WHOLE), ("subject", "structure", "palace", (0.1, 0.1, 0.6, 0.9))]
    cue = _cue(make_scene(parts, objects=[boat]), "A boat sails by")
    assert (cue.layer, cue.prop) == (None, "sailing boat")


@pytest.mark.parametrize(
    ("words", "verb", "prop", "count"),
    [
        ("A die tumbles down from above.", "fall", "die", None),
        ("A butterfly flies away.", "fly", "butterfly", None),
        ("A butterfly flutters past.", "fly", "butterfly", None),
        ("A bee buzzes around the cup.", "fly", "bee", None),
        ("A bird flies away.", "fly", "bird", None),
        ("Many balloons rise.", "rise", "balloon", 7),
        ("Several red balloons rise.", "rise", "balloon", 5),
        ("Balloons rise.", "rise", "balloon", 3),
        ("A few coins fall.", "fall", "coin", 3),
        ("A balloon rises.", "rise", "balloon", None),
    ],
)
def test_things_are_added_one_by_one(table: Scene, words: str, verb: str, prop: str, count: int | None) -> None:
    """One is one and no swarm, many are several things."""
    cues = _asked(_plan(table, words))
    assert {(cue.verb, cue.prop, cue.count) for cue in cues} == {(verb, prop, None)}
    assert len({cue.place for cue in cues}) == len(cues) == (count or 1)


def test_one_insect_that_is_no_prop_is_one_of_a_swarm(table: Scene) -> None:
    """Nothing in the photo is cut out for "a" dragonfly."""
    cue = _cue(table, "A dragonfly flies by.")
    assert (cue.verb, cue.layer, cue.count) == ("insects", None, 1)


def test_heads_do_not_spin(make_scene: Build) -> None:
    """Who turns its head is no spinning thing, and a drawn bird has no head to turn."""
    scene = make_scene([("backdrop", "backdrop", "wall", WHOLE), ("cutout", "rigid", "thing", (0.2, 0.2, 0.8, 0.8))])
    cues = _asked(_plan(scene, "The bird turns its head."))
    assert [(cue.verb, cue.prop) for cue in cues] == [("turn_head", None)]


def test_swarms_stay_swarms(table: Scene) -> None:
    """Bees are a field of their own, drawn as many."""
    assert [(cue.verb, cue.prop) for cue in _asked(_plan(table, "Bees buzz around."))] == [("insects", None)]


def test_many_things_read_as_many(table: Scene) -> None:
    """Seven balloons are one line of the plan."""
    lines = [line for line in describe(_shown(_plan(table, "Many balloons rise."))).splitlines() if "balloon (" in line]
    assert lines == ["  - 7 x balloon (added): rise"]


def test_nobody_is_not_the_cup(table: Scene) -> None:
    """She drinks where nobody is: that is said, nothing nods, and the camera moves closer instead."""
    shot = _plan(table, "She drinks the coffee.")
    assert [(cue.verb, cue.layer) for cue in _asked(shot)] == [("eat", None)]
    assert [move.kind for move in shot.camera] == ["dolly"]
    said = {note.code: note.words for note in shot.notes}
    assert said["unbound"] == 'Nobody in the photo was recognised as "she".'
    assert said["substitute"] == '"She drinks the coffee" cannot be drawn; the camera slowly moves closer instead.'


def test_a_named_camera_stays_when_nothing_stands_in(table: Scene) -> None:
    """Who asks for a pan gets it, and is told that nothing else is shown."""
    shot = _plan(table, "She drinks the coffee. Pan left.")
    assert [move.kind for move in shot.camera] == ["pan"]
    assert any("nothing stands in for it" in note.words for note in shot.notes)


def test_words_for_materials_name_things_too(make_scene: Build) -> None:
    """The glass that swings is a glass, and no other thing is moved for it."""
    scene = make_scene([("backdrop", "backdrop", "wall", WHOLE), ("subject", "rigid", "book", (0.2, 0.2, 0.8, 0.8))])
    shot = _plan(scene, "The glass swings.")
    assert [(cue.subject, cue.layer) for cue in _asked(shot)] == [("glass", None)]
    assert any(note.code == "unbound" and '"glass"' in note.words for note in shot.notes)


@pytest.mark.parametrize("words", ["make it move", "Let the photo move.", "Make everything move"])
def test_wishes_for_any_movement_travel_nothing(table: Scene, words: str) -> None:
    """What lives in the photo moves of itself; the subject does not slide away."""
    assert not _asked(_plan(table, words))


def test_a_tipped_hat_is_a_gesture(make_scene: Build) -> None:
    """Nobody's hat is torn off: the person nods."""
    scene = make_scene([("backdrop", "backdrop", "wall", WHOLE), ("subject", "person", "man", (0.2, 0.1, 0.8, 1.0))])
    assert [cue.verb for cue in _asked(_plan(scene, "He tips his hat."))] == ["gesture", "lean", "nod"]


@pytest.mark.parametrize(
    ("words", "whom"),
    [("The wizard hocus-pocuses the cat", "cat"), ("She frobnicates", "she"), ("Frobnicate", "")],
)
def test_unknown_verbs_keep_their_subject(words: str, whom: str) -> None:
    """A clause that is read by meaning is about the first thing that it names."""
    assert planner.who(words) == whom


@pytest.mark.parametrize(
    ("words", "windows"),
    [
        ("0-2s: the cup shakes. 2-4s: the cup spins.", [("shake", 0, 2), ("spin", 2, None)]),
        (
            "0-1s: the cup shakes 1-3s: it spins 3-4s: it topples",
            [("shake", 0, 1), ("spin", 1, 3), ("topple", 3, None)],
        ),
        ("The cup shakes until two seconds.", [("shake", 0, 2)]),
        ("From 1 s the cup shakes until 3 s.", [("shake", 1, 3)]),
        ("After two seconds the cup shakes.", [("shake", 2, None)]),
        ("For the last second the cup shakes.", [("shake", 3, None)]),
        ("The cup shakes at the end.", [("shake", 3, None)]),
        ("The cup shakes, then spins.", [("shake", 0, 2), ("spin", 2, None)]),
        ("The cup spins before it topples.", [("spin", 0, 2), ("topple", 2, None)]),
        ("At 1.5 s lightning flashes, at 0:03 it rains.", [("lightning", 1.5, None), ("rain", 3, None)]),
    ],
)
def test_times_are_those_that_the_words_say(table: Scene, words: str, windows: list[tuple[str, float, float]]) -> None:
    """Starts, ends and orders."""
    assert [(cue.verb, cue.start_s, cue.end_s) for cue in _asked(_plan(table, words))] == windows


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("The cup spins every second.", 4),
        ("The cup spins once every two seconds.", 2),
        ("The cup spins twice a second.", 8),
        ("The cup spins for a second.", None),
        ("The cup spins twice, then topples.", 2),
    ],
)
def test_every_second_is_a_number_of_times(table: Scene, words: str, count: int | None) -> None:
    """What happens again and again happens as often as it fits."""
    assert _cue(table, words).count == count


def test_a_pronoun_behind_a_time_is_still_the_ball(table: Scene) -> None:
    """After a second "it" rolls: the ball that fell."""
    assert {cue.prop for cue in _asked(_plan(table, "A ball falls. After 1 second it rolls off."))} == {"ball"}


def test_it_rains_everywhere(table: Scene) -> None:
    """The "it" that rains is nothing in the photo."""
    assert _cue(table, "It rains.").layer is None


@pytest.mark.parametrize(
    "words",
    [
        "Rocket launch, smoke billows, camera tilts up",
        "The rocket launches",
        "The rocket is launched into space",
        "The launch of the rocket",
        "The rocket blasts off",
        "Blast off!",
        "Liftoff!",
    ],
)
def test_a_rocket_that_is_launched_rises(make_scene: Build, words: str) -> None:
    """It stands on its pad and goes up; nobody throws it, and a word without a subject means what the photo shows."""
    parts = [("backdrop", "sky", "sky", WHOLE), ("subject", "vehicle", "rocket", (0.4, 0.2, 0.5, 0.9))]
    cue = _cue(make_scene(parts), words)
    assert (cue.verb, cue.layer) == ("rise", "subject")


def test_other_things_are_launched_as_they_were(make_scene: Build, table: Scene) -> None:
    """A ball is thrown; and where nothing can take off, a word alone lifts nobody."""
    assert _cue(table, "She launches a ball").verb == "throw"
    cat = make_scene([("backdrop", "sky", "sky", WHOLE), ("subject", "animal", "cat", (0.4, 0.2, 0.6, 0.9))])
    assert _cue(cat, "Liftoff!").layer is None


def test_petals_are_of_the_flower(make_scene: Build) -> None:
    """The wind moves what the photo is about, where that grows."""
    scene = make_scene([("subject", "plant", "daisy", (0.2, 0.1, 0.9, 0.9))], salience=(0.5, 0.5))
    (cue,) = _asked(_plan(scene, "A soft breeze sways the petals"))
    assert (cue.verb, cue.layer) == ("sway", "subject")
