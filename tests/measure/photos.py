"""Real photos that travel in packages: scikit-image, scikit-learn, matplotlib and Debian's mate-backgrounds."""

from __future__ import annotations

import shutil
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import pytest

if TYPE_CHECKING:
    import numpy as np

IN_WHEELS = {
    "cat": ("skimage", "data/chelsea.png"),
    "coffee": ("skimage", "data/coffee.png"),
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


def _debian_folder(folder: Path) -> Path:
    if INSTALLED.exists():
        return INSTALLED
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
