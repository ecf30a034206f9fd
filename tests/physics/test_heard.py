"""What is seen is heard at its time: check 11, the sound's half, from the decoded MP4 alone."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import signal
from scipy.stats import spearmanr

from measure import laws
from synthetic import bench
from synthetic.bench import THINGS

if TYPE_CHECKING:
    from measure.bodies import Floats
    from measure.lab import Lab, Take

BALL = THINGS["ball"]
STEP_S = 0.001


@pytest.fixture(params=["ceramic", "steel", "wood"])
def bounced(lab: Lab, request: pytest.FixtureRequest) -> Take:
    """A hard ball of some material bounces several times in a quiet place."""
    physics = {"restitution": 0.62, "material": request.param, "mass_kg": 0.5}
    cue = {"verb": "fall", "subject": "ball", "box": BALL.box, "start_s": 0.2, "physics": physics}
    return lab.film(bench.bench(), "bench", motion=[cue], mix={"loudness_lufs": -26.0})


def loudness(take: Take) -> Floats:
    """Energy above 300 Hz in steps of a millisecond."""
    sections = signal.butter(4, 300, "highpass", fs=take.sample_rate, output="sos")
    power = signal.sosfiltfilt(sections, take.sound.mean(axis=1)) ** 2
    step = round(STEP_S * take.sample_rate)
    return power[: len(power) // step * step].reshape(-1, step).mean(axis=1)


def seen_s(take: Take) -> list[float]:
    """When the ball touches the ground, from the crossings of its parabolas."""
    path, height = take.path(BALL), take.frames[0].shape[0]
    gone = take.times_s > 0.2
    flights = laws.flights(take.times_s[gone], path[gone, 0], height - path[gone, 1])
    # The ball at rest after its last hops is a line of the path too, but no flight: where it crosses is no contact.
    flights = [one for one in flights if one.rise.pull < 0.8 * flights[0].rise.pull]
    return [laws.contact_s(one, two) for one, two in itertools.pairwise(flights)]


def onset_s(energy: Floats, about_s: float) -> float:
    """When the energy within 80 ms of a time first rises ten times above what was before."""
    first, last = int((about_s - 0.08) / STEP_S), int((about_s + 0.08) / STEP_S)
    before = energy[first : first + 30].max()
    return (first + int(np.argmax(energy[first:last] > 10 * before + 0.02 * energy[first:last].max())) + 0.5) * STEP_S


def test_contacts_are_heard_when_they_are_seen(bounced: Take) -> None:
    """Each contact's onset lies within 20 ms of where two parabolas cross."""
    energy, contacts = loudness(bounced), seen_s(bounced)
    assert len(contacts) >= 3
    away = [onset_s(energy, time_s) - time_s for time_s in contacts]
    assert np.abs(away).max() <= 0.02, away


def test_harder_is_louder(bounced: Take) -> None:
    """The energy of each contact rises with its impulse."""
    times = [*bounced.told_s("contact"), np.inf]
    apart = [time_s for time_s, later in itertools.pairwise(times) if later - time_s > 0.15]
    told = [event for event in bounced.events if event["kind"] == "contact" and event["time_s"] in apart]
    energy = loudness(bounced)
    heard = [energy[int(e["time_s"] / STEP_S) - 10 : int(e["time_s"] / STEP_S) + 40].sum() for e in told]
    assert len(told) >= 4
    assert spearmanr([event["impulse"] for event in told], heard).statistic >= 0.9


def test_nothing_is_heard_before_anything_happens(bounced: Take) -> None:
    """Until the first contact the film is at least 25 dB quieter than at it."""
    energy, first = loudness(bounced), seen_s(bounced)[0]
    quiet = energy[50 : int((first - 0.05) / STEP_S)].max()
    assert quiet < 10**-2.5 * energy.max()
