"""What each element says of the entry or feed that it stands in."""

import re
from collections.abc import Callable, Iterable

from lxml import etree

from aggregator.model import MOST_OF_ENTRY
from aggregator.steps.parse import dates
from aggregator.steps.parse.names import name
from aggregator.steps.parse.tree.context import Context, Unusual, joined
from aggregator.steps.parse.tree.texts import HTML, TYPES, construct, value

_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@(?:[a-zA-Z0-9-]+\.)+(?:[a-zA-Z]{2,4}|[0-9]{1,3})")


def read(context: Context, children: Iterable[etree._Element]) -> None:
    for child in children:
        if isinstance(child.tag, str):
            known = name(child)
            if handler := _HANDLERS.get(known):
                handler(context, child)
            elif known not in _WHOLE and len(child) and any(name(e) in _KNOWN for e in child.iterdescendants("*")):
                raise Unusual(f"<{known}> with more in it")


def _title(context: Context, element: etree._Element) -> None:
    detail = construct(context, element, "text/plain")
    if context.titled:
        return
    context.said["title"], context.said["title_detail"] = detail["value"], detail
    context.titled = bool(detail["value"])


def _link(context: Context, element: etree._Element) -> None:
    said = {str(key).lower(): str(value) for key, value in element.attrib.items()}
    link = {"rel": said.get("rel", "alternate").lower()}
    link["type"] = said.get("type", "application/atom+xml" if link["rel"] == "self" else "text/html").lower()
    if "length" in said:
        link["length"] = said["length"]
    href = said.get("url", said.get("uri", said.get("href")))
    base = context.place.within(element).base
    if href:
        link["href"] = joined(base, href)
        if link["rel"] == "alternate" and TYPES.get(link["type"], link["type"]) in HTML:
            context.said["link"] = link["href"]
    elif href is not None:
        raise Unusual("a link to nowhere")
    else:
        address = value(element)
        context.said["link"] = link["href"] = joined(base, address).replace("&amp;", "&") if address else ""
    context.said.setdefault("links", []).append(link)


def _guid(context: Context, element: etree._Element) -> None:
    said = value(element)
    is_link = next((v for k, v in element.attrib.items() if str(k).lower() == "ispermalink"), "true") == "true"
    if is_link and said:
        said = joined(context.place.within(element).base, said)
    context.said["id"] = said
    if is_link:
        context.said.setdefault("link", said)


def _description(context: Context, element: etree._Element) -> None:
    _summary(context, element, "text/html")


def _summary(context: Context, element: etree._Element, usual: str = "text/plain") -> None:
    if "summary" in context.said and not context.has_content:
        return _content(context, element)
    detail = construct(context, element, usual)
    key = "summary" if context.is_entry or usual == "text/plain" else "subtitle"
    context.said[key], context.said[f"{key}_detail"] = detail["value"], detail
    return None


def _subtitle(context: Context, element: etree._Element) -> None:
    detail = construct(context, element, "text/plain")
    context.said["subtitle"], context.said["subtitle_detail"] = detail["value"], detail


def _content(context: Context, element: etree._Element, usual: str = "text/plain") -> None:
    context.has_content = True
    if element.get("src"):
        raise Unusual("content elsewhere")
    detail = construct(context, element, usual)
    context.said.setdefault("content", []).append(detail)
    context.said.setdefault("summary", detail["value"])


def _encoded(context: Context, element: etree._Element) -> None:
    _content(context, element, "text/html")


def _author(context: Context, element: etree._Element) -> None:
    found: dict[str, str] = {}
    context.said.setdefault("authors", []).append(found)
    if not len(element):
        context.said["author"] = said = value(element)[: MOST_OF_ENTRY.max_author + 1]
        if mail := _MAIL.search(said):
            found["email"] = mail[0]
            said = said.replace(mail[0], "").replace("()", "").replace("<>", "").strip()
            said = said.removeprefix("(").removesuffix(")").strip()
        if said:
            found["name"] = said
        return
    for child in element:
        known = name(child) if isinstance(child.tag, str) else ""
        if known in ("name", "email"):
            found[known] = value(child)
        elif known not in ("", "uri", "url", "homepage") and (known in _KNOWN or len(child)):
            raise Unusual(f"<{known}> in an author")


