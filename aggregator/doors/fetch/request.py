"""What is asked, the same at every redirect."""

from collections.abc import Mapping
from dataclasses import dataclass

from yarl import URL

from aggregator.model import Access


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The address is apart: it is another at every hop."""

    subject: str  # the URL as it was given, fit to be shown
    headers: Mapping[str, str]
    access: Access
    form: Mapping[str, str] | None = None  # POST where it is given
    picture: int | None = None  # bytes that it may have, where it is one

    def headers_for(self, target: URL) -> dict[str, str]:
        """Credentials go to the source's own origin alone."""
        own = {"User-Agent": self.access.user_agent} if self.access.user_agent else {}
        return {**self.headers, **own, **(self.access.headers if self.is_home(target) else {})}

    def address_of(self, target: URL) -> URL:
        """A login that the source has of its own goes over the one in its address; aiohttp takes no two."""
        if target.raw_user is None:
            return target
        is_said = any(name.lower() == "authorization" for name in self.headers_for(target))
        return target.with_user(None) if is_said else target

    def is_home(self, target: URL) -> bool:
        """Whether the target is the source's own origin, or that with encryption."""
        if not self.access.origin:
            return False
        home = URL(self.access.origin)
        upgraded = home.scheme == "http" and home.is_default_port() and target.origin() == home.with_scheme("https")
        return target.origin() == home.origin() or upgraded
