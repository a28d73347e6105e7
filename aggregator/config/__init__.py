"""TOML to a frozen Config: an unknown key is an error that names file, line and the nearest known key."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import tomli
from platformdirs import user_data_path

from aggregator.config.access import Asking
from aggregator.config.kept import Pictures, Raw, kept_sound, limits_sound
from aggregator.config.toml import Document, Size, hints, value
from aggregator.config.topics import KEPT_FOR, is_kept_for, is_name, read_topics
from aggregator.errors import ConfigError, shown
from aggregator.model import Bounds, EntryLimits, PageLimits, Source, Topic

DEFAULT_MEMORY = Size(224 * 2**20)
DEFAULT_BODY = Size(15 * 2**20)
DEFAULT_HEADER = Size(64 * 2**10)  # of some content-security-policies 8 KiB are too few


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    """How the web is asked."""

    allow_addresses: tuple[str, ...] = ()  # private networks that may be asked all the same
    per_host: int = 1  # requests at a time for one host
    host_pause: timedelta = timedelta(seconds=1)
    timeout: timedelta = timedelta(seconds=30)  # for a whole answer
    max_body: Size = DEFAULT_BODY  # after decompression
    max_header: Size = DEFAULT_HEADER  # of a line of an answer's header
    max_headers: int = 128  # lines of an answer's header
    max_redirects: int = 10  # of one answer
    connections: int = 64  # requests at a time for all hosts
    user_agent: str = ""  # left out: aggregator/VERSION (+CONTACT)
    contact: str = ""  # an address where publishers can reach you; left out: server.public_url
    robots: str = "pages"  # whose robots.txt is obeyed: "pages", "all" (feeds too) or "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where what is published can be read."""

    listen: str = "127.0.0.1:8080"
    public_url: str = ""  # as readers see it; left out: http://LISTEN
    hub: str = ""  # a WebSub hub that feeds name, and that is told when one changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """config/aggregator.toml."""

    database: str = "sqlite:///storage/archive.db"
    full_text: bool = True  # fetch the page behind each entry, unless the source says otherwise
    revisit: bool = True  # ask for a page again after hours, days and weeks, to see what was edited
    cpu_workers: int = 2  # processes that parse and extract; 0: none, in the daemon itself
    cpu_timeout: timedelta = timedelta(seconds=20)  # for one feed or page
    cpu_memory: Size = DEFAULT_MEMORY  # of each of these processes
    http: Http = field(default_factory=Http)
    poll: Bounds = field(default_factory=Bounds)
    entry: EntryLimits = field(default_factory=EntryLimits)
    page: PageLimits = field(default_factory=PageLimits)
    raw: Raw = field(default_factory=Raw)
    pictures: Pictures = field(default_factory=Pictures)
    server: Server = field(default_factory=Server)

    @property
    def public_url(self) -> str:
        if self.server.public_url:
            return self.server.public_url.rstrip("/")
        host, port = address(self.server.listen)
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A home and what it asks for."""

    home: Path
    settings: Settings
    sources: tuple[Source, ...] = ()
    topics: tuple[Topic, ...] = ()
    mute: str = ""  # what every topic leaves out that says nothing else
    tokens: Mapping[str, str] = field(default_factory=dict, repr=False)  # by the name of the topic that asks for it
    asking: Mapping[str, Asking] = field(default_factory=dict)  # by the source's url, where it says anything of it

    @property
    def storage(self) -> Path:
        return self.home / "storage"

    @property
    def warc(self) -> Path:
        return self.storage / "warc"

    @property
    def pictures(self) -> Path:
        return self.storage / "pictures"

    @property
    def feeds_out(self) -> Path:
        return self.home / "feeds_out"

    @property
    def private(self) -> Path:
        """Where the feeds are that ask for a token: whoever serves feeds_out/ by another server gives none away."""
        return self.storage / "private"

    def place(self, topic: Topic) -> Path:
        """The folder of its feed."""
        return self.private if topic.token else self.feeds_out

    @property
    def database(self) -> str:
        """The database's URL; a relative SQLite path is one in the home."""
        prefix = "sqlite:///"
        path = self.settings.database.removeprefix(prefix)
        return f"{prefix}{self.home / path}" if self.settings.database.startswith(prefix) else self.settings.database


LEAST_MEMORY = 128 * 2**20
LEAST_HEADER, LEAST_HEADERS = 2**10, 16
LEAST_INTERVAL = timedelta(minutes=1)
ROBOTS = ("pages", "all", "none")
FILES = ("aggregator.toml", "sources.toml", "topics.toml")

