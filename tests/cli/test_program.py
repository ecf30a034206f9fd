"""The program as a process: how it starts, how it looks on a terminal, how it is interrupted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stillmotion.cli.commands.render import _shot_text
from unit.media.pictures import gradient, jpeg

TESTS = Path(__file__).parents[1]
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="signals and terminals of POSIX")


def _environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")]), **more}


def _bars(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    (folder / "photo.jpg").write_bytes(jpeg(gradient()))
    return subprocess.Popen(
        [sys.executable, str(TESTS / "cli" / "bars_program.py"), *arguments],
        cwd=folder,
        env=_environment(**environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _stillmotion(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "stillmotion", *arguments]
    return subprocess.run(command, env=_environment(**environment), capture_output=True, text=True, check=False)


def _loaded_by(code: str) -> set[str]:
    """Names of the modules that a fresh interpreter has loaded after running `code`."""
    code = f"import sys\n{code}\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], env=_environment(), capture_output=True, text=True, check=True)
    return set(done.stderr.split())


HEAVY = {"numpy", "av", "cv2", "PIL", "numba", "onnxruntime", "scipy", "rich", "pydantic", "stillmotion.studio"}


def test_help_loads_nothing_heavy() -> None:
    """`--help` of the program and of each command does without numpy, codecs, networks and rich."""
    code = """
from stillmotion.cli.app import COMMANDS, run
for arguments in (["--help"], *([name, "--help"] for name in COMMANDS)):
    assert run(arguments) == 0
