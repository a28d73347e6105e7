"""Writes docs/commands.md and docs/settings.md from the commands and the dataclasses: `python docs/generate.py`."""

import inspect
import re
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from aggregator.cli import aggregator
from aggregator.config import Http, Pictures, Raw, Server, Settings
from aggregator.config.access import Asking
from aggregator.config.toml import Size, hints
from aggregator.model import Bounds, EntryLimits, PageLimits, Source, Topic

FOLDER = Path(__file__).parent
COMMENT = re.compile(r"^    (\w+): [^#]*?(?:  # (.*))?$", re.MULTILINE)

COMMANDS = """# Commands

Written by `docs/generate.py` from `--help`; do not edit.

The home is `--home DIR`, else `$AGGREGATOR_HOME`, else the working directory where it has `config/aggregator.toml`,
else the XDG data directory. Data goes to standard output, words to standard error. Exit codes: 0 well; 1 failed;
2 used wrongly; 3 done, but some sources failed.
"""

SETTINGS = """# Settings

Written by `docs/generate.py` from the code; do not edit.

An unknown key is an error that names file, line and the nearest known key. Times are written `"30s"`, `"15m"`, `"2h"`,
`"1d"`; sizes `"15 MiB"`. The environment goes over the file: `AGGREGATOR_HTTP__TIMEOUT=20s` sets `timeout` of `[http]`;
lists are parted by commas. `_FILE` behind a name reads the value from a file:
`AGGREGATOR_DATABASE_URL_FILE=/run/secrets/database` sets `database`. A running daemon takes up changes of all three
files within seconds; `database`, `cpu_…` and `[server]` need a restart.
"""

ASKING = """A secret need not stand in the file: `"env:NAME"` reads it from the environment, `"file:PATH"` from a
file, when the source is asked; this holds for `auth`, `cookies`, `proxy`, `user_agent` and each of the `headers`.
`auth`, `cookies` and `headers` are sent to the source's own host alone, for its pages too, never to where it redirects.
Nothing of this is stored or logged.

`robots.txt` is obeyed for pages; for feeds too with `robots = "all"`: a feed is published to be polled, and many sites
forbid theirs to search engines only. One that answers 5xx, or not at all, forbids everything for ten minutes
(RFC 9309).
"""

TOPICS = """A `[[topic]]` for each feed that is published. Above the first may stand `mute`, a rule for what all
topics leave out: `mute = 'tag:horoscope OR title:quiz'`.

What tells whether a topic takes an article (all but `title`, `copies`, `order`, `per_source`, `limit` and `full_text`)
runs over the whole archive when it changes; the rest only says how it is shown.
"""

EXPLAINED = {
    "url": "the feed's address",
    "tags": 'words of yours, for topics: `"tag:asia"`',
    "name of source": "short, unique, stable, of `a-z 0-9 . _ -`; made from the feed's title where left out",
    "interval": "how often it is polled; left out: adapts by itself",
    "full_text of source": "fetch the page behind each entry; left out: as aggregator.toml says",
    "allow_addresses": 'private networks that may be asked all the same: `"10.1.0.0/16"`, `"127.0.0.1:8000"`',
    "languages": 'such as `["en", "ko"]`; left out: all',
    "sources": 'names, or `"tag:asia"`; left out: all',
    "paused": "true: not polled until it is false again",
    "keep_for of source": '[delete](keeping.md#what-may-go) what was seen so long ago: `"365d"`; left out: never',
    "keep_most of source": "delete all but so many of its articles, the oldest first; 0: none",
    "keep_for of topic": "[delete](keeping.md#what-may-go) after so long what no other topic takes; left out: never",
    "keep_most of topic": "delete all but so many of what it takes, the oldest first; 0: none",
    "match": "the rule, in the [query language](query-language.md)",
    "exclude": "a rule for what is left out all the same",
    "mute": 'a rule for what is left out all the same; left out: the `mute` above all topics; `""`: nothing',
    "threshold": "the least [score](query-language.md#weights) that is taken; left out: any",
    "window": 'how old articles may be, such as `"7d"`: what becomes older is dropped; left out: any age',
    "min_words": "of the text",
    "only": '`"page"`: with the full text of the page only; `"edits"`: what was edited only, the last edit on top',
    "order": '`"newest"`, or `"best"`: by [score](query-language.md#weights), then the newest',
    "per_source": "how many entries of one source, at most; 0: any number",
    "limit": "how many entries its feeds have, 1 to 1000",
    "token of topic": "16 characters or more of `a-z`, `A-Z`, `0-9`, `_` and `-` (`openssl rand -hex 16`): a "
    "[feed for who has it](security.md#private-feeds), `/feeds/NAME.atom?token=…`",
    "full_text of topic": "false: summaries only",
    "history": "archive pages with all that it takes, for readers that want it whole; false: the feed alone",
    "name of topic": "also the file name in `feeds_out/`",
    "copies": '`"first"`: one entry for each story; `"all"`: every copy of it',
    "database": "or `postgresql+psycopg://user:password@host/name`; a relative path is one in the home",
    "listen": "address and port; loopback unless told otherwise",
    "auth": '`"user:password"`, for HTTP basic authentication',
    "headers": 'such as `{ "X-Key" = "env:FEED_KEY" }`',
    "cookies": '`"name=value; name=value"`',
    "user_agent of source": "in place of ours",
    "proxy": '`"http://host:port"`; its address, where private, must be in `allow_addresses`',
    "verify_tls": "false: any certificate is taken, and whoever sits in between can change what is read",
    "contact": "an address of yours, for publishers: it stands in the User-Agent; left out: `public_url`",
    "robots": 'whose robots.txt is obeyed: `"pages"`, `"all"` (feeds too) or `"none"`',
    "public_url": "as readers and WebSub hubs see it; left out: http://LISTEN, and no hub is asked",
    "hub": "a WebSub hub: feeds name it, and it is told when one changed; left out: none",
    "host_pause": "between two requests to one host",
    "least": "between two polls of a source, at the least",
    "usual": "for a source that is new or says nothing",
    "most": "for one where nothing comes",
}


