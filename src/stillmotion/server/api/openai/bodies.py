"""Bodies as the clients really send them: multipart, chunked or not, or JSON; nested values in bracketed names.

`input_reference[image_url]` is a value in an object, `ids[]` one in a list, `items[][id]` one in an object in a list.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from stillmotion.errors import ParameterInvalid
from stillmotion.server.api.reading import parsed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from starlette.datastructures import FormData

_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
_NEITHER = "The body is neither JSON nor a multipart form; send one of them with its Content-Type."
_FIELDS_LIMIT, _FILES_LIMIT = 100, 4
_NAME = re.compile(r"[^\[\]]+(?:\[[^\[\]]*\])*")
_STEP = re.compile(r"\[([^\[\]]*)\]")
_DEPTH_LIMIT = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The fields of a request by name: texts, numbers, objects, lists, and files."""

    fields: dict[str, Any]
    form: bool
    """Whether it was a form, in which all but files is text."""

    def file(self, name: str) -> UploadFile | None:
        """The file of that name, if one was sent."""
        found = self.fields.get(name)
        return found if isinstance(found, UploadFile) else None

    def without_file(self, name: str) -> dict[str, Any]:
        """All but the file of that name; null is as good as absent."""
        dropped = name if self.file(name) is not None else None
        return {one: value for one, value in self.fields.items() if value is not None and one != dropped}


async def read(request: Request) -> AsyncIterator[Body]:
    """The body of a request, whose files stay open until it was answered.

    Raises:
        ParameterInvalid: it is neither JSON nor a form, or a broken one.
        BodyTooLarge: it is larger than the settings allow.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _FORMS:
        yield Body(fields=await parsed(request, lambda content: _object(content, kind)), form=False)
        return
    form = await _form(request)
    try:
        yield Body(fields=nested(pair for pair in form.multi_items() if _is_sent(pair[1])), form=True)
    finally:
        await form.close()


def nested(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Names with brackets as objects and lists.

    Raises:
        ParameterInvalid: a name is not well formed, or means two things at once.
    """
    found: dict[str, Any] = {}
    for name, value in pairs:
        steps = _steps(name)
        place: Any = found
        for step, following in zip(steps, [*steps[1:], None], strict=True):
            fresh = value if following is None else [] if following == "" else {}
            place = _entered(place, step, fresh, name, last=following is None)
    return found


def _steps(name: str) -> list[str]:
    if not _NAME.fullmatch(name):
        message = f"The field name {name[:100]!r} is not well formed."
        raise ParameterInvalid(message, field=name[:100])
    steps = [name.partition("[")[0], *_STEP.findall(name)]
    if len(steps) > _DEPTH_LIMIT:
        message = f"The field name {name[:100]!r} is nested too deeply."
        raise ParameterInvalid(message, field=name[:100])
    return steps


def _entered(place: Any, step: str, fresh: Any, name: str, *, last: bool) -> Any:  # noqa: ANN401 - JSON has no shape
    """What lies at a step, made if it was not there."""
    if isinstance(place, list) and step == "":
        # An object goes on until a field of it comes again: [][id], [][id] are two objects.
        if last or not place or not isinstance(place[-1], type(fresh)):
            place.append(fresh)
        return place[-1]
    if isinstance(place, dict) and step != "":
        if last and step in place:
            message = f"The field {name[:100]!r} was sent twice."
            raise ParameterInvalid(message, field=name[:100])
        return place.setdefault(step, fresh)
    message = f"The field {name[:100]!r} was sent as two kinds of value."
    raise ParameterInvalid(message, field=name[:100])


async def _form(request: Request) -> FormData:
    limit = request.app.state.service.settings.body_limit_bytes
    try:
        return await request.form(max_files=_FILES_LIMIT, max_fields=_FIELDS_LIMIT, max_part_size=limit)
    except HTTPException as error:
        message = f"The form cannot be read: {error.detail}"
        raise ParameterInvalid(message) from None
    except ClientDisconnect:
        message = "The request ended before its body did."
        raise ParameterInvalid(message) from None


def _is_sent(value: UploadFile | str) -> bool:
    """A form sends a file part without name and content when nothing was chosen."""
    return not (isinstance(value, UploadFile) and not value.filename and not value.size)


def _object(content: bytes, kind: str) -> dict[str, Any]:
    """The object in a body that is no form.

    Raises:
        ParameterInvalid: there is none; where it breaks is said to who meant to send JSON.
    """
    try:
        found = json.loads(content or b"{}")
    except (ValueError, RecursionError) as error:
        message = _NEITHER if kind != "application/json" else f"The body is not JSON: {_broken(error)}."
        raise ParameterInvalid(message) from None
    if not isinstance(found, dict):
        message = "The body is JSON but no object; send the fields as an object."
        raise ParameterInvalid(message)
    return found


def _broken(error: ValueError | RecursionError) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return "it is no UTF-8 text"
    return str(error) if isinstance(error, json.JSONDecodeError) else "a number in it has too many digits"
