"""JSON Feed 1.0 and 1.1 (jsonfeed.org)."""

import json
from html import escape
from typing import Any

from aggregator.errors import ParseError
from aggregator.model import MOST_OF_ENTRY, Enclosure, Entry, Feed, Image, Response
from aggregator.steps import html, text, urls
from aggregator.steps.measure import MAX_AUTHORS, MAX_DESCRIPTION, MAX_LANGUAGE, Measure
from aggregator.steps.parse import dates, decode

_VERSIONS = {"1": "json10", "1.0": "json10", "1.1": "json11"}


def is_json(response: Response) -> bool:
    return decode.decoded(response.body[:200]).lstrip("\ufeff \t\r\n").startswith("{")


def feed(response: Response, measure: Measure) -> Feed:
    """The feed, its entries' guids still as they are said. What has the wrong type counts as not said."""
    try:
        said = json.loads(decode.decoded(response.body, response.headers.get("content-type", "")).strip())
    except (ValueError, RecursionError) as error:
        raise ParseError(response.url, f"broken JSON: {error}") from error
    if not isinstance(said, dict) or not isinstance(said.get("items"), list):
        raise ParseError(response.url, "JSON, but no JSON Feed: it has no list of items")
    version = _text(said.get("version")).rpartition("/")[2]
    base = _url(response.url, said.get("home_page_url")) or response.url
    hubs = [_url(response.url, h.get("url")) for h in _dicts(said.get("hubs"))]
    return Feed(
        format=_VERSIONS.get(version, "json11"),
        title=measure.cut("max_title", _text(said.get("title"))) or None,
        site_url=_url(response.url, said.get("home_page_url")),
        description=_text(said.get("description"))[:MAX_DESCRIPTION] or None,
        language=_text(said.get("language")).lower()[:MAX_LANGUAGE] or None,
        entries=tuple(_entry(item, base, said, measure) for item in measure.first(_dicts(said["items"]))),
        self_url=_url(response.url, said.get("feed_url")),
        hub_url=next((h for h in hubs if h), None),
        next_url=_url(response.url, said.get("next_url")),
    )


def _entry(item: dict[str, Any], base: str, head: dict[str, Any], measure: Measure) -> Entry:
    url = _url(base, item.get("url")) or _url(base, item.get("external_url"))
    within = url or base
    files, pictures = _attachments(item, within, measure)
    for key in ("banner_image", "image"):
        if picture := _url(within, item.get(key)):
            pictures.insert(0, Image(url=picture))
    tags = (_text(t) for t in _list(item.get("tags"))[: MOST_OF_ENTRY.max_categories + 1])
    summary = _text(item.get("summary"))
    return Entry(
        guid=_text(item.get("id")),
        url=url,
        title=_text(item.get("title")) or None,
        author=_author(item) or _author(head),
        published=dates.from_text(item.get("date_published")),
        updated=dates.from_text(item.get("date_modified")),
        summary=escape(summary, quote=False) or None,
        content=_content(item, within, measure),
        images=tuple({p.url: p for p in pictures}.values()),
        enclosures=tuple(files),
        categories=tuple(dict.fromkeys(t for t in tags if t)),
        language=_text(item.get("language")).lower() or None,
    )


def _content(item: dict[str, Any], base: str, measure: Measure) -> str | None:
    if isinstance(markup := item.get("content_html"), str) and markup.strip():
        return html.sanitize(markup, base, measure) or None
    if isinstance(said := item.get("content_text"), str) and said.strip():
        paragraphs = (escape(p.strip(), quote=False) for p in said.replace("\r\n", "\n").split("\n\n"))
        return (
            html.sanitize("".join(f"<p>{p}</p>".replace("\n", "<br>") for p in paragraphs if p), base, measure) or None
        )
    return None


def _attachments(item: dict[str, Any], base: str, measure: Measure) -> tuple[list[Enclosure], list[Image]]:
    files: list[Enclosure] = []
    for said in _dicts(item.get("attachments")):
        size = said.get("size_in_bytes")
        length = int(size) if isinstance(size, int | float) and 0 < size < 2**63 else None
        if url := _url(base, said.get("url")):
            if not measure.holds("max_pictures", len(files) + 1):
                break
            files.append(Enclosure(url=url, type=_text(said.get("mime_type")) or None, length=length))
    return files, [Image(url=f.url) for f in files if (f.type or "").startswith("image/")]


def _author(said: dict[str, Any]) -> str | None:
    """Version 1.0 says author, 1.1 authors."""
    authors = _dicts(said.get("authors")) or _dicts([said.get("author")])
    return ", ".join(n for n in (_text(a.get("name")) for a in authors[:MAX_AUTHORS]) if n) or None


def _dicts(said: object) -> list[dict[str, Any]]:
    return [e for e in _list(said) if isinstance(e, dict)]


def _list(said: object) -> list[Any]:
    return said if isinstance(said, list) else []


def _text(said: object) -> str:
    """Numbers too: "id" is one in many feeds."""
    if isinstance(said, str):
        return text.clean(said)
    return str(said) if isinstance(said, int | float) and not isinstance(said, bool) else ""


def _url(base: str, said: object) -> str | None:
    return urls.absolute(base, text.clean(said)) if isinstance(said, str) and said.strip() else None
