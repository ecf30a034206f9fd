"""What is to be kept for ever is kept for a hundred years, which can be reckoned with."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from scripted import MADE, filmed, found, submitted
from stillmotion.cli.installation import settings_of
from stillmotion.errors import SettingsInvalid
from stillmotion.server.api.openai import video
from stillmotion.server.predictions import Status
from stillmotion.server.worker import sweeping

if TYPE_CHECKING:
    from stillmotion.server.service import Service


@pytest.mark.parametrize("days", ["0", "36501", "9999999", "1e308", "inf", "nan"])
def test_more_is_refused(monkeypatch: pytest.MonkeyPatch, days: str) -> None:
    """Whoever asks for it is told how long is possible at the start, not by a date that there is not."""
    monkeypatch.setenv("STILLMOTION_RETENTION_DAYS", days)
    with pytest.raises(SettingsInvalid, match=r"retention_days: .*(36500|more than 0)"):
        settings_of(None)


def test_the_longest_retention_can_be_reckoned_with(service: Service) -> None:
    """Sweeps go on and let the film alone, and answers tell when it goes."""
    kept = replace(service, settings=service.settings.model_copy(update={"retention_days": 36_500.0}))
    made, _ = filmed(kept, submitted(kept), MADE)
    sweeping.sweep(kept)
    assert found(kept, made).status is Status.COMPLETED
    asked = replace(made, input={**made.input, "called": "sora-2", "size": "720x1280", "duration": 4})
    told = video.shown(asked, kept_days=kept.settings.retention_days)
    assert told["expires_at"] - told["completed_at"] == 36_500 * 24 * 3600
