"""Media RSS: the pictures and files of an entry, each picture with its own caption and credit."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree

from aggregator.model import Enclosure, Image
from aggregator.steps import html, text, urls

MAX_PICTURES = 100
_MRSS = re.compile(r"\{https?://search\.yahoo\.com/mrss/?\}", re.IGNORECASE)
_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)(?:$|[?#])", re.IGNORECASE)
_FILE_NAME = re.compile(r"\S*")  # "IMG_2343.jpg" is no caption
_AVATAR = re.compile(r"gravatar\.com/avatar", re.IGNORECASE)  # WordPress gives the author's face as media:content


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """What Media RSS says of an entry."""

    images: tuple[Image, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    description: str | None = None  # of the entry as a whole; HTML or plain, as `plain` says
    plain: bool = True


@dataclass(frozen=True, slots=True)
class _Found:
    image: Image
    width: int
    thumbnail: bool


def media(item: etree._Element, base: str, title: str) -> Media:
    """Pictures in their order; of one picture in several sizes, the widest."""
    found: list[_Found] = []
    files: list[Enclosure] = []
    for element in _parts(item):
        if len(found) + len(files) >= MAX_PICTURES:
            break
        url = urls.absolute(base, element.get("url", ""))
        if url is None or _AVATAR.search(url):
            continue
        if _name(element) == "thumbnail" or _is_picture(element, url):
            found.append(_picture(element, item, url, title))
        elif element.get("type", "").startswith(("audio/", "video/")):
            files.append(Enclosure(url=url, type=element.get("type"), length=number(element.get("fileSize"))))
    described = _nearest(item, item, "description")
    if described is None:
        groups = [e for e in item if _name(e) == "group"]
        described = _nearest(groups[0], item, "description") if groups else None
    said = _words(described)
    return Media(
        images=tuple(_widest(found)),
        enclosures=tuple(files),
        description=said or None,
        plain=described is None or described.get("type") != "html",
    )


def number(said: str | None) -> int | None:
    """A length in bytes; 0 is what feeds say that do not know."""
    said = (said or "").strip()
    return int(said) or None if said.isascii() and said.isdigit() and len(said) < 16 else None


def _parts(item: etree._Element) -> Iterator[etree._Element]:
    """Every media:content and media:thumbnail; a thumbnail inside a picture is the same, smaller."""
    for element in item.iterdescendants():
        name = _name(element)
        if name == "content":
            yield element
        elif name == "thumbnail":
            parent = element.getparent()
            if parent is None or _name(parent) != "content" or not _is_picture(parent, parent.get("url", "")):
                yield element


def _name(element: etree._Element) -> str:
    """The local name in Media RSS, "" for all else."""
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    local, count = _MRSS.subn("", tag)
    return local if count else ""


def _is_picture(element: etree._Element, url: str) -> bool:
    medium, kind = element.get("medium", ""), element.get("type", "")
    if medium or "/" in kind:
        return medium == "image" or (not medium and kind.startswith("image/"))
    return bool(_PICTURE.search(url))


def _picture(element: etree._Element, item: etree._Element, url: str, title: str) -> _Found:
    thumbnail = _name(element) == "thumbnail"
    caption = "" if thumbnail and _has_film(item) else _words(_nearest(element, item, "description"), plain=True)
    if not caption and not thumbnail:
        named = _words(_nearest(element, element, "title"), plain=True)
        caption = "" if named == title or _FILE_NAME.fullmatch(named) else named
    credit = ", ".join(dict.fromkeys(c for c in (_words(e, plain=True) for e in _credits(element, item)) if c))
    image = Image(url=url, caption=caption or None, credit=credit or None)
    return _Found(image, number(element.get("width")) or 0, thumbnail)


def _has_film(item: etree._Element) -> bool:
    """A film's description tells what it is about; it is no caption of its poster."""
    return any(_name(e) == "content" and not _is_picture(e, e.get("url", "")) for e in item.iterdescendants())


def _scopes(element: etree._Element, item: etree._Element) -> Iterator[etree._Element]:
    """From the element out to the item: what stands nearest holds (Media RSS, 'optional elements')."""
    yield element
    for parent in () if element is item else element.iterancestors():
        yield parent
        if parent is item:
            return


def _nearest(element: etree._Element, item: etree._Element, name: str) -> etree._Element | None:
    for scope in _scopes(element, item):
        for child in scope:
            if _name(child) == name and (child.text or len(child)):
                return child
        if scope is element and element is item:
            break
    return None


def _credits(element: etree._Element, item: etree._Element) -> list[etree._Element]:
    for scope in _scopes(element, item):
        if found := [child for child in scope if _name(child) == "credit"]:
            return found[:10]
    return []


def _words(element: etree._Element | None, *, plain: bool = False) -> str:
    if element is None:
        return ""
    said = "".join(str(t) for t in element.itertext())[:20_000]
    return text.clean(html.plain(said) if "<" in said or "&" in said else said) if plain else said.strip()


def _widest(found: Iterable[_Found]) -> list[Image]:
    """One image for each picture: its other sizes differ in the query alone."""
    found = list(found)
    if any(not f.thumbnail for f in found):
        found = [f for f in found if not f.thumbnail]
    best: dict[str, _Found] = {}
    for one in found:
        parts = urlsplit(one.image.url)
        # A path that is a script ("/image?id=1") says nothing without its query.
        same = f"{parts.netloc}{parts.path}" if _PICTURE.search(parts.path) and one.width else one.image.url
        if same not in best or one.width > best[same].width:
            best[same] = one
    return [one.image for one in best.values()]
