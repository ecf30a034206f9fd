"""Real photos that travel in packages: scikit-image, scikit-learn, matplotlib and Debian's mate-backgrounds."""

from __future__ import annotations

import shutil
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from filelock import FileLock

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.geometry import Box

IN_WHEELS = {
    "cat": ("skimage", "data/chelsea.png"),
    "coffee": ("skimage", "data/coffee.png"),
    "coins": ("skimage", "data/coins.png"),
    "astronaut": ("skimage", "data/astronaut.png"),
    "rocket": ("skimage", "data/rocket.jpg"),
    "motorcycle": ("skimage", "data/motorcycle_left.png"),
    "page": ("skimage", "data/page.png"),
    "china": ("sklearn", "datasets/images/china.jpg"),
    "flower": ("sklearn", "datasets/images/flower.jpg"),
    "hopper": ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg"),
}
IN_DEBIAN = {
    "storm": "nature/Storm.jpg",
    "garden": "nature/Garden.jpg",
    "ladybird": "nature/LadyBird.jpg",
    "dune": "nature/Dune.jpg",
    "aqua": "nature/Aqua.jpg",
    "yellowflower": "nature/YellowFlower.jpg",
    "twowings": "nature/TwoWings.jpg",
    "wood": "nature/Wood.jpg",
    "elephants": "abstract/Elephants_5640x3172.jpg",
}
Outlines = tuple[tuple[tuple[float, float], ...], ...]
NEAR: dict[str, Outlines] = {
    "astronaut": (
        ((0.33, 0.06), (0.56, 0.06), (0.56, 0.3), (0.36, 0.3)),
        ((0.25, 0.4), (0.6, 0.4), (0.66, 0.66), (0.55, 1.0), (0.1, 1.0), (0.1, 0.62)),
    ),
    "hopper": (
        ((0.33, 0.1), (0.7, 0.1), (0.7, 0.5), (0.95, 0.72), (0.95, 1.0), (0.07, 1.0), (0.12, 0.7), (0.33, 0.5)),
    ),
    "flower": (
        ((0.48, 0.22), (0.61, 0.3), (0.67, 0.5), (0.63, 0.72), (0.5, 0.84), (0.36, 0.76), (0.28, 0.55), (0.34, 0.3)),
    ),
    "cat": (((0.12, 0.1), (0.3, 0.02), (0.65, 0.02), (0.74, 0.5), (0.6, 0.95), (0.3, 0.95), (0.1, 0.6)),),
    "motorcycle": (
        ((0.2, 0.37), (0.45, 0.41), (0.65, 0.25), (0.75, 0.2), (0.86, 0.6), (0.88, 0.85), (0.75, 0.85), (0.65, 0.68)),
        ((0.2, 0.52), (0.35, 0.5), (0.4, 0.75), (0.2, 0.75)),
    ),
}
"""Where a person sees the subject: outlines drawn by hand, in photo coordinates."""
FAR: dict[str, Outlines] = {
    "astronaut": (
        ((0.0, 0.0), (0.1, 0.0), (0.16, 0.35), (0.0, 0.55)),
        ((0.66, 0.0), (1.0, 0.0), (1.0, 0.5), (0.7, 0.5)),
    ),
    "hopper": (
        ((0.0, 0.0), (0.27, 0.0), (0.25, 0.48), (0.1, 0.55), (0.0, 0.65)),
        ((0.76, 0.0), (1.0, 0.0), (1.0, 0.5)),
    ),
    "flower": (
        ((0.0, 0.0), (1.0, 0.0), (1.0, 0.12), (0.0, 0.12)),
        ((0.0, 0.0), (0.2, 0.0), (0.2, 1.0), (0.0, 1.0)),
        ((0.8, 0.0), (1.0, 0.0), (1.0, 1.0), (0.8, 1.0)),
    ),
    "cat": (((0.88, 0.0), (1.0, 0.0), (1.0, 1.0), (0.7, 1.0), (0.8, 0.6)),),
    "motorcycle": (
        ((0.0, 0.0), (1.0, 0.0), (1.0, 0.14), (0.45, 0.14), (0.4, 0.25), (0.0, 0.25)),
        ((0.82, 0.2), (1.0, 0.2), (1.0, 0.55), (0.92, 0.55)),
    ),
}
"""Where a person sees what lies well behind the subject."""
PACKAGE = "mate-backgrounds"
INSTALLED = Path("/usr/share/backgrounds/mate")


def path(name: str, folder: Path) -> Path:
    """The file of a photo. `folder` keeps what had to be unpacked."""
    if name in IN_WHEELS:
        package, inside = IN_WHEELS[name]
        return Path(str(files(package).joinpath(inside)))
    return _debian_folder(folder) / IN_DEBIAN[name]


def picture(name: str, folder: Path) -> np.ndarray:
    """The pixels of a photo, sRGB."""
    return cv2.cvtColor(cv2.imread(str(path(name, folder)), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def seen_in(outlines: Outlines, framing: Box, size_px: tuple[int, int]) -> NDArray[np.bool_]:
    """Where outlines of the photo lie in frame 0, shape (height, width)."""
    mask = np.zeros((size_px[1], size_px[0]), np.uint8)
    corner, extent = np.array([framing.x0, framing.y0]), np.array([framing.width, framing.height])
    for outline in outlines:
        places = (np.array(outline) - corner) / extent * np.array(size_px)
        cv2.fillPoly(mask, [np.round(places).astype(np.int32)], 255)
    return mask > 0


def _debian_folder(folder: Path) -> Path:
    if INSTALLED.exists():
        return INSTALLED
    with FileLock(folder / "photos.lock"):
        return _unpacked(folder)


def _unpacked(folder: Path) -> Path:
    unpacked = folder / "usr/share/backgrounds/mate"
    if unpacked.exists():
        return unpacked
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        pytest.skip(f"{PACKAGE} is a Debian package and this machine has no apt-get to fetch it with")
    archive = _download(folder)
    subprocess.run(["dpkg-deb", "-x", archive.name, "."], cwd=folder, check=True)  # noqa: S607  # Debian's own tool
    return unpacked


def _download(folder: Path) -> Path:
    """Fetch the package as any user: package lists go into the same folder, so no root is needed."""
    lists, cache = folder / "lists", folder / "cache"
    for place in (lists / "partial", cache / "archives/partial"):
        place.mkdir(parents=True, exist_ok=True)
    apt = ["apt-get", "-qq", "-o", f"Dir::State::Lists={lists}", "-o", f"Dir::Cache={cache}"]
    said = ""
    for words in (["update"], ["download", PACKAGE]):
        said += subprocess.run([*apt, *words], cwd=folder, capture_output=True, text=True, check=False).stderr
    archives = sorted(folder.glob(f"{PACKAGE}_*.deb"))
    if not archives:
        pytest.skip(f"{PACKAGE} could not be fetched with apt-get: {said.strip()[-200:]}")
    return archives[0]
