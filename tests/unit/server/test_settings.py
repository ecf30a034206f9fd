"""Settings of the service: which word counts, what is refused, where each one came from, and what doctor says."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

import platformdirs
import pytest
from pydantic import ValidationError
from sqlalchemy import create_engine, make_url, text

from buckets import Server, s3, s3_server
from stillmotion.cli.app import run
from stillmotion.cli.installation import settings_of
from stillmotion.cli.service_checkup import service_checkup
from stillmotion.errors import SettingsInvalid
from stillmotion.server import data_folder, door
from stillmotion.server.db import engine
from stillmotion.server.settings import Settings, origins

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["s3", "s3_server"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in a project, a home, and no variables of ours."""
    for name in [name for name in os.environ if name.upper().startswith("STILLMOTION_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(platformdirs, "user_config_dir", lambda _name: str(tmp_path / "home"))
    (tmp_path / "project" / "deep").mkdir(parents=True)
    (tmp_path / "home").mkdir()
    monkeypatch.chdir(tmp_path / "project" / "deep")
    monkeypatch.setenv("STILLMOTION_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def test_the_nearest_word_counts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Argument, environment, the nearest file upwards, the user's file, default; and the origin says which it was."""
    assert (Settings().port, origins().get("port")) == (8000, None)
    users, project = folder / "home" / "stillmotion.toml", folder / "project" / "stillmotion.toml"
    users.write_text("port = 1\nworkers = 7\n", encoding="utf-8")
    assert (Settings().port, origins()["port"]) == (1, str(users))
    project.write_text("port = 2\n", encoding="utf-8")
    assert (Settings().port, Settings().workers, origins()["port"]) == (2, 7, str(project))
    monkeypatch.setenv("STILLMOTION_PORT", "3")
    assert (Settings().port, origins()["port"]) == (3, "STILLMOTION_PORT")
    assert Settings(port=4).port == 4


def test_the_table_of_clients_is_theirs(folder: Path) -> None:
    """One file may hold settings of the service and of clients; any other unknown name is refused."""
    place = folder / "project" / "stillmotion.toml"
    place.write_text('port = 2\n[client]\nbase_url = "http://x"\n', encoding="utf-8")
    assert Settings().port == 2
    place.write_text("prot = 2\n", encoding="utf-8")
    with pytest.raises(ValidationError, match="prot"):
        Settings()


@pytest.mark.usefixtures("folder")
def test_an_unknown_variable_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistyped variable is told with the name that is nearest; those of the client and the library are theirs."""
    for other in ("API_KEY", "BASE_URL", "CACHE_DIR"):
        monkeypatch.setenv(f"STILLMOTION_{other}", "x")
    assert settings_of(None).port == 8000
    monkeypatch.setenv("STILLMOTION_PROT", "9000")
    with pytest.raises(SettingsInvalid, match=r"prot: there is no such setting.*port.*STILLMOTION_PROT"):
        settings_of(None)


WRONG_FILES = {
    "prot = 2": r"prot: .*nearest is port.*stillmotion\.toml",
    'port = "many"': r"port: .*stillmotion\.toml",
    "port =": r"stillmotion\.toml is no TOML",
    'allow_networks = ["10.0.0.0/33"]': r"allow_networks: '10\.0\.0\.0/33'.*stillmotion\.toml",
    'blocklist_file = "nowhere.txt"': r"blocklist_file: .*nowhere\.txt cannot be read.*stillmotion\.toml",
}


@pytest.mark.parametrize("content", WRONG_FILES)
def test_what_is_wrong_in_a_file_is_named(folder: Path, content: str) -> None:
    """Each fault is one message with the setting, what is wrong with it, and the file."""
    (folder / "project" / "stillmotion.toml").write_text(content, encoding="utf-8")
    with pytest.raises(SettingsInvalid, match=WRONG_FILES[content]):
        settings_of(None)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("port", "70000", "port: give at most 65535. It"),
        ("port", "many", "port: give a whole number. It"),
        ("attempts", "0", "attempts: give at least 1. It"),
        ("time_limit_s", "0", "time_limit_s: give more than 0. It"),
        ("quality", "big", "quality: give 'full' or 'tiny'. It"),
        ("accounts", "maybe", "accounts: give true or false. It"),
        ("allow_networks", "10.1.0.0/16", """allow_networks: a list is written as JSON, as in '["10.1.0.0/16"]'. It"""),
        ("allow_networks", '{"a": 1}', "allow_networks: give a list. It"),
    ],
)
def test_what_is_wrong_in_a_variable_is_told_in_our_words(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    """What it may be, and which variable it is."""
    variable = f"STILLMOTION_{name.upper()}"
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsInvalid) as error:
        settings_of(None)
    assert str(error.value) == f"{told} comes from {variable}."


@pytest.mark.usefixtures("folder")
def test_a_file_of_a_secret_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its path, and without numbers of the system."""
    monkeypatch.setenv("STILLMOTION_DATABASE_URL_FILE", "nowhere")
    with pytest.raises(SettingsInvalid, match=r"^The settings cannot be read: .*nowhere: No such file or directory\.$"):
        settings_of(None)


def test_doctor_tries_the_port(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program's port needs care, a free one is well, and so is one that this installation serves on."""
    with door.listening("127.0.0.1", 0) as listener:
        monkeypatch.setenv("STILLMOTION_PORT", str(listener.getsockname()[1]))
        assert [one.well for one in service_checkup() if one.name == "port"] == [False]
        with data_folder.served(folder / "data"):
            assert [one.well for one in service_checkup() if one.name == "port"] == [True]
    assert [one.well for one in service_checkup() if one.name == "port"] == [True]


def test_secrets_may_lie_in_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """STILLMOTION_DATABASE_URL_FILE names a file with the address; neither is shown when settings are printed."""
    (folder / "secret").write_text("postgresql://u:hidden@h/db\n", encoding="utf-8")
    monkeypatch.setenv("STILLMOTION_DATABASE_URL_FILE", str(folder / "secret"))
    settings = Settings()
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == "postgresql://u:hidden@h/db"
    assert "hidden" not in repr(settings)


@pytest.mark.parametrize("content", ["", "\n"])
@pytest.mark.parametrize("name", ["database_url", "metrics_key"])
def test_an_empty_secret_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: str) -> None:
    """Whoever names a database and gives none does not get another one; the message says where nothing stood."""
    variable = f"STILLMOTION_{name}".upper()
    monkeypatch.setenv(variable, content)
    with pytest.raises(SettingsInvalid, match=rf"{name}: it is empty.*{variable}\."):
        settings_of(None)
    monkeypatch.delenv(variable)
    (folder / "secret").write_text(content, encoding="utf-8")
    monkeypatch.setenv(f"{variable}_FILE", str(folder / "secret"))
    with pytest.raises(SettingsInvalid, match=rf"{name}: it is empty.*{variable}_FILE"):
        settings_of(None)
    monkeypatch.setenv(f"{variable}_FILE", "")
    with pytest.raises(SettingsInvalid, match=rf"{variable}_FILE is empty"):
        settings_of(None)


@pytest.mark.usefixtures("folder")
def test_a_wrong_setting_is_named_with_its_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the setting and the variable that it came from."""
    monkeypatch.setenv("STILLMOTION_PORT", "many")
    with pytest.raises(SettingsInvalid, match=r"port: .*STILLMOTION_PORT"):
        settings_of(None)
    assert [finding.well for finding in service_checkup() if finding.name == "settings"] == [False]


def test_doctor_makes_nothing(folder: Path) -> None:
    """Where nothing was served yet, doctor says so and leaves nothing behind."""
    found = {finding.name: finding for finding in service_checkup()}
    assert found["database"].well is None
    assert "stillmotion serve" in found["database"].detail
    assert not (folder / "data").exists()


@pytest.mark.usefixtures("folder")
def test_doctor_looks_where_it_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """With the same --data-dir as the commands that it is listed with."""
    run(["doctor", "--data-dir", str(tmp_path / "elsewhere")])
    assert f"{tmp_path / 'elsewhere'}, " in capfd.readouterr().out


@pytest.mark.usefixtures("folder")
def test_doctor_reads_the_database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Version, tables and clock of the database are told; tables of another version need care."""
    monkeypatch.setenv("STILLMOTION_DATABASE_URL", database_url)
    found = {finding.name: finding for finding in service_checkup()}
    assert [found[name].well for name in ("database", "migrations", "clock")] == [True, True, True]
    assert "PostgreSQL" in found["database"].detail
    database = engine.connect(database_url)
    with database.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    try:
        (tables,) = [finding for finding in service_checkup() if finding.name == "migrations"]
    finally:
        with database.begin() as connection:
            connection.execute(text("update alembic_version set version_num = :at"), {"at": engine.revisions()[-1]})
        database.dispose()
    assert tables.well is False
    assert "newer" in tables.detail


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_cannot_keep_every_script_is_refused(
    database_url: str, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    """Where no locale is set PostgreSQL makes them so: it is told with what to do, not when the first emoji comes."""
    admin, name = create_engine(database_url, isolation_level="AUTOCOMMIT"), f"narrow_{secrets.token_hex(4)}"
    try:
        with admin.connect() as connection:
            connection.execute(text(f"create database {name} template template0 encoding '{encoding}' locale 'C'"))
        monkeypatch.setenv(
            "STILLMOTION_DATABASE_URL", make_url(database_url).set(database=name).render_as_string(hide_password=False)
        )
        (database,) = [finding for finding in service_checkup() if finding.name == "database"]
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"drop database if exists {name} with (force)"))
        admin.dispose()
    assert database.well is False
    assert encoding in database.detail
    assert "createdb --template template0 --encoding UTF8" in database.detail


@pytest.mark.usefixtures("folder")
def test_doctor_hides_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that does not answer is a problem, told without the password."""
    monkeypatch.setenv("STILLMOTION_DATABASE_URL", "postgresql://somebody:hidden@127.0.0.1:1/films")
    (database,) = [finding for finding in service_checkup() if finding.name == "database"]
    assert database.well is False
    assert "hidden" not in database.detail


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("s3://films", "s3://films"),
        ("s3://films.example-1/one/Two_3/", "s3://films.example-1/one/Two_3"),
        ("films", None),
        ("s3://", None),
        ("s3://Films", None),
        ("s3://key:secret@films", None),
        ("s3://films/.hidden", None),
        ("s3://films/../x", None),
        ("s3://films/x?region=y", None),
        ("https://films.s3.example.com", None),
        ("", None),
    ],
)
def test_where_the_store_is(monkeypatch: pytest.MonkeyPatch, given: str, taken: str | None) -> None:
    """A bucket and perhaps a prefix, and nothing secret in it; anything else is refused, and not repeated."""
    monkeypatch.setenv("STILLMOTION_STORE_URL", given)
    if taken is not None:
        assert settings_of(None).store_url == taken
        return
    with pytest.raises(SettingsInvalid, match=r"s3://bucket/prefix.*STILLMOTION_STORE_URL") as error:
        settings_of(None)
    assert "secret" not in str(error.value)


@pytest.mark.usefixtures("folder")
def test_doctor_tries_the_store(s3: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """It writes, reads, lists and removes there, says what does not go, and leaves nothing; a folder is not probed."""

    def found() -> list[bool | None]:
        return [one.well for one in service_checkup() if one.name == "store"]

    assert found() == []
    url = s3.fresh_url()
    monkeypatch.setenv("STILLMOTION_STORE_URL", url)
    assert found() == [True]
    assert s3.objects(url) == []
    s3.away = True
    assert found() == [False]
