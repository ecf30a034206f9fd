"""Named sounds of contacts come when the contacts do."""

from __future__ import annotations

from stillmotion.diorama.geometry import Box
from stillmotion.diorama.motion.records import Event
from stillmotion.diorama.shot.records import MotionCue, Shot, SoundCue
from stillmotion.diorama.sound.synchrony import in_time

CLAUSE = "bounces twice with a metallic clink"
SPOON = MotionCue(verb="bounce", subject="spoon", layer="spoon", words=CLAUSE, performed=True)


def shot(*motion: MotionCue) -> Shot:
    """A four-second Shot in which this moves."""
    return Shot(size_px=(1280, 720), framing=Box(x0=0.0, y0=0.0, x1=1.0, y1=1.0), motion=motion)


def contact(time_s: float, impulse: float, subject: str = "spoon") -> Event:
    """A contact somewhere on the right."""
    return Event(kind="contact", time_s=time_s, x=0.8, y=0.9, impulse=impulse, speed=2.0, subject=subject)


def test_each_contact_clinks() -> None:
    """One sound a contact, at its time and place, softer where the contact is."""
    clink = SoundCue(sound="clink", start_s=1.0, words=CLAUSE)
    events = (contact(1.4, 0.2), contact(1.9, 0.05), contact(1.5, 9.0, subject="cup"))
    first, second = in_time(clink, shot(SPOON), events)
    assert (first.start_s, second.start_s) == (1.4, 1.9)
    assert first.place == (0.8, 0.9)
    assert first.level_db == 0.0
    assert -12 < second.level_db < -8
    assert first.count == 1


def test_without_contacts_the_plan_stays() -> None:
    """Nothing moved, nothing touched, or the sound is none of contacts: the cue is as planned."""
    clink = SoundCue(sound="clink", start_s=1.0, words=CLAUSE)
    assert in_time(clink, shot(SPOON), ()) == (clink,)
    assert in_time(clink, shot(), (contact(1.4, 0.2),)) == (clink,)
    purr = SoundCue(sound="purr", words=CLAUSE)
    assert in_time(purr, shot(SPOON), (contact(1.4, 0.2),)) == (purr,)


def test_a_sound_in_a_clause_of_its_own_comes_with_the_contacts() -> None:
    """It falls and bounces, with a clink: nothing in the sound's own words moves, so every contact is meant."""
    clink = SoundCue(sound="clink", words="a metallic clink")
    events = (contact(1.4, 0.2), contact(1.9, 0.05))
    assert [one.start_s for one in in_time(clink, shot(SPOON), events)] == [1.4, 1.9]
    far = SoundCue(sound="clink", words="glasses clink far away", level_db=-9.0)
    assert in_time(far, shot(SPOON), events) == (far,)


def burst(time_s: float, kind: str = "burst", subject: str = "") -> Event:
    """Something that happens in the sky, or a drop that falls."""
    return Event(kind=kind, time_s=time_s, x=0.3, y=0.2, impulse=0.2, q=0.05, subject=subject)


def test_fireworks_bang_after_they_burst() -> None:
    """One bang a burst, late as sound is from afar; what would be heard after the film is not."""
    bangs = in_time(SoundCue(sound="fireworks", words="fireworks"), shot(), (burst(0.5), burst(2.0), burst(3.9)))
    assert [one.count for one in bangs] == [1, 1]
    for bang, seen_s in zip(bangs, (0.5, 2.0), strict=True):
        assert 0.1 < bang.start_s - seen_s < 1.0
    unseen = SoundCue(sound="fireworks", words="fireworks far away")
    assert in_time(unseen, shot(), ()) == (unseen,)


def test_thunder_is_heard_once() -> None:
    """Thunder that a lightning brings is not planned a second time; without lightning it is as asked."""
    thunder = SoundCue(sound="thunder", start_s=1.0, words="thunder")
    assert in_time(thunder, shot(), (burst(2.0, kind="thunder"),)) == ()
    assert in_time(thunder, shot(), (burst(2.0, kind="flash"),)) == (thunder,)


def test_drops_are_heard_when_they_fall() -> None:
    """A splash that the words name comes with the drop that is seen."""
    splash = SoundCue(sound="splash", words="splash")
    drops = (burst(0.6, kind="splash"), burst(2.3, kind="splash", subject="drop"))
    assert [one.start_s for one in in_time(splash, shot(), drops)] == [0.6, 2.3]
