"""Where the client's settings come from, and which of them counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import platformdirs
import pytest

from stillmotion.client import configuration
from stillmotion.errors import SettingsInvalid

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in a project, and a home without settings."""
    monkeypatch.setattr(platformdirs, "user_config_dir", lambda _name: str(tmp_path / "home"))
    (tmp_path / "project" / "deep").mkdir(parents=True)
    (tmp_path / "home").mkdir()
    return tmp_path / "project" / "deep"


def _write(path: Path, url: str) -> None:
    path.write_text(f'[client]\nbase_url = "{url}"\n', encoding="utf-8")


def test_the_nearest_word_counts(folder: Path) -> None:
    """Argument, environment, the nearest file upwards, the user's file, default: each hides those after it."""

    def found(argument: str | None = None, **environment: str) -> tuple[str, str]:
        setting = configuration.read(argument, environment=environment, folder=folder).base_url
        return setting.value, setting.origin

    assert found() == ("http://127.0.0.1:8000", "default")
    users, project = folder.parents[1] / "home" / "stillmotion.toml", folder.parent / "stillmotion.toml"
    _write(users, "http://user")
    assert found() == ("http://user", str(users))
    _write(project, "http://project")
    assert found() == ("http://project", str(project))
    assert found(STILLMOTION_BASE_URL="http://env") == ("http://env", "STILLMOTION_BASE_URL")
    assert found("http://arg", STILLMOTION_BASE_URL="http://env") == ("http://arg", "argument")


def test_a_key_may_lie_in_a_file(folder: Path) -> None:
    """STILLMOTION_API_KEY_FILE names a file with the key; the key itself in the environment counts more."""
    secret = folder / "key"
    secret.write_text("sm_secret\n", encoding="utf-8")
    environment = {"STILLMOTION_API_KEY_FILE": str(secret)}
    assert configuration.read(environment=environment, folder=folder).api_key.value == "sm_secret"
    environment["STILLMOTION_API_KEY"] = "sm_other"
    assert configuration.read(environment=environment, folder=folder).api_key.value == "sm_other"


def test_keys_are_not_shown(folder: Path) -> None:
    """Printing a configuration shows no key."""
    assert "sm_secret" not in repr(configuration.read(api_key="sm_secret", environment={}, folder=folder))


def test_aliases(folder: Path) -> None:
    """An alias is a model with inputs; a file nearer by replaces one of the same name."""
    text = '[client.alias.cat]\nmodel = "a/b"\ninputs = { duration = 8 }\n'
    (folder / "stillmotion.toml").write_text(text, encoding="utf-8")
    alias = configuration.read(environment={}, folder=folder).aliases["cat"]
    assert (alias.model, alias.inputs) == ("a/b", {"duration": 8})
    assert alias.origin == str(folder / "stillmotion.toml")


@pytest.mark.parametrize(
    "text",
    [
        "no toml",
        "client = 1",
        "[client]\nbase_url = 1",
        '[client.alias]\ncat = "a/b"',
        "[client.alias.cat]\ninputs = {}",
    ],
)
def test_wrong_files_are_named(folder: Path, text: str) -> None:
    """A file that cannot be meant is refused with its name."""
    (folder / "stillmotion.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsInvalid, match=r"stillmotion\.toml"):
        configuration.read(environment={}, folder=folder)


def test_a_missing_secret_is_named(folder: Path) -> None:
    """A file for the key that is not there is an error, not an empty key."""
    with pytest.raises(SettingsInvalid, match="absent"):
        configuration.read(environment={"STILLMOTION_API_KEY_FILE": str(folder / "absent")}, folder=folder)
