"""What `doctor` looks at."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from stillmotion import assets
from stillmotion.assets.cache import default_folder
from stillmotion.cli.findings import GIGABYTE, Finding
from stillmotion.cli.service_checkup import service_checkup
from stillmotion.errors import StillmotionError
from stillmotion.media.output import check_writable
from stillmotion.media.probe import missing_codecs
from stillmotion.version import __version__

MEMORY_LEAST_GB = 3.0
DISK_LEAST_GB = 1.5
LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
"""How much a container may have, in the two forms that there are; a word or a number beyond the machine is no limit."""
PACKAGES = ("numpy", "opencv-contrib-python-headless", "numba", "onnxruntime", "ai-edge-litert", "av", "pillow")


def checkup(data_dir: Path | None = None) -> list[Finding]:
    """Everything that decides whether this machine can film and serve. Nothing is fetched, nothing stays behind."""
    return [
        Finding(name="stillmotion", well=None, detail=__version__),
        _python(),
        _processor(),
        _memory(),
        _folder("cache", default_folder().parent),
        _folder("temporary", Path(tempfile.gettempdir())),
        _codecs(),
        *map(_package, PACKAGES),
        _weights(),
        *_plugins(),
        *service_checkup(data_dir),
    ]


def _python() -> Finding:
    detail = f"{platform.python_version()} on {platform.platform(terse=True)}, {platform.machine()}"
    return Finding(name="python", well=sys.version_info >= (3, 11), detail=detail)


def _processor() -> Finding:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    detail = f"{usable} cores" if usable > 1 else "1 core; filming works but takes about twice as long"
    return Finding(name="processor", well=True if usable > 1 else None, detail=detail)


def _memory() -> Finding:
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIGABYTE
    except (AttributeError, ValueError, OSError):
        return Finding(name="memory", well=None, detail="unknown on this system")
    usable = min([total, *_limits_gb()])
    whose = "" if usable == total else " for this container"
    detail = f"{usable:.1f} GB{whose}, at least {MEMORY_LEAST_GB:.0f} are needed"
    return Finding(name="memory", well=usable >= MEMORY_LEAST_GB, detail=detail)


def _limits_gb() -> list[float]:
    said = [path.read_text(encoding="ascii").strip() for path in LIMITS if path.is_file()]
    return [int(number) / GIGABYTE for number in said if number.isdigit()]


def _folder(name: str, folder: Path) -> Finding:
    """Room and rights in a folder, or in the nearest one above it that exists."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free / GIGABYTE
    try:
        check_writable(there / "stillmotion-doctor")
    except StillmotionError as error:
        return Finding(name=name, well=False, detail=str(error))
    detail = f"{folder}, {free:.1f} GB free"
    if free < DISK_LEAST_GB:
        detail += f"; at least {DISK_LEAST_GB} are needed"
    return Finding(name=name, well=free >= DISK_LEAST_GB, detail=detail)


def _codecs() -> Finding:
    missing = missing_codecs()
    detail = f"missing: {', '.join(missing)}" if missing else "H.264 and AAC can be written"
    return Finding(name="codecs", well=not missing, detail=detail)


def _package(name: str) -> Finding:
    try:
        return Finding(name=name, well=None, detail=metadata.version(name))
    except metadata.PackageNotFoundError:
        return Finding(name=name, well=False, detail="is not installed; install stillmotion again")


def _plugins() -> list[Finding]:
    """Those of other packages, where there are any; with one that cannot be used the service does not start."""
    from stillmotion import catalog

    found = catalog.plugins()
    broken = [f"{one.name} of {one.package}: {one.problem}" for one in found if one.problem]
    names = ", ".join(one.name for one in found)
    return [Finding(name="plug-ins", well=not broken, detail="; ".join(broken) or names)] if found else []


def _weights() -> Finding:
    absent = [status.asset for status in assets.status() if status.asset.default and not status.present]
    if not absent:
        return Finding(name="weights", well=True, detail="all here")
    size = sum(asset.size_bytes for asset in absent) / 1e6
    names = ", ".join(asset.name for asset in absent)
    return Finding(
        name="weights", well=False, detail=f"absent: {names} ({size:.0f} MB); run `stillmotion assets fetch`"
    )
