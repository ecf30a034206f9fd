"""What travels inside a film: the Shot that it can be made from again, and what happened in it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from stillmotion.diorama import shot
from stillmotion.version import __version__

if TYPE_CHECKING:
    from stillmotion.clip import Caption
    from stillmotion.diorama.motion import Event
    from stillmotion.diorama.scene.records import Scene
    from stillmotion.diorama.shot.records import Shot


def recipe(seen: Scene, planned: Shot, events: tuple[Event, ...], captions: tuple[Caption, ...], engine: str) -> str:
    """JSON whose `shot` is what `plan` prints and `render` accepts.

    `events` are the contacts and the like, `captions` what is heard, so that a film can be explained without its photo.
    """
    made_by = {"stillmotion": __version__, "engine": engine, "networks": seen.networks, "seed": planned.seed}
    happened = {"events": [asdict(event) for event in events], "captions": [asdict(each) for each in captions]}
    planned_json = json.loads(shot.to_json(planned))
    return json.dumps({**made_by, "photo_sha256": seen.photo_sha256, "shot": planned_json, **happened})
