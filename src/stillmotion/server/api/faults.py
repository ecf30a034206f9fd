"""What is wrong with a request, in words for whoever sent it: the field, what it may be, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_OBJECT = "The body is a JSON object; send it as application/json."
_NOT_OBJECTS = ("missing", "model_attributes_type", "model_type", "dict_type")
_NAME_LIMIT = 100
"""Characters of a name that are repeated: who sends a book as the name of a field does not get it back."""
_OURS = "Value error, "
"""What stands before messages of our own validators."""


def told(faults: Sequence[Mapping[str, Any]], *, framed: bool = False) -> tuple[str, str]:
    """The first of the faults that a validation found: its field, empty for the whole body, and a message.

    Args:
        faults: at least one, as pydantic describes them; with the inputs, for numbers that came as text.
        framed: whether the web framework found them: it says first in which part of the request a field was.
    """
    first = faults[0]
    if first["type"] == "json_invalid":
        return "", f"The body is not JSON: {first['ctx']['error']}."
    field = ".".join(str(step) for step in first["loc"][framed:])[:_NAME_LIMIT]
    if not field and first["type"] in _NOT_OBJECTS:
        return "", _OBJECT
    words = _words(first)
    return field, f"{field}: {words}" if field else words


def _words(fault: Mapping[str, Any]) -> str:
    kind, message = fault["type"], cast("str", fault["msg"])
    if kind == "missing":
        return "is required and was not given."
    if kind == "extra_forbidden":
        return "there is no such field; leave it out."
    if kind == "literal_error" and isinstance(fault.get("input"), str) and "'" not in message:
        return f"{message}, as a number without quotes"
    return message.removeprefix(_OURS)
