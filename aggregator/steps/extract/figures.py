"""The pictures of a page, lifted out of it with their captions."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias
from urllib.parse import urlsplit

from lxml import html

from aggregator.steps import text, urls
from aggregator.steps.extract import clean, signs
from aggregator.steps.html import plain

MARK = "Figure"  # the name of no attribute that a page can have: the parser makes them all small
MAX_CAPTION = 1500
_PLAYER_LEVELS = 2
_LINKED = 0.9  # a line that is a link as a whole is another article's headline

_SOURCES = (
    "data-src",
    "data-lazy-src",
    "data-original",
    "data-lazy",
    "data-srcset",
    "data-lazy-srcset",
    "srcset",
    "src",
    "data-hi-res-src",
    "data-image",
    "data-url",
    "data-full-src",
)
_LAZY = re.compile(r"src|lazy|original", re.IGNORECASE)
_BEARERS = ("div", "p", "span", "dd", "small", "em", "i", "cite", "figcaption")
_SIZE = re.compile(r"\s(\d+(?:\.\d+)?)([wx])\s*(?:,|$)")
_NEXT = re.compile(r",\s+|(?<=\s\dx),|(?<=\d\dw),")
_VARIANT = re.compile(r"[-_](?:\d{2,4}x\d{2,4}|scaled|\d{2,4}w)(?=\.\w+$)|@\dx(?=\.\w+$)")


Addresses: TypeAlias = Mapping[html.HtmlElement, str | None]


@dataclass(slots=True)
class Figure:
    """A picture where its marker stands in the page."""

    url: str
    alt: str
    caption: str | None = None
    credit: str | None = None


def lift(root: html.HtmlElement, base: str, most: int) -> list[Figure]:
    """Replace each picture and its caption, `most` of them, by an empty element that carries its number as MARK."""
    figures: list[Figure] = []
    known = {element: _address(element, base) for element in root.iter("img", "source")}
    for element in list(root.iter("figure")):
        if (
            len(figures) < most
            and _stands(element, root)
            and len(_addresses(element, known)) == 1
            and _is_picture(element)
        ):
            own = any(_text(c) for c in _captions(element))
            _replace(element if own else _box(element, known), known, figures)
    for image in list(root.iter("img")):
        if len(figures) >= most or not _stands(image, root):
            continue
        if known[image]:
            _replace(_box(image, known), known, figures)
        elif image.getparent() is not None:
            image.drop_tree()
    _leftovers(root, figures, most)
    return figures


def _leftovers(root: html.HtmlElement, figures: list[Figure], most: int) -> None:
    """Captions that stand beside their picture, or under several: never text, and the nearest picture's."""
    found = [e for e in root.iter(*_BEARERS) if e.tag == "figcaption" or signs.is_caption(clean.names(e))]
    for element in found[most:]:
        if element.tag == "figcaption" and _stands(element, root):
            element.drop_tree()
    for element in found[:most]:
        if clean.is_large(element, 50) or not _stands(element, root) or element.find(f".//figure[@{MARK}]") is not None:
            continue
        markers = _markers(element)
        if (not markers and element.tag != "figcaption") or len(_text(element)) > MAX_CAPTION:
            continue
        bare = [f for f in (figures[int(m.get(MARK) or 0)] for m in markers) if f.caption is None]
        said, is_video = _text(element), _is_video(element) or bool(signs.DURATION.search(_text(element)))
        if bare and len(markers) < 4 and not is_video and not _names_a_speaker(element):
            bare[0].caption, credit = split_credit(said)
            bare[0].credit = bare[0].credit or credit
        element.drop_tree()


def _markers(caption: html.HtmlElement) -> list[html.HtmlElement]:
    """The picture right before a caption, else those around it."""
    before = caption.getprevious()
    if before is not None and not clean.is_large(before, 50):
        found = [f for f in before.iter("figure") if f.get(MARK) is not None]
        if len(found) == 1:
            return found
    for above in islice(caption.iterancestors(), 2):
        if clean.is_large(above, 1000):
            break
        around: list[html.HtmlElement] = above.findall(f".//figure[@{MARK}]")
        if around:
            return around
    return []


