"""The homography of a plane agrees with points in space that are projected one by one."""

from __future__ import annotations

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stillmotion.diorama.geometry import Box, Plane, frame_matrix, photo_matrix, plane_homographies, project, turn

ANGLES = st.floats(-25, 25)
OFFSETS = st.floats(-0.4, 0.4)


def space_point(x: float, y: float, q: float, focal: float, aspect: float) -> np.ndarray:
    """The point in the photo's camera axes that appears at (x, y) with inverse depth q; written without matrices."""
    depth = 1.0 / q
    return np.array([(x - 0.5) / focal * depth, (y - 0.5) * aspect / focal * depth, depth])


def turned(point: np.ndarray, yaw: float, pitch: float, roll: float) -> np.ndarray:
    """A direction as a camera sees it that yawed right, then pitched up, then rolled clockwise."""
    yaw, pitch, roll = np.radians([yaw, pitch, roll])
    x, y, z = point
    x, z = x * np.cos(yaw) - z * np.sin(yaw), x * np.sin(yaw) + z * np.cos(yaw)
    y, z = y * np.cos(pitch) + z * np.sin(pitch), -y * np.sin(pitch) + z * np.cos(pitch)
    return np.array([x * np.cos(roll) + y * np.sin(roll), -x * np.sin(roll) + y * np.cos(roll), z])


@settings(max_examples=200)
@given(
    st.tuples(st.floats(0, 1), st.floats(0, 1)),
    st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.floats(0.2, 1.5)),
    st.tuples(OFFSETS, OFFSETS, OFFSETS),
    st.tuples(ANGLES, ANGLES, ANGLES),
    st.floats(0.6, 2.5),
    st.floats(0.4, 2.0),
)
def test_a_plane_moves_as_its_points_do(  # noqa: PLR0917  # hypothesis fills them in by place
    place: tuple[float, float],
    slopes: tuple[float, float, float],
    camera: tuple[float, float, float],
    angles: tuple[float, float, float],
    focal: float,
    aspect: float,
) -> None:
    """For any plane, lens and pose: the homography puts a photo point where its point in space is seen."""
    plane = Plane(per_x=slopes[0], per_y=slopes[1], constant=slopes[2])
    q = plane.inverse_depth(*place)
    assume(q > 0.05)
    seen = turned(space_point(*place, q, focal, aspect) - np.array(camera), *angles)
    assume(seen[2] > 0.1)
    expected = focal * seen[0] / seen[2] + 0.5, focal / aspect * seen[1] / seen[2] + 0.5
    matrix = photo_matrix(focal, aspect)
    homography = plane_homographies(plane, turn(*(np.array([a]) for a in angles)), np.array([camera]), matrix)
    np.testing.assert_allclose(project(homography, np.array([place]))[0, 0], expected, rtol=1e-6, atol=1e-6)


@given(st.floats(0, 1), st.floats(0, 1))
def test_infinity_does_not_move_when_the_camera_travels(x: float, y: float) -> None:
    """A plane with q = 0 stays where it is whatever the camera's place."""
    homography = plane_homographies(
        Plane(), turn(*np.zeros((3, 1))), np.array([[0.3, -0.2, 0.4]]), photo_matrix(1, 0.6)
    )
    np.testing.assert_allclose(project(homography, np.array([[x, y]]))[0, 0], (x, y), atol=1e-9)


@given(st.floats(0, 0.4), st.floats(0, 0.4), st.floats(0.1, 0.6))
def test_a_framing_fills_the_output(x0: float, y0: float, extent: float) -> None:
    """The corners of the framing are the corners of the picture."""
    box = Box(x0=x0, y0=y0, x1=x0 + extent, y1=y0 + extent / 2)
    corners = np.array([[box.x0, box.y0], [box.x1, box.y1]])
    np.testing.assert_allclose(project(frame_matrix(box, (640, 360)), corners), [[0, 0], [640, 360]], atol=1e-6)
