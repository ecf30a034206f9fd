"""Damped modes: exact, steady, and as fast and as damped as asked."""

from __future__ import annotations

import numpy as np
import pytest

from stillmotion.diorama.motion import modes


@pytest.mark.parametrize(("hz", "damping"), [(0.5, 0.05), (1.3, 0.1), (4.0, 0.03)])
def test_blow_rings_at_its_frequency_and_damping(hz: float, damping: float) -> None:
    """Peaks one period apart shrink by exp(-2 pi z / sqrt(1 - z^2)), the logarithmic decrement."""
    times = np.arange(0, 8 / hz, 1 / 2000)
    deflection = modes.ring(times, hz, damping)
    peaks = np.flatnonzero((deflection[1:-1] > deflection[:-2]) & (deflection[1:-1] >= deflection[2:])) + 1
    period_s = np.diff(times[peaks]).mean()
    decrement = np.log(deflection[peaks[:-1]] / deflection[peaks[1:]]).mean()
    assert 1 / period_s == pytest.approx(hz * np.sqrt(1 - damping**2), rel=0.01)
    assert decrement == pytest.approx(2 * np.pi * damping / np.sqrt(1 - damping**2), rel=0.02)
    assert deflection.max() == pytest.approx(1.0, abs=1e-3)


def test_nothing_rings_before_the_blow() -> None:
    """Before time 0 all is still."""
    assert not modes.ring(np.linspace(-3, 0, 50), 1.0, 0.1).any()


@pytest.mark.parametrize("rate_hz", [20.0, 120.0])
def test_steps_of_any_size_reach_the_exact_deflection(rate_hz: float) -> None:
    """A constant push holds its deflection, on the way there following the step response whatever the step."""
    drive = np.ones(int(6 * rate_hz))
    moved = modes.responses(drive, [1.1], [0.2], rate_hz)[:, 0]
    times = (np.arange(len(drive)) + 1) / rate_hz
    omega = 2 * np.pi * 1.1
    ringing = omega * np.sqrt(1 - 0.04)
    exact = 1 - np.exp(-0.2 * omega * times) * (
        np.cos(ringing * times) + 0.2 * omega / ringing * np.sin(ringing * times)
    )
    np.testing.assert_allclose(moved, exact, atol=1e-9)


def test_no_mode_gains_energy_of_itself() -> None:
    """After the last push each swing is smaller than the one before."""
    drive = np.zeros(1200)
    drive[:30] = 1.0
    moved = modes.responses(drive, [0.35, 3.0], [0.03, 0.15], modes.RATE_HZ)[40:]
    halves = np.array_split(np.abs(moved), 3)
    assert (halves[0].max(axis=0) > halves[1].max(axis=0)).all()
    assert (halves[1].max(axis=0) > halves[2].max(axis=0)).all()


def test_comings_and_goings_are_smooth_and_end_where_they_should() -> None:
    """A held pose begins at 0, is whole in between and is gone at the end."""
    times = np.linspace(0, 4, 401)
    held = modes.held(times, 1.0, 3.0, 0.5, 0.5)
    assert held[times <= 1.0].max() == 0
    assert held[(times > 1.6) & (times < 2.4)].min() == pytest.approx(1.0)
    assert held[times >= 3.0].max() == 0
    assert np.abs(np.diff(held)).max() < 0.05
