"""What can go wrong, as a tree; each error carries its subject and reads as one line.

* AggregatorError
  + ConfigError       a file of config/ says something we cannot take
  + QueryError        a topic's rule or a search cannot be read
  + FetchError        the web said no: status, retry_after
    - AddressError    the address is one we must not ask
    - GoneError       the web said never again (410)
    - RobotsError     robots.txt does not want it fetched
  + ParseError        the bytes are no feed
  + ExtractError      the page has no article
  + StepTimeout       a step was ended at its time limit, or its process died
  + StoreError        the database could not be opened or is not ours
  + ServeError        the HTTP address cannot be listened on, or a home is in use

Errors are shown on one line, without the secrets of the addresses in them; they are kept in the archive so.

Arguments are positional only and kept in `args`, so that every error survives pickling: one that does not would break
the process pool, and with it every other job's step.
"""

import re
from datetime import timedelta
from unicodedata import combining, east_asian_width

_USER = re.compile(r"(?<=://)[^/?#\s@]*@")
# What private feeds are let in by; a name that means something else at one site costs no more than its value.
_SECRET = re.compile(
    r"([?&;](?:[^=&#\s]{0,40}(?:token|secret|passw|pwd|auth|apikey|api_key|access|signature|session)[^=&#\s]{0,40}"
    r"|key|sig|hash|pw|pass|code)=)[^&#\s'\"]+?(?=[:,;.)]?(?:[&#\s'\"]|$))",
    re.IGNORECASE,
)


def shown(text: str) -> str:
    """The text on one line that a log, a terminal or a page can take, the secrets of the addresses in it left out."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    if "://" not in text:
        return text
    return _SECRET.sub(r"\1…", _USER.sub("", text))


class AggregatorError(Exception):
    """A failure whose cause is known: `subject` is what failed, `reason` why, and how to go on."""

    def __init__(self, subject: str, reason: str, /) -> None:
        super().__init__(subject, reason)
        self.subject = subject
        self.reason = reason

    def __str__(self) -> str:
        return shown(f"{self.subject}: {self.reason}")


class ConfigError(AggregatorError):
    """The subject is file:line."""


class QueryError(AggregatorError):
    """The subject is the rule; `position` is the 0-based offset of the place in it."""

    def __init__(self, subject: str, reason: str, position: int = 0, /) -> None:
        super().__init__(subject, reason)
        self.args = (subject, reason, position)
        self.position = position

    @property
    def pointed(self) -> str:
        """The line of the rule that holds the place, and a caret under it; of a long one the part around."""
        start = self.subject.rfind("\n", 0, self.position) + 1
        line, at = self.subject[start:].partition("\n")[0], self.position - start
        opening = max(0, at - 60)
        shown = "".join(c if c.isprintable() else " " for c in line[opening : at + 20])
        return f"{shown}\n{' ' * sum(map(_columns, shown[: at - opening]))}^"

    def __str__(self) -> str:
        shown = self.subject if len(self.subject) <= 200 else f"{self.subject[:200]}…"
        return f"{shown!r}: {self.reason} (at character {self.position + 1})"


def _columns(character: str) -> int:
    """That it takes on a terminal."""
    return 0 if combining(character) else 2 if east_asian_width(character) in "WF" else 1


class FetchError(AggregatorError):
    """The subject is the URL; status is None where no answer came."""

    def __init__(
        self, subject: str, reason: str, status: int | None = None, retry_after: timedelta | None = None, /
    ) -> None:
        super().__init__(subject, reason)
        self.args = (subject, reason, status, retry_after)
        self.status = status
        self.retry_after = retry_after


class AddressError(FetchError):
    """The address is private or not HTTP, and `allow_addresses` does not name it."""


class GoneError(FetchError):
    """410: the publisher asks never to come back."""


class RobotsError(FetchError):
    """robots.txt forbids it, or could not be had."""


class ParseError(AggregatorError):
    """The subject is the URL."""


class ExtractError(AggregatorError):
    """The subject is the URL."""


class StepTimeout(AggregatorError):
    """The subject is the step's name."""


class StoreError(AggregatorError):
    """The subject is the database URL, its password left out."""


class ServeError(AggregatorError):
    """The subject is the address or the home."""