SECTIONS = {
    "http": Http,
    "poll": Bounds,
    "entry": EntryLimits,
    "page": PageLimits,
    "raw": Raw,
    "pictures": Pictures,
    "server": Server,
}


def commands() -> str:
    return COMMANDS + "".join(_command(path, command) for path, command in walk(aggregator, ()))


def walk(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command, with the words that call it."""
    if path:
        yield path, command
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            yield from walk(each, (*path, name))


def settings() -> str:
    main = "".join(f"\n### [{section}]\n\n{_table(cls, '')}" for section, cls in SECTIONS.items())
    return (
        f"{SETTINGS}\n## config/aggregator.toml\n\n{_table(Settings, '')}{main}"
        f"\n## config/sources.toml\n\nA `[[source]]` for each feed.\n\n{_table(Source, 'source')}"
        f"{_rows(Asking, 'source')}\n{ASKING}"
        f"\n## config/topics.toml\n\n{TOPICS}\n{_table(Topic, 'topic')}"
    )


def _command(path: tuple[str, ...], command: click.Command) -> str:
    context = click.Context(
        command, info_name=f"aggregator {' '.join(path)}", terminal_width=100, max_content_width=100
    )
    context.help_option_names = ["-h", "--help"]
    return f"\n## {' '.join(path)}\n\n```\n{command.get_help(context)}\n```\n"


def _table(cls: type[Any], owner: str) -> str:
    return f"| key | default | |\n| --- | --- | --- |\n{_rows(cls, owner)}"


def _rows(cls: type[Any], owner: str) -> str:
    said = dict(COMMENT.findall(inspect.getsource(cls)))
    return "".join(
        f"| `{f.name}` | {_default(f)} | {_explained(f.name, owner, said)} |\n"
        for f in fields(cls)
        if f.name != "id" and not is_dataclass(hints(cls)[f.name])
    )


def _explained(name: str, owner: str, said: dict[str, str]) -> str:
    return EXPLAINED.get(f"{name} of {owner}") or EXPLAINED.get(name) or said.get(name) or ""


def _default(f: Field[Any]) -> str:
    if f.default_factory is dict:
        return "`{}`"
    if f.default is MISSING:
        return "needed"
    if f.default is None:
        return "left out"
    return f"`{_toml(f.default)}`"


def _toml(value: Any) -> str:
    """A default as one would write it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Size):
        return f'"{value // 2**10} KiB"' if 0 < value < 2**20 else f'"{value // 2**20} MiB"'
    if isinstance(value, int):
        return str(value)
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        size, unit = next((n, u) for n, u in ((3600, "h"), (60, "m"), (1, "s")) if seconds % n == 0)
        return f'"{seconds // size}{unit}"'
    return "[]" if value == () else f'"{value}"'


if __name__ == "__main__":
    (FOLDER / "commands.md").write_text(commands(), "utf-8")
    (FOLDER / "settings.md").write_text(settings(), "utf-8")
