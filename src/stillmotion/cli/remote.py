"""What commands that talk to a server share: where it is, how inputs are written, how tables look."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from stillmotion.cli.display import say
from stillmotion.errors import KeyRefused, ParameterInvalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from stillmotion.client import Client

Command = TypeVar("Command", bound="Callable[..., Any]")
_NO_FIELD = "there is no such field"
"""What the server says of a name that is none: then it does not matter how its value was written."""
TEXT_FIELDS = frozenset(("prompt", "negative_prompt"))
"""Inputs that are words: `prompt=@file` is the text of the file. All others name media: the file is uploaded."""


def server_options(command: Command) -> Command:
    """Which server, and with which key."""
    for option in (
        click.option("--api-key", help="Key to it. Better kept in STILLMOTION_API_KEY: others see what is typed here."),
        click.option("--base-url", metavar="URL", help="The server. [default: STILLMOTION_BASE_URL, or this machine]"),
    ):
        command = option(command)
    return command


def input_options(command: Command) -> Command:
    """-i and --input-file."""
    for option in (
        click.option(
            "--input-file",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="A JSON object with inputs; -i and -p count more.",
        ),
        click.option(
            "-i",
            "--input",
            "inputs",
            multiple=True,
            metavar="KEY=VALUE",
            help="An input: key=text, key:=json, key=@file (uploaded; of a prompt its text).",
        ),
    ):
        command = option(command)
    return command


@contextmanager
def server(base_url: str | None, api_key: str | None) -> Iterator[Client]:
    """A client for the server that is meant. Unless it was told to be quiet, long pauses are said on stderr.

    Raises:
        KeyRefused: with where the key came from.
    """
    from stillmotion.client import Client

    context = click.get_current_context(silent=True)
    quiet = context is not None and bool(context.params.get("quiet"))
    with Client(base_url, api_key, on_pause=None if quiet else _say_pause) as client:
        try:
            yield client
        except KeyRefused as error:
            message = f"{error} {_origin_of_key(api_key)} `stillmotion config show --origin` shows all settings."
            raise KeyRefused(message) from error


def _say_pause(pause_s: float, why: str) -> None:
    say(f"{why} Trying again in {pause_s:.0f} s.")


def _origin_of_key(api_key: str | None) -> str:
    from stillmotion.client import configuration

    found = configuration.read(api_key=api_key).api_key
    if not found.value:
        return "Here none is set: STILLMOTION_API_KEY or api_key in stillmotion.toml gives one."
    return f"Here it comes from {'--api-key' if found.origin == configuration.ARGUMENT else found.origin}."


@contextmanager
def advised(model: str, inputs: Sequence[str]) -> Iterator[None]:
    """When an input is refused, say how it should have been typed, where that can be known."""
    try:
        yield
    except ParameterInvalid as error:
        name = error.field or str(error).partition(":")[0]
        known = _NO_FIELD not in str(error)
        advice = next((words for text in inputs if known and (words := _advice(name, text))), None)
        if advice is None and name.isidentifier():
            advice = f"`stillmotion schema {model}` shows the inputs."
        sentences = [f"{str(error).rstrip('.')}.", *([advice] if advice else [])]
        raise ParameterInvalid(" ".join(sentences), field=error.field) from error


def _advice(name: str, text: str) -> str | None:
    """What was meant by `name=value`: a number, or a file."""
    given, _, value = text.partition("=")
    if given != name or value.startswith("@"):
        return None
    if Path(value).is_file():
        return f"{value} is a file here: `-i {name}=@{value}` sends it."
    try:
        meant = json.loads(value)
    except ValueError:
        return None
    return None if isinstance(meant, str) else f"`-i {text}` is text; `-i {name}:={value}` is the value itself."


def details(client: Client, prediction_id: str) -> dict[str, Any]:
    """What only servers of ours know about a prediction; nothing from others."""
    from stillmotion.errors import InputRefused

    try:
        return client.details(prediction_id)
    except InputRefused:
        return {}


def show_json(value: object) -> None:
    """One JSON value on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False))


