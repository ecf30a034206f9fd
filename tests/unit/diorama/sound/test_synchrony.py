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
