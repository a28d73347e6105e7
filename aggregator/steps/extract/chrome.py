"""What stands around an article: taken out of the page before its text is looked for."""

import re
from itertools import islice

from lxml import html

from aggregator.steps import text
from aggregator.steps.extract import signs

_NEVER = (
    "script",
    "style",
    "template",
    "link",
    "meta",
    "select",
    "textarea",
    "input",
    "svg",
    "math",
    "object",
    "embed",
    "iframe",
    "dialog",
    "menu",
    "canvas",
    "map",
    "audio",
    "video",
    "title",
)
_FRAME = frozenset({"nav", "aside", "footer", "form", "noscript"})
_KEEP = frozenset({"html", "body", "main", "article", "h1", "figure", "figcaption", "picture", "img", "source", "head"})
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_HIDDEN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
MAX_CLIMB = 12
MAX_HEADINGS = 400
_LIMIT = 0.3  # what holds more of the page's text than this is no frame of it


def strip(root: html.HtmlElement) -> None:
    """Take out scripts, hidden parts, navigation, teasers, share bars, comments."""
    for twin in list(root.iter("noscript", "button", "template")):
        if next(twin.iter("img"), None) is not None and twin.getparent() is not None and _length(twin) < 2000:
            twin.drop_tag()
    for element in list(root.iter(*_NEVER, "button")):
        if element.getparent() is not None:
            element.drop_tree()
    whole = max(_prose(root), 1)
    for element in list(root.iter()):
        if element.getparent() is None or not isinstance(element.tag, str) or element.tag in _KEEP:
            continue
        if _is_frame(element) and not _holds_article(element, whole):
            element.drop_tree()
    _teasers(root, whole)
    _titled(root, whole)


def is_large(element: html.HtmlElement, elements: int = 200) -> bool:
    """True for more elements than a picture's box or a card has: what keeps every search upwards short."""
    return sum(1 for _ in islice(element.iter(), elements + 1)) > elements


def names(element: html.HtmlElement) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}"[:300]


def link_density(element: html.HtmlElement) -> float:
    """The share of an element's characters that stand in links."""
    whole = _length(element)
    return sum(_length(a) for a in element.iter("a")) / whole if whole else 0.0


def _is_frame(element: html.HtmlElement) -> bool:
    if element.tag in _FRAME:
        return not (element.tag == "aside" and _is_figure(element))
    if element.get("hidden") is not None or _HIDDEN.search(element.get("style") or ""):
        # An accordion's closed parts are text; readability would lose them for their style.
        if _prose(element) < 400 or link_density(element) > 0.2:
            return True
        element.attrib.pop("style", None)
        element.attrib.pop("hidden", None)
    if element.get("role") in ("navigation", "complementary", "contentinfo", "search", "banner"):
        return True
    said = names(element)
    if not said.strip() or signs.CAPTION.search(said):
        return False
    if signs.UNSEEN.search(said):
        return True
    words = {w.lower() for w in _WORDS.findall(said)}
    if words & signs.CHROME or signs.PAIRS.search(said):
        return bool(words & signs.FOREIGN) or not _is_captioned(element)
    return bool(words & signs.WEAK) and 0 < _length(element) < 3000 and link_density(element) > 0.6


def _is_captioned(element: html.HtmlElement) -> bool:
    """True for a picture's box that bears a frame's name: most of its text is caption."""
    if next(element.iter("img"), None) is None:
        return False
    said = max(
        (_length(e) for e in element.iter() if e.tag == "figcaption" or signs.CAPTION.search(names(e))), default=0
    )
    return said > 0.5 * _length(element)


def _is_figure(element: html.HtmlElement) -> bool:
    return (
        next(element.iter("img", "picture"), None) is not None
        and link_density(element) < 0.3
        and _length(element) < 600
    )


def _holds_article(element: html.HtmlElement, whole: int) -> bool:
    if next(element.iter("h1"), None) is not None and element.tag != "nav" and _prose(element) > 0.1 * whole:
        return True
    return _prose(element) > _LIMIT * whole


def _teasers(root: html.HtmlElement, whole: int) -> None:
    """Boxes of cards: headings that are a link as a whole, with little text beside."""
    for heading in list(islice(root.iter("h2", "h3", "h4", "h5"), MAX_HEADINGS)):
        if not _is_teaser(heading) or not _inside(heading, root):
            continue
        box = None
        for above in islice(heading.iterancestors(), MAX_CLIMB):
            if above.tag in _KEEP or is_large(above, 1000):
                break
            cards = sum(1 for h in above.iter("h2", "h3", "h4", "h5") if _is_teaser(h))
            if (
                _length(above) > 350 * cards
                or _prose(above) > _LIMIT * whole
                or next(above.iter("h1"), None) is not None
            ):
                break
            box = above
        if box is not None:
            box.drop_tree()


def _is_teaser(heading: html.HtmlElement) -> bool:
    links = [a for a in heading.iter("a") if not (a.get("href") or "#").startswith("#")]
    if not links:
        links = [
            a for a in list(heading.iterancestors())[:3] if a.tag == "a" and not (a.get("href") or "#").startswith("#")
        ]
        return bool(links)
    return sum(map(_length, links)) > 0.9 * _length(heading) > 10


def _titled(root: html.HtmlElement, whole: int) -> None:
    """Headings that announce other articles go, with the box or the list that they head."""
    for heading in list(root.iter("h2", "h3", "h4", "h5", "h6", "p", "strong", "b", "span", "div")):
        if (
            not _inside(heading, root)
            or not 0 < _length(heading) < 60
            or not signs.HEADING.match(text.clean(heading.text_content()))
        ):
            continue
        box = heading
        for above in islice(heading.iterancestors(), MAX_CLIMB):
            if (
                above.tag in _KEEP
                or is_large(above, 1000)
                or _prose(above) > 0.1 * whole
                or (_length(above) > 80 and link_density(above) < 0.4)
            ):
                break
            box = above
        following = box.getnext()
        if following is not None and following.tag in ("ul", "ol", "div") and link_density(following) > 0.6:
            following.drop_tree()
        if box.getparent() is not None:
            box.drop_tree()


def _inside(element: html.HtmlElement, root: html.HtmlElement) -> bool:
    """False for what went with an ancestor before."""
    top = element
    for above in element.iterancestors():
        top = above
    return top is root and element is not root


def _prose(element: html.HtmlElement) -> int:
    """Characters in paragraphs outside of links: the weight of an article."""
    count = 0
    for p in element.iter("p", "blockquote", "li"):
        if p.tag == "p" or next(p.iter("p"), None) is None:
            count += _length(p) - sum(_length(a) for a in p.iter("a"))
    return count if count > 600 else max(count, _length(element) // 2)


def _length(element: html.HtmlElement) -> int:
    return len(" ".join("".join(element.itertext()).split()))
