"""HTML from outside: made safe to keep and to publish, and its plain text."""

import re
from collections.abc import Callable
from functools import partial
from html import escape, unescape
from itertools import islice

import nh3
from lxml import etree

from aggregator.model import Image
from aggregator.steps import text, urls
from aggregator.steps.measure import FORBIDDEN, Measure, bounded

MAX_FIGURES = 500


def _names(said: str) -> frozenset[str]:
    return frozenset(said.split())


_TAGS = _names(
    """
    a abbr article aside audio b bdi bdo blockquote br caption cite code col colgroup dd del details dfn
    div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark ol p
    picture pre q rp rt ruby s samp section small source span strong sub summary sup table tbody td
    tfoot th thead time tr tt u ul var video wbr
    """
)
_DROPPED = {
    "script",
    "style",
    "head",
    "title",
    "noscript",
    "template",
    "svg",
    "math",
    "iframe",
    "object",
    "textarea",
}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "audio": {"src"},
    "blockquote": {"cite"},
    "bdo": {"dir"},
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start"},
    "q": {"cite"},
    "source": {"src"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "time": {"datetime"},
    "video": {"src", "poster"},
}
_SET = {name: {"preload": "none"} for name in ("audio", "video")}  # asked for once somebody plays it
# Which nobody can who is shown no button. Of two attributes that nh3 sets the order is another each time.
_SILENT, _PLAYED = ' preload="none">', ' preload="none" controls="">'
_BLOCKS = _names(
    """
    address article aside blockquote body caption center dd details div dl dt figure footer form h1 h2
    h3 h4 h5 h6 header hr html li main nav ol p pre section summary table tbody tfoot thead tr ul
    """
)
_UNREAD = _DROPPED | {"figcaption", "audio", "video", "select", "button"}

# What nh3 wrote: every attribute as name="value" with the quotes and angles in it escaped. An address that is not
# absolute there, or not spelled in the plainest way, or text that looks like one.
_OTHER_ADDRESS = re.compile(
    r"""="(?:(?<=\bhref=")|(?<=\bsrc=")|(?<=\bcite=")|(?<=\bposter="))"""
    r"""(?!(?:https?://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::\d{1,5})?"""
    r"""(?:[/?#](?:[^\s"'<>&\\]|&amp;){0,3000}(?<![?#;]))?|(?<=\bhref=")mailto:[\w.@+-]{1,200})")"""
)
_TAG = re.compile(r"<([a-z][a-z0-9]*)( [^<>]+)>")
_ADDRESS = re.compile(r' (href|src|cite|poster)="([^"]*)"')
_TAG_OF_PICTURE = re.compile(r"<img\b[^<>]{1,10000}>", re.IGNORECASE)
_HIDDEN = re.compile(r"""\bstyle\s*=\s*["'][^"'<>]*(?:display\s*:\s*none|visibility\s*:\s*hidden)""", re.IGNORECASE)
_MEDIA = re.compile(r'<(?:img|source)((?: [a-z]+="[^"]*")*)>')
_SIZE = re.compile(r' (?:width|height)="\s*[01](?:px)?\s*"')
_MARK = "\ufdd0"  # of those that are forbidden
_SHOWN = re.compile(r'<img [^>]*?\bsrc="([^"]*)"')
_CLEAN_TAG = re.compile(r"<(/?[a-z][a-z0-9]*)[^<>]*>")
_EDGES = {end + name: "\n\n" for name in _BLOCKS for end in ("", "/")} | {"br": "\n", "/td": " ", "/th": " "}
_APART = re.compile(r"<(figcaption|audio|video)\b.*?</\1>", re.DOTALL)
_BREAKS = re.compile(r"\n(?: *\n)+ *")


def sanitize(html: str, base: str, measure: Measure | None = None) -> str:
    """Article markup alone, its addresses absolute: nothing that could run, track or break XML."""
    html = bounded(html, measure)
    if "style" in html:
        html = _TAG_OF_PICTURE.sub(_seen, html)
    clean = _CLEANER.clean(html)
    if _OTHER_ADDRESS.search(clean):
        clean = _TAG.sub(_absolute(base), clean)
    if "&#" in html:  # the number of a character that is forbidden
        clean = FORBIDDEN.sub("", clean)
    clean = clean.replace(_SILENT, _PLAYED)
    return (_MEDIA.sub(_picture, clean) if "<img" in clean or "<source" in clean else clean).strip()


def plain(html: str) -> str:
    """The readable text: a paragraph for each block, "\\n\\n" between; no captions."""
    if "<" not in html:
        return text.clean(unescape(html))
    pieces: list[str] = []
    if (root := _root(html)) is not None:
        _read(root, pieces)
    paragraphs = (text.clean(p) for p in _BREAKS.split("".join(pieces)))
    return "\n\n".join(p for p in paragraphs if p)