def key(url: str) -> str:
    """What the size variants of one picture share."""
    parts = urlsplit(url)
    return _VARIANT.sub("", f"{parts.netloc}{parts.path}").lower()


def split_credit(said: str) -> tuple[str | None, str | None]:
    """A caption without its credit, and the credit."""
    said = text.clean(said)
    if signs.CREDIT_ALONE.match(said):
        return None, signs.CREDIT_LEAD.sub("", said).strip("()[] ") or None
    found = signs.CREDIT_TAIL.search(said[-300:])
    if not found:
        return said or None, None
    credit = signs.CREDIT_LEAD.sub("", found["credit"].strip(" -–—|/")).strip("()[]（）、，＝ .")
    rest = said[: len(said) - len(said[-300:]) + found.start()].strip(" -–—|/")
    return rest or None, credit or None


def _stands(element: html.HtmlElement, root: html.HtmlElement) -> bool:
    return element is root or any(above is root for above in element.iterancestors(str(root.tag)))


def _replace(box: html.HtmlElement, known: Addresses, figures: list[Figure]) -> None:
    addresses = _addresses(box, known)
    if not addresses:
        return
    img = next((i for i in box.iter("img") if known[i]), None)
    marker = html.Element("figure")
    marker.set(MARK, str(len(figures)))
    marker.tail = box.tail
    caption, credit = (None, None) if _is_video(box) else _caption(box)
    figures.append(Figure(addresses[0], text.clean((img.get("alt") if img is not None else "") or ""), caption, credit))
    parent = box.getparent()
    assert parent is not None
    parent.replace(box, marker)


def _is_video(box: html.HtmlElement) -> bool:
    """True for the still of a player: what stands by it is the video's title."""
    return any(signs.VIDEO.search(clean.names(e)) for e in (*box.iter(), *islice(box.iterancestors(), _PLAYER_LEVELS)))


def _is_picture(figure: html.HtmlElement) -> bool:
    """False for a figure that is a quotation, or holds more text than captions."""
    if next(figure.iter("blockquote", "table", "pre"), None) is not None:
        return False
    whole = len(text.clean(figure.text_content()))
    return whole < 300 or sum(len(text.clean(c.text_content())) for c in _captions(figure)) > 0.6 * whole


def _addresses(box: html.HtmlElement, known: Addresses) -> list[str]:
    """The addresses of the different pictures in a box, each once, the variants of one folded."""
    found: dict[str, str] = {}
    for element in box.iter("img", "source"):
        address = known[element]
        if element.tag == "source" and (element.getparent() is None or element.getparent().tag != "picture"):
            continue
        if address:
            inside = next(element.iterancestors("picture"), None)
            name = f"picture {id(inside)}" if inside is not None else key(address)
            if element.tag == "img":
                found[name] = address
            else:
                found.setdefault(name, address)
    return list({key(address): address for address in reversed(found.values())}.values())[::-1]


def _address(element: html.HtmlElement, base: str) -> str | None:
    if _is_small(element):
        return None
    for name in (*_SOURCES, *(n for n in element.attrib if n.startswith("data-") and _LAZY.search(n))):
        said = element.get(name)
        if not said or said.startswith("data:"):
            continue
        address = urls.absolute(base, _largest(said) if "set" in name or _SIZE.search(said) else said)
        if address and not signs.BLANK.search(address):
            return address
    return None


def _largest(srcset: str) -> str:
    """The candidate of the greatest width; a comma belongs to an address where neither a size precedes nor a space
    follows."""
    candidates = [c.strip() for c in _NEXT.split(srcset[:20_000]) if c.strip()]
    return max(candidates, key=_width, default="").split(" ")[0]


