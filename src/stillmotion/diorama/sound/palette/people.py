"""People, without words."""

from __future__ import annotations

from stillmotion.diorama.sound.palette.records import Voice
from stillmotion.diorama.sound.records import Stem

VOICES: dict[str, Voice] = {
    "footsteps": Voice(generator="footsteps", caption="footsteps", gain_db=-2.0, stem=Stem.FOLEY),
    "breath": Voice(generator="breath", caption="somebody breathes", gain_db=-6.0, stem=Stem.FOLEY),
    "pant": Voice(
        generator="breath", caption="somebody pants", gain_db=-4.0, controls=(("kind", "pant"),), stem=Stem.FOLEY
    ),
    "gasp": Voice(
        generator="breath", caption="somebody gasps", gain_db=-3.0, controls=(("kind", "gasp"),), stem=Stem.FOLEY
    ),
    "sigh": Voice(
        generator="breath",
        caption="somebody sighs",
        gain_db=-4.0,
        controls=(("kind", "sigh"), ("tract", 1.15)),
        stem=Stem.FOLEY,
    ),
    "snore": Voice(
        generator="breath",
        caption="somebody snores",
        gain_db=-3.0,
        controls=(("kind", "snore"), ("tract", 1.0)),
        stem=Stem.FOLEY,
    ),
    "cough": Voice(generator="cough", caption="somebody coughs", stem=Stem.FOLEY),
    "sneeze": Voice(generator="cough", caption="somebody sneezes", controls=(("kind", "sneeze"),), stem=Stem.FOLEY),
    "laugh": Voice(generator="laughter", caption="somebody laughs", stem=Stem.FOLEY),
    "giggle": Voice(
        generator="laughter",
        caption="somebody giggles",
        gain_db=-3.0,
        controls=(("f0_hz", 520.0), ("tract", 1.3), ("rate_hz", 5.6), ("mouth", "narrow"), ("effort", 0.4)),
        stem=Stem.FOLEY,
    ),
    "baby_cry": Voice(generator="cry", caption="a baby cries", gain_db=1.0, stem=Stem.FOLEY),
    "sob": Voice(generator="cry", caption="somebody sobs", gain_db=-3.0, controls=(("kind", "sob"),), stem=Stem.FOLEY),
    "scream": Voice(generator="scream", caption="somebody screams", gain_db=3.0, stem=Stem.FOLEY),
    "applause": Voice(generator="applause", caption="applause"),
    "clap": Voice(
        generator="applause", caption="hands clap", gain_db=-2.0, controls=(("people", 1.0),), stem=Stem.FOLEY
    ),
    "singing": Voice(generator="singing", caption="somebody sings", stem=Stem.FOLEY),
    "humming": Voice(
        generator="singing",
        caption="somebody hums a tune",
        gain_db=-3.0,
        controls=(("closed", 1.0), ("f0_hz", 222.0), ("tract", 1.17), ("vibrato", 0.01), ("note_s", 0.66)),
        stem=Stem.FOLEY,
    ),
    "whistle": Voice(generator="whistling", caption="somebody whistles", gain_db=-2.0, stem=Stem.FOLEY),
    "heartbeat": Voice(generator="heartbeat", caption="a heart beats", stem=Stem.FOLEY),
    "crowd": Voice(generator="crowd", caption="people murmur"),
    "cheer": Voice(generator="crowd", caption="a crowd cheers", gain_db=2.0, controls=(("kind", "cheer"),)),
    "children": Voice(generator="crowd", caption="children play", controls=(("kind", "play"),)),
}
