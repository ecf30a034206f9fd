"""`stillmotion webhooks`: what was told to your programs, told again, and the secret that it is signed with."""

from __future__ import annotations

from typing import Any

import click

from stillmotion.cli.display import say
from stillmotion.cli.options import talk_options
from stillmotion.cli.remote import server, server_options, show_json, table

STATES = ("waiting", "delivered", "failed")
_MOST = 100


@click.group("webhooks", short_help="Webhooks: list, send again, secret, target.")
def webhooks() -> None:
    """Webhooks of your runs, and the secret by which receivers know that they are ours.

    \b
    Examples:
      stillmotion webhooks list --state failed
      stillmotion webhooks resend msg_0123456789abcdef0123456789abcdef
    """


@webhooks.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only those.")
@click.option("--prediction", metavar="ID", help="Only of this prediction.")
@click.option("--limit", type=click.IntRange(1, _MOST), default=20, show_default=True, help="At most so many.")
@server_options
@talk_options
def list_webhooks(
    *,
    state: str | None,
    prediction: str | None,
    limit: int,
    base_url: str | None,
    api_key: str | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """List webhooks, newest first: id, state, attempts, what the receiver last said, prediction, target.

    \b
    Example:
      stillmotion webhooks list --state failed
    """
    del verbose
    with server(base_url, api_key) as client:
        found = client.webhooks(limit=limit, state=state, prediction_id=prediction)
    if as_json:
        show_json(found)
        return
    table([_line(one) for one in found["items"]])
    left = found["total"] - len(found["items"])
    if not found["items"] and not quiet:
        say("nothing that fits" if state or prediction else "nothing yet")
    elif left and not quiet:
        say(f"{left} more; --limit shows up to {_MOST}")


@webhooks.command("resend")
@click.argument("webhook_id")
@server_options
@talk_options
def resend_webhook(
    *, webhook_id: str, base_url: str | None, api_key: str | None, as_json: bool, quiet: bool, verbose: bool
) -> None:
    """Send WEBHOOK_ID again, however it ended: the same id and body, signed anew, with all its attempts.

    \b
    Example:
      stillmotion webhooks resend msg_0123456789abcdef0123456789abcdef
    """
    del verbose
    with server(base_url, api_key) as client:
        made = client.resend_webhook(webhook_id)
    if as_json:
        show_json(made)
    elif not quiet:
        say(f"{made['id']} is sent again; `stillmotion webhooks list` shows how that goes")


@webhooks.command("secret")
@server_options
@talk_options
def show_secret(*, base_url: str | None, api_key: str | None, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Print the secret that your webhooks are signed with.

    \b
    Example:
      stillmotion webhooks secret
    """
    del quiet, verbose
    with server(base_url, api_key) as client:
        secret = client.webhook_secret()
    if as_json:
        show_json({"secret": secret})
    else:
        click.echo(secret)


@webhooks.command("rotate")
@server_options
@talk_options
def rotate_secret(*, base_url: str | None, api_key: str | None, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Make a new secret and print it. For a day the old one signs as well.

    That is so for webhooks in the standard form, which may carry several signatures. The hosted form has one, with the
    new secret: give it to those receivers at once.

    \b
    Example:
      stillmotion webhooks rotate
    """
    del verbose
    with server(base_url, api_key) as client:
        made = client.rotate_webhook_secret()
    if as_json:
        show_json(made)
        return
    click.echo(made["secret"])
    if not quiet:
        say(f"the old secret signs beside it until {made['old_signs_until']}; in the hosted form only the new one does")


@webhooks.command("target")
@click.argument("url", required=False)
@click.option("--remove", is_flag=True, help="Tell nobody any more.")
@server_options
@talk_options
def webhook_target(
    *,
    url: str | None,
    remove: bool,
    base_url: str | None,
    api_key: str | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Have the ends of your OpenAI videos told to URL; without it, print where they are told.

    OpenAI's create has no field for a webhook, so this holds for all videos of your account that are created through
    /v1/videos from now on. Runs of the other APIs name their own.

    \b
    Examples:
      stillmotion webhooks target https://example.com/hook
      stillmotion webhooks target
      stillmotion webhooks target --remove
    """
    del verbose
    if remove and url is not None:
        message = "give a URL or --remove, not both"
        raise click.UsageError(message)
    with server(base_url, api_key) as client:
        if url is not None or remove:
            client.set_webhook_target(url)
        else:
            url = client.webhook_target()
    if as_json:
        show_json({"url": url})
    elif url:
        click.echo(url)
    elif not quiet:
        say("the ends of OpenAI videos are told nowhere")


def _line(one: dict[str, Any]) -> tuple[str, ...]:
    attempts = f"{one['attempts']} attempts" if one["attempts"] != 1 else "1 attempt"
    return (one["id"], one["state"], attempts, one["answer"] or "not tried yet", one["prediction_id"], one["url"])
