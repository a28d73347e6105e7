"""What the pages ask of the program behind them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from aggregator.model import Archived, Clause, Decision, Found, Revision, Topic

Why = tuple[str, Decision, tuple[Clause, ...]]
Figures = Mapping[str, int | float | str | None]


class Hubs(Protocol):
    """What a WebSub hub says to us; hubs are faked in tests as the archive is."""

    async def confirms(self, token: str, query: Mapping[str, str]) -> str | None: ...

    async def knows(self, token: str) -> bool: ...

    async def sends(self, token: str, signature: str, content_type: str, body: bytes) -> None: ...


class Archive(Protocol):
    """A protocol since the pages are tested without a database."""

    @property
    def feeds_dir(self) -> Path: ...

    @property
    def private_dir(self) -> Path: ...

    def token(self, name: str) -> str:
        """What a topic asks for from who wants its feed; "" where it asks for nothing."""
        ...

    @property
    def pictures_dir(self) -> Path: ...

    async def topics(self) -> tuple[Topic, ...]: ...

    async def newest(self, limit: int) -> tuple[Archived, ...]: ...

    async def of_topic(self, topic: Topic, limit: int) -> tuple[Archived, ...]:
        """The newest that it takes."""
        ...

    async def article(self, id: int) -> Archived | None: ...

    async def copies(self, id: int) -> tuple[Archived, ...]:
        """All of its story, itself too."""
        ...

    async def revisions(self, id: int) -> tuple[Revision, ...]: ...

    async def why(self, archived: Archived, name: str | None) -> tuple[Why, ...]:
        """What each topic, by its name, says of the article, or the one called so; clause by clause."""
        ...

    async def search(self, query: str, limit: int, *, before: int | None = None) -> Found:
        """The newest that match, of articles before an id where one is given. Raises QueryError."""
        ...

    async def sources(self) -> Sequence[Mapping[str, Any]]:
        """The objects of the command `list`."""
        ...

    async def status(self) -> Figures:
        """Figures by name; `healthy` is a bool."""
        ...
