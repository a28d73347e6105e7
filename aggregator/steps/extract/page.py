"""The bytes of a page as a tree, in bounded time."""

import re
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from itertools import islice

from lxml import etree, html

from aggregator.errors import ExtractError
from aggregator.model import PageLimits, Response
from aggregator.steps import encodings, urls

LIMITS = PageLimits()
DEEPEST = 256
"""libxml2 ends a page where so many elements are inside one another."""

MAX_REPLACED = 2000  # places where a rule replaces one text

_NOT_HTML = re.compile(r"^(?:image|audio|video|font)/|pdf|zip|octet-stream|json$|javascript|css", re.IGNORECASE)
_MAGIC = (b"%PDF", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"RIFF")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)|<\?xml[^>]{0,80}?encoding=[\"']([\w.:-]+)", re.IGNORECASE
)
_JAPANESE = b"\x1b$"
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
# Scripts, styles and comments are passed over; a start tag is read with its quotes, which count behind = only.
_TAG = re.compile(
    r"<script\b[^<]*+(?:<(?!/script)[^<]*+)*+|<style\b[^<]*+(?:<(?!/style)[^<]*+)*+|<!--[^-]*+(?:-(?!->)[^-]*+)*+"
    r"|<([A-Za-z][^\s/>]*+)((?:[^=>]++|=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>]*+))*+)",
    re.IGNORECASE,
)
# All but what holds paragraphs and pictures, and what a page says of itself.
_BOXES = re.compile(
    r"</?(?!(?:html|head|body|title|meta|link|script|style|h[1-6]|p|br|img|figure|figcaption|article|main|footer|nav)\b)"
    r"[a-z][^<>]*>",
    re.IGNORECASE,
)
# lxml.html asks Python for the class of every element that is met.
_ELEMENTS = etree.ElementDefaultClassLookup(element=html.HtmlElement)
_ATTRIBUTE = re.compile(r"""[^\s=>"'/]++\s*+(?:=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'>]++))?""")


def parse(
    response: Response, replaced: Sequence[tuple[str, str]] = (), limits: PageLimits = LIMITS
) -> tuple[html.HtmlElement, tuple[str, ...]]:
    """The tree of an HTML page, texts of its source replaced, and how it was cut; raises ExtractError where it is
    none."""
    body = response.body
    if not body.strip():
        raise ExtractError(response.url, "empty page")
    kind = response.headers.get("content-type", "").partition(";")[0].strip()
    if _NOT_HTML.search(kind) or body.lstrip()[:8].startswith(_MAGIC):
        raise ExtractError(response.url, f"not HTML: {kind or 'binary content'}")
    whole = decode(body, response.headers.get("content-type", ""))
    source, cut = whole[: limits.max_characters], []
    if len(whole) > limits.max_characters:
        cut.append(f"over {limits.max_characters:,} characters (page.max_characters)")
    for old, new in replaced:
        source = source.replace(old, new, MAX_REPLACED)
    text = _bounded(source, limits)
    try:
        root, is_deep = _tree(text, limits.max_depth)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise ExtractError(response.url, f"not HTML: {error}") from error
    if root.find(".//*") is None:
        raise ExtractError(response.url, "not HTML")
    if is_deep:
        cut.append(f"over {limits.max_depth} elements inside one another (page.max_depth)")
    if _cut(root, limits.max_elements):
        cut.append(f"over {limits.max_elements:,} elements (page.max_elements)")
    return root, tuple(cut)


def base(root: html.HtmlElement, url: str) -> str:
    """What the relative addresses of a page at `url` are relative to."""
    said = next((element.get("href") for element in root.iter("base") if element.get("href")), None)
    return urls.absolute(url, said or "") or url


def decode(body: bytes, content_type: str) -> str:
    """The text of a page, by its byte order mark, its bytes, its HTTP header, its meta tag."""
    if (marked := encodings.marked(body)) is not None:
        return marked
    if wide := encodings.wide(body):
        return body.decode(wide, "replace")
    # Bytes that are sound UTF-8 are UTF-8, whatever was said of them: other encodings hardly ever make such bytes, and
    # the one that does (ISO-2022-JP) has an escape that no page has.
    for name in ("iso2022_jp", "utf-8") if _JAPANESE in body else ("utf-8",):
        with suppress(ValueError):
            return body.decode(name)
    return _declared(body, content_type)


def _declared(body: bytes, content_type: str) -> str:
    """By header and meta tag, as far as the bytes allow it. Where the two differ, or say Latin of a text in another
    script, as servers do of every page, the bytes decide."""
    header, meta = _CHARSET.search(content_type), _META.search(body[:4096])
    said = [header[1]] if header else []
    said += [(meta[1] or meta[2]).decode("ascii", "replace")] if meta else []
    guess = encodings.guessed(body)
    names = [name for each in said if (name := encodings.codec(each))]
    if guess not in encodings.LATINS:
        names = [name for name in names if name != encodings.LATIN]
    if guess in names or guess == "utf-8":
        return body.decode(guess, "replace")
    texts = (encodings.nearly(body, name) for name in names)
    return next((text for text in texts if text is not None), None) or body.decode(guess, "replace")


def _bounded(text: str, limits: PageLimits) -> str:
    text = _DECLARATION.sub("", _FORBIDDEN.sub("", text[: limits.max_characters]))
    return _TAG.sub(partial(_limited, limits.max_attributes), text)


def _limited(most: int, tag: re.Match[str]) -> str:
    """libxml2 needs six minutes for one tag of 200,000 attributes."""
    if tag[1] is None or len(tag[0]) < 4 * most:
        return tag[0]
    attributes = _ATTRIBUTE.findall(tag[2])
    if len(attributes) <= most:
        return tag[0]
    return f"<{tag[1][:50]} {' '.join(attributes[:most])}"


def _tree(text: str, max_depth: int) -> tuple[html.HtmlElement, bool]:
    """A page that is too deep is read once more with its paragraphs alone."""
    parser = _parser()
    root = html.document_fromstring(text, parser=parser)
    is_deep = any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log)
    if is_deep or (max_depth < DEEPEST and _is_deeper(root, max_depth)):
        return html.document_fromstring(_BOXES.sub(" ", text), parser=_parser()), True
    return root, False


def _is_deeper(root: html.HtmlElement, most: int) -> bool:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > most:
            return True
    return False


def _cut(root: html.HtmlElement, most: int) -> bool:
    """A page of too many elements ends where their number does."""
    last = next(islice(root.iter(), most, None), None)
    if last is None:
        return False
    for element in (last, *last.iterancestors()):
        around = element.getparent()
        if around is not None:
            del around[around.index(element) + 1 :]
    return True


def _parser() -> html.HTMLParser:
    parser = html.HTMLParser(remove_comments=True, remove_pis=True, no_network=True, huge_tree=False)
    parser.set_element_class_lookup(_ELEMENTS)
    return parser
