"""Models of other packages: they are listed with where they come from, and one that is broken is named."""

from __future__ import annotations

import itertools
import json
from functools import cache
from typing import TYPE_CHECKING

import pytest

from stillmotion import catalog
from stillmotion.cli import checkup
from stillmotion.cli.app import run
from stillmotion.errors import PluginUnusable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SORA = "openai/sora-2/image-to-video"
NUMBERS = itertools.count()
OTHER = f"""
from dataclasses import replace
from stillmotion import catalog
MODEL = replace(catalog.SORA_2, id="acme/film")
SEVERAL = [MODEL, replace(MODEL, id="acme/other")]
SAME = catalog.SORA_2
TEXT = "{SORA}"
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Installs a package `acme-films` whose module has the text and whose entry points are these; its module's name."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def install(*values: str, text: str = OTHER) -> str:
        module = f"acme_films_{next(NUMBERS)}"
        (tmp_path / f"{module}.py").write_text(text, encoding="utf-8")
        folder = tmp_path / "acme_films-1.2.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-films\nVersion: 1.2\n", encoding="utf-8")
        points = "".join(f"film{at} = {module}:{value}\n" for at, value in enumerate(values))
        (folder / "entry_points.txt").write_text(f"[stillmotion.models]\n{points}", encoding="utf-8")
        return module

    return install


def test_added_models_are_listed(installed: Callable[..., str], capfd: pytest.CaptureFixture[str]) -> None:
    """`plugins` names each added model, its engines, its package and where it stands; the catalog has them too."""
    module = installed("SEVERAL")
    assert run(["plugins"]) == 0
    out = capfd.readouterr().out.splitlines()
    assert [line.split() for line in out] == [
        [name, "diorama", "acme-films", "1.2", f"{module}:SEVERAL"] for name in ("acme/film", "acme/other")
    ]
    assert list(catalog.models.__wrapped__())[-2:] == ["acme/film", "acme/other"]


@pytest.mark.parametrize(
    ("values", "text", "problem"),
    [
        (["ABSENT"], OTHER, "it cannot be loaded: AttributeError"),
        (["MODEL"], "1 / 0", "it cannot be loaded: ZeroDivisionError"),
        (["TEXT"], OTHER, "it names a str where a Model belongs"),
        (["SAME"], OTHER, f"two models are called {SORA}"),
        (["MODEL", "MODEL"], OTHER, "two models are called acme/film"),
    ],
    ids=["absent", "broken", "text", "ours", "twice"],
)
def test_what_cannot_be_used_is_named(
    installed: Callable[..., str], capfd: pytest.CaptureFixture[str], values: list[str], text: str, problem: str
) -> None:
    """A plug-in that fails is a line with the reason and exit code 1, and the catalog says which one it is."""
    installed(*values, text=text)
    assert run(["plugins", "--json"]) == 1
    told = json.loads(capfd.readouterr().out)[-1]
    assert told["package"] == "acme-films 1.2"
    assert problem in told["problem"]
    assert run(["plugins"]) == 1
    assert "PROBLEM" in capfd.readouterr().out
    with pytest.raises(
        PluginUnusable, match=rf"The plug-in {told['name']} of acme-films 1\.2 cannot be used: .*plugins"
    ):
        catalog.models.__wrapped__()


@pytest.fixture
def unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """No catalog was read so far, and nobody else reads this one."""
    monkeypatch.setattr(catalog, "models", cache(catalog.models.__wrapped__))


@pytest.mark.parametrize("command", ["serve", "worker"])
@pytest.mark.usefixtures("unknown")
def test_the_service_does_not_start_with_one_that_is_broken(
    installed: Callable[..., str], capfd: pytest.CaptureFixture[str], tmp_path: Path, command: str
) -> None:
    """Neither does a worker, in which its films would fail: the message names it, and nothing was begun."""
    installed("MODEL", text="1 / 0")
    assert run([command, "--data-dir", str(tmp_path / "data")]) == 1
    said = capfd.readouterr().err
    assert said.startswith("stillmotion: The plug-in film0 of acme-films 1.2 cannot be used: it cannot be loaded")
    assert "uninstall" in said
    assert not (tmp_path / "data").exists()


@pytest.mark.usefixtures("unknown")
def test_what_does_not_need_it_works(installed: Callable[..., str], capfd: pytest.CaptureFixture[str]) -> None:
    """Our own models are known with one that is broken, and `doctor` names it."""
    installed("MODEL", text="1 / 0")
    assert catalog.get(SORA).id == SORA
    assert catalog.get("openai/sora-2/image-to-video-pro").id.startswith("openai/sora-2-pro")
    assert run(["run", SORA, "-h", "--base-url", "http://127.0.0.1:9"]) == 0
    assert "duration" in capfd.readouterr().out
    (found,) = checkup._plugins()
    assert (found.well, found.detail[:25]) == (False, "film0 of acme-films 1.2: ")
    with pytest.raises(PluginUnusable):
        catalog.get("acme/film")


def test_no_plugins(capfd: pytest.CaptureFixture[str]) -> None:
    """Where nothing was added, that is said on stderr; as JSON it is an empty list."""
    assert run(["plugins"]) == 0
    assert capfd.readouterr() == ("", "no plug-ins\n")
    assert run(["plugins", "--json"]) == 0
    assert json.loads(capfd.readouterr().out) == []