def moment(stamp: object) -> str:
    """A time of the server to the second, in UTC and saying so."""
    return f"{str(stamp)[:19]}Z" if stamp else "-"


def table(rows: Sequence[Sequence[str]]) -> None:
    """Columns on stdout, as wide as they need to be; the last one runs free."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)][:-1] if rows else []
    for row in rows:
        padded = [f"{cell:<{width}}" for cell, width in zip(row, widths, strict=False)]
        click.echo("  ".join([*padded, row[-1]]).rstrip())


def resolved(name: str) -> tuple[str, dict[str, Any]]:
    """The model that a name means, which may be an alias of the settings, and the inputs that come with it."""
    from stillmotion.client import configuration

    alias = configuration.read().aliases.get(name)
    if alias is not None:
        return alias.model, dict(alias.inputs)
    return name.strip("/"), {}


def read_inputs(
    known: dict[str, Any], file: Path | None, inputs: Sequence[str], upload: Callable[[Path], str]
) -> dict[str, Any]:
    """Inputs from an alias, then a file, then one by one; later ones count more. Nothing is added or rewritten.

    Raises:
        ParameterInvalid: one of them is not written as it should be.
    """
    merged = {**known, **(_object(file) if file else {})}
    for text in inputs:
        name, value = _one(text, upload)
        merged[name] = value
    return merged


def _one(text: str, upload: Callable[[Path], str]) -> tuple[str, Any]:
    name, found, value = text.partition("=")
    if not found or not name.strip(":"):
        message = f"{text!r} is no input; write key=text, key:=json or key=@file."
        raise click.UsageError(message)
    if name.endswith(":"):
        return name[:-1], _value(name[:-1], value)
    if value.startswith("@"):
        return name, _text(Path(value[1:]), name) if name in TEXT_FIELDS else upload(Path(value[1:]))
    return name, value


def _value(name: str, text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        message = f"{name}:={text} is not JSON: {error}."
        raise click.UsageError(message) from None


def _text(path: Path, name: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{name}: {path} cannot be read as text: {error}."
        raise ParameterInvalid(message, field=name) from None


def _object(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        message = f"{path} is not JSON: {error}."
        raise ParameterInvalid(message) from None
    if not isinstance(content, dict):
        message = f'{path} holds no JSON object; write {{"prompt": "..."}}.'
        raise ParameterInvalid(message)
    return content


def find_model(client: Client, model: str) -> dict[str, Any]:
    """The server's entry of a model.

    Raises:
        ModelUnknown: the server has none of that id.
    """
    from stillmotion.errors import ModelUnknown

    known = client.models()
    entry = next((one for one in known if one["model_id"] == model), None)
    if entry is None:
        message = f"There is no model {model!r}; choose one of {', '.join(one['model_id'] for one in known)}."
        raise ModelUnknown(message)
    return entry


def request_schema(entry: dict[str, Any]) -> dict[str, Any]:
    """The inputs of a model, as the hosted dialect writes them."""
    schemas = entry.get("api_schema", {}).get("api_schemas", [])
    found: dict[str, Any] = next((one["request_schema"] for one in schemas if one.get("type") == "model_run"), {})
    return found


def field_lines(schema: dict[str, Any]) -> list[tuple[str, str]]:
    """The inputs of a model for people: name, and what it may be."""
    required = set(schema.get("required", ()))
    properties: dict[str, Any] = schema.get("properties", {})
    order = [name for name in schema.get("x-order-properties", properties) if name in properties]
    return [(name, _facts(properties[name], needed=name in required)) for name in order]


def _facts(field: dict[str, Any], *, needed: bool) -> str:
    words = [str(field.get("type", ""))]
    if "enum" in field:
        words.append("one of " + ", ".join(map(str, field["enum"])))
    limits = [
        f"{sign} {field[name]}" for name, sign in (("minimum", "at least"), ("maximum", "at most")) if name in field
    ]
    words += [" and ".join(limits)] if limits else []
    if needed:
        words.append("required")
    elif "default" in field:
        words.append(f"default {field['default']}")
    return "; ".join(filter(None, words)) + (f". {field['description']}" if field.get("description") else "")
