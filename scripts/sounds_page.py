"""Write docs/reference/sounds.md: every named sound, what a listener hears in it, and in real recordings.

python scripts/sounds_page.py
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from measure import hearing  # type: ignore[import-not-found]
from stillmotion.diorama.shot import lexicon
from stillmotion.diorama.sound import palette

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "sounds.md"
RECORDINGS = ROOT / "tests" / "quality" / "real_recordings.toml"
_HEAD = """# Sounds

Written by `scripts/sounds_page.py` from the program itself.

A prompt names a sound by any of its words; a Shot by its name. Every sound is made, none is a recording. What a sound
must be heard as was fixed in `tests/quality/heard_as.toml` before any was tuned; the listener is YAMNet, which was told
nothing: "yes" means that an accepted label is among its top three, over three takes of eight seconds.
"""
_REAL = """
## The same listener on real recordings

Where a real recording is missed, a miss says nothing about ours. The recordings are from Debian packages, not shipped.

| sound | recognised | heard as | recording |
| --- | --- | --- | --- |
"""


def words(name: str) -> str:
    """The first few phrases, the verbs without their mark."""
    phrases = [phrase.replace("~", "") for phrase in lexicon.sounds()[name]["phrases"]]
    return ", ".join(phrases[:4])


def row(name: str) -> str:
    """One line of the table."""
    voice = palette.VOICES[name]
    heard = hearing.hear(name)
    best = ", ".join(f"{label} {score:.2f}" for label, score in heard.best[:3])
    verdict = "yes" if heard.passed else "no"
    return f"| `{name}` | {words(name)} | {voice.generator} | {verdict} | {best} |"


def main() -> None:
    """Write the page and say how many pass."""
    names = list(hearing.expected())
    passed = sum(hearing.hear(name).passed for name in names)
    real = tomllib.loads(RECORDINGS.read_text(encoding="utf-8"))
    known = [name for name, one in real.items() if one["recognised"]]
    of_known = sum(hearing.hear(name).passed for name in known)
    generators = len({palette.VOICES[name].generator for name in names})
    sums = (
        f"\n{len(names)} named sounds from {generators} generators. Heard as what they are: {passed} of {len(names)},"
        f" and {of_known} of the {len(known)} whose real recordings are recognised too.\n\n"
    )
    table = "| sound | words | generator | heard | heard as |\n| --- | --- | --- | --- | --- |\n"
    rows = "\n".join(row(name) for name in names)
    truth = "\n".join(
        f"| `{name}` | {'yes' if one['recognised'] else 'no'} | {one['heard']} | {one['recording']} |"
        for name, one in real.items()
    )
    PAGE.write_text(f"{_HEAD}{sums}{table}{rows}\n{_REAL}{truth}\n", encoding="utf-8")
    print(f"{passed} of {len(names)}; {of_known} of {len(known)} recognisable")


if __name__ == "__main__":
    main()