_LISTEN = re.compile(r"(?:(\[[0-9A-Fa-f:.]+\]|[^:\[\]\s/]*):)?([0-9]{1,5})", re.ASCII)


def address(listen: str) -> tuple[str, int]:
    """Host and port of "127.0.0.1:8080" or "[::1]:8080"; a port alone is one of this machine's own. Raises ValueError,
    worded for the user."""
    found = _LISTEN.fullmatch(listen.strip())
    if not found or int(found[2]) > 65535:
        raise ValueError(f'must be host:port, such as "127.0.0.1:8080", not {listen!r}')
    return (found[1] or "127.0.0.1").strip("[]"), int(found[2])


def line(home: Path, name: str, table: tuple[str | int, ...], key: str) -> str:
    """file:line of a key, for who finds only later that its value cannot be used."""
    return Document.read(home / "config" / name).where(table, key)


def home(option: str | None, environ: Mapping[str, str] = os.environ) -> Path:
    """--home, else $AGGREGATOR_HOME, else the working directory where it is a home, else the XDG data directory."""
    if chosen := option or environ.get("AGGREGATOR_HOME"):
        return Path(chosen).expanduser().absolute()
    here = Path.cwd()
    return here if (here / "config" / FILES[0]).is_file() else user_data_path("aggregator")


def load(home: Path, environ: Mapping[str, str] = os.environ) -> Config:
    """The home's three files and the environment over them. Raises ConfigError."""
    folder = home / "config"
    if not (folder / FILES[0]).is_file():
        raise ConfigError(str(home), "is no home of the aggregator: `aggregator init` makes one, --home names another")
    main, sources, topics = (Document.read(folder / name) for name in FILES)
    settings = _overridden(main.table(Settings, main.data, ()), environ)
    _sound(main, settings)
    sources.only("source")
    listed, (wanted, mute) = read_sources(sources), read_topics(topics)
    config = Config(
        home=home,
        settings=settings,
        sources=tuple(source for source, _ in listed),
        topics=wanted,
        mute=mute,
        tokens={topic.name: topic.token for topic in wanted if topic.token},
        asking={source.url: asking for source, asking in listed if asking != Asking()},
    )
    for each in (home / "storage", home / "feeds_out"):
        try:
            each.mkdir(exist_ok=True, mode=0o755 if each.name == "feeds_out" else 0o700)
        except OSError as error:
            raise ConfigError(str(each), f"cannot be made: {error.strerror}") from error
    return config


def _sound(main: Document, settings: Settings) -> None:
    """Raises ConfigError for a value of the right kind that makes no sense."""
    try:
        address(settings.server.listen)
    except ValueError as error:
        raise main.error(("server",), "listen", f"listen: {error}") from error
    http, poll, raw, pictures, none = settings.http, settings.poll, settings.raw, settings.pictures, timedelta()
    public, hub = settings.server.public_url, settings.server.hub
    for section, key, holds, reason in (
        ("", "cpu_timeout", settings.cpu_timeout > none, "must be longer than nothing"),
        (
            "",
            "cpu_memory",
            settings.cpu_memory >= LEAST_MEMORY,
            "must be at least 128 MiB",
        ),
        ("http", "robots", http.robots in ROBOTS, f"{http.robots!r}: either {', '.join(map(repr, ROBOTS))}"),
        ("http", "per_host", http.per_host >= 1, "must be at least 1"),
        ("http", "connections", http.connections >= 1, "must be at least 1"),
        ("http", "timeout", http.timeout > none, "must be longer than nothing"),
        ("http", "max_redirects", http.max_redirects >= 0, "must not be less than nothing"),
        ("http", "max_body", http.max_body > 0, "must be more than nothing"),
        ("http", "max_header", http.max_header >= LEAST_HEADER, "must be at least 1 KiB"),
        ("http", "max_headers", http.max_headers >= LEAST_HEADERS, "must be at least 16"),
        ("poll", "least", none < poll.least <= poll.usual, "must be longer than nothing, and not over usual"),
        ("poll", "max_entries", poll.max_entries >= 1, "must be at least 1"),
        *limits_sound(settings.entry, settings.page),
        ("poll", "most", poll.usual <= poll.most, "must not be under usual"),
        (
            "server",
            "public_url",
            not public or _is_address(public),
            f"not an http or https address: {public!r}",
        ),
        *kept_sound(raw, pictures, http.max_body),
        ("server", "hub", not hub or _is_address(hub), f"not an http or https address: {hub!r}"),
    ):
        if not holds:
            raise main.error((section,) if section else (), key, f"{key}: {reason}")


