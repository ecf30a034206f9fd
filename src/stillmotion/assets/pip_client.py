"""Where a Python package's archive is, as the user's own pip is configured.

To find an archive, pip is asked for its settings only: indexes, find-links, proxy, certificates.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.parse
import urllib.request
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

from stillmotion.assets.failures import LYING_BYTES, SourceError
from stillmotion.assets.web import Place, read_page

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stillmotion.assets.records import PypiSource

_LARGEST_PAGE_BYTES = 64 << 20
_TIMEOUT_S = 600
_SECTIONS = (":env:.", "download.", "install.", "global.")
_ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
_INDEX_DEFAULT = re.compile(r"--index-url <url>.*?\(default:? (\S+?)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class PipSettings:
    """What pip would use."""

    indexes: tuple[str, ...]
    find_links: tuple[str, ...]
    proxy: str | None
    ca_file: str | None


def locate(source: PypiSource) -> Place | Path:
    """The archive's address, or its path where pip is pointed at local folders; `SourceError` if no index has it."""
    settings = pip_settings()
    failures: list[str] = []
    for page in _pages(settings, source.project):
        try:
            links = _links(page, settings)
            if source.filename in links:
                found = links[source.filename]
                return found if isinstance(found, Path) else _place(found, settings)
        except SourceError as failure:
            failures.append(str(failure))
        except OSError as error:
            failures.append(f"{page} cannot be read ({error.strerror})")
        except LYING_BYTES:  # its words would repeat the address, and with it a password
            failures.append("an address is not a valid one")
    message = f"pip's indexes do not offer {source.filename}"
    raise SourceError("; ".join([message, *failures]))


@cache
def pip_settings() -> PipSettings:
    """Asks pip once per process; `SourceError` when there is no pip to ask."""
    return parse_settings(run_pip("config", "list"), run_pip("download", "--help"))


def parse_settings(config: str, download_help: str) -> PipSettings:
    """Settings from the output of `pip config list`, and the default index from `pip download --help`."""
    values = _config_values(config)
    default = _INDEX_DEFAULT.search(" ".join(download_help.split()))
    index = values.get("index-url") or (default[1] if default else "")
    indexes = [] if values.get("no-index", "").lower() in {"1", "true", "yes", "on"} else [index]
    if indexes:
        indexes += values.get("extra-index-url", "").split()
    proxy = values.get("proxy")
    return PipSettings(
        indexes=tuple(filter(None, indexes)),
        find_links=tuple(values.get("find-links", "").split()),
        proxy=proxy if not proxy or "://" in proxy else f"http://{proxy}",
        ca_file=values.get("cert"),
    )


def run_pip(*arguments: str) -> str:
    """Output of a pip command; `SourceError` when pip is missing or refuses."""
    try:
        done = subprocess.run(
            [*_pip_command(), *arguments],
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=True,
            env={**os.environ, "COLUMNS": "1000"},  # an address in the help text must not be broken into lines
        )
    except subprocess.CalledProcessError as error:
        lines = error.stderr.strip().splitlines() or ["it said nothing"]
        message = f"pip refused ({lines[-1]})"
        raise SourceError(message) from None
    except (OSError, subprocess.SubprocessError) as error:
        message = f"pip cannot be asked ({error})"
        raise SourceError(message) from None
    return done.stdout


def _pip_command() -> list[str]:
    """This interpreter's own pip, else one on PATH, else the one inside the standard library."""
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-P", "-m", "pip"]  # -P: what lies in the working folder is not run
    for name in ("pip3", "pip"):
        if found := shutil.which(name):
            return [found]
    ensurepip = importlib.util.find_spec("ensurepip")
    bundled = Path(ensurepip.origin).parent.glob("_bundled/pip-*.whl") if ensurepip and ensurepip.origin else ()
    for wheel in bundled:
        return [sys.executable, str(wheel / "pip")]
    message = "pip is not installed"
    raise SourceError(message)


def _config_values(config: str) -> dict[str, str]:
    """The strongest value of every key: environment, then `download`, `install`, `global`."""
    values: dict[str, str] = {}
    pairs = [line.partition("=")[::2] for line in config.splitlines() if "=" in line]
    for section in reversed(_SECTIONS):
        for key, literal in pairs:
            if key.startswith(section):
                values[key.removeprefix(section)] = _unquoted(literal)
    return values


def _unquoted(literal: str) -> str:
    try:
        return str(ast.literal_eval(literal))
    except (ValueError, SyntaxError):
        return literal


def _pages(settings: PipSettings, project: str) -> Iterator[str]:
    yield from settings.find_links
    for index in settings.indexes:
        yield f"{index.rstrip('/')}/{re.sub(r'[-_.]+', '-', project).lower()}/"


def _links(page: str, settings: PipSettings) -> Mapping[str, str | Path]:
    """Archive name -> address or path, of an index page or a local folder."""
    local = _local_path(page)
    if local is None:
        body, content_type, address = read_page(
            _place(page, settings), {"Accept": _ACCEPT}, limit_bytes=_LARGEST_PAGE_BYTES
        )
        return parse_page(body, content_type, address)
    if not local.is_dir():
        return {}
    listing = local / "index.html"
    if not listing.is_file():
        return {file.name: file for file in local.iterdir()}
    named = parse_page(listing.read_bytes(), "text/html", listing.as_uri())
    return {name: _local_path(address) or address for name, address in named.items()}


def parse_page(body: bytes, content_type: str, address: str) -> dict[str, str]:
    """Archive name -> absolute address, of a simple-index page in either form (JSON or HTML)."""
    try:
        return _json_links(body, address) if content_type.endswith("json") else _html_links(body, address)
    except (TypeError, *LYING_BYTES):
        message = "the index answered with something that is not an index page"
        raise SourceError(message) from None


def _json_links(body: bytes, address: str) -> dict[str, str]:
    return {file["filename"]: urllib.parse.urljoin(address, file["url"]) for file in json.loads(body)["files"]}


def _html_links(body: bytes, address: str) -> dict[str, str]:
    parser = _Anchors()
    parser.feed(body.decode("utf-8", "replace"))
    links = (urllib.parse.urljoin(address, link).partition("#")[0] for link in parser.targets)
    return {urllib.parse.unquote(urllib.parse.urlsplit(link).path.rpartition("/")[2]): link for link in links}


class _Anchors(HTMLParser):
    """Collects where a page's links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the target of an anchor."""
        target = dict(attrs).get("href") if tag == "a" else None
        if target:
            self.targets.append(target)


def _local_path(address: str) -> Path | None:
    if address.startswith("file:"):
        return Path(urllib.request.url2pathname(urllib.parse.urlsplit(address).path))
    return None if "://" in address else Path(address).expanduser()


def _place(address: str, settings: PipSettings) -> Place:
    return Place(url=_with_login(address, settings), proxy=settings.proxy, ca_file=settings.ca_file)


def _with_login(address: str, settings: PipSettings) -> str:
    """The address with the user and password of the index on the same host, if the index has them."""
    parts = urllib.parse.urlsplit(address)
    for index in map(urllib.parse.urlsplit, settings.indexes):
        login, _, host = index.netloc.rpartition("@")
        if login and (index.scheme, host) == (parts.scheme, parts.netloc):
            return parts._replace(netloc=index.netloc).geturl()
    return address
