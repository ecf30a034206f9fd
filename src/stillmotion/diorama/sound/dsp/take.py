"""What a generator is told besides its controls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Take:
    """One recording to make: how long, at which rate, from which random numbers."""

    duration_s: float
    sample_rate: int
    rng: np.random.Generator
    """For this sound alone."""
    seed: int = 0
    """The Shot's seed, for what picture and sound share: gusts and swell."""
    start_s: float = 0.0
    """Where the recording begins in the Shot."""

    @property
    def count(self) -> int:
        """How many samples to make."""
        return round(self.duration_s * self.sample_rate)

    def times_s(self, rate_hz: float) -> NDArray[np.float64]:
        """Instants in the Shot at which slow controls are worked out, one past the end included."""
        return self.start_s + np.arange(int(self.duration_s * rate_hz) + 2) / rate_hz

    def stretch(self, slow: NDArray[np.float64], rate_hz: float) -> NDArray[np.float32]:
        """Slow controls, given at `rate_hz`, read at every sample by straight lines."""
        position = np.arange(self.count) * (rate_hz / self.sample_rate)
        return np.asarray(np.interp(position, np.arange(slow.size), slow), dtype=np.float32)
