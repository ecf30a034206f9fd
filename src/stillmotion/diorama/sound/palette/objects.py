"""Things that are struck, rubbed, opened and broken."""

from __future__ import annotations

from stillmotion.diorama.sound.palette.records import Voice
from stillmotion.diorama.sound.records import Controls, Stem


def _voice(generator: str, caption: str, *controls: tuple[str, float | str], labels: tuple[str, ...] = ()) -> Voice:
    made: Controls = controls
    return Voice(generator=generator, caption=caption, controls=made, stem=Stem.FOLEY, labels=labels)


VOICES: dict[str, Voice] = {
    "thud": _voice(
        "strikes", "a thud", ("f0_hz", 75.0), ("loss", 0.3), ("hardness", 0.3), ("knock", 0.3), ("thump", 1.2),
        ("rest_s", 1.7),
    ),
    "clink": _voice(
        "strikes", "glasses clink", ("f0_hz", 2300.0), ("loss", 0.0025), ("hardness", 1.0), ("knock", 0.15),
        ("partner", 0.7), ("pieces", 4), ("rest_s", 0.9), labels=("glass", "cup", "bottle"),
    ),
    "dishes": _voice(
        "jingle", "dishes clatter", ("low_hz", 650.0), ("high_hz", 2600.0), ("loss", 0.012), ("pieces", 9),
        ("rate_per_s", 11.0), ("burst_s", 1.4), ("held_per_s", 14.0), ("hardness", 0.95),
        labels=("plate", "dish", "cup", "bowl", "sink"),
    ),
    "clang": _voice(
        "strikes", "metal clangs", ("f0_hz", 260.0), ("loss", 0.0016), ("spread", 1.15), ("hardness", 0.95),
        ("knock", 0.4), ("pieces", 3), ("rest_s", 1.5), ("room_s", 0.8), ("wet", 0.08),
    ),
    "rattle": _voice(
        "jingle", "something rattles", ("low_hz", 700.0), ("high_hz", 4200.0), ("loss", 0.03), ("pieces", 7),
        ("rate_per_s", 55.0), ("shake_hz", 5.0), ("burst_s", 1.6), ("held_per_s", 30.0), ("knock", 0.5),
    ),
    "knock": _voice(
        "strikes", "a knock", ("f0_hz", 190.0), ("loss", 0.1), ("spread", 0.95), ("hardness", 0.62), ("knock", 0.5),
        ("group", 3), ("within_s", 0.24), ("rest_s", 1.3), labels=("door",),
    ),
    "scrape": _voice("scrape", "something scrapes", ("ring", 0.6), ("chatter_hz", 60.0)),
    "rolling": _voice(
        "rolling", "something rolls", ("speed_m_s", 1.6), ("end_speed_m_s", 1.2), ("grain_m", 0.004),
        ("f0_hz", 160.0), ("loss", 0.12), labels=("wheel", "ball", "cart"),
    ),
    "creak": _voice("creak", "wood creaks", labels=("door", "floor", "chair", "bridge")),
    "squeak": _voice("squeak", "a squeak"),
    "wipers": _voice(
        "scrape", "wipers rub", ("low_hz", 300.0), ("high_hz", 5000.0), ("grit_per_s", 500.0), ("ring", 0.25),
        ("f0_hz", 240.0), ("squeal", 0.5), ("thunk", 0.5), ("length_s", 0.62), ("rest_s", 0.12),
        labels=("windscreen", "car"),
    ),
    "whoosh": _voice("whoosh", "a whoosh"),
    "door": _voice("door", "a door", labels=("door",)),
    "door_slam": _voice("door", "a door slams", ("slam", 1.0), ("opens", 0.0), labels=("door",)),
    "glass": _voice("shatter", "glass shatters", labels=("glass", "window", "bottle", "mirror")),
    "paper": _voice(
        "crumple", "paper rustles", ("rate_per_s", 260.0), ("low_hz", 1500.0), ("high_hz", 9500.0), ("tail", 2.2),
        ("rub", 0.7), ("length_s", 0.7), ("rest_s", 0.5), labels=("paper", "book", "letter", "newspaper"),
    ),
    "crumple": _voice("crumple", "paper is crumpled", labels=("paper",)),
    "cloth": _voice("rustle", "cloth rustles"),
    "flag": _voice("flag", "cloth flaps in the wind", labels=("flag", "sail", "banner")),
    "zipper": _voice("zipper", "a zip is drawn"),
    "pop": _voice("snap", "a pop", ("cavity_hz", 520.0), ("puff", 0.25), ("burst", 0.5)),
    "snap": _voice("snap", "a snap", ("fibres", 14), ("burst", 0.2), ("puff", 0.0)),
    "coins": _voice(
        "jingle", "coins jingle", ("low_hz", 4200.0), ("high_hz", 8000.0), ("loss", 0.0018), ("bounces", 5),
        ("rest_s", 0.5), ("held_per_s", 12.0),
    ),
    "keys": _voice(
        "jingle", "keys jangle", ("low_hz", 2400.0), ("high_hz", 9000.0), ("loss", 0.003), ("pieces", 10),
        ("rate_per_s", 45.0), ("shake_hz", 4.5), ("held_per_s", 30.0), ("burst_s", 1.2),
    ),
    "chop": _voice(
        "strikes", "chopping", ("f0_hz", 210.0), ("loss", 0.12), ("spread", 1.0), ("hardness", 0.7), ("knock", 0.6),
        ("edge", 0.25), ("rest_s", 0.28), ("wet", 0.02), labels=("board", "knife"),
    ),
    "explosion": _voice("blast", "an explosion", ("rest_s", 4.0)),
    "gunshot": _voice(
        "blast", "a gunshot", ("positive_s", 0.0016), ("roar", 0.5), ("roar_s", 0.12), ("top_hz", 9000.0),
        ("echo_s", 1.2), ("echo", 0.3), ("debris", 0.0), ("rest_s", 1.8),
    ),
    "fireworks": _voice(
        "blast", "fireworks", ("positive_s", 0.006), ("roar", 0.6), ("roar_s", 0.5), ("top_hz", 6000.0),
        ("debris", 0.0), ("crackle", 0.5), ("whistle", 0.12), ("rest_s", 0.5),
    ),
}  # fmt: skip
