"""Lens and look from the words and the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stillmotion.diorama.shot.binding import bind, subject_layer
from stillmotion.diorama.shot.records import CameraMove, Lens, Look, MoveKind, Note

if TYPE_CHECKING:
    from stillmotion.diorama.scene.records import Scene
    from stillmotion.diorama.shot.intent import Intent

_APERTURES = {"deep_focus": 0.0, "macro": 0.6, "shallow_focus": 0.55, "close_up": 0.25, "cinematic": 0.2}
_NOT_SHOWN = {
    "slow_motion": "Slow motion is planned as calm movement; the film still runs in real time.",
    "time_lapse": "A time-lapse needs changes over hours that one photo does not hold.",
    "black_and_white": "The film keeps the photo's colours.",
    "golden_hour": "The film keeps the photo's light; it does not relight it.",
    "dawn": "The film keeps the photo's light; it does not relight it.",
    "night": "The film keeps the photo's light; it does not turn day into night.",
    "dusk": "The film keeps the photo's light; it does not relight it.",
    "neon": "The film keeps the photo's light; no neon is added.",
    "low_angle": "The photo's own point of view stays; the camera moves only a little from it.",
    "high_angle": "The photo's own point of view stays; the camera moves only a little from it.",
    "pov": "The photo's own point of view stays.",
    "looping": "The film does not loop.",
    "reveal": "One shot is one take: no cuts, fades or split screens.",
}
_LIGHT = frozenset({"golden_hour", "dawn"})


def lens(scene: Scene, intent: Intent, camera: tuple[CameraMove, ...]) -> Lens:
    """Depth of field from the words; a photo that is already soft behind its subject gets no second blur."""
    pulls = [move for move in camera if move.kind is MoveKind.FOCUS_PULL]
    asked = [_APERTURES[name] for name in intent.looks if name in _APERTURES]
    aperture = 0.0 if "deep_focus" in intent.looks else max(asked, default=0.0)
    if scene.bokeh and not pulls:
        aperture = min(aperture, 0.2)
    subject = subject_layer(scene)
    focus = bind(scene, intent.focus) if intent.focus else None
    if pulls:
        return Lens(aperture=aperture, focus=pulls[0].source or focus)
    return Lens(aperture=aperture, focus=focus or (subject.name if subject and aperture > 0 else None))


def look(intent: Intent) -> Look:
    """Grain, vignette and shutter."""
    names = set(intent.looks)
    grain = 2.2 if "film" in names else 1.8 if "grain" in names else 1.2 if "cinematic" in names else 1.0
    vignette = max(0.35 * ("vignette" in names), 0.3 * ("film" in names), 0.15 * ("cinematic" in names))
    shutter = 0.0 if "sharp_motion" in names else 300.0 if "motion_blur" in names else 180.0
    return Look(grain=0.0 if "no_grain" in names else grain, vignette=vignette, shutter_deg=shutter)


def look_notes(intent: Intent) -> list[Note]:
    """What of the look is not shown."""
    wanted = [name for name in intent.looks if name in _NOT_SHOWN]
    return [Note(code="not-performed", words=_NOT_SHOWN[name]) for name in wanted]
