"""The inside of a mouth: teeth from the photo where they show, else drawn ones, the cavity and the tongue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama import randomness
from stillmotion.diorama.motion import mouth as mouths

if TYPE_CHECKING:
    from stillmotion.diorama.motion.mouth import Mouth
    from stillmotion.diorama.scene.records import Scene

Numbers = NDArray[np.float32]
Grid = NDArray[np.float64]
_TOOTH_WIDTHS = (0.058, 0.043, 0.048, 0.042, 0.04)
"""Of central and lateral incisors, canines and premolars, in face widths: 8.1, 6.0, 6.7, 5.9 mm of 140 (Ash)."""
_SHOWN = 0.019
"""How far upper teeth reach below resting lips that part, in face widths."""
_ARC = 0.012
"""How much higher the row of teeth lies at the corners, in face widths."""
_CAVITY, _TONGUE = 0.27, 0.66
"""Brightness of the cavity and of the tongue, as shares of the lips'."""
_DARKEST = np.array([14.0, 8.0, 8.0])
_NOT_UNDER = 1.3
"""How far from the lips the photo's teeth are free of the lips' colour, in radii of the photo's blur."""
_LUMA = np.array([0.2126, 0.7152, 0.0722])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inside:
    """What parted lips show, in the frame of the mouth."""

    teeth: Numbers
    """sRGB 0..255 and alpha 0..1 of the upper teeth, shape (rows, columns, 4); rigid to the head."""
    place: Numbers
    """a and b of its corner, and cells per photo width, shape (3,)."""
    colours: Numbers
    """Of the cavity and of the tongue, sRGB 0..255, shape (2, 3)."""
    shade: Numbers
    """What is left of the light under the upper lip, in the corners, over the lower lip and in a slit, shape (4,)."""


def inside(scene: Scene, mouth: Mouth) -> Inside:
    """What the lips of a mouth cover."""
    cells = 1.0 / max(1.0 / scene.size_px[0], mouth.half / 160)
    a = np.arange(-1.15 * mouth.half, 1.15 * mouth.half, 1 / cells)
    top, bottom = float(mouth.upper.min()) - 0.03 * mouth.face, float(mouth.lower.max()) + 0.05 * mouth.face
    b = np.arange(top, bottom, 1 / cells)
    skin, lip = _around(scene, mouth)
    grid = np.meshgrid(a, b)
    teeth = _photographed(scene, mouth, *grid) if mouth.opened else _drawn(mouth, skin, *grid)
    teeth = _grainy(scene, mouth, teeth) if not mouth.opened else teeth
    cavity = np.maximum(_CAVITY * lip * (1.12, 0.82, 0.8), _DARKEST)
    tongue = np.maximum(_TONGUE * lip * (1.0, 0.86, 0.88), cavity)
    return Inside(
        teeth=np.ascontiguousarray(teeth, np.float32),
        place=np.array([a[0] - 0.5 / cells, b[0] - 0.5 / cells, cells], np.float32),
        colours=np.array([cavity, tongue], np.float32),
        shade=np.array([0.82, 1.0, 0.9, 0.85] if mouth.opened else [0.62, 0.45, 0.75, 0.5], np.float32),
    )


def _around(scene: Scene, mouth: Mouth) -> tuple[Grid, Grid]:
    """Colours of the skin about the mouth and of the lips."""
    a, share = np.meshgrid(np.linspace(-0.7, 0.7, 24) * mouth.half, np.linspace(0.2, 0.8, 8))
    at = (a + mouth.half) / (2 * mouth.half) * (mouths.SAMPLES - 1)
    places = np.arange(mouths.SAMPLES)
    upper, lower = np.interp(at, places, mouth.upper), np.interp(at, places, mouth.lower)
    upon = [upper - share * mouth.lips[0], lower + share * mouth.lips[1]]
    lip = np.median([mouths.colours(scene, mouth, a, b).reshape(-1, 3) for b in upon], axis=(0, 1))
    cheeks = np.meshgrid(np.linspace(-1.2, 1.2, 24) * mouth.half, np.linspace(-0.12, -0.05, 8) * mouth.face)
    skin = np.percentile(mouths.colours(scene, mouth, *cheeks).reshape(-1, 3), 65, axis=0)
    return np.asarray(skin), np.asarray(lip)


