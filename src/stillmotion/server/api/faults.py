"""What is wrong with a request, in words for whoever sent it: the field, what it may be, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PARTS = ("body", "query", "path", "header")
"""Where a field was, as the framework says it; callers know their fields by name alone."""
_OBJECT = "The body is a JSON object; send it as application/json."
_NOT_OBJECTS = ("missing", "model_attributes_type", "model_type", "dict_type")
_OURS = "Value error, "
"""What stands before messages of our own validators."""


def told(faults: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """The first of the faults that a validation found: its field, empty for the whole body, and a message.

    Args:
        faults: at least one, as pydantic describes them; with the inputs, for numbers that came as text.
    """
    first = faults[0]
    if first["type"] == "json_invalid":
        return "", f"The body is not JSON: {first['ctx']['error']}."
    steps = [str(step) for step in first["loc"]]
    field = ".".join(steps[1:] if steps and steps[0] in _PARTS else steps)
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