def _width(candidate: str) -> float:
    size = _SIZE.search(candidate)
    return float(size[1]) if size else 1.0


def _is_small(element: html.HtmlElement) -> bool:
    for side in ("width", "height"):
        said = (element.get(side) or "").removesuffix("px")
        if said.isdigit() and int(said) < 60:
            return True
    return bool(signs.SMALL_PICTURE.search(element.get("class") or ""))


def _box(image: html.HtmlElement, known: Addresses) -> html.HtmlElement:
    """The largest element around a picture that holds it alone, with its caption and no text of the article."""
    # libxml2 nests the sources of a picture in one another: begin at their end.
    box = next(image.iterancestors("picture"), image)
    for above in islice(box.iterancestors(), clean.MAX_CLIMB):
        if (
            above.tag in ("body", "article", "main", "html", "section", "td", "header")
            or clean.is_large(above, 400)
            or len(_addresses(above, known)) > 1
            or any(figure.get(MARK) is not None for figure in above.iter("figure"))
        ):
            break
        said = len(text.clean(above.text_content()))
        captions = sum(len(text.clean(c.text_content())) for c in _captions(above))
        if said > MAX_CAPTION or (captions < 0.6 * said and not _is_picture_box(above, said)):
            break
        box = above
    return box


def _is_picture_box(box: html.HtmlElement, said: int) -> bool:
    """True where an element is named for its picture, and the little text in it can only be the caption."""
    if not signs.PICTURE_BOX.search(clean.names(box)) or signs.TEXT_BOX.search(clean.names(box)):
        return False
    return said < 450 and clean.link_density(box) < 0.3 and next(box.iter("h2", "h3", "ul", "blockquote"), None) is None


def _captions(box: html.HtmlElement) -> list[html.HtmlElement]:
    """The outermost elements that say they are captions."""
    found = [
        e
        for e in box.iter(*_BEARERS)
        if (e.tag == "figcaption" or signs.is_caption(clean.names(e)) or signs.is_credit(clean.names(e)))
        and not _names_a_speaker(e)
    ]
    inner = {e for one in found for e in one.iterdescendants()}
    return [e for e in found if e not in inner]


def _names_a_speaker(caption: html.HtmlElement) -> bool:
    """True beside a quotation: who said it is no caption."""
    beside = caption.getparent()
    return beside is not None and not clean.is_large(beside) and next(beside.iter("blockquote"), None) is not None


def _caption(box: html.HtmlElement) -> tuple[str | None, str | None]:
    """One caption and its credit out of all the twins that say it."""
    credits: list[str] = []
    said: list[str] = []
    for element in _captions(box):
        credits.extend(_credits(element))
        if clean.link_density(element) < _LINKED:
            said.append(_text(element))
    if not any(said) and box.tag != "img" and clean.link_density(box) < _LINKED:
        said.append(_text(box))
    said.extend(plain(html).replace("\n\n", " ") for e in box.iter() if (html := e.get("data-caption")))
    caption = next((s for s in said if s and not signs.NOISE.match(s) and not signs.DURATION.search(s)), "")
    rest, credit = split_credit(signs.COUNTER.sub("", caption[:MAX_CAPTION]).strip(" -–—|"))
    named = next((signs.CREDIT_LEAD.sub("", c).strip("()[] ") for c in credits if c), None)
    return rest, named or credit


def _credits(caption: html.HtmlElement) -> list[str]:
    """Take the credits out of a caption, and give their texts."""
    found: list[str] = []
    whole = len(_text(caption))
    for element in [e for e in caption.iter(*_BEARERS) if signs.is_credit(clean.names(e))]:
        if signs.is_caption(clean.names(element)) and (element is caption or len(_text(element)) == whole):
            continue
        found.append(_text(element))
        for part in list(element):
            element.remove(part)
        element.text = None
    return found


def _text(element: html.HtmlElement) -> str:
    return text.clean(" ".join(element.itertext()))
