"""Bytes of a feed -> XML text that both parsers read the same way."""

import re
from collections.abc import Callable
from html.entities import html5
from itertools import islice

from aggregator.model import MOST_OF_ENTRY, Response
from aggregator.steps import encodings
from aggregator.steps.measure import Measure

_MARKS = {b"<\0?\0": "utf-16-le", b"\0<\0?": "utf-16-be", b"<\0\0\0": "utf-32-le", b"\0\0\0<": "utf-32-be",
          b"<\0": "utf-16-le", b"\0<": "utf-16-be", b"Lo\xa7\x94": "cp037",
          b"{\0\0\0": "utf-32-le", b"\0\0\0{": "utf-32-be", b"{\0": "utf-16-le", b"\0{": "utf-16-be"}  # fmt: skip
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
# Seven-bit encodings: valid UTF-8 by accident, so their declaration is believed.
_SEVEN_BIT = re.compile(r"iso-2022|hz|utf-?7|ebcdic|cp037", re.IGNORECASE)
_DECLARATION = re.compile(r"<\?xml\b[^>]{0,500}\?>")
_ELEMENT = re.compile(r"<[A-Za-z_]")
_HIDING = re.compile(r"<!--|<\?")
_DTD = re.compile(r"<!(?:DOCTYPE|ENTITY)\b", re.IGNORECASE)
_NAMING = re.compile(r"<!DOCTYPE\b[^<>\[\]]{0,500}>\s*", re.IGNORECASE)
_DOCTYPE = re.compile(r"""<!DOCTYPE\b[^<>\[]*(?:\[(?:[^\]"']+|"[^"]*"|'[^']*')*+\]\s*)?>""", re.IGNORECASE)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&(?:#[xX]([0-9A-Fa-f]+);?|#([0-9]+);?|([A-Za-z][A-Za-z0-9]{1,31});)")
_XML_NAMES = {"amp", "lt", "gt", "quot", "apos"}
_LONG_TAG = re.compile(r"<([A-Za-z][\w:.-]*)(\s[^<>]{1000,})(>?)")
_ATTRIBUTE = re.compile(r"""(?<=\s)[\w:.-]{1,80}\s{0,9}=\s{0,9}(?:"[^"<]*"|'[^'<]*')""")
_AUTHOR = re.compile(
    r"(<(?:[\w.-]{1,20}:)?(?:author|creator|contributor|managingEditor|webMaster|publisher|owner|name|email)\b[^<>]*>"
    rf"\s*(?:<!\[CDATA\[)?[^<\]]{{{MOST_OF_ENTRY.max_author + 1}}})[^<\]]*",
    re.IGNORECASE,
)
_ENTRY = re.compile(r"<(?:[\w.-]{1,20}:)?(?:item|entry)(?=[\s>])", re.IGNORECASE)
_MRSS = re.compile(
    r"""\sxmlns:([A-Za-z][\w.-]{0,20})\s*=\s*["']https?://search\.yahoo\.com/mrss/?["']""", re.IGNORECASE
)


def xml(response: Response, measure: Measure) -> str:
    """The document without declaration and DTD, its named entities resolved, its longest parts cut, and what stands
    behind the entries that may be read."""
    said = undeclared(response)
    if measure.entries is not None:
        beyond = next(islice(_ENTRY.finditer(said), measure.entries + 1, None), None)
        said = said[: beyond.start()] if beyond else said
    said = _LONG_TAG.sub(_shorter(measure), resolved(_without_dtd(said)))
    return _AUTHOR.sub(r"\1", said).strip()


def undeclared(response: Response) -> str:
    """The document from its first element on, or what stands before that beside the declaration."""
    said = decoded(response.body, response.headers.get("content-type", ""))
    return _DECLARATION.sub("", said.lstrip("\ufeff \t\r\n\0"), count=1).lstrip()


def resolved(said: str) -> str:
    """HTML's named entities as characters, and nothing that XML forbids."""
    return _REFERENCE.sub(_character, _FORBIDDEN.sub("", said))


def without_naming(said: str) -> str:
    """The document without a DOCTYPE at its start that only names one: nobody asks for what it names."""
    return said[naming.end() :] if (naming := _NAMING.match(said)) else said


def has_dtd(said: str) -> bool:
    """Before its first element; nowhere else is one well-formed, but an article on HTML may show one."""
    first = _ELEMENT.search(said, 0, 4000)
    # In a comment or an instruction what looks like an element is none.
    is_plain = first is not None and not _HIDING.search(said, 0, first.start())
    return bool(_DTD.search(said, 0, first.start() if first and is_plain else 4000))


def _without_dtd(said: str) -> str:
    """The first declaration alone is searched for its end: each of many would be, to the end of the document."""
    if not (start := _DTD.search(said)):
        return said
    if whole := _DOCTYPE.match(said, start.start()):
        return said[: start.start()] + said[whole.end() :]
    return _DTD.sub("", said)


def is_crowded(said: str, most: int) -> bool:
    """Whether an element has very many attributes: lxml looks through all of them for each (80,000: over a minute)."""
    return any(tag[2].count("=") > most for tag in _LONG_TAG.finditer(said))


def without_media(said: str) -> str:
    """Media RSS under a name that feedparser does not know: it takes captions for summary and content."""
    for prefix in set(_MRSS.findall(said)):
        said = re.sub(rf"(</?){re.escape(prefix)}:", rf"\1x{prefix}:", said)
        said = re.sub(rf"""xmlns:{re.escape(prefix)}\s*=\s*["'][^"'<>]*["']""", f'xmlns:x{prefix}="urn:x-mrss"', said)
    return said


def decoded(body: bytes, content_type: str = "") -> str:
    """Valid UTF-8 is UTF-8, whatever header and declaration say: feeds name UTF-16 and send UTF-8."""
    if (marked := encodings.marked(body)) is not None:
        return marked
    for mark, encoding in _MARKS.items():
        if body.startswith(mark):
            return body.decode(encoding, "replace")
    names = _names(body, content_type)
    if not any(_SEVEN_BIT.match(n) for n in names):
        names.insert(0, "utf-8")
    for name in names:
        try:
            return body.decode(name)
        except (LookupError, ValueError):
            continue
    return body.decode(encodings.guessed(body), "replace")


def _names(body: bytes, content_type: str) -> list[str]:
    found = [m[1] for m in (_CHARSET.search(content_type),) if m]
    found += [m[1].decode() for m in (_DECLARED.search(body[:1000]),) if m]
    # UTF-16 without mark and NULs is something else. Codecs that are no encodings (zip) raise LookupError.
    names = [n.lower() for n in found if not n.lower().startswith(("utf-16", "utf16", "ucs-2", "utf-32"))]
    return [
        encodings.ALIASES.get(n, n)
        for n in names
        if n not in ("idna", "punycode", "unicode_escape", "raw_unicode_escape")
    ]


def _character(reference: re.Match[str]) -> str:
    """HTML's names as characters; numbers that are no XML character as nothing: feedparser raises on them."""
    hexadecimal, decimal, name = reference.groups()
    if name:
        return reference[0] if name in _XML_NAMES else html5.get(f"{name};", reference[0])
    digits = (hexadecimal or decimal).lstrip("0") or "0"
    if len(digits) > 7:
        return ""
    code = int(digits, 16 if hexadecimal else 10)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF or code in (0xFFFE, 0xFFFF):
        return ""
    return "" if code < 32 and code not in (9, 10, 13) else reference[0]


def _shorter(measure: Measure) -> Callable[[re.Match[str]], str]:
    """feedparser needs minutes for an element with very many attributes."""
    most = measure.limits.max_attributes

    def shorter(tag: re.Match[str]) -> str:
        name, attributes, end = tag.groups()
        if attributes.count("=") <= most:
            return tag[0]
        kept = [a[0] for a in islice(_ATTRIBUTE.finditer(attributes), most + 1)]
        if measure.holds("max_attributes", len(kept)):
            return tag[0]
        return f"<{name} {' '.join(kept[:-1])}{'/' if attributes.endswith('/') else ''}{end}"

    return shorter
