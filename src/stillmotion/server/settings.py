"""What the operator decides: environment (`STILLMOTION_...`), then `stillmotion.toml`, then the defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import AnyHttpUrl, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

FILE = "stillmotion.toml"


class Settings(BaseSettings):
    """Settings of the service; every field may be set by environment, by file, or left alone."""

    model_config = SettingsConfigDict(env_prefix="STILLMOTION_", env_nested_delimiter="__", extra="forbid", frozen=True)

    host: str = "127.0.0.1"
    """Address to listen on; others than loopback need `accounts`."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    public_url: AnyHttpUrl | None = None
    """Where clients reach us when a proxy stands in front; None is: as the request says."""
    data_dir: Path = Field(default_factory=lambda: Path(platformdirs.user_data_dir("stillmotion")))
    """Database, uploads and outputs of a single machine."""
    database_url: SecretStr | None = None
    """Any PostgreSQL from version 14 on; None starts the embedded one in `data_dir`."""
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
    retention_days: Annotated[float, Field(gt=0)] = 7.0
    disk_quota_bytes: Annotated[int, Field(ge=0)] = 20 * 2**30
    """Uploads and outputs together; 0 is no limit."""
    upload_limit_bytes: Annotated[int, Field(gt=0)] = 50 * 2**20
    body_limit_bytes: Annotated[int, Field(gt=0)] = 24 * 2**20
    """Of a request without a file; a data URL of 20 MB fits."""
    per_minute: Annotated[int, Field(ge=0)] = 60
    """Creates a minute for one account; 0 is no limit."""
    concurrency: Annotated[int, Field(ge=1)] = 2
    """Runs at once for one account; more wait."""
    queue_limit: Annotated[int, Field(ge=1)] = 10_000
    sync_wait_s: Annotated[float, Field(ge=0)] = 110.0
    """How long a synchronous request is held."""
    url_ttl_s: Annotated[int, Field(gt=0)] = 24 * 3600
    """How long the address of an output is good."""
    allow_networks: tuple[str, ...] = ()
    """Private networks that pictures and webhooks may be in, as CIDR: "10.1.0.0/16"."""
    blocklist_file: Path | None = None
    """Prompts that hold one of these lines are refused."""
    refuse_faces: bool = False
    """Refuse pictures with human faces, as the hosted service does."""

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, environment, the nearest `stillmotion.toml` upwards."""
        del dotenv_settings
        return init_settings, env_settings, file_secret_settings, TomlConfigSettingsSource(settings_cls, _file())


def _file() -> Path | None:
    here = Path.cwd()
    return next((folder / FILE for folder in (here, *here.parents) if (folder / FILE).is_file()), None)
