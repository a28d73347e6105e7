"""The page of an entry and those that it goes on: asked as their site wants it, read as its rules say."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from aggregator.config.sites import Sites
from aggregator.doors.cpu import Cpu
from aggregator.doors.fetch import PLAIN, Web
from aggregator.doors.store import Store
from aggregator.doors.store import chrome as remembering
from aggregator.errors import AggregatorError, ExtractError, StepTimeout
from aggregator.model import Access, Article, PageLimits, Response, Validators
from aggregator.steps import extract, urls
from aggregator.steps.extract import Reading, chrome, further, page
from aggregator.steps.extract.chrome import Memory
from aggregator.steps.extract.site import Rules

log = logging.getLogger(__name__)

NOTHING = Validators()
PAGE = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5"


async def recall(store: Store, host: str) -> Memory:
    """What the archive remembers of a host's pages."""
    return chrome.known(chrome.unpacked(await store.read(remembering.of, host)))


def remembered(article: Article, learned: tuple[int, ...], said: str | None) -> str:
    """What was remembered of a host, with one page more."""
    return chrome.packed(chrome.remember(chrome.unpacked(said), learned, chrome.place(article.url, article.title)))


async def nothing(_host: str) -> Memory:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What a page is fetched and read with."""

    web: Web
    cpu: Cpu
    sites: Sites[Rules]
    access: Access = PLAIN
    robots: bool = False
    limits: PageLimits = page.LIMITS
    explained: bool = False  # with the reason for each paragraph
    recall: Callable[[str], Awaitable[Memory]] = nothing  # what the pages of a host repeat

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

    async def whole(self, response: Response) -> Reading:
        """The article of a page and of all the pages that it goes on; on one page where a rule knows of one."""
        first = await self.read(response)
        url = first.single
        if url and url != response.url and further.same_site(response.url, url):
            try:
                single = await self.read(await self.fetch(url))
                return replace(single, article=replace(single.article, url=first.article.url))
            except AggregatorError as error:
                log.info("single page not had url=%s reason=%s", url, error)
        return await self._joined(first)

    async def _joined(self, first: Reading) -> Reading:
        """With a page that cannot be had the article ends there, and is marked."""
        reading = whole = first
        seen = {urls.page_key(first.article.url)}
        for number in range(2, further.MAX_PAGES + 2):
            url = self._next(whole.article, reading, number, seen)
            if url is None:
                return whole
            if number > further.MAX_PAGES:
                break
            seen.add(urls.page_key(url))
            try:
                reading = await self.read(await self.fetch(url), whole.article)
            except ExtractError:  # nothing that the pages before did not say
                return whole
            except AggregatorError as error:
                log.info("next page not had url=%s reason=%s", url, error)
                break
            if not further.is_same_article(whole.article, reading.article):
                return whole
            article = further.joined(whole.article, reading.article)
            whole = replace(
                whole,
                article=article,
                judged=whole.judged + reading.judged,
                again=whole.again + reading.again,
            )
        return replace(whole, article=replace(whole.article, partial=True))

    def goes_on(self, first: Reading) -> bool:
        """Whether the whole article is on other pages too."""
        seen = {urls.page_key(first.article.url)}
        return first.single is not None or self._next(first.article, first, 2, seen) is not None

    def _next(self, article: Article, reading: Reading, number: int, seen: set[str]) -> str | None:
        rules = self.sites.of(urls.host(article.url))
        is_ruled = rules is not None and bool(rules.next_page_link)
        return further.next_page(article.url, reading.further, number, seen, is_ruled)

    async def read(self, response: Response, known: Article | None = None) -> Reading:
        """The article of a page as far as this page holds it."""
        rules, memory = self.sites.of(urls.host(response.url)), await self.recall(site_of(response.url))
        said = known, memory, self.explained, self.limits
        try:
            reading = await self.cpu(extract.read, response, rules, *said)
        except StepTimeout as error:
            if rules is None:
                raise
            log.warning("%s: not obeyed on %s: %s", rules.name, response.url, error)
            reading = await self.cpu(extract.read, response, None, *said)
        for words in reading.cut:
            log.warning("%s: %s, cut", response.url, words)
        return reading


def site_of(url: str) -> str:
    """Whose pages are remembered together."""
    return urls.host(url).removeprefix("www.")


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
