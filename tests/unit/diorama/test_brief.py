"""What may be asked for, and in which words the rest is refused."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from stillmotion import errors
from stillmotion.diorama.brief import RATES_FPS, SEED_LIMIT, Brief, check_fps


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        ("prompt", b"Waves", errors.PromptRefused),
        ("prompt", None, errors.PromptRefused),
        ("duration_s", 4.0, errors.DurationRefused),
        ("duration_s", "4", errors.DurationRefused),
        ("duration_s", None, errors.DurationRefused),
        ("size_px", 1280, errors.SizeRefused),
        ("size_px", "1280x720", errors.SizeRefused),
        ("size_px", (1280,), errors.SizeRefused),
        ("size_px", (1280.0, 720.0), errors.SizeRefused),
        ("size_px", {1280: 720}, errors.SizeRefused),
        ("seed", -1, errors.InputRefused),
        ("seed", SEED_LIMIT + 1, errors.InputRefused),
        ("seed", 1.0, errors.InputRefused),
        ("seed", True, errors.InputRefused),
        ("seed", "7", errors.InputRefused),
        ("seed", np.array([1, 2]), errors.InputRefused),
        ("fps", 11, errors.InputRefused),
        ("fps", 61, errors.InputRefused),
        ("fps", 29.97, errors.InputRefused),
    ],
)
def test_each_field_is_checked(field: str, value: object, kind: type[Exception]) -> None:
    """A value of another type or out of range is refused by name when the Brief is made, not deep in the work."""
    given: dict[str, Any] = {"prompt": "Waves", field: value}
    with pytest.raises(kind):
        Brief(**given)


def test_limits_are_taken() -> None:
    """The smallest and the largest seed and every rate between the limits can be asked for."""
    for seed in (0, SEED_LIMIT):
        assert Brief(prompt="Waves", seed=seed).seed == seed
    for fps in range(RATES_FPS[0], RATES_FPS[1] + 1):
        check_fps(fps)


def test_numbers_are_made_plain() -> None:
    """Numbers of numpy and a list as size are taken, and become what JSON and comparisons know."""
    size: Any = [np.int32(1280), 720]
    brief = Brief(prompt="Waves", duration_s=np.int64(4), size_px=size, seed=np.uint8(7))  # type: ignore[arg-type]
    assert brief == Brief(prompt="Waves", duration_s=4, size_px=(1280, 720), seed=7)
    assert json.loads(json.dumps(asdict(brief)))["seed"] == 7
