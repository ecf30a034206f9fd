"""`stillmotion uploads`: what was sent to a server and is still kept there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from stillmotion.cli.display import say
from stillmotion.cli.options import talk_options
from stillmotion.cli.remote import moment, server, server_options, show_json, table
from stillmotion.errors import InputRefused, UploadAwaited, UploadUnknown

if TYPE_CHECKING:
    from stillmotion.client import Client

_MOST = 100


@click.group("uploads", short_help="Files that you sent: list, delete.")
def uploads() -> None:
    """Files that you sent, and pictures of your requests. They count as room of your account until they are deleted.

    \b
    Examples:
      stillmotion uploads list
      stillmotion uploads delete 0123456789abcdef0123456789abcdef
    """


@uploads.command("list")
@click.option("--limit", type=click.IntRange(1, _MOST), default=20, show_default=True, help="At most so many.")
@click.option("--offset", type=click.IntRange(min=0), default=0, help="Leave out so many of the newest.")
@server_options
@talk_options
def list_uploads(
    *, limit: int, offset: int, base_url: str | None, api_key: str | None, as_json: bool, quiet: bool, verbose: bool
) -> None:
    """List them, newest first: id, bytes, time (UTC), name.

    \b
    Examples:
      stillmotion uploads list --json
      stillmotion uploads list --limit 100 --offset 100
    """
    del verbose
    with server(base_url, api_key) as client:
        found = client.uploads(limit=limit, offset=offset)
    if as_json:
        show_json(found)
        return
    table([_line(one) for one in found["items"]])
    shown = offset + len(found["items"])
    if not shown and not quiet:
        say("nothing yet")
    elif shown < found["total"] and not quiet:
        say(f"{found['total'] - shown} more; --offset {shown} shows the next, --limit up to {_MOST} at once")


@uploads.command("delete")
@click.argument("upload_ids", metavar="ID...", nargs=-1, required=True)
@server_options
@talk_options
def delete_uploads(
    *, upload_ids: tuple[str, ...], base_url: str | None, api_key: str | None, as_json: bool, quiet: bool, verbose: bool
) -> None:
    """Delete them. Films that were made from one stay.

    One that a run still needs is left alone, and one that is not there is named: exit code 4; all others are deleted.

    \b
    Example:
      stillmotion uploads delete 0123456789abcdef0123456789abcdef
    """
    del verbose
    with server(base_url, api_key) as client:
        several = tuple(dict.fromkeys(upload_ids))
        faults = [fault for one in several if (fault := _undeletable(client, one))]
    count = len(several) - len(faults)
    told = f"{count} of {len(several)} deleted"
    if faults:
        raise InputRefused(" ".join([*faults, f"{told}."]))
    if as_json:
        show_json({"deleted_count": count})
    elif not quiet:
        say(told)


def _undeletable(client: Client, upload_id: str) -> str:
    """Delete it, or say why that cannot be; empty when it is gone now."""
    try:
        client.delete_upload(upload_id)
    except UploadUnknown:
        return f"There is no upload {upload_id}."
    except UploadAwaited:
        return f"A run that has not ended needs {upload_id}."
    return ""


def _line(one: dict[str, Any]) -> tuple[str, ...]:
    return (one["id"], f"{one['size']:,}", moment(one["stored_at"]), one["filename"])
