"""Who cancels while a shot is planned is heard between the long steps, so that the engine need not be ended for it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from stillmotion.diorama import pipeline
from stillmotion.diorama.brief import Brief
from stillmotion.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable

    from stillmotion.progress import Stage


class Steps:
    """Steps that are done at once and noted; after one of them nobody wants the film."""

    def __init__(self, last: str) -> None:
        self.done: list[str] = []
        self._last = last

    def step(self, name: str, result: Any) -> Callable[..., Any]:
        """Stands in for a step."""

        def act(*_: object, **__: object) -> Any:
            self.done.append(name)
            return result

        return act

    def progress(self, stage: Stage, fraction: float) -> None:
        """See `stillmotion.progress.Progress`."""
        del stage, fraction
        if self._last in self.done:
            raise Cancelled


def test_bodies_are_moved_and_no_frame_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """The film is left before its first frame is prepared."""
    steps = Steps("simulate")
    monkeypatch.setattr(pipeline.shot, "heard", steps.step("heard", (SimpleNamespace(dialogue=()), ())))
    monkeypatch.setattr(pipeline.motion, "simulate", steps.step("simulate", SimpleNamespace(events=())))
    monkeypatch.setattr(pipeline.sound, "design", steps.step("design", ()))
    monkeypatch.setattr(pipeline.render, "frames", steps.step("frames", ()))
    with pytest.raises(Cancelled):
        pipeline.make_clip(SimpleNamespace(), SimpleNamespace(), steps.progress)  # type: ignore[arg-type]
    assert steps.done == ["heard", "simulate"]


def test_words_are_read_and_no_camera_is_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan is left between its parts."""
    steps, planned = Steps("plan"), SimpleNamespace(mix=None)
    monkeypatch.setattr(pipeline.scene, "cached", steps.step("scene", None))
    monkeypatch.setattr(pipeline.shot, "plan", steps.step("plan", planned))
    monkeypatch.setattr(pipeline.casting, "audition", lambda seen, made, _: (seen, made))
    monkeypatch.setattr(pipeline, "_asked", lambda *_: None)
    monkeypatch.setattr(pipeline, "replace", lambda made, **_: made)
    monkeypatch.setattr(pipeline.motion, "fit", steps.step("fit", planned))
    with pytest.raises(Cancelled):
        pipeline.plan_shot(np.zeros((4, 4, 3), np.uint8), Brief(prompt="waves"), Path(), steps.progress)
    assert steps.done == ["scene", "plan"]
