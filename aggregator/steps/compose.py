"""What an entry and the page behind it say together."""

from dataclasses import replace
from urllib.parse import quote

from aggregator.errors import shown
from aggregator.model import Article, Entry, Image
from aggregator.steps import html, text, urls

FULLER = 2
"""A feed's text this many times as long as its page's wins: the page needs a script. Of a page that shows only a part,
or a line ("Nothing here."), the longer text wins."""

LINE = 100
"""Characters of a page's text, below which it is no more than a line."""

LEAST = 150
"""Words of a page that is a story whatever its feed says of it; a log-in or a notice has fewer."""


def of_entry(entry: Entry, source_url: str) -> Article:
    """The article as far as the feed has it: for sources without full text, and where the page cannot be had."""
    body = entry.content or entry.summary or ""
    images = _pictures_of(entry, body)
    return Article(
        # Without a link the feed itself is where it can be read; "#/" keeps its entries apart (urls.page_key).
        url=entry.url or next((e.url for e in entry.enclosures), f"{shown(source_url)}#/{quote(entry.guid, safe='')}"),
        title=entry.title or _first_words(body) or entry.url or entry.guid,
        text=html.plain_of_clean(body),
        html=_with_figures(body, images),
        byline=entry.author,
        published=entry.published or entry.updated,
        language=entry.language,
        summary=text.clean(html.plain(entry.summary)) if entry.summary and entry.content else None,
        images=images,
        origin="feed",
    )


def joined(page: Article, entry: Entry, source_url: str) -> Article:
    """The page's article; what it does not say, and captions it lacks, from the feed; the fuller text of the two. The
    feed's alone where its link leads to a page of something else."""
    said = of_entry(entry, source_url)
    if _is_elsewhere(page, entry.title or "", said):
        return said
    fuller = len(said.text) > (1 if page.partial or len(page.text) < LINE else FULLER) * len(page.text)
    images = _pictures(page.images, said.images)
    return replace(
        page,
        title=page.title or said.title,
        text=said.text if fuller else page.text,
        html=_with_figures(said.html if fuller else page.html, images),
        byline=page.byline or said.byline,
        published=page.published or said.published,
        language=page.language or said.language,
        summary=page.summary or said.summary,
        images=images,
        partial=page.partial and not fuller,
    )


def page_key(article: Article) -> str:
    """The page's identity; what it claims to be counts only on its own host: elsewhere it says where a copy is from."""
    own = urls.page_key(article.url)
    claimed = urls.page_key(article.canonical) if article.canonical else own
    # A front page as the canonical address of every article is a common mistake.
    return claimed if claimed.partition("/")[0] == own.partition("/")[0] and claimed.partition("/")[2] else own


def words(article: Article) -> tuple[str, str, str, str]:
    """Title, text, captions and byline, as the full-text index takes them: folded, single spaces between words."""
    captions = " ".join(f"{i.caption or ''} {i.credit or ''}" for i in article.images)
    title, pictured, byline = (" ".join(text.words(part)) for part in (article.title, captions, article.byline or ""))
    body = " ".join((*text.words(article.summary or ""), *text.words(article.text)))
    return title, body, pictured, byline


def _is_elsewhere(page: Article, title: str, said: Article) -> bool:
    """Whether the feed's link was redirected to a short page that says nothing of what the feed does: a log-in."""
    if urls.page_key(page.url) == urls.page_key(said.url):
        return False
    body = text.words(page.text)
    there = {*body, *text.words(page.title)}
    told = [set(text.words(part)) for part in (title, said.text) if part]
    return bool(told) and len(body) < LEAST and all(2 * len(words & there) < len(words) for words in told)


def _pictures_of(entry: Entry, body: str) -> tuple[Image, ...]:
    """Those that the feed lists, before those that stand in its HTML alone."""
    shown = html.figures(body)
    listed = tuple(i for i in entry.images if i.url)
    said = {urls.page_key(i.url) for i in shown} if listed else set()
    apart = tuple(i for i in listed if urls.page_key(i.url) not in said) if said else listed
    return apart + (_pictures(shown, listed) if shown else ())


def _with_figures(body: str, images: tuple[Image, ...]) -> str:
    """HTML with every picture in it, once: those that it lacks stand first. Without HTML the text is shown instead."""
    if not body or not images:
        return body
    there = set(html.pictures(body))
    others = [i for i in images if i.url not in there]  # as they are spelled: nearly always they stand there so
    shown = {urls.page_key(url) for url in there} if others else set()
    lacking = {key: i for i in others if (key := urls.page_key(i.url)) not in shown}
    return "".join(html.figure(i) for i in lacking.values()) + body


def _pictures(page: tuple[Image, ...], feed: tuple[Image, ...]) -> tuple[Image, ...]:
    """The page's pictures, captions that it lacks from the feed; the feed's own where the page shows none."""
    if not page:
        return feed
    said = {urls.page_key(i.url): i for i in feed}
    return tuple(
        replace(i, caption=i.caption or other.caption, credit=i.credit or other.credit)
        if (other := said.get(urls.page_key(i.url)))
        else i
        for i in page
    )


def _first_words(body: str) -> str:
    start = text.clean(html.plain(body))
    return start if len(start) <= 80 else start[:80].rsplit(" ", 1)[0] + " …"
