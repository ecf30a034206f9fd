"""Sessions: made once, in the background if wanted, and silent."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest

from stillmotion import errors
from stillmotion.diorama import runtime
from stillmotion.diorama.perception import detector, faces

if TYPE_CHECKING:
    from numpy.typing import NDArray


def test_a_network_is_loaded_once() -> None:
    """Two askers share one session."""
    assert runtime.onnx("picodet") is runtime.onnx("picodet")


def test_warm_up_loads_in_the_background() -> None:
    """Its future is done when the networks are there."""
    runtime.warm_up(["picodet", "pplcnet"]).result(timeout=60)
    assert runtime.onnx("pplcnet") is runtime.onnx("pplcnet")


def test_a_failed_warm_up_tells_only_who_asks() -> None:
    """The error waits in the future; nothing is printed and nothing dies."""
    done = runtime.warm_up(["no-such-network"])
    with pytest.raises(errors.StillmotionError):
        done.result(timeout=60)


def test_threads_share_networks_safely(astronaut: NDArray[np.uint8]) -> None:
    """Four callers at once get what one caller gets."""
    alone = faces.faces(astronaut)[0].landmarks
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(faces.faces, [astronaut] * 4):
            np.testing.assert_array_equal(found[0].landmarks, alone)
        assert len(set(pool.map(lambda _: detector.detect(astronaut, 0.5), range(4)))) == 1


def test_networks_say_nothing(astronaut: NDArray[np.uint8], capfd: pytest.CaptureFixture[str]) -> None:
    """Neither standard output nor standard error gets a word from a native library."""
    runtime.OnnxNetwork("fastdepth")
    runtime.LiteNetwork("face_landmarker", "face_detector.tflite")
    faces.faces(astronaut)
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err == ""
