"""What the operator decides: environment (`STILLMOTION_...`), then `stillmotion.toml`, then the defaults."""

from __future__ import annotations

import os
import re
import tomllib
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import platformdirs
from pydantic import AnyHttpUrl, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from pydantic.fields import FieldInfo

FILE = "stillmotion.toml"
CLIENT_TABLE = "client"
SECRETS = ("database_url", "metrics_key")
_PREFIX = "STILLMOTION_"
_OTHERS = frozenset(("API_KEY", "API_KEY_FILE", "BASE_URL", "CACHE_DIR", "FAILPOINT"))
"""Variables that are not settings of the service: the client's, the library's, and that of the crash tests."""
_OF_TESTS = ("TEST_", "SCHEMATHESIS_")
_OF_CHILDREN = frozenset((f"{_PREFIX}CACHE_DIR", f"{_PREFIX}FAILPOINT"))
_S3 = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
_POSTGRESQL = re.compile(r"postgres(?:ql(?:\+psycopg)?)?://")
_OF_LIBRARIES = ("PG", "AWS_")
"""What the libraries of the database and of the store read; some of it are passwords and keys."""


class Settings(BaseSettings):
    """Settings of the service; every field may be set by environment, by file, or left alone."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True)

    host: str = "127.0.0.1"
    """Address to listen on; others than loopback need `accounts`."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    """0 is any free one."""
    public_url: AnyHttpUrl | None = None
    """Where clients reach us when a proxy stands in front; without it, as the request says."""
    data_dir: Path = Field(default_factory=lambda: Path(platformdirs.user_data_dir("stillmotion")))
    """Database, uploads and outputs of a single machine."""
    database_url: SecretStr | None = None
    """Any PostgreSQL from version 14 on; without it, our own in `data_dir`."""
    store_url: str | None = None
    """`s3://bucket/prefix` of any S3-compatible store for uploads and outputs; without it, `files` in `data_dir`."""
    accounts: bool = False
    """Several accounts with keys and balances. Without it: one user on this machine, any key, money only recorded."""
    workers: Annotated[int, Field(ge=0, le=64)] = 1
    """Worker processes that `serve` starts beside the API."""
    quality: Literal["full", "tiny"] = "full"
    """"tiny" films at a small size: for tests of the service, not of the picture."""
    time_limit_s: Annotated[float, Field(gt=0)] = 900.0
    """A run that takes longer fails and is not charged."""
    attempts: Annotated[int, Field(ge=1, le=10)] = 3
    """How often a job is begun before it counts as one that kills its worker."""
    drain_s: Annotated[float, Field(ge=0)] = 20.0
    """How long a running film may go on when its worker is told to stop; then it is given back to the queue."""
    retention_days: Annotated[float, Field(gt=0, le=36_500)] = 7.0
    """How long predictions, their films and uploads are kept; a hundred years are as good as for ever."""
    disk_quota_bytes: Annotated[int, Field(ge=0)] = 20 * 2**30
    """Uploads and outputs together; 0 is no limit."""
    account_quota_bytes: Annotated[int, Field(ge=0)] = 5 * 2**30
    """What one account may have of that, when there are `accounts`; 0 is no limit."""
    upload_limit_bytes: Annotated[int, Field(gt=0)] = 50 * 2**20
    """Of one file."""
    body_limit_bytes: Annotated[int, Field(gt=0)] = 24 * 2**20
    """Of a request that makes something, with its picture; a data URL of 20 MB fits. Uploads have their own limit."""
    per_minute: Annotated[int, Field(ge=0)] = 60
    """Creates a minute for one account, and as many uploads; 0 is no limit."""
    concurrency: Annotated[int, Field(ge=1)] = 2
    """Runs at once for one account; more wait."""
    queue_limit: Annotated[int, Field(ge=1)] = 10_000
    """Waiting runs of one account; more are refused."""
    sync_wait_s: Annotated[float, Field(ge=0)] = 110.0
    """How long a synchronous request is held."""
    url_ttl_s: Annotated[int, Field(gt=0)] = 24 * 3600
    """How long the address of an output is good."""
    allow_networks: tuple[str, ...] = ()
    """Private networks that pictures and webhooks may be in, as CIDR: "10.1.0.0/16"."""
    blocklist_file: Path | None = None
    """Prompts and Shots that hold one of these lines are refused."""
    metrics_key: SecretStr | None = None
    """With accounts: opens `/metrics` and nothing else; without it only administrators' keys do."""
    refuse_faces: bool = False
    """Refuse pictures with human faces, as the hosted service does."""

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator(*SECRETS)
    @classmethod
    def _given(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().strip():  # most likely a secret that was not filled in
            message = "it is empty; give a value, or leave the setting out"
            raise ValueError(message)
        return value

    @field_validator("database_url")
    @classmethod
    def _of_postgresql(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _POSTGRESQL.match(value.get_secret_value()):
            message = "it must begin with postgresql://, as in postgresql://user:password@host:5432/name"
            raise ValueError(message)
        return value

    @field_validator("store_url")
    @classmethod
    def _of_s3(cls, value: str | None) -> str | None:
        if value is None:
            return None
        address = value.rstrip("/")
        if not _S3.fullmatch(address):
            message = "it must be s3://bucket or s3://bucket/prefix; keys and endpoint come from the AWS_... variables"
            raise ValueError(message)
        return address

    @field_validator("allow_networks")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            ip_network(text, strict=False)
        return value

    @field_validator("blocklist_file")
    @classmethod
    def _readable(cls, value: Path | None) -> Path | None:
        if value is None:
            return None
        place = value.expanduser().absolute()  # workers have another folder
        try:
            place.read_text(encoding="utf-8")
        except (OSError, UnicodeError) as error:
            message = f"{place} cannot be read ({getattr(error, 'strerror', None) or 'it is not UTF-8'})"
            raise ValueError(message) from None
        return place

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, environment, the nearest `stillmotion.toml` upwards, the user's."""
        del dotenv_settings
        named, unknown = _SecretFiles(settings_cls), _Unknown(settings_cls)
        written = (_Toml(settings_cls, file) for file in files())
        return init_settings, env_settings, named, unknown, file_secret_settings, *written


class _Toml(TomlConfigSettingsSource):
    """A file, less the table that is for clients."""

    def _read_file(self, file_path: Path | Traversable) -> dict[str, Any]:
        try:
            values = super()._read_file(file_path)
        except ValueError as error:
            message = f"{file_path} is no TOML: {error}"
            raise ValueError(message) from None
        return {name: value for name, value in values.items() if name != CLIENT_TABLE}


class _SecretFiles(PydanticBaseSettingsSource):
    """Secrets that lie in files of their own: `STILLMOTION_DATABASE_URL_FILE` names one."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """See `PydanticBaseSettingsSource`."""
        del field
        variable = f"{_PREFIX}{field_name.upper()}_FILE"
        path = os.environ.get(variable)
        if path == "":
            message = f"{variable} is empty; name a file, or leave it out"
            raise ValueError(message)
        return (None if path is None else Path(path).expanduser().read_text("utf-8").strip()), field_name, False

    def __call__(self) -> dict[str, Any]:
        """The secrets that are there."""
        found = {name: self.get_field_value(self.settings_cls.model_fields[name], name)[0] for name in SECRETS}
        return {name: value for name, value in found.items() if value is not None}


class _Unknown(PydanticBaseSettingsSource):
    """Variables with our prefix that mean nothing: refused like unknown names in a file, for they are mistyped."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """See `PydanticBaseSettingsSource`."""
        del field
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """The names that are not known."""
        known = {name.upper() for name in self.settings_cls.model_fields} | _OTHERS
        known |= {f"{name.upper()}_FILE" for name in SECRETS}
        given = {name.upper().removeprefix(_PREFIX) for name in os.environ if name.upper().startswith(_PREFIX)}
        return {name.lower(): "" for name in given - known if not name.startswith(_OF_TESTS)}


def for_children(*, records: bool) -> dict[str, str]:
    """The environment of a process that we start: without our settings, of which some are secrets.

    It keeps no secret from a process that goes looking for it: that runs as the same user.

    Args:
        records: whether it has to do with database and store; otherwise what their libraries read is left out as well.
    """
    dropped = (_PREFIX,) if records else (_PREFIX, *_OF_LIBRARIES)
    spoken = ((name, value, name.upper()) for name, value in os.environ.items())
    return {name: value for name, value, upper in spoken if upper in _OF_CHILDREN or not upper.startswith(dropped)}


def files() -> tuple[Path, ...]:
    """The files that are read, the first of them counting most: the nearest one upwards, then the user's."""
    here = Path.cwd()
    nearest = next((folder / FILE for folder in (here, *here.parents) if (folder / FILE).is_file()), None)
    users = Path(platformdirs.user_config_dir("stillmotion")) / FILE
    return tuple(dict.fromkeys(path for path in (nearest, users) if path is not None and path.is_file()))


def origins() -> dict[str, str]:
    """Where each setting that is no default came from: a variable or a file."""
    found: dict[str, str] = {}
    for path in reversed(files()):
        found |= dict.fromkeys(tomllib.loads(path.read_text(encoding="utf-8")), str(path))
    spoken = {variable.upper(): variable for variable in os.environ}
    names = {variable.removeprefix(_PREFIX).lower() for variable in spoken if variable.startswith(_PREFIX)}
    for name in (*names.difference(Settings.model_fields), *Settings.model_fields):
        variables = [f"{_PREFIX}{name}{ending}".upper() for ending in ("_FILE", "") if not ending or name in SECRETS]
        for variable in filter(spoken.__contains__, variables):
            found[name] = spoken[variable]
    return found
