"""`stillmotion assets`: the weights that the engine needs, where they came from and under which licence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stillmotion.cli.display import say, stages
from stillmotion.cli.options import talk_options
from stillmotion.errors import AssetCorrupt

if TYPE_CHECKING:
    from stillmotion.assets import AssetStatus

MEGABYTE = 1_000_000


@click.group("assets", short_help="List, fetch and verify the weights, with their licences.")
def command() -> None:
    """The weights and data files that the engine needs. They are fetched once, when a shot first needs them.

    \b
    Examples:
      stillmotion assets list
      stillmotion assets fetch
    """


@command.command("list")
@talk_options
def list_assets(*, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Show every asset with its size, licence and whether it is here.

    \b
    Example:
      stillmotion assets list --json
    """
    from stillmotion import assets  # keeps --help light

    found = assets.status()
    if as_json:
        click.echo(json.dumps([_facts(status) for status in found], ensure_ascii=False))
        return
    width = max((len(status.asset.name) for status in found), default=0)
    for status in found:
        click.echo(_line(status, width))
        if verbose:
            click.echo(f"{'':<10}{status.asset.licence_note} {status.path}")
    if not quiet:
        absent = [status.asset for status in found if not status.present and status.asset.default]
        size = sum(asset.size_bytes for asset in absent) / MEGABYTE
        say(f"{len(absent)} to fetch, {size:.0f} MB" if absent else "everything that a shot needs is here")


@command.command("fetch")
@click.argument("names", nargs=-1)
@talk_options
def fetch(*, names: tuple[str, ...], as_json: bool, quiet: bool, verbose: bool) -> None:
    """Fetch the named assets, or all that a shot may need.

    \b
    Examples:
      stillmotion assets fetch
      stillmotion assets fetch depth
    """
    from stillmotion import assets  # keeps --help light

    with stages(quiet=quiet, verbose=verbose) as progress:
        if names:
            assets.fetch(names, progress)
        else:
            assets.fetch_default(progress)
    here = [status for status in assets.status() if status.present]
    if as_json:
        click.echo(json.dumps([_facts(status) for status in here], ensure_ascii=False))
    elif not quiet:
        say(f"{len(here)} assets are here")


@command.command("verify")
@talk_options
def verify(*, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Read every asset that is here again and compare its sha256; remove what is wrong.

    \b
    Example:
      stillmotion assets verify
    """
    del verbose
    from stillmotion import assets  # keeps --help light

    wrong = [asset.name for asset in assets.verify()]
    if wrong:
        message = f"These were damaged: {', '.join(wrong)}. Run `stillmotion assets fetch` to get them again."
        raise AssetCorrupt(message)
    here = [status.asset.name for status in assets.status() if status.present]
    if as_json:
        click.echo(json.dumps({"verified": here}))
    elif not quiet:
        say(f"{len(here)} assets are here and right")


@command.command("adopt")
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--sha256", help="For an asset whose sha256 is not in the manifest.")
@talk_options
def adopt(*, name: str, file: Path, sha256: str | None, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Take FILE, which you fetched yourself, as the asset NAME. Its sha256 must be right.

    \b
    Example:
      stillmotion assets adopt depth ~/Downloads/depth.onnx
    """
    del quiet, verbose
    from stillmotion import assets  # keeps --help light

    path = assets.adopt(name, file, sha256)
    click.echo(json.dumps({"path": str(path)}) if as_json else path)


def _line(status: AssetStatus, width: int) -> str:
    asset = status.asset
    state = "here" if status.present else "absent" if asset.default else "optional"
    size = f"{asset.size_bytes / MEGABYTE:7.1f} MB"
    return f"{state:<10}{asset.name:<{width}} {size}  {asset.licence:<14} {asset.use}"


def _facts(status: AssetStatus) -> dict[str, Any]:
    asset = status.asset
    return {
        "name": asset.name,
        "use": asset.use,
        "licence": asset.licence,
        "licence_note": asset.licence_note,
        "size_bytes": asset.size_bytes,
        "sha256": asset.sha256,
        "default": asset.default,
        "present": status.present,
        "path": str(status.path),
        "source": status.source,
    }
