"""Write docs/reference/shot.md from the records themselves, so that the page cannot be wrong about a field."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src/stillmotion/diorama/shot/records.py"
PAGE = ROOT / "docs/reference/shot.md"

HEAD = """# The Shot

One continuous camera take as JSON. `stillmotion plan photo.jpg -p "..."` prints one, `stillmotion render photo.jpg
shot.json` makes the film of it, and it travels inside every MP4 (`stillmotion plan film.mp4`). Made from the source by
`python scripts/shot_table.py`.

Times are seconds from the start, places are fractions of the photo (0 to 1, y downwards), angles are degrees.
"""


def text_of(statement: ast.stmt | None) -> str:
    """The words of a bare string, on one line; nothing for any other statement."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return " ".join(str(statement.value.value).split())
    return ""


def described(body: list[ast.stmt]) -> list[tuple[ast.AnnAssign, str]]:
    """Each field of a class with the text below it."""
    rows = []
    for statement, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(statement, ast.AnnAssign):
            rows.append((statement, text_of(after)))
    return rows


def default_of(field: ast.AnnAssign) -> str:
    """The default as people read it."""
    if field.value is None:
        return "required"
    text = ast.unparse(field.value)
    return "its own defaults" if text.startswith("field(") else text


def section(node: ast.ClassDef) -> str:
    """One record or one list of names as Markdown."""
    text = [f"\n## {node.name}\n", (ast.get_docstring(node) or "").split("\n\n")[0] + "\n"]
    if any(isinstance(base, ast.Name) and base.id == "StrEnum" for base in node.bases):
        names = [
            str(s.value.value) for s in node.body if isinstance(s, ast.Assign) and isinstance(s.value, ast.Constant)
        ]
        return "\n".join([*text, ", ".join(f"`{name}`" for name in names) + "\n"])
    text += ["| field | type | default | meaning |", "| --- | --- | --- | --- |"]
    for field, words in described(node.body):
        kind = ast.unparse(field.annotation).replace("|", "or")
        text.append(f"| `{ast.unparse(field.target)}` | `{kind}` | {default_of(field)} | {words} |")
    return "\n".join([*text, ""])


def page() -> str:
    """The whole page."""
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    records = sorted(classes, key=lambda node: (node.name != "Shot", classes.index(node)))
    return HEAD + "".join(section(node) for node in records)


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
