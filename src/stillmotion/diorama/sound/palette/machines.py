"""Machines, vehicles and signals."""

from __future__ import annotations

from stillmotion.diorama.sound.palette.records import Voice

VOICES: dict[str, Voice] = {
    "traffic": Voice(generator="traffic", caption="traffic passes"),
    "hum": Voice(generator="hum", caption="a machine hums", gain_db=-4.0),
}
