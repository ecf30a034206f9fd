"""The layers and what is drawn between them at the times that make a frame."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.render.drawing import Drawing, View
from stillmotion.diorama.render.painting import Instant, Moment
from stillmotion.diorama.render.relief import Eye
from stillmotion.diorama.render.stage import blur_of_photo, index_of, layer_box

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.camera import CameraPath
    from stillmotion.diorama.geometry import Matrix
    from stillmotion.diorama.motion.records import LayerMotion, Motion
    from stillmotion.diorama.render.painting import Sheet
    from stillmotion.diorama.shot.records import Shot

    Times = NDArray[np.float64]

_SMEAR_FROM_PX = 1.2
"""Travel during the open shutter from which a mover is drawn blurred."""
_STEP_PX = 1.5
_PLACES_MAX = 12


class Instants:
    """Makes Moments of times."""

    def __init__(self, sheets: tuple[Sheet, ...], shot: Shot, path: CameraPath, motion: Motion) -> None:
        self._sheets = sheets
        self._shot = shot
        self._path = path
        layers = [sheet.layer for sheet in sheets]
        self._overlays = [(index_of(layers, overlay.before), overlay) for overlay in motion.overlays]

    def at(self, times: Times, shutter_s: float) -> list[Moment]:
        """A Moment for each time.

        Args:
            times: seconds.
            shutter_s: how long the shutter is open about each of them.
        """
        path, size = self._path, self._shot.size_px
        poses = path.poses(times)
        focus, aperture = path.lens(times)
        to_output = path.to_output(poses, size)
        rotations = path.rotations(poses)
        to_ray = np.swapaxes(rotations, 1, 2) @ np.linalg.inv(path.camera_matrix) @ np.linalg.inv(to_output)
        planes_of = [np.linalg.inv(path.views(sheet.layer.plane, poses, size)) for sheet in self._sheets]
        lens = path.camera_matrix @ rotations
        turns = to_output @ lens @ np.linalg.inv(path.camera_matrix)
        shifts = -(to_output @ lens @ poses.places[:, :, None])[..., 0]
        scales = poses.zoom * size[0] / path.framing.width
        moments = []
        for k, time_s in enumerate(times.tolist()):
            eye = Eye(to_photo_ray=to_ray[k], place=poses.places[k], camera=path.camera_matrix)
            view = View(turn=turns[k], shift=shifts[k], scale_px=float(scales[k]))
            lit = float(focus[k]), float(aperture[k])
            instants = tuple(
                self._instant(sheet, of_sheet[k], eye, lit, (time_s, shutter_s))
                for sheet, of_sheet in zip(self._sheets, planes_of, strict=True)
            )
            moments.append(Moment(instants=instants, drawings=self._drawings(view, time_s, shutter_s)))
        return moments

    def _drawings(self, view: View, time_s: float, shutter_s: float) -> tuple[Drawing, ...]:
        return tuple(
            Drawing(overlay=overlay, index=index, time_s=time_s, shutter_s=shutter_s, view=view)
            for index, overlay in self._overlays
        )

    def _instant(
        self, sheet: Sheet, to_photo: Matrix, eye: Eye, lens: tuple[float, float], when: tuple[float, float]
    ) -> Instant:
        time_s, shutter_s = when
        still = Instant(
            to_photo=to_photo,
            eye=eye,
            blur=blur_of_photo(sheet.layer.plane, lens[0], lens[1], self._shot.size_px[0]),
            time_s=time_s,
        )
        if not sheet.motion.tracks:
            return still
        opacity = float(np.prod([track.opacity(time_s) for track in sheet.motion.tracks]))
        if opacity <= 0.0:
            return replace(still, opacity=0.0)
        return self._travelling(sheet, replace(still, opacity=min(opacity, 1.0)), shutter_s)

    def _travelling(self, sheet: Sheet, still: Instant, shutter_s: float) -> Instant:
        """A layer on its way, at several places when it is fast."""
        here = _placed(still, matrix_at(sheet.motion, still.time_s))
        before = _placed(still, matrix_at(sheet.motion, still.time_s - shutter_s / 2))
        after = _placed(still, matrix_at(sheet.motion, still.time_s + shutter_s / 2))
        travel = _travel_px(sheet, before, after)
        if travel < _SMEAR_FROM_PX:
            return here
        count = int(min(np.ceil(travel / _STEP_PX) + 1, _PLACES_MAX))
        middle = (np.arange(count) + 0.5) / count - 0.5
        shutter = tuple(
            _placed(still, matrix_at(sheet.motion, still.time_s + float(part) * shutter_s)) for part in middle
        )
        return replace(here, shutter=shutter, smear_px=travel)


def matrix_at(motion: LayerMotion, time_s: float) -> Matrix:
    """Where all tracks together carry a layer: photo coordinates to photo coordinates, shape (3, 3)."""
    return reduce(lambda done, track: track.matrix(time_s) @ done, motion.tracks, np.eye(3))


def _placed(still: Instant, matrix: Matrix) -> Instant:
    back = np.asarray(np.linalg.inv(matrix), np.float64)
    return replace(still, to_photo=back @ still.to_photo, settled=back)


def _travel_px(sheet: Sheet, before: Instant, after: Instant) -> float:
    """How far the corners of a layer's box go between two instants, in output pixels, as far as they are seen."""
    box = layer_box(sheet.layer, sheet.scene_px)
    corners = np.array([[box.x0, box.y0, 1], [box.x1, box.y0, 1], [box.x1, box.y1, 1], [box.x0, box.y1, 1]])
    one, two = (corners @ np.linalg.inv(instant.to_photo).T for instant in (before, after))
    if min(one[:, 2].min(), two[:, 2].min()) <= 1e-6:
        return 0.0
    return float(np.linalg.norm(one[:, :2] / one[:, 2:] - two[:, :2] / two[:, 2:], axis=1).max())