"""
    assert not _loaded_by(code) & HEAVY


@posix_only
def test_help_is_quick() -> None:
    """`stillmotion --help` takes less than 0.3 s of processor time from nothing, interpreter included."""
    import resource  # noqa: PLC0415  # there is none on Windows

    def spent() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    times = []
    for _ in range(3):
        before = spent()
        assert _stillmotion("--help").returncode == 0
        times.append(spent() - before)
    assert min(times) < 0.3


def test_module_and_version() -> None:
    """`python -m stillmotion` is the program."""
    done = _stillmotion("--version")
    assert (done.returncode, done.stdout.split()[0], done.stderr) == (0, "stillmotion", "")


def test_two_programs_do_not_share_a_name(tmp_path: Path) -> None:
    """Two films of one photo that are made at the same time, without -o, both stay: each has a name of its own."""
    programs = [_bars(tmp_path, "animate", "photo.jpg", "-p", f"Waves {k}", "-q", SLOW="1") for k in range(2)]
    names = [program.communicate(timeout=60)[0] for program in programs]
    assert sorted(names) == ["photo-2.mp4\n", "photo.mp4\n"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["photo-2.mp4", "photo.jpg", "photo.mp4"]


@posix_only
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_interrupting_leaves_nothing(tmp_path: Path, how: signal.Signals) -> None:
    """Ctrl-C, and a polite kill, while frames are written: exit 130, one message, no file, no temporary file."""
    program = _bars(tmp_path, "animate", "photo.jpg", "-p", "Waves", "-o", "out.mp4", SLOW="1")
    while not list(tmp_path.glob(".stillmotion-*")):
        assert program.poll() is None, program.communicate()
        time.sleep(0.02)
    time.sleep(0.3)
    program.send_signal(how)
    out, err = program.communicate(timeout=30)
    assert program.returncode == 130
    assert out == ""
    assert err.splitlines()[-1] == "stillmotion: The work was cancelled; nothing was written."
    assert [path.name for path in tmp_path.iterdir()] == ["photo.jpg"]


@posix_only
def test_interrupting_with_json(tmp_path: Path) -> None:
    """With --json even an interruption is one JSON value."""
    program = _bars(tmp_path, "animate", "photo.jpg", "-p", "Waves", "--json", SLOW="1")
    assert program.stderr is not None
    while program.stderr.readline() != "rendering\n":
        assert program.poll() is None
    program.send_signal(signal.SIGINT)
    out, _ = program.communicate(timeout=30)
    assert json.loads(out)["error"]["code"] == "cancelled"


def test_in_a_pipe_there_are_plain_lines(tmp_path: Path) -> None:
    """Without a terminal: one line a stage, no control characters, whatever the environment says about colour."""
    program = _bars(tmp_path, "animate", "photo.jpg", "-p", "Waves", "-o", "out.mp4", TERM="xterm-256color")
    out, err = program.communicate(timeout=60)
    assert (program.returncode, out) == (0, "out.mp4\n")
    assert err.splitlines() == ["reading the photo", "rendering", "writing the file"]


@posix_only
@pytest.mark.parametrize(
    "arguments", [["assets", "list"], ["assets", "list", "--json"], ["--help"], ["assets", "fetch", "none", "--json"]]
)
def test_a_reader_that_goes_away_is_no_fault(arguments: list[str]) -> None:
    """`stillmotion assets list | true` ends with the code of a closed pipe and without a word about it."""
    ours, theirs = os.pipe()
    os.close(ours)
    command = [sys.executable, "-m", "stillmotion", *arguments]
    done = subprocess.run(command, env=_environment(), stdout=theirs, stderr=subprocess.PIPE, text=True, check=False)
    os.close(theirs)
    assert done.returncode == 141
    assert done.stderr in {"", "everything that a shot needs is here\n"}


@posix_only
def test_a_shot_can_come_through_a_pipe() -> None:
    """`render photo.jpg <(plan ...)`: a pipe can be read only once, and every byte of it counts."""
    ours, theirs = os.pipe()
    os.write(theirs, b'{"prompt": "' + b"Waves " * 50 + b'"}')
    os.close(theirs)
    try:
        assert json.loads(_shot_text(f"/dev/fd/{ours}")) == {"prompt": "Waves " * 50}
    finally:
        os.close(ours)


def _on_a_terminal(folder: Path, **environment: str) -> str:
    """What a person sees when stderr is a terminal."""
    import pty  # noqa: PLC0415  # there is none on Windows

    (folder / "photo.jpg").write_bytes(jpeg(gradient()))
    ours, theirs = pty.openpty()
    program = subprocess.Popen(
        [sys.executable, str(TESTS / "cli" / "bars_program.py"), "animate", "photo.jpg", "-p", "Waves", "-o", "o.mp4"],
        cwd=folder,
        env=_environment(TERM="xterm-256color", COLUMNS="100", **environment),
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    seen = b""
    try:
        while piece := os.read(ours, 4096):
            seen += piece
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(ours)
    assert program.wait(timeout=60) == 0
    return seen.decode()


@posix_only
def test_on_a_terminal_there_is_a_bar(tmp_path: Path) -> None:
    """On a terminal each stage has a bar that reaches 100 %, in colour unless NO_COLOR is set."""
    seen = _on_a_terminal(tmp_path)
    assert "rendering" in seen
    assert "100%" in seen
    assert "\x1b[38;5" in seen or "\x1b[32m" in seen or "\x1b[35m" in seen
    plain = _on_a_terminal(tmp_path, NO_COLOR="1")
    assert "100%" in plain
    assert "\x1b[38;5" not in plain
    assert "\x1b[32m" not in plain


def test_a_pipe_that_closes_is_no_crash(tmp_path: Path) -> None:
    """`stillmotion ... | head -0` ends without a stack trace."""
    program = _bars(tmp_path, "animate", "photo.jpg", "-p", "Waves", "-o", "out.mp4", "-q")
    assert program.stdout is not None
    program.stdout.close()
    program.wait(timeout=60)
    assert program.stderr is not None
    assert "Traceback" not in program.stderr.read()
    program.stderr.close()


def test_missing_weights_without_a_network(tmp_path: Path) -> None:
    """With no weights and no network the message says which asset is missing and how to get it; exit code 5."""
    nowhere = "http://127.0.0.1:9"
    (tmp_path / "photo.jpg").write_bytes(jpeg(gradient(320, 240)))
    done = _stillmotion(
        *("plan", str(tmp_path / "photo.jpg"), "-p", "Waves", "--json", "-q"),
        STILLMOTION_CACHE_DIR=str(tmp_path / "cache"),
        PIP_INDEX_URL=f"{nowhere}/simple",
        NPM_CONFIG_REGISTRY=nowhere,
        HTTP_PROXY=nowhere,
        HTTPS_PROXY=nowhere,
        PIP_RETRIES="0",
    )
    assert done.returncode == 5, done.stdout + done.stderr
    error = json.loads(done.stdout)["error"]
    assert error["code"] == "asset_unavailable"
    assert "stillmotion assets fetch" in error["message"]


def test_doctor_looks_at_everything(tmp_path: Path) -> None:
    """`doctor --json` reports each check; absent weights make it exit with 1 and say how to fetch them."""
    done = _stillmotion("doctor", "--json", STILLMOTION_CACHE_DIR=str(tmp_path))
    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert not report["ok"]
    assert {"python", "processor", "memory", "cache", "codecs", "numpy", "weights"} <= set(report["checks"])
    assert report["checks"]["codecs"]["ok"]
    assert "stillmotion assets fetch" in report["checks"]["weights"]["detail"]


def test_doctor_finds_a_closed_cache(tmp_path: Path) -> None:
    """A cache folder that cannot be written is named as the problem."""
    (tmp_path / "file").write_bytes(b"")
    done = _stillmotion("doctor", STILLMOTION_CACHE_DIR=str(tmp_path / "file" / "cache"))
    assert done.returncode == 1
    assert any(line.startswith("PROBLEM") and "cache" in line for line in done.stdout.splitlines())
