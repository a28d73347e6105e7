import contextlib
import json
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from urllib.error import HTTPError, URLError

import pytest

from aggregator.config import edit

PROGRAM = Path(sys.executable).with_name("aggregator")
PATIENCE = 120.0
TOPIC = '[[topic]]\nname = "korea"\nmatch = "korea"\n'


def until(true: Callable[[], bool]) -> None:
    """Wait, but not for ever."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


def get(url: str, headers: Mapping[str, str] = {}) -> tuple[int, Message, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=dict(headers)), timeout=60) as answer:
            return answer.status, answer.headers, answer.read()
    except HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class Running:
    home: Path
    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def says(self, path: str, status: int = 200, words: bytes = b"") -> bool:
        with contextlib.suppress(URLError, ConnectionError):
            found, _, body = get(self.url + path)
            return found == status and words in body
        assert self.process.poll() is None, self.log.read_text()
        return False

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    edit.init(tmp_path)
    write(tmp_path, "aggregator.toml", f'cpu_workers = 0\n[server]\nlisten = "127.0.0.1:{free_port()}"\n')
    write(tmp_path, "topics.toml", TOPIC)
    lines = ({"url": f"https://a.org/{n}", "title": f"Korea {n}", "text": "Of the talks.", "source": "a"} for n in "12")
    done = command(tmp_path, "load", "-", stdin="\n".join(map(json.dumps, lines)))
    assert done.returncode == 0, done.stderr
    return tmp_path


@pytest.fixture
def daemon(home: Path) -> Iterator[Running]:
    with started(home) as running:
        yield running


@contextlib.contextmanager
def started(home: Path) -> Iterator[Running]:
    log = home / "log"
    with log.open("wb") as file:
        process = subprocess.Popen([PROGRAM, "run", "--home", home], stderr=file)
    with process:
        url = (home / "config/aggregator.toml").read_text().split('"')[1]
        running = Running(home, f"http://{url}", process, log)
        try:
            until(lambda: running.says("/healthz"))
            yield running
        finally:
            process.kill()


def write(home: Path, name: str, text: str) -> None:
    """As an editor does: the whole file at once."""
    beside = home / "config" / f".{name}.new"
    beside.write_text(text)
    beside.replace(home / "config" / name)


def command(home: Path, *args: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, *args, "--home", home], input=stdin, capture_output=True, text=True, timeout=120)


def status(home: Path) -> dict[str, int]:
    found: dict[str, int] = json.loads(command(home, "status", "--json").stdout)
    return found


def test_how_the_web_is_asked_is_taken_up_whole_or_not_at_all(daemon: Running) -> None:
    said = (daemon.home / "config/aggregator.toml").read_text()
    write(daemon.home, "topics.toml", '[[topic]]\nname = "one"\nmatch = "title:1"\n')
    write(daemon.home, "aggregator.toml", f'{said}[http]\nallow_addresses = ["nonsense"]\n')
    until(lambda: "configuration not taken up" in daemon.log.read_text())
    before = daemon.log.read_text().count("configuration taken up")
    write(daemon.home, "aggregator.toml", f'{said}[http]\nallow_addresses = ["127.0.0.1"]\n')
    until(lambda: daemon.log.read_text().count("configuration taken up") > before)
    until(lambda: daemon.says("/feeds/one.atom", words=b"Korea 1"))
    assert "need a restart" not in daemon.log.read_text()
    assert daemon.stop() == 0


def test_a_daemon_serves_takes_up_changes_and_stops(daemon: Running) -> None:
    until(lambda: daemon.says("/feeds/korea.atom", words=b"Korea 2"))
    status, headers, body = get(f"{daemon.url}/feeds/korea.atom")
    assert (status, headers.get_content_type()) == (200, "application/atom+xml")
    for condition in ({"If-None-Match": headers["ETag"]}, {"If-Modified-Since": headers["Last-Modified"]}):
        status, _, nothing = get(f"{daemon.url}/feeds/korea.atom", condition)
        assert (status, nothing) == (304, b"")
    assert (daemon.home / "feeds_out/korea.atom").read_bytes() == body

    # A mistake is said, and what ran before goes on.
    write(daemon.home, "topics.toml", TOPIC + '[[topic]]\nname = "wrong"\nmatch = "("\n')
    until(lambda: "configuration not taken up" in daemon.log.read_text())
    assert daemon.says("/feeds/korea.atom")

    # A changed file is taken up, and so it is at SIGHUP.
    write(daemon.home, "topics.toml", '[[topic]]\nname = "one"\nmatch = "title:1"\n')
    until(lambda: daemon.says("/feeds/one.atom", words=b"Korea 1"))
    until(lambda: daemon.says("/feeds/korea.atom", status=404))
    assert b"Korea 2" not in get(f"{daemon.url}/feeds/one.atom")[2]
    before = daemon.log.read_text().count("configuration taken up")
    daemon.process.send_signal(signal.SIGHUP)
    until(lambda: daemon.log.read_text().count("configuration taken up") > before)

    # What another process loads is published.
    line = json.dumps({"url": "https://b.org/1", "title": "Number 1 of another", "text": "Of else."})
    assert command(daemon.home, "load", "-", stdin=line).returncode == 0
    until(lambda: daemon.says("/feeds/one.atom", words=b"Number 1 of another"))

    assert daemon.stop() == 0
    log = daemon.log.read_text()
    assert log.rstrip().endswith("stopped")
    assert "Traceback" not in log


def test_a_damaged_text_keeps_nothing_back_but_what_shows_it(home: Path) -> None:
    write(home, "topics.toml", TOPIC + '[[topic]]\nname = "one"\nmatch = "title:1"\n')
    assert command(home, "publish", "one").returncode == 0
    with contextlib.closing(sqlite3.connect(home / "storage/archive.db")) as archive, archive:
        archive.execute("UPDATE articles SET body = x'28b52ffd20' WHERE id = 2")
    with started(home) as daemon:
        until(lambda: "publish id=1 failed: a text of the archive: is damaged" in daemon.log.read_text())
        assert daemon.says("/feeds/one.atom", words=b"Korea 1")
        assert daemon.stop() == 0
    assert "Traceback" not in daemon.log.read_text()
    verified = command(home, "verify")
    assert verified.returncode == 1
    assert verified.stdout.startswith("article 2, revision 1: cannot be read: what is kept of it is damaged\n")


def test_making_the_archive_is_not_worth_lines_in_the_log(tmp_path: Path) -> None:
    edit.init(tmp_path)
    done = command(tmp_path, "list", "-vv")
    assert done.returncode == 0
    assert "Context impl" not in done.stderr


def test_a_second_daemon_on_a_home_is_refused(daemon: Running) -> None:
    done = command(daemon.home, "run")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"aggregator: {daemon.home}/storage: another aggregator is running on this home")
    assert f"pid {daemon.process.pid}" in line
    assert daemon.says("/healthz")
    assert daemon.stop() == 0


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes every request and answers none; its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_a_busy_daemon_stops_cleanly_and_gives_its_job_back(daemon: Running, silent: str) -> None:
    address = silent.removeprefix("http://")
    settings = daemon.home / "config/aggregator.toml"
    daemon.stop()
    write(daemon.home, "aggregator.toml", f'{settings.read_text()}[http]\nallow_addresses = ["{address}"]\n')
    write(daemon.home, "sources.toml", f'[[source]]\nurl = "{silent}/feed"\n')
    log = daemon.home / "busy.log"
    with log.open("wb") as file, subprocess.Popen([PROGRAM, "run", "--home", daemon.home], stderr=file) as process:
        until(lambda: "running home=" in log.read_text())
        until(lambda: status(daemon.home)["due_poll"] == 0)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    said = log.read_text()
    assert said.rstrip().endswith("stopped")
    assert "Traceback" not in said
    assert "maximum number of running instances" not in said
    assert status(daemon.home)["due_poll"] == 1


def test_interrupted_it_stops_as_cleanly(daemon: Running) -> None:
    daemon.process.send_signal(signal.SIGINT)
    assert daemon.process.wait(60) == 0


@pytest.mark.parametrize("listen", ["in use", "nowhere.invalid:80"])
def test_an_address_that_cannot_be_listened_on_is_one_line(home: Path, listen: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}" if listen == "in use" else listen
        write(home, "aggregator.toml", f'cpu_workers = 0\n[server]\nlisten = "{listen}"\n')
        done = command(home, "run")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"aggregator: {listen}: cannot be listened on")
    assert "server.listen" in line