def _contributor(context: Context, element: etree._Element) -> None:
    if any(name(e) not in ("name", "email", "uri", "url", "homepage") for e in element.iterdescendants("*")):
        raise Unusual("more in a contributor")


def _time(key: str) -> Callable[[Context, etree._Element], None]:
    def handle(context: Context, element: etree._Element) -> None:
        said = value(element)
        at = dates.usual(said)
        if said and at is None:
            raise Unusual(f"the date {said[:40]!r}")
        context.said[key] = said
        context.said[f"{key}_parsed"] = at

    return handle


def _category(context: Context, element: etree._Element) -> None:
    said = {str(key).lower(): str(value) for key, value in element.attrib.items()}
    _tag(context, said.get("term"), said.get("scheme", said.get("domain")), said.get("label"))
    if term := value(element):
        tags = context.said["tags"]
        if tags and not tags[-1]["term"]:
            tags[-1]["term"] = term
        else:
            _tag(context, term, None, None)


def _itunes_category(context: Context, element: etree._Element) -> None:
    if len(element) and context.is_entry:
        raise Unusual("categories in a category")
    _tag(context, element.get("text"), "itunes", None)


def _keywords(context: Context, element: etree._Element) -> None:
    for term in value(element).split(","):
        if term.strip():
            _tag(context, term.strip(), "itunes", None)


def _tag(context: Context, term: str | None, scheme: str | None, label: str | None) -> None:
    tags = context.said.setdefault("tags", [])
    if len(tags) > MOST_OF_ENTRY.max_categories:
        return
    tag = {"term": term, "scheme": scheme, "label": label}
    if (term or scheme or label) and tag not in tags:
        tags.append(tag)


def _enclosure(context: Context, element: etree._Element) -> None:
    said = {str(key).lower(): str(value) for key, value in element.attrib.items()}
    said["href"] = said.get("url", said.get("uri", said.get("href", "")))
    if "type" in said:
        said["type"] = said["type"].lower()
    context.said.setdefault("links", []).append(said | {"rel": "enclosure"})


def _language(context: Context, element: etree._Element) -> None:
    context.said["language"] = value(element)


def _original(context: Context, element: etree._Element) -> None:
    if not element.attrib:
        context.said["feedburner_origlink"] = value(element)


def _apart(context: Context, element: etree._Element) -> None:
    """The feed that an entry was taken from, a picture: what they say is theirs. Another title may follow."""
    if context.is_entry and name(element) != "source" and len(element):
        raise Unusual(f"<{name(element)}> in an entry")
    context.titled = False


def _unusual(context: Context, element: etree._Element) -> None:
    if context.is_entry:
        raise Unusual(f"<{name(element)}> in an entry")


_HANDLERS: dict[str, Callable[[Context, etree._Element], None]] = {
    **dict.fromkeys(("title", "dc:title"), _title),
    "link": _link,
    **dict.fromkeys(("guid", "id"), _guid),
    **dict.fromkeys(("description", "dc:description"), _description),
    **dict.fromkeys(("summary", "itunes:summary"), _summary),
    **dict.fromkeys(("subtitle", "tagline", "itunes:subtitle"), _subtitle),
    "content": _content,
    **dict.fromkeys(("content:encoded", "fullitem"), _encoded),
    **dict.fromkeys(("author", "managingeditor", "dc:creator", "dc:author", "itunes:author"), _author),
    "contributor": _contributor,
    **dict.fromkeys(("published", "issued", "pubdate", "dcterms:issued"), _time("published")),
    **dict.fromkeys(("updated", "modified", "lastbuilddate", "dc:date", "dcterms:modified"), _time("updated")),
    **dict.fromkeys(("created", "dcterms:created"), _time("created")),
    **dict.fromkeys(("category", "keywords", "dc:subject"), _category),
    "itunes:category": _itunes_category,
    "itunes:keywords": _keywords,
    "enclosure": _enclosure,
    **dict.fromkeys(("language", "dc:language"), _language),
    "feedburner:origlink": _original,
    **dict.fromkeys(("source", "image", "textinput"), _apart),
    **dict.fromkeys(
        ("item", "entry", "abstract", "body", "xhtml:body", "tags", "authors", "links", "itunes:owner", "rss", "feed"),
        _unusual,
    ),
}
_WHOLE = {"rights", "copyright", "dc:rights", "info"}  # text, with markup or without; what it says is not kept
_KNOWN = set(_HANDLERS)
