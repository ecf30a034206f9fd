"""How the time to read a prompt grows with its length; unlike the tests' count of calls, slow patterns show here."""

from __future__ import annotations

import gc
import time

from benchmarks.rows import Row
from stillmotion.diorama.shot.parse import parse

LENGTHS = (4_000, 32_000)
REPEATS = 3
PROMPTS = (
    "the camera pans left and the cat jumps over it ",
    "Pan left. ",
    "a, ",
    '" ',
    "' a",
    "Action: x. ",
    "(0-2s) a ",
    "(0 ",
    " ",
    "\n",
    "a",
    "1",
    "no x or ",
    'She says: "hi" ',
    "x: ",
    "#",
    "for the first two ",
    "\u201ca\u201d 'b' says \"c\" ",
    '- says: "a"\n',
    "[0:03] a ",
    "0:03 - 0:04 she says 'a'\n",
    "rain ",
    "it bounces ",
    "slowly, ",
    "no a, b, or c ",
)
"""Each is repeated up to the length: words, signs and forms on which a pattern could go back and forth."""


def measure() -> list[Row]:
    """The worst growth, and the worst time of the longest prompt that is accepted."""
    parse("it rains")
    times = [[_processor_s(_filled(unit, length)) for length in LENGTHS] for unit in PROMPTS]
    short, long = LENGTHS
    return [
        Row(
            name=f"parsing {long:,} characters against {short:,}, the worst of {len(PROMPTS)} prompts",
            value=max(many / few for few, many in times),
            unit="x",
            at_most=2 * long / short,
        ),
        Row(name=f"parsing {long:,} characters, the slowest of them", value=max(many for _, many in times), unit="s"),
    ]


def _filled(unit: str, length: int) -> str:
    return (unit * (length // len(unit) + 1))[:length]


def _processor_s(prompt: str) -> float:
    """The best of a few, without the collector of garbage, whose turns come at any time."""
    times = []
    gc.disable()
    try:
        for _ in range(REPEATS):
            start = time.process_time()
            parse(prompt)
            times.append(time.process_time() - start)
    finally:
        gc.enable()
    return min(times)
