"""The page of an entry: asked as its site wants it, and read as its site's rules say."""

import logging
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from aggregator.config.sites import Sites
from aggregator.doors.cpu import Cpu
from aggregator.doors.fetch import PLAIN, Web
from aggregator.errors import StepTimeout
from aggregator.model import Access, Article, Response, Validators
from aggregator.steps import extract, urls
from aggregator.steps.extract.site import Rules

log = logging.getLogger(__name__)

NOTHING = Validators()
PAGE = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What a page is fetched and read with."""

    web: Web
    cpu: Cpu
    sites: Sites[Rules]
    access: Access = PLAIN
    robots: bool = False

    async def fetch(self, url: str, had: Validators = NOTHING) -> Response:
        """A page, unless it is as it was `had`, with the headers that config/sites/ has for its host."""
        rules = self.sites.of(urls.host(url))
        return await self.web.get(
            url,
            etag=had.etag,
            last_modified=had.last_modified,
            accept=PAGE,
            access=asking(self.access, rules, url),
            robots=self.robots,
        )

    async def article(self, response: Response) -> Article:
        """The article of a page that was fetched."""
        rules = self.sites.of(urls.host(response.url))
        try:
            return await self.cpu(extract.article, response, rules)
        except StepTimeout as error:
            if rules is None:
                raise
            log.warning("%s: not obeyed on %s: %s", rules.name, response.url, error)
            return await self.cpu(extract.article, response)


def asking(access: Access, rules: Rules | None, url: str) -> Access:
    """How a page is asked for: the site's headers join those of the source at its own place; elsewhere the source's,
    which may hold secrets, are left out."""
    if rules is None or not rules.http_header:
        return access
    headers = dict(rules.http_header)
    user_agent = access.user_agent or headers.pop("user-agent", "")
    headers.pop("user-agent", None)
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    if origin == access.origin:
        said = {name.lower() for name in access.headers}
        own = {name: value for name, value in headers.items() if name not in said}
        return replace(access, user_agent=user_agent, headers={**own, **access.headers})
    return Access(origin=origin, headers=headers, user_agent=user_agent, proxy=access.proxy)
