"""Per-site rules applied to a page: what they take out, and what they say its article is."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from lxml import etree, html

from aggregator.steps import text
from aggregator.steps.extract import authors, metadata, shown
from aggregator.steps.extract.metadata import Metadata
from aggregator.steps.extract.site import Rules

MAX_FOUND = 500  # elements that one rule finds
MAX_TITLE = 500
MIN_BODY = 140  # characters; with less a rule has missed the body


def said(root: html.HtmlElement, rules: Rules, page: Metadata) -> Metadata:
    """What the page says of its article, where a rule finds title, authors or time there."""
    title = next((t for path in rules.title if (t := " ".join(_texts(root, path)[:1]))), "")[:MAX_TITLE]
    names = next((a for path in rules.author if (a := authors.names(_texts(root, path)[:20]))), [])
    at = next(
        (at for path in rules.date for t in _texts(root, path)[:1] if (at := metadata.time(t) or shown.read(t))), None
    )
    return replace(
        page,
        title=title or page.title,
        byline=", ".join(names) or page.byline,
        published=at or page.published,
    )


def strip(root: html.HtmlElement, rules: Rules) -> list[tuple[str, str]]:
    """Take out what the rules name; the start of each text that went, and the rule."""
    gone: list[tuple[str, str]] = []
    for path in rules.strip:
        _drop(_elements(root, path), f"strip: {path}", gone)
    named: dict[str, list[html.HtmlElement]] = {}
    for element in root.iter(etree.Element) if rules.strip_id_or_class else ():
        named.setdefault(f"{element.get('class') or ''}\n{element.get('id') or ''}", []).append(element)
    for name, elements in named.items():
        part = next((part for part in rules.strip_id_or_class if part in name), None)
        if part is not None:
            _drop(elements, f"strip_id_or_class: {part}", gone)
    for part in rules.strip_image_src:
        shown = [i for i in root.iter("img") if any(part in i.attrib[name] for name in i.attrib if "src" in name)]
        _drop(shown, f"strip_image_src: {part}", gone)
    return gone


def body(root: html.HtmlElement, rules: Rules) -> html.HtmlElement | None:
    """A page of nothing but the body that the rules find; None where they find none worth the name."""
    for path in rules.body:
        found = _outermost(_elements(root, path))
        if sum(len(text.clean(e.text_content())) for e in found) < MIN_BODY:
            continue
        page = html.Element("html")
        inside = etree.SubElement(page, "body")
        for element in found:
            element.tail = None
            inside.append(element)
        return page
    return None


def link(root: html.HtmlElement, paths: Sequence[str]) -> str | None:
    """The first address that a rule finds: an attribute, or the one of an element."""
    for path in paths:
        for one in _found(root, path):
            said = one if isinstance(one, str) else one.get("href") or one.get("content")
            if said and said.strip():
                return str(said).strip()
    return None


def _drop(elements: Sequence[html.HtmlElement], rule: str, gone: list[tuple[str, str]]) -> None:
    for element in elements:
        parent = element.getparent()
        if parent is None or element.tag in ("html", "body"):
            continue
        said = text.clean(element.text_content()[:1000])
        if said:
            gone.append((said, rule))
        element.drop_tree()


def _outermost(elements: Sequence[html.HtmlElement]) -> list[html.HtmlElement]:
    found = set(elements)
    return [e for e in elements if found.isdisjoint(e.iterancestors())]


def _texts(root: html.HtmlElement, path: str) -> list[str]:
    said = [one if isinstance(one, str) else one.text_content() for one in _found(root, path)]
    return [t for t in map(text.clean, said) if t]


def _elements(root: html.HtmlElement, path: str) -> list[html.HtmlElement]:
    return [one for one in _found(root, path) if not isinstance(one, str)]


def _found(root: html.HtmlElement, path: str) -> list[Any]:
    """Elements and texts, in their order; a number or a truth is no answer, and a rule that fails finds nothing."""
    try:
        found = _compiled(path)(root)
    except etree.XPathError:
        return []
    if isinstance(found, str):
        return [str(found)]
    if not isinstance(found, list):
        return []
    return [one for one in found[:MAX_FOUND] if isinstance(one, str | html.HtmlElement)]


@lru_cache(maxsize=1000)
def _compiled(path: str) -> etree.XPath:
    return etree.XPath(path, regexp=False, smart_strings=False)