def _photographed(scene: Scene, mouth: Mouth, a: Grid, b: Grid) -> Grid:
    """The teeth of a photo that shows them, continued under the upper lip, and ending where they met the lower one."""
    places = np.linspace(-mouth.half, mouth.half, mouths.SAMPLES)
    upper, lower = np.interp(a[0], places, mouth.upper), np.interp(a[0], places, mouth.lower)
    free = np.minimum(_NOT_UNDER * mouth.blur + 0.004 * mouth.face, 0.35 * (lower - upper))
    seen = np.clip(b, upper + free, lower - free)
    across = np.clip(a, -0.94 * mouth.half, 0.94 * mouth.half)
    colour = mouths.colours(scene, mouth, across, seen)
    light = (mouths.colours(scene, mouth, across[:1], (lower - 2 * free)[None]) @ _LUMA)[0]
    bright = np.clip(light / max(float(np.percentile(light, 85)), 1.0), 0, 1)
    edge = lower - free * 0.3 - 0.008 * mouth.face * (1 - bright)
    soft = max(2.0 * mouth.blur, 0.004 * mouth.face)
    alpha = np.clip((edge - b) / soft + 0.5, 0, 1) * (np.abs(a) <= mouth.half)
    return np.dstack([colour, alpha])


def _drawn(mouth: Mouth, skin: Grid, a: Grid, b: Grid) -> Grid:
    """A row of upper teeth for lips that are closed in the photo: as bright as the skin's light lets them be."""
    away = (a - mouth.middle) / mouth.face
    share = np.clip(np.abs(a) / mouth.half, 0, 1)
    widths = np.cumsum(_TOOTH_WIDTHS)
    number = np.searchsorted(widths, np.abs(away).clip(max=widths[-1] - 1e-6))
    starts = np.concatenate([[0.0], widths])[number]
    within = (np.abs(away) - starts) / np.array(_TOOTH_WIDTHS)[number]
    line = np.polynomial.Polynomial.fit(np.linspace(-1, 1, mouths.SAMPLES), mouth.upper, 2)
    rest = line(np.clip(a[0] / mouth.half, -1, 1))
    scallop = 0.004 * mouth.face * (2 * np.abs(within - 0.5)) ** 4 + np.where(number == 1, 0.004 * mouth.face, 0)
    edge = rest + _SHOWN * mouth.face - _ARC * mouth.face * share**2 - scallop
    soft = max(2.0 * mouth.blur, 0.004 * mouth.face)
    alpha = np.clip((edge - b) / soft + 0.5, 0, 1)
    light = float(skin @ _LUMA)
    white = np.array([1.0, 0.955, 0.87]) * (0.5 + 0.5 * skin / max(light, 1.0)) * min(1.3 * light, 222.0)
    seam = 1 - 0.22 * np.clip(1 - np.minimum(within, 1 - within) / 0.1, 0, 1)
    round_ = 1 - 0.12 * (2 * np.abs(within - 0.5)) ** 2
    down = 1 - 0.16 * np.clip((edge - b) / (0.03 * mouth.face), 0, 1)
    shade = np.asarray(seam * round_ * down * (1 - 0.35 * share**2))
    colour = white * shade[..., None]
    return np.dstack([colour, alpha])


def _grainy(scene: Scene, mouth: Mouth, teeth: Grid) -> Grid:
    """As soft and as grainy as the photo is about the mouth."""
    cells = 1.0 / max(1.0 / scene.size_px[0], mouth.half / 160)
    sigma = max(mouth.blur * cells, 0.35)
    soft = np.asarray(cv2.GaussianBlur(teeth, (0, 0), sigma), np.float64)
    rng = randomness.generator(0, "teeth", "grain")
    noise = cv2.GaussianBlur(rng.normal(0, 1, teeth.shape[:2]), (0, 0), 0.7)
    strength = _noise(scene, mouth) / max(float(np.std(noise)), 1e-6)
    return np.dstack([soft[..., :3] + strength * noise[..., None], soft[..., 3]])


def _noise(scene: Scene, mouth: Mouth) -> float:
    """Standard deviation of the photo's grain on the skin above the mouth, levels."""
    step = 1.0 / scene.size_px[0]
    a, b = np.meshgrid(np.arange(-0.5, 0.5, step / mouth.half) * mouth.half, -mouth.lips[0] - step * np.arange(2, 10))
    patch = mouths.luminance(scene, mouth, a, b)
    fine = patch - cv2.GaussianBlur(patch, (0, 0), 1.2)
    return float(min(1.48 * np.median(np.abs(fine)), 4.0))
