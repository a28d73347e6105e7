"""The worst mix of large answers at once, and the most memory that a pass over it holds.

    .venv/bin/python -m benchmarks.memory [--command poll|run] [--alone NAME] [--log]

On loopback: a feed of 50,000 entries, three with one entry of 14 MB (escaped, CDATA, XHTML), twelve of 14 MB, and
twelve pages of 14 MB behind the entries of another; 16 may be asked at a time. What counts is the command and all its
processes together, every 50 ms: PSS, what they share counted once, and RSS, what they share counted for each.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from aggregator.config import edit
from tests.hostile.feeds import atom, entry, item, rss
from tests.hostile.runs import Ran, aggregator, passed
from tests.loopback import Answer, serving

SIZE = 14 * 10**6
TWELVE = range(12)
WORDS = "The pilots counted the ships that lay before the lock, and wrote down what each had on board. "
XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'
PARAGRAPH = f"<p>{WORDS}<b>Nobody</b> &amp; <a href='/x'>no one</a> was asked.</p>"
MOST = 500
"""MB."""

PATIENCE = 900.0


def _long(text: str) -> str:
    return text * (SIZE // len(text))


def _escaped(markup: str) -> str:
    return markup.replace("&", "&amp;").replace("<", "&lt;")


def _short(n: int) -> str:
    return item(n, f"<link>/e/{n}</link><description>{WORDS}{n}</description>")


def _ordinary(n: int) -> str:
    """Entries of 14 kB each."""
    many = (item(f"{n}-{m}", f"<description>{n} {m} {_escaped(PARAGRAPH) * 70}</description>") for m in range(5000))
    said: list[str] = []
    size = 0
    for each in many:
        if size > SIZE:
            break
        said.append(each)
        size += len(each)
    return rss(*said)


FEEDS: dict[str, Callable[[], str]] = {
    "50000-entries": lambda: rss(*map(_short, range(50_000))),
    "one-escaped": lambda: rss(item(1, f"<description>{_long(_escaped(PARAGRAPH))}</description>")),
    "one-cdata": lambda: rss(item(1, f"<description><![CDATA[{_long(PARAGRAPH)}]]></description>")),
    "one-xhtml": lambda: atom(entry(1, f'<content type="xhtml"><div {XHTML}>{_long(PARAGRAPH)}</div></content>')),
    **{f"body-{n}": lambda n=n: _ordinary(n) for n in TWELVE},  # type: ignore[misc]
    "pages": lambda: rss(*(item(n, f"<link>/page/{n}</link>") for n in TWELVE)),
}


@cache
def _answer(path: str) -> Answer:
    kind, _, name = path.strip("/").partition("/")
    if kind == "feed":
        return 200, "application/xml", FEEDS[name]().encode()
    if kind == "page":
        return 200, "text/html", f"<html><title>{name}</title><article>{_long(PARAGRAPH)}</article></html>".encode()
    return 404, "text/plain", b"nothing here"


def _make_home(home: Path, server: str, names: list[str]) -> None:
    edit.init(home)
    limits = f'allow_addresses = ["{server}"]\nhost_pause = "0s"\nper_host = 16\ntimeout = "120s"\n'
    (home / "config/aggregator.toml").write_text(f'[http]\n{limits}[server]\nlisten = "127.0.0.1:0"\n')
    sources = (
        f'[[source]]\nurl = "http://{server}/feed/{name}"\nname = "{name}"\n'
        f"full_text = {str(name == 'pages').lower()}\n"
        for name in names
    )
    (home / "config/sources.toml").write_text("".join(sources))
    (home / "config/topics.toml").write_text('[[topic]]\nname = "all"\nmatch = "pilots OR entry"\n')


def measured(command: str, names: list[str], log: bool) -> Ran:
    with tempfile.TemporaryDirectory() as folder, serving(_answer) as server:
        home = Path(folder)
        _make_home(home, server, names)
        for name in names:
            _answer(f"/feed/{name}")  # made before anybody waits for it
        ran = passed(home, command, "-vv", patience=PATIENCE, pause=0.05)
        if log:
            print(ran.err, file=sys.stderr)
        for line in aggregator(home, "list", "--json").lines:
            print(f"{line['name']:16} {line['entries']:>6} entries  {line['error'] or ''}")
        return ran


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--command", choices=("poll", "run"), default="poll")
    parser.add_argument("--alone", action="append", metavar="NAME", help=f"of {', '.join(FEEDS)}")
    parser.add_argument("--log", action="store_true", help="what the command said, on stderr")
    args = parser.parse_args()
    ran = measured(args.command, args.alone or list(FEEDS), args.log)
    once, apart = ran.peak * 1.048576, ran.peak_apart * 1.048576
    print(f"{args.command}: exit code {ran.code}, peak {once:.0f} MB (PSS), {apart:.0f} MB (RSS), {MOST} allowed")
    sys.exit(once > MOST)


if __name__ == "__main__":
    main()
