"""Ask YAMNet what named sounds are heard as, and compare with what was fixed in tests/quality/heard_as.toml.

python scripts/sound_labels.py [NAME ...]
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from measure import hearing  # type: ignore[import-not-found]
from stillmotion.diorama.sound import palette


def main() -> None:
    """One line a sound: passed or not, the five best labels."""
    names = sys.argv[1:] or [name for name in hearing.expected() if name in palette.VOICES]
    passed = 0
    for name in names:
        heard = hearing.hear(name)
        passed += heard.passed
        verdict = ("ok  " if heard.passed else "MISS") + (" ELSE" if heard.plainly_else else "     ")
        print(f"{verdict} {name:16s} " + ", ".join(f"{label} {score:.2f}" for label, score in heard.best))
    print(f"{passed} of {len(names)} are heard as what they are")


if __name__ == "__main__":
    main()
