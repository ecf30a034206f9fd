"""Networks that only tests need, fetched and checked like the product's own: `python -m measure.assets` fetches all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from stillmotion.assets.library import library
from stillmotion.assets.manifest import parse_manifest
from stillmotion.progress import ignore_progress

MANIFEST = Path(__file__).with_name("assets.json")


def path(name: str) -> Path:
    """The asset's verified file, fetched if it is absent."""
    known = parse_manifest(MANIFEST.read_text(encoding="utf-8"))
    return replace(library(), known=known).path(name, ignore_progress)


def main() -> None:
    """Fetch them all."""
    for name in parse_manifest(MANIFEST.read_text(encoding="utf-8")):
        path(name)


if __name__ == "__main__":
    main()
