"""Media RSS: the pictures and files of an entry, each picture with its own caption and credit."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from urllib.parse import urlsplit

from lxml import etree

from aggregator.model import Enclosure, Image
from aggregator.steps import html, text, urls
from aggregator.steps.measure import Measure

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


NOTHING = Media()


@dataclass(frozen=True, slots=True)
class _Found:
    image: Image
    width: int
    thumbnail: bool


def media(item: etree._Element, base: str, title: str, measure: Measure) -> Media:
    """Pictures in their order; of one picture in several sizes, the widest."""
    if not any(map(_name, item.iterdescendants("*"))):
        return NOTHING
    found: list[_Found] = []
    files: list[Enclosure] = []
    inside = Inside(item)
    for element in _parts(item):
        if not measure.holds("max_pictures", len(found) + len(files) + 1):
            break
        url = urls.absolute(base, element.get("url", ""))
        if url is None or _AVATAR.search(url):
            continue
        if _name(element) == "thumbnail" or _is_picture(element, url):
            found.append(_picture(element, inside, url, title))
        elif element.get("type", "").startswith(("audio/", "video/")):
            files.append(Enclosure(url=url, type=element.get("type"), length=number(element.get("fileSize"))))
    described = inside.nearest(item, "description", within=item)
    if described is None and (groups := inside.children(item).get("group")):
        described = inside.nearest(groups[0], "description")
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
    return _local(element.tag) if isinstance(element.tag, str) else ""


@lru_cache(maxsize=4096)
def _local(tag: str) -> str:
    local, count = _MRSS.subn("", tag)
    return local if count else ""


def _is_picture(element: etree._Element, url: str) -> bool:
    medium, kind = element.get("medium", ""), element.get("type", "")
    if medium or "/" in kind:
        return medium == "image" or (not medium and kind.startswith("image/"))
    return bool(_PICTURE.search(url))


class Inside:
    """An item's Media RSS, each element's children looked at once, however many pictures ask for their words."""

    def __init__(self, item: etree._Element) -> None:
        self._item = item
        self._children: dict[etree._Element, dict[str, list[etree._Element]]] = {}

    @cached_property
    def has_film(self) -> bool:
        """A film's description tells what it is about; it is no caption of its poster."""
        elements = self._item.iterdescendants("*")
        return any(_name(e) == "content" and not _is_picture(e, e.get("url", "")) for e in elements)

    def children(self, element: etree._Element) -> dict[str, list[etree._Element]]:
        if element not in self._children:
            found: dict[str, list[etree._Element]] = {}
            for child in element:
                if name := _name(child):
                    found.setdefault(name, []).append(child)
            self._children[element] = found
        return self._children[element]

    def nearest(
        self, element: etree._Element, name: str, within: etree._Element | None = None
    ) -> etree._Element | None:
        """The first that says something, from the element outwards, up to the item or to `within`."""
        for scope in self._scopes(element):
            for child in self.children(scope).get(name, ()):
                if child.text or len(child):
                    return child
            if scope is within:
                break
        return None

    def credits(self, element: etree._Element) -> list[etree._Element]:
        for scope in self._scopes(element):
            if found := self.children(scope).get("credit"):
                return found[:10]
        return []

    def _scopes(self, element: etree._Element) -> Iterator[etree._Element]:
        """What stands nearest holds (Media RSS, 'optional elements')."""
        yield element
        for parent in () if element is self._item else element.iterancestors():
            yield parent
            if parent is self._item:
                return


def _picture(element: etree._Element, inside: Inside, url: str, title: str) -> _Found:
    thumbnail = _name(element) == "thumbnail"
    caption = "" if thumbnail and inside.has_film else _words(inside.nearest(element, "description"), plain=True)
    if not caption and not thumbnail:
        named = _words(inside.nearest(element, "title", within=element), plain=True)
        caption = "" if named == title or _FILE_NAME.fullmatch(named) else named
    credit = ", ".join(dict.fromkeys(c for c in (_words(e, plain=True) for e in inside.credits(element)) if c))
    image = Image(url=url, caption=caption or None, credit=credit or None)
    return _Found(image, number(element.get("width")) or 0, thumbnail)


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