def figures(html: str) -> tuple[Image, ...]:
    """The pictures of the <figure> elements of sanitized HTML, with what their <figcaption> says."""
    root = _root(html) if "<figure" in html else None
    if root is None:
        return ()
    captions: dict[etree._Element, str | None] = dict.fromkeys(
        islice(filter(_is_figures, root.iter("img")), MAX_FIGURES)
    )
    for said in islice(root.iter("figcaption"), MAX_FIGURES):
        figure = next(said.iterancestors("figure"), None)
        bare = (i for i in figure.iter("img") if i in captions and not captions[i]) if figure is not None else ()
        if (image := next(iter(bare), None)) is not None:
            captions[image] = text.clean(" ".join(map(str, said.itertext()))) or None
    places = _places(root, list(captions))
    return tuple(
        Image(url=image.get("src") or "", caption=caption, position=place)
        for (image, caption), place in zip(captions.items(), places, strict=True)
    )


def pictures(html: str) -> tuple[str, ...]:
    """The addresses of all pictures of sanitized HTML."""
    return tuple(unescape(found[1]) for found in _SHOWN.finditer(html))


def figure(image: Image) -> str:
    words = " ".join(escape(part) for part in (image.caption, image.credit) if part)
    caption = f"<figcaption>{words}</figcaption>" if words else ""
    return f'<figure><img src="{escape(image.url)}" alt="">{caption}</figure>'


_CLEANER = nh3.Cleaner(
    tags=set(_TAGS),
    clean_content_tags=_DROPPED,
    attributes=_ATTRIBUTES,
    set_tag_attribute_values=_SET,
    link_rel=None,
    url_schemes={"http", "https", "mailto"},
)


def plain_of_clean(html: str) -> str:
    """`plain` of what `sanitize` gave, in a tenth of the time: its tags are all spelled alike, and closed."""
    if "<" not in html:
        return text.clean(unescape(html))
    if "<figcaption" in html or "<audio" in html or "<video" in html:
        html = _APART.sub("", html)
    pieces = _CLEAN_TAG.split(html.replace("\n", " "))  # a text, the name of a tag, and so on
    pieces[1::2] = [_EDGES.get(name, "") for name in pieces[1::2]]
    paragraphs = (text.clean(unescape(p) if "&" in p else p) for p in _BREAKS.split("".join(pieces)))
    return "\n\n".join(p for p in paragraphs if p)


def _absolute(base: str) -> Callable[[re.Match[str]], str]:
    """For a tag that nh3 wrote; it would ask a filter of its own for each attribute, which costs more than the rest."""

    def address(is_link: bool, found: re.Match[str]) -> str:
        name, said = found[1], unescape(found[2])
        if is_link and said.strip().lower().startswith("mailto:"):
            url: str | None = said.strip()
        else:
            url = urls.absolute(base, said)
        return f' {name}="{escape(url, quote=False).replace(chr(34), "&quot;")}"' if url else ""

    def tag(found: re.Match[str]) -> str:
        return f"<{found[1]}{_ADDRESS.sub(partial(address, found[1] == 'a'), found[2])}>"

    return tag


def _seen(tag: re.Match[str]) -> str:
    """Nothing for a picture that nobody is to see."""
    return "" if _HIDDEN.search(tag[0]) else tag[0]


def _picture(tag: re.Match[str]) -> str:
    """Nothing for a picture without an address, or of one pixel: that one counts readers."""
    attributes = tag[1]
    if ' src="' not in attributes or len(_SIZE.findall(attributes)) == 2:
        return ""
    return tag[0]


def _root(html: str) -> etree._Element | None:
    try:
        return etree.fromstring(f"<html><body>{bounded(html)}</body></html>", _parser())
    except (etree.XMLSyntaxError, ValueError):
        return None


def _is_figures(image: etree._Element) -> bool:
    above = {element.tag for element in image.iterancestors()}
    return bool(image.get("src")) and "figure" in above and not above & _UNREAD


def _places(root: etree._Element, images: list[etree._Element]) -> list[int]:
    """How many paragraphs of the plain text stand before each picture, which a mark replaces."""
    for image in images:
        image.tag, image.text = "p", _MARK
    pieces: list[str] = []
    _read(root, pieces)
    places: list[int] = []
    before = 0
    for paragraph in _BREAKS.split("".join(pieces)):
        if paragraph.strip() == _MARK:
            places.append(before)
        elif text.clean(paragraph):
            before += 1
    return places


def _parser() -> etree.HTMLParser:
    return etree.HTMLParser(remove_comments=True, remove_pis=True, no_network=True, huge_tree=False)


def _read(root: etree._Element, pieces: list[str]) -> None:
    """Collect the text, "\\n\\n" at the edges of blocks."""
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        name = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if name in _BLOCKS:
                pieces.append("\n\n")
            if name in _UNREAD or not name:
                walk.skip_subtree()
            elif element.text:
                pieces.append(_folded(element.text))
            continue
        if name in _BLOCKS:
            pieces.append("\n\n")
        elif name == "br":
            pieces.append("\n")
        elif name in ("td", "th"):
            pieces.append(" ")
        if element.tail and element is not root:
            pieces.append(_folded(element.tail))


def _folded(said: str) -> str:
    return said.replace("\n", " ")
