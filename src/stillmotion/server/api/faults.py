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
_SAID = {
    "string_too_short": "it is empty.",
    "string_too_long": "is too long; give at most {max_length} characters.",
    "string_type": "give a string.",
    "string_unicode": "give a string.",
    "too_short": "holds too few; give at least {min_length}.",
    "too_long": "holds too many; give at most {max_length}.",
    "int_": "give a whole number.",
    "float_": "give a number.",
    "finite_": "give a number.",
    "bool_": "give true or false.",
    "date": "give a time such as 2026-01-31T12:00:00Z.",
    "dict_": "give an object.",
    "model_": "give an object.",
    "list_": "give a list.",
    "tuple_": "give a list.",
    "literal_error": "give {expected}.",
    "greater_than_equal": "give at least {ge}.",
    "greater_than": "give more than {gt:g}.",
    "less_than_equal": "give at most {le}.",
}
"""In place of what the validation says, by how its kinds of faults begin; all else it says well enough."""


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
    said = words(first)
    return field, f"{field}: {said}" if field else said


def words(fault: Mapping[str, Any]) -> str:
    """What is wrong with a field, and what it may be."""
    kind, message, more = fault["type"], cast("str", fault["msg"]), fault.get("ctx", {})
    if kind == "missing":
        return "is required and was not given."
    if kind == "extra_forbidden":
        return "there is no such field; leave it out."
    if kind == "literal_error" and isinstance(fault.get("input"), str) and "'" not in message:
        return f"give {more['expected']}, as a number without quotes."
    said = next((said for begin, said in _SAID.items() if kind.startswith(begin)), None)
    return message.removeprefix(_OURS) if said is None else said.format(**more)
