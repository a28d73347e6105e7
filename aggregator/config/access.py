"""How a source's server wants to be asked, as sources.toml says it; its secrets may stand elsewhere."""

import os
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from aggregator.errors import ConfigError
from aggregator.model import Access, Source

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Each text may be "env:NAME" or "file:PATH", a path from the home: then it is read when the source is asked, so
    that commands work where the secret is not at hand."""

    auth: str = ""  # "user:password", for HTTP basic authentication
    headers: dict[str, str] = field(default_factory=dict)
    cookies: str = ""  # "name=value; name=value"
    user_agent: str = ""
    proxy: str = ""  # "http://host:port"
    verify_tls: bool = True

    @property
    def secrets(self) -> bool:
        """Whether it says a secret itself."""
        said = (self.auth, self.cookies, self.proxy if "@" in self.proxy else "", *self.headers.values())
        return any(text and not text.startswith(("env:", "file:")) for text in said)


def access(asking: Asking, source: Source, home: Path, environ: Mapping[str, str] = os.environ) -> Access:
    """With its secrets, wherever they stand. Raises ConfigError, which never quotes one."""
    said = {"auth": asking.auth, "cookies": asking.cookies, "user_agent": asking.user_agent, "proxy": asking.proxy}
    said = {key: _secret(text, f"{source.name or source.url}: {key}", home, environ) for key, text in said.items()}
    headers = {
        name: _secret(text, f"{source.name or source.url}: headers.{name}", home, environ)
        for name, text in asking.headers.items()
    }
    parts = urlsplit(source.url)
    if said["auth"]:
        if parts.username is not None:
            raise ConfigError(
                f"{source.name or parts.hostname}: auth", "the url has a user already: keep one of the two"
            )
        headers["Authorization"] = f"Basic {b64encode(said['auth'].encode()).decode()}"
    if said["cookies"]:
        headers["Cookie"] = said["cookies"]
    for name, text in (*headers.items(), ("user_agent", said["user_agent"])):
        if not _NAME.fullmatch(name) or not (text.isascii() and (text.isprintable() or not text)):
            raise ConfigError(f"{source.name or source.url}: {name}", "cannot be sent: only printable ASCII is")
    if said["proxy"] and not re.match(r"https?://[^/]", said["proxy"]):
        raise ConfigError(f"{source.name or source.url}: proxy", 'must be "http://host:port"')
    return Access(
        origin=f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
        headers=headers,
        user_agent=said["user_agent"],
        proxy=said["proxy"],
        verify_tls=asking.verify_tls,
    )


def _secret(text: str, subject: str, home: Path, environ: Mapping[str, str]) -> str:
    kind, _, place = text.partition(":")
    if kind == "env":
        if place not in environ:
            raise ConfigError(subject, f"${place} is not set in the environment")
        return environ[place].strip()
    if kind == "file":
        try:
            return (home / place).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(subject, f"{home / place} cannot be read: {error}") from error
    return text