def stamp(home: Path) -> tuple[tuple[int, int], ...]:
    """Changes whenever one of the three files does."""
    found = [(home / "config" / name) for name in FILES]
    return tuple((s.st_mtime_ns, s.st_size) for s in (path.stat() for path in found if path.exists()))


def read_sources(document: Document) -> tuple[tuple[Source, Asking], ...]:
    """The sources of sources.toml, and how each wants to be asked. Raises ConfigError."""
    found: dict[str, tuple[Source, Asking]] = {}
    names: set[str] = set()
    for n, table in enumerate(document.data.get("source", ())):
        how = {key: said for key, said in table.items() if key in hints(Asking)}
        what = {key: said for key, said in table.items() if key not in how}
        source = document.table(Source, what, ("source", n), skip=("id",), also=tuple(hints(Asking)))
        if not _is_address(source.url):
            raise document.error(("source", n), "url", f"not an http or https address: {shown(source.url)!r}")
        if source.interval is not None and source.interval < LEAST_INTERVAL:
            raise document.error(("source", n), "interval", "interval: must be a minute or longer")
        if not is_kept_for(source.keep_for):
            raise document.error(("source", n), "keep_for", KEPT_FOR)
        if source.name and not is_name(source.name):
            raise document.error(("source", n), "name", f"{source.name!r}: only a-z, 0-9, '.', '_' and '-'")
        if source.url in found or source.name in names:
            key = "url" if source.url in found else "name"
            raise document.error(("source", n), key, f"{shown(getattr(source, key))!r} stands here twice")
        found[source.url] = source, document.table(Asking, how, ("source", n))
        names.update({source.name} - {""})
    return tuple(found.values())


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _overridden(settings: Settings, environ: Mapping[str, str]) -> Settings:
    """The settings with what AGGREGATOR_… says: AGGREGATOR_HTTP__TIMEOUT=20s, AGGREGATOR_DATABASE_FILE=/run/secret."""
    said: dict[str, Any] = {}
    for variable, key, text in _said(environ):
        section, _, name = key.rpartition("__")
        owner = hints(Settings).get(section) if section else Settings
        hint = hints(owner).get(name) if owner and hasattr(owner, "__dataclass_fields__") else None
        if hint is None or hasattr(hint, "__dataclass_fields__"):
            near = get_close_matches(variable.removesuffix("_FILE"), _variables(), 1)
            way_out = f"did you mean {near[0]}?" if near else "it is AGGREGATOR_KEY or AGGREGATOR_SECTION__KEY"
            raise ConfigError(variable, f"names no setting; {way_out}")
        try:
            read = value(hint, _from_text(hint, text))
        except ValueError as error:
            raise ConfigError(variable, str(error)) from error
        said.setdefault(section, {})[name] = read
    return _replaced(settings, said)


def _variables() -> Iterator[str]:
    for key, hint in hints(Settings).items():
        inner = hints(hint) if hasattr(hint, "__dataclass_fields__") else None
        yield from (f"AGGREGATOR_{key}__{name}".upper() for name in inner) if inner else [f"AGGREGATOR_{key}".upper()]


def _replaced(settings: Settings, said: dict[str, Any]) -> Settings:
    sections = {s: replace(getattr(settings, s), **values) for s, values in said.items() if s}
    return replace(settings, **said.get("", {}), **sections)


def _said(environ: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for variable, text in sorted(environ.items()):
        key = variable.removeprefix("AGGREGATOR_").lower()
        if not variable.startswith("AGGREGATOR_") or key in ("home", "home_file"):
            continue
        key = "database" if key == "database_url" else key
        if key.endswith("_file"):
            try:
                text = Path(text).read_text("utf-8").strip()
            except OSError as error:
                raise ConfigError(variable, f"{text} cannot be read: {error.strerror}") from error
            except UnicodeDecodeError as error:
                raise ConfigError(variable, f"{text} is not UTF-8") from error
            key = key.removesuffix("_file").replace("database_url", "database")
        yield variable, key, text


def _from_text(hint: Any, value: str) -> Any:
    if hint is bool:
        return {"true": True, "1": True, "false": False, "0": False}.get(value.lower(), value)
    if hint is int:
        return int(value) if value.isdecimal() else value
    if hint == tuple[str, ...]:
        if not value.lstrip().startswith("["):
            return [part.strip() for part in value.split(",") if part.strip()]
        with suppress(tomli.TOMLDecodeError):
            return tomli.loads(f"it = {value}")["it"]
    return value
