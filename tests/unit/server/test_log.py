"""Whatever is handed to the log, by us or by a library, what people sent and must keep to themselves stays out."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from stillmotion.server import log

MARK = "chrysolite"


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The one line that was logged."""
    (line,) = capsys.readouterr().err.splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


@pytest.mark.parametrize(
    "field",
    [
        {"prompt": MARK},
        {"webhook_url": MARK},
        {"anything": f"data:image/png;base64,{MARK}"},
        {"anything": f"https://films.example/files/a.mp4?expires=1&signature={MARK}"},
        {"anything": f"https://user:{MARK}@films.example/"},
        {"anything": f"Bearer {MARK}"},
        {"anything": f"whsec_{MARK}"},
        {"anything": f"sm_0123456789AB{MARK}"},
    ],
)
def test_secrets_are_recognised(field: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """By the name of the field, or by what they look like."""
    log.set_up()
    log.get().info("something", prediction="1234", **field)
    line = told(capsys)
    assert MARK not in json.dumps(line)
    assert (line["event"], line["prediction"], line["level"]) == ("something", "1234", "info")


def test_libraries_tell_no_words_of_people(capsys: pytest.CaptureFixture[str]) -> None:
    """Who complains, how bad it is and where it happened; neither what was filled in nor the words of the error."""
    log.set_up()
    try:
        int(MARK)
    except ValueError:
        logging.getLogger("some.library").exception("It broke with %s\n%s", MARK, MARK)
    line = told(capsys)
    assert MARK not in json.dumps(line)
    assert (line["library"], line["level"], line["error"]) == ("some.library", "error", "ValueError")
    assert "test_log.py" in line["places"]
    logging.getLogger("some.library").info("chatter")
    assert capsys.readouterr().err == ""


def test_a_terminal_gets_lines_for_people(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Not JSON, and as discreet."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    log.set_up()
    log.get().info("something", prompt=MARK)
    line = capsys.readouterr().err
    assert "something" in line
    assert "{" not in line
    assert MARK not in line
