"""Commands as a user types them, and a small web for them to ask: the fixtures `run` and `site`."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from click.testing import CliRunner

from aggregator.cli import main
from tests.loopback import Answer, serving


@dataclass
class Site:
    """A small web on loopback: a path and what it answers."""

    url: str
    pages: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    def feed(self, path: str, title: str, *items: tuple[str, str, str]) -> str:
        """A feed whose items are (link, title, text)."""
        body = "".join(
            f"<item><title>{escape(t)}</title><link>{self.url}{link}</link><guid>{link}</guid>"
            f"<pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate><description>{escape(text)}</description></item>"
            for link, t, text in items
        )
        rss = f'<rss version="2.0"><channel><title>{escape(title)}</title>{body}</channel></rss>'
        self.pages[path] = (200, "application/rss+xml", rss.encode())
        return self.url + path

    def page(self, path: str, head: str = "", body: str = "", title: str = "Page") -> str:
        html = f"<!doctype html><html lang=en><head><title>{title}</title>{head}</head><body>{body}</body></html>"
        self.pages[path] = (200, "text/html; charset=utf-8", html.encode())
        return self.url + path


@pytest.fixture
def site() -> Iterator[Site]:
    def answer(path: str) -> Answer:
        found.asked.append(path)
        return found.pages.get(path, (404, "text/plain", b"nothing here"))

    with serving(answer) as host:
        found = Site(f"http://{host}")
        yield found


@dataclass
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def one(self) -> dict[str, Any]:
        (only,) = self.json
        return only


Run = Callable[..., Said]


@pytest.fixture
def run(tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A command in a home of its own that may ask the site."""
    home = tmp_path / "home"
    monkeypatch.setenv("AGGREGATOR_HOME", str(home))

    def command(*args: str, stdin: str | bytes = "", code: int | None = 0) -> Said:
        said = 0
        with CliRunner().isolation(stdin) as (out, err, _):
            try:
                main(args)
            except SystemExit as ended:
                said = int(ended.code or 0)
            sys.stdout.flush()
            sys.stderr.flush()
            result = Said(said, out.getvalue().decode(), err.getvalue().decode())
        assert code in (None, said), result
        assert "Traceback" not in result.err
        return result

    command("init", str(home))
    asked = f'cpu_workers = 0\n[http]\nallow_addresses = ["{site.host}"]\nhost_pause = "0s"\n'
    (home / "config" / "aggregator.toml").write_text(asked)
    return command
