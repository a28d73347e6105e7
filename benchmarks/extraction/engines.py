"""The extractors that are compared: each a function from a page to what it found there."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aggregator.errors import ExtractError
from aggregator.model import Article, Response
from aggregator.steps import extract
from aggregator.steps.extract.choose import LEARNED
from aggregator.steps.extract.trees import Forest
from aggregator.steps.html import plain
from benchmarks.extraction.corpus import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What an extractor says of a page; captions are (caption, credit). None: never says so; "": missed."""

    text: str = ""
    summary: str = ""
    title: str | None = None
    authors: tuple[str, ...] | None = None
    published: str | None = None
    captions: tuple[tuple[str, str], ...] | None = None


Engine = Callable[[Page], Found]


def load(name: str) -> Engine:
    """An engine by name; the others' packages are the extra `bench`."""
    for library in ("readability.readability", "trafilatura", "newspaper"):
        logging.getLogger(library).setLevel(logging.CRITICAL)
    if name.startswith("trafilatura"):
        return _trafilatura(**_TRAFILATURA[name])
    return {"ours": ours, "readability-lxml": _readability, "newspaper4k": _newspaper}[name]


def ours(page: Page, learned: Forest = LEARNED) -> Found:
    try:
        return found(extract.article(response(page), learned=learned))
    except ExtractError:
        return Found(published="", authors=())


def response(page: Page) -> Response:
    """A page of a corpus as if it were fetched."""
    return Response(url=page.url, status=200, headers={"content-type": "text/html; charset=utf-8"}, body=page.body)


def found(article: Article) -> Found:
    """An article of ours in the words that are measured."""
    return Found(
        text=article.text,
        summary=article.summary or "",
        title=article.title,
        authors=tuple(article.byline.split(", ")) if article.byline else (),
        published=article.published.isoformat() if article.published else "",
        captions=tuple((i.caption or "", i.credit or "") for i in article.images if i.caption or i.credit),
    )


_TRAFILATURA: dict[str, dict[str, Any]] = {
    "trafilatura": {},
    "trafilatura-fast": {"fast": True},
    "trafilatura-precision": {"favor_precision": True},
}
NAMES = ("ours", *_TRAFILATURA, "readability-lxml", "newspaper4k")


def _trafilatura(**options: Any) -> Engine:
    import trafilatura

    def read(page: Page) -> Found:
        answer = trafilatura.extract(
            page.body, url=page.url, output_format="json", with_metadata=True, include_comments=False, **options
        )
        said = json.loads(answer) if answer else {}
        authors = tuple(a for a in (said.get("author") or "").split("; ") if a)
        return Found(
            text=said.get("text") or "", title=said.get("title"), authors=authors, published=said.get("date") or ""
        )

    return read


def _readability(page: Page) -> Found:
    from lxml.etree import LxmlError
    from readability import Document
    from readability.readability import Unparseable

    try:
        document = Document(page.body)
        return Found(text=plain(document.summary(html_partial=True)), title=document.short_title())
    except (Unparseable, LxmlError, ValueError):
        return Found()


def _newspaper(page: Page) -> Found:
    import newspaper

    article = newspaper.Article(page.url, fetch_images=False)
    try:
        article.download(input_html=page.body.decode("utf-8", "replace"))
        article.parse()
    except (newspaper.ArticleException, ImportError):  # some languages need packages that it does not bring
        return Found()
    at = article.publish_date
    return Found(
        text=article.text or "",
        title=article.title,
        authors=tuple(article.authors),
        published=at.isoformat() if hasattr(at, "isoformat") else "",
    )
