"""Which generators there are. A new one is a file in `synth/` and a line here."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from stillmotion.diorama.sound.synth import (
    applause,
    bark,
    bell,
    birds,
    blast,
    bleat,
    breath,
    bubbling,
    buzz,
    caw,
    cicadas,
    click,
    clock,
    cluck,
    coo,
    cough,
    cowbell,
    creak,
    crickets,
    crowd,
    crowing,
    crumple,
    cry,
    door,
    drip,
    drone,
    engine,
    fire,
    flag,
    footsteps,
    frogs,
    growl,
    gulls,
    hammer,
    heartbeat,
    hiss,
    hoot,
    hooves,
    horn,
    howl,
    hum,
    impact,
    jet,
    jingle,
    keyboard,
    lapping,
    laughter,
    leaves,
    meow,
    moo,
    music,
    neigh,
    oink,
    passing,
    phone,
    plunge,
    pour,
    printer,
    projector,
    purr,
    quack,
    radio,
    rain,
    roar,
    rolling,
    room_tone,
    rotor,
    rustle,
    saw,
    scrape,
    scream,
    shatter,
    singing,
    siren,
    sizzle,
    snap,
    squeak,
    steam,
    stream,
    strikes,
    thunder,
    traffic,
    train,
    underwater,
    waterfall,
    waves,
    whimper,
    whir,
    whistling,
    whoosh,
    wind,
    wings,
    woodpecker,
    zipper,
)
from stillmotion.errors import ShotInvalid

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take
    from stillmotion.diorama.sound.records import Controls


class SoundUnknown(ShotInvalid):
    """The plan names a sound that we cannot make."""

    code = "sound_unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Generator:
    """A kind of sound: its controls and how they become samples."""

    controls: type[Any]
    signal: Callable[[Any, Take], NDArray[np.float32]]


GENERATORS: dict[str, Generator] = {
    "applause": Generator(controls=applause.Applause, signal=applause.signal),
    "bark": Generator(controls=bark.Bark, signal=bark.signal),
    "bell": Generator(controls=bell.Bell, signal=bell.signal),
    "birds": Generator(controls=birds.Birds, signal=birds.signal),
    "blast": Generator(controls=blast.Blast, signal=blast.signal),
    "bleat": Generator(controls=bleat.Bleat, signal=bleat.signal),
    "breath": Generator(controls=breath.Breath, signal=breath.signal),
    "bubbling": Generator(controls=bubbling.Bubbling, signal=bubbling.signal),
    "buzz": Generator(controls=buzz.Buzz, signal=buzz.signal),
    "caw": Generator(controls=caw.Caw, signal=caw.signal),
    "cicadas": Generator(controls=cicadas.Cicadas, signal=cicadas.signal),
    "click": Generator(controls=click.Click, signal=click.signal),
    "clock": Generator(controls=clock.Clock, signal=clock.signal),
    "cluck": Generator(controls=cluck.Cluck, signal=cluck.signal),
    "coo": Generator(controls=coo.Coo, signal=coo.signal),
    "cough": Generator(controls=cough.Cough, signal=cough.signal),
    "cowbell": Generator(controls=cowbell.Cowbell, signal=cowbell.signal),
    "creak": Generator(controls=creak.Creak, signal=creak.signal),
    "crickets": Generator(controls=crickets.Crickets, signal=crickets.signal),
    "crowd": Generator(controls=crowd.Crowd, signal=crowd.signal),
    "crowing": Generator(controls=crowing.Crowing, signal=crowing.signal),
    "crumple": Generator(controls=crumple.Crumple, signal=crumple.signal),
    "cry": Generator(controls=cry.Cry, signal=cry.signal),
    "door": Generator(controls=door.Door, signal=door.signal),
    "drip": Generator(controls=drip.Drip, signal=drip.signal),
    "drone": Generator(controls=drone.Drone, signal=drone.signal),
    "engine": Generator(controls=engine.Engine, signal=engine.signal),
    "fire": Generator(controls=fire.Fire, signal=fire.signal),
    "flag": Generator(controls=flag.Flag, signal=flag.signal),
    "footsteps": Generator(controls=footsteps.Footsteps, signal=footsteps.signal),
    "frogs": Generator(controls=frogs.Frogs, signal=frogs.signal),
    "growl": Generator(controls=growl.Growl, signal=growl.signal),
    "gulls": Generator(controls=gulls.Gulls, signal=gulls.signal),
    "hammer": Generator(controls=hammer.Hammer, signal=hammer.signal),
    "heartbeat": Generator(controls=heartbeat.Heartbeat, signal=heartbeat.signal),
    "hiss": Generator(controls=hiss.Hiss, signal=hiss.signal),
    "hoot": Generator(controls=hoot.Hoot, signal=hoot.signal),
    "hooves": Generator(controls=hooves.Hooves, signal=hooves.signal),
    "horn": Generator(controls=horn.Horn, signal=horn.signal),
    "howl": Generator(controls=howl.Howl, signal=howl.signal),
    "hum": Generator(controls=hum.Hum, signal=hum.signal),
    "impact": Generator(controls=impact.Impact, signal=impact.signal),
    "jet": Generator(controls=jet.Jet, signal=jet.signal),
    "jingle": Generator(controls=jingle.Jingle, signal=jingle.signal),
    "keyboard": Generator(controls=keyboard.Keyboard, signal=keyboard.signal),
    "lapping": Generator(controls=lapping.Lapping, signal=lapping.signal),
    "laughter": Generator(controls=laughter.Laughter, signal=laughter.signal),
    "leaves": Generator(controls=leaves.Leaves, signal=leaves.signal),
    "meow": Generator(controls=meow.Meow, signal=meow.signal),
    "moo": Generator(controls=moo.Moo, signal=moo.signal),
    "music": Generator(controls=music.Music, signal=music.signal),
    "neigh": Generator(controls=neigh.Neigh, signal=neigh.signal),
    "oink": Generator(controls=oink.Oink, signal=oink.signal),
    "passing": Generator(controls=passing.Passing, signal=passing.signal),
    "phone": Generator(controls=phone.Phone, signal=phone.signal),
    "plunge": Generator(controls=plunge.Plunge, signal=plunge.signal),
    "pour": Generator(controls=pour.Pour, signal=pour.signal),
    "printer": Generator(controls=printer.Printer, signal=printer.signal),
    "projector": Generator(controls=projector.Projector, signal=projector.signal),
    "purr": Generator(controls=purr.Purr, signal=purr.signal),
    "quack": Generator(controls=quack.Quack, signal=quack.signal),
    "radio": Generator(controls=radio.Radio, signal=radio.signal),
    "rain": Generator(controls=rain.Rain, signal=rain.signal),
    "roar": Generator(controls=roar.Roar, signal=roar.signal),
    "rolling": Generator(controls=rolling.Rolling, signal=rolling.signal),
    "room_tone": Generator(controls=room_tone.RoomTone, signal=room_tone.signal),
    "rotor": Generator(controls=rotor.Rotor, signal=rotor.signal),
    "rustle": Generator(controls=rustle.Rustle, signal=rustle.signal),
    "saw": Generator(controls=saw.Saw, signal=saw.signal),
    "scrape": Generator(controls=scrape.Scrape, signal=scrape.signal),
    "scream": Generator(controls=scream.Scream, signal=scream.signal),
    "shatter": Generator(controls=shatter.Shatter, signal=shatter.signal),
    "singing": Generator(controls=singing.Singing, signal=singing.signal),
    "siren": Generator(controls=siren.Siren, signal=siren.signal),
    "sizzle": Generator(controls=sizzle.Sizzle, signal=sizzle.signal),
    "snap": Generator(controls=snap.Snap, signal=snap.signal),
    "squeak": Generator(controls=squeak.Squeak, signal=squeak.signal),
    "steam": Generator(controls=steam.Steam, signal=steam.signal),
    "stream": Generator(controls=stream.Stream, signal=stream.signal),
    "strikes": Generator(controls=strikes.Strikes, signal=strikes.signal),
    "thunder": Generator(controls=thunder.Thunder, signal=thunder.signal),
    "traffic": Generator(controls=traffic.Traffic, signal=traffic.signal),
    "train": Generator(controls=train.Train, signal=train.signal),
    "underwater": Generator(controls=underwater.Underwater, signal=underwater.signal),
    "waterfall": Generator(controls=waterfall.Waterfall, signal=waterfall.signal),
    "waves": Generator(controls=waves.Waves, signal=waves.signal),
    "whimper": Generator(controls=whimper.Whimper, signal=whimper.signal),
    "whir": Generator(controls=whir.Whir, signal=whir.signal),
    "whistling": Generator(controls=whistling.Whistling, signal=whistling.signal),
    "whoosh": Generator(controls=whoosh.Whoosh, signal=whoosh.signal),
    "wind": Generator(controls=wind.Wind, signal=wind.signal),
    "wings": Generator(controls=wings.Wings, signal=wings.signal),
    "woodpecker": Generator(controls=woodpecker.Woodpecker, signal=woodpecker.signal),
    "zipper": Generator(controls=zipper.Zipper, signal=zipper.signal),
}


def make(name: str, controls: Controls, take: Take) -> NDArray[np.float32]:
    """Samples of a planned sound, shape (count, 2).

    Raises:
        SoundUnknown: there is no such generator, or it has no such control.
    """
    generator = GENERATORS.get(name)
    if generator is None:
        message = f'There is no sound generator "{name}"; choose one of {", ".join(sorted(GENERATORS))}.'
        raise SoundUnknown(message)
    known = control_names(name)
    for control, _ in controls:
        if control not in known:
            message = f'The sound generator "{name}" has no control "{control}"; it has {", ".join(sorted(known))}.'
            raise SoundUnknown(message)
    return generator.signal(generator.controls(**dict(controls)), take)


def control_names(name: str) -> frozenset[str]:
    """Names of the controls of a generator; none for one that does not exist."""
    generator = GENERATORS.get(name)
    return frozenset() if generator is None else frozenset(field.name for field in fields(generator.controls))
