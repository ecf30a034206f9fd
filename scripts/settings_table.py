"""Write docs/reference/settings.md from the settings themselves: `python scripts/settings_table.py`."""

from __future__ import annotations

import ast
import inspect
import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic_core import PydanticUndefined

from stillmotion.server.settings import SECRETS, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "settings.md"
SIGNS = {Ge: ("at least", "ge"), Gt: ("above", "gt"), Le: ("at most", "le"), Lt: ("below", "lt")}
UNITS = {2**30: "GiB", 2**20: "MiB"}
HEAD = """# Settings of the service

Made by `python scripts/settings_table.py`. How to use them: [Run the service](../how-to/run-the-service.md).

An option of `serve` counts most; then the environment, `STILLMOTION_` and the name in capitals; then the nearest
`stillmotion.toml`, looked for from the working directory upwards; then `stillmotion.toml` in your folder of settings;
then the default. A name that does not exist is an error, in files and in the environment. `stillmotion config show
--origin` shows what is in force and where it came from. Names end in their unit: `_s` seconds, `_bytes` bytes.

Secrets can lie in files of their own, which these name: {secrets}.
Lists are written as JSON in the environment: `STILLMOTION_ALLOW_NETWORKS='["10.1.0.0/16"]'`. How the store of
`store_url` is reached and with which keys, the usual variables say: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
`AWS_REGION`, `AWS_ENDPOINT_URL`; see [More machines](../how-to/run-the-service.md#more-machines).

| setting | default | may be | means |
| --- | --- | --- | --- |
"""


def rows() -> Iterator[str]:
    """A line for each setting."""
    words = meanings()
    for name, field in Settings.model_fields.items():
        yield f"| `{name}` | {_default(name, field)} | {_bounds(field)} | {words.get(name, '')} |"


def meanings() -> dict[str, str]:
    """The line of documentation below each setting."""
    (body,) = (each.body for each in ast.parse(inspect.getsource(Settings)).body if isinstance(each, ast.ClassDef))
    found = {}
    for field, below in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(below, ast.Expr):
            found[field.target.id] = " ".join(str(ast.literal_eval(below.value)).split())
    return found


def _default(name: str, field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "your folder for data" if name == "data_dir" else ""
    return _written(name, field.default)


def _written(name: str, value: Any) -> str:  # noqa: ANN401 - settings are of several types
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    unit = next((size for size in UNITS if name.endswith("_bytes") and value and value % size == 0), None)
    if unit:
        return f"{value} ({value // unit} {UNITS[unit]})"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _bounds(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return " or ".join(map(str, get_args(field.annotation)))
    limits = [(SIGNS[type(each)], each) for each in field.metadata if type(each) in SIGNS]
    return ", ".join(f"{sign} {getattr(each, name):g}" for (sign, name), each in limits)


def page() -> str:
    """The whole page as Markdown."""
    secrets = ", ".join(f"`STILLMOTION_{name.upper()}_FILE`" for name in SECRETS)
    return HEAD.format(secrets=secrets) + "\n".join(rows()) + "\n"


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
