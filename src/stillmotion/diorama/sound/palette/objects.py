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
        "jingle", "dishes clatter", ("low_hz", 1030.0), ("high_hz", 5380.0), ("loss", 0.003), ("pieces", 9),
        ("rate_per_s", 18.4), ("burst_s", 1.47), ("held_per_s", 20.4), ("hardness", 0.95), ("spread", 0.883),
        ("modes", 11), ("knock", 0.365), labels=("plate", "dish", "cup", "bowl", "sink"),
    ),
    "clang": _voice(
        "strikes", "metal clangs", ("f0_hz", 1150.0), ("loss", 0.0045), ("spread", 0.55), ("hardness", 0.96),
        ("knock", 0.5), ("pieces", 4), ("rest_s", 1.17), ("room_s", 0.4), ("wet", 0.1), ("modes", 60),
        ("partner", 0.501), ("air_db", -42.0),
    ),
    "rattle": _voice(
        "jingle", "something rattles", ("low_hz", 1090.0), ("high_hz", 3000.0), ("loss", 0.0158), ("pieces", 7),
        ("rate_per_s", 99.7), ("shake_hz", 5.16), ("burst_s", 0.934), ("held_per_s", 44.1), ("knock", 0.396),
        ("spread", 0.841), ("modes", 6), ("rest_s", 0.1), ("room_s", 0.469), ("wet", 0.031), ("air_db", -50.0),
    ),
    "knock": _voice(
        "strikes", "a knock", ("f0_hz", 297.0), ("loss", 0.12), ("spread", 1.1), ("hardness", 0.726),
        ("knock", 0.862), ("group", 3), ("within_s", 0.2), ("rest_s", 1.3), ("modes", 34), ("thump", 0.416),
        ("wet", 0.0321), labels=("door",),
    ),
    "scrape": _voice(
        "scrape", "something scrapes", ("ring", 0.0), ("chatter_hz", 38.7), ("high_hz", 4540.0), ("low_hz", 1290.0),
        ("grit_per_s", 606.0), ("loss", 0.14), ("length_s", 0.68), ("rest_s", 0.1),
    ),
    "rolling": _voice(
        "rolling", "something rolls", ("speed_m_s", 1.25), ("end_speed_m_s", 1.98), ("grain_m", 0.00396),
        ("f0_hz", 247.0), ("loss", 0.171), ("scrape", 0.468), labels=("wheel", "ball", "cart"),
    ),
    "creak": _voice(
        "creak", "wood creaks", ("slips_per_s", 70.0), ("climb", 1.05), ("jitter", 0.0203), ("low_hz", 604.0),
        ("high_hz", 4230.0), ("loss", 0.0532), ("length_s", 1.2), ("rest_s", 0.496),
        labels=("door", "floor", "chair", "bridge"),
    ),
    "squeak": _voice(
        "squeak", "a squeak", ("rest_s", 0.246), ("glide", 0.5), ("rough", 0.193), ("length_s", 0.12),
        ("f0_hz", 1060.0),
    ),
    "wipers": _voice(
        "scrape", "wipers rub", ("low_hz", 348.0), ("high_hz", 5320.0), ("grit_per_s", 758.0), ("ring", 0.0645),
        ("f0_hz", 240.0), ("squeal", 1.68), ("thunk", 0.0484), ("length_s", 0.702), ("rest_s", 0.274),
        ("loss", 0.281), labels=("windscreen", "car"),
    ),
    "whoosh": _voice(
        "whoosh", "a whoosh", ("width_m", 0.0128), ("length_s", 0.582), ("rest_s", 0.547),
    ),
    "door": _voice(
        "door", "a door", ("slam", 0.306), ("opens", 0.609), ("panel_hz", 113.0), ("swing_s", 0.641),
        ("room_s", 0.758), labels=("door",),
    ),
    "door_slam": _voice(
        "door", "a door slams", ("slam", 0.407), ("opens", 0.745), ("panel_hz", 60.0), ("swing_s", 0.704),
        ("room_s", 0.619), ("rest_s", 1.85), labels=("door",),
    ),
    "glass": _voice("shatter", "glass shatters", labels=("glass", "window", "bottle", "mirror")),
    "paper": _voice(
        "crumple", "paper rustles", ("rate_per_s", 435.0), ("low_hz", 925.0), ("high_hz", 7520.0), ("tail", 3.92),
        ("rub", 1.06), ("length_s", 1.02), ("rest_s", 0.111), ("loss", 0.0656), ("tilt", 0.489),
        ("room_s", 0.57), ("wet", 0.1), ("air_db", -24.0),
        labels=("paper", "book", "letter", "newspaper"),
    ),
    "crumple": _voice(
        "crumple", "paper is crumpled", ("rate_per_s", 1200.0), ("low_hz", 1140.0), ("loss", 0.184), ("tail", 2.73),
        ("rub", 0.577), ("length_s", 1.6), ("rest_s", 0.172), ("tilt", 0.501), ("high_hz", 7950.0),
        labels=("paper",),
    ),
    "cloth": _voice(
        "rustle", "cloth rustles", ("stiffness", 0.158), ("rest_s", 0.574), ("length_s", 0.574),
    ),
    "flag": _voice(
        "flag", "cloth flaps in the wind", ("speed", 0.964), ("flaps_per_s", 10.9), ("air", 0.703),
        labels=("flag", "sail", "banner"),
    ),
    "zipper": _voice(
        "zipper", "a zip is drawn", ("teeth_per_s", 172.0), ("length_s", 0.784), ("rest_s", 0.392), ("rub", 0.46),
    ),
    "pop": _voice(
        "snap", "a pop", ("cavity_hz", 745.0), ("puff", 0.351), ("burst", 0.738), ("cavity", 2.0), ("rest_s", 0.84),
    ),
    "snap": _voice(
        "snap", "a snap", ("fibres", 18), ("burst", 0.141), ("puff", 0.0777), ("body_hz", 2270.0), ("rest_s", 1.25),
        ("air_db", -28.0),
    ),
    "coins": _voice(
        "jingle", "coins jingle", ("low_hz", 3060.0), ("high_hz", 9000.0), ("loss", 0.0025), ("bounces", 6),
        ("rest_s", 0.364), ("held_per_s", 7.33), ("modes", 8), ("knock", 0.1),
    ),
    "keys": _voice(
        "jingle", "keys jangle", ("low_hz", 2400.0), ("high_hz", 9000.0), ("loss", 0.003), ("pieces", 10),
        ("rate_per_s", 45.0), ("shake_hz", 4.5), ("held_per_s", 30.0), ("burst_s", 1.2),
    ),
    "chop": _voice(
        "strikes", "chopping", ("f0_hz", 352.0), ("loss", 0.211), ("spread", 1.06), ("hardness", 0.602),
        ("knock", 0.936), ("edge", 0.0728), ("rest_s", 0.258), ("wet", 0.02), ("thump", 0.498), ("modes", 34),
        labels=("board", "knife"),
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
