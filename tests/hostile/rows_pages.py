"""Rows: the pages behind entries."""

import gzip
import json
import struct

from tests.hostile.rows_network import OK, PACK
from tests.hostile.server import Act, Answer, Row, http, reset, slowly

WORDS = "The pilots of the harbour counted the ships that lay before the lock, and wrote down what each had on board. "
ZEROS = b" " * 10 * 2**20
PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + bytes(range(256)) * 200


def page(said: str, head: str = "", title: str = "Report", before: str = "", html: str = "") -> str:
    """An article of three paragraphs; `said` stands in the second."""
    paragraphs = "".join(f"<p>{text}</p>" for text in (WORDS * 3, f"{said} {WORDS * 2}", WORDS[::-1] + WORDS * 2))
    return (
        f'<!doctype html><html lang="en" {html}><head><title>{title}</title>{head}</head><body>'
        f"{before}<article><h1>{title}</h1>{paragraphs}</article></body></html>"
    )


def _read(name: str, body: str | bytes, type: str = "text/html; charset=utf-8", said: str = "MARKED") -> Row:
    """Its article is that of the page, and has these words."""
    return Row(name=f"page/{name}", answer=http(body, type=type), said=said)


def _not(name: str, answer: Answer | Act | str | bytes, error: str, type: str = "text/html") -> Row:
    """The article is what the feed says."""
    answer = http(answer, type=type) if isinstance(answer, str | bytes) else answer
    return Row(name=f"page/{name}", answer=answer, error=error)


def _to(name: str, location: str, error: str = "", said: str | None = None) -> Row:
    answer = http(status=302, location=location)
    return Row(name=f"page/{name}", answer=answer, error=None if said else error, said=said)


def _linked(rel: str) -> Row:
    link = f'<link rel="{rel}" href="http://127.0.0.1:{{inside}}/{rel}">'
    return _read(f"{rel}-leads-inside", page("MARKED", head=link))


def _dated(name: str, date: str) -> Row:
    return _read(f"dated-{name}", page("MARKED", head=_ld({"datePublished": date, "dateModified": date})))


def _ld(said: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle"} | dict(said))}</script>'  # type: ignore[call-overload]


ATTRIBUTES = " ".join(f'a{n}="{n}"' for n in range(80_000))
ENTITY = '<?xml version="1.0"?><!DOCTYPE html [<!ENTITY x SYSTEM "{}">{}]>'
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
SORRY = "<html><head><title>404 Not Found</title></head><body><h1>Not Found</h1><p>Nothing here.</p></body></html>"

ROWS = (
    _read("plain", page("MARKED")),
    # whom it leads to
    _to("to-another", "/page/plain", said="MARKED"),
    _to("to-inside", "http://127.0.0.1:{inside}/", "allow_addresses"),
    _to("to-inside-by-two", "/page/to-inside", "allow_addresses"),
    _to("to-metadata", "http://169.254.169.254/latest/meta-data", "allow_addresses"),
    _to("to-a-number", "http://2130706433:{inside}/", "loopback"),
    _to("to-ipv6", "http://[::ffff:127.0.0.1]:{inside}/", "disguise"),
    _to("to-itself", "/page/to-itself", "redirects"),
    _to("to-nowhere", "", "nowhere"),
    _to("to-a-file", "file:///etc/passwd", "only http"),
    _to("to-a-script", "javascript:alert(1)", "only http"),
    _not("refreshed-to-inside", "<meta http-equiv=refresh content='0;url=http://127.0.0.1:{inside}/'>", "no text"),
    _read("refreshed-beside-its-text", page("MARKED", head="<meta http-equiv=refresh content='0;url=http://127.0.0.1:{inside}/'>")),
    *map(_linked, ("next", "canonical", "amphtml", "icon", "preload", "alternate", "stylesheet")),
    _read("based-inside", page("MARKED", head='<base href="http://127.0.0.1:{inside}/"><link rel=next href="2">')),
    _read("next-is-itself", page("MARKED", head='<link rel=next href="/page/next-is-itself?page=2">')),
    _read("pictures-inside", page("MARKED <img src=http://127.0.0.1:{inside}/p.jpg>", head="<meta property=og:image content=http://127.0.0.1:{inside}/i.jpg>")),
    _not("frames", "<html><frameset><frame src=http://127.0.0.1:{inside}/></frameset></html>", "no text"),
    _not("only-a-script", "<html><body><script>document.write('<p>text</p>' + alert(1))</script></body></html>", "no text"),
    _read("scripts-of-a-megabyte", page("MARKED", before=f"<script>{'x=1;' * 300_000}</script>")),
    # how much it sends
    *(_not(f"{name}-bomb", http(pack(ZEROS), type="text/html", content_encoding=name), "larger than") for name, pack in PACK.items()),
    _not("a-bomb-in-a-bomb", http(gzip.compress(gzip.compress(ZEROS)), type="text/html", content_encoding="gzip, gzip"), "larger than"),
    _not("too-large", page("MARKED") + " " * 3 * 2**20, "larger than"),
    _not("endless", slowly(OK + b"\r\n", pause=0.001, forever=b"<p>" * 20_000), "larger than"),
    _not("drip", slowly(OK + b"Content-Length: 500000\r\n\r\n", forever=b"<"), "http.timeout"),
    _not("drip-of-the-header", slowly(b"HTTP/1.1 200 OK\r\n", forever=b"X: a\r\n"), "http.timeout"),
    _not("silence", slowly(OK + b"Content-Length: 500\r\n\r\n", pause=60), "http.timeout"),
    _not("reset", reset(OK + b"Content-Length: 5000\r\n\r\n<html>"), "cut off"),
    _not("cut-off", Answer(OK + b"Content-Length: 50000\r\n\r\n" + page("MARKED").encode()), "cut off"),
    _not("gzip-cut-off", http(gzip.compress(page("MARKED").encode())[:-20], type="text/html", content_encoding="gzip"), "cut off"),
    _not("not-http", Answer(b"220 ftp.example.org ready\r\n"), "not a valid HTTP answer"),
    _not("empty", "", "empty page"),
    *(_not(f"status-{n}", http(page("MARKED"), n, type="text/html"), str(n)) for n in (400, 401, 403, 404, 410, 451, 500, 503, 999)),
    Row(name="page/status-429", answer=http(page("MARKED"), 429, type="text/html", retry_after="9" * 30), error="429", is_apart=True),
    # markup
    *(_read(f"deep-{tag}", page(f"MARKED {f'<{tag}>' * 10_000}deep{f'</{tag}>' * 10_000}")) for tag in ("b", "div", "span", "a", "blockquote", "table", "svg")),
    _read("deep-around-all", "<div>" * 10_000 + page("MARKED")),
    _read("attributes-of-an-element", page("MARKED", before=f"<div {ATTRIBUTES}>x</div>")),
    _read("attributes-of-the-root", page("MARKED", html=ATTRIBUTES)),
    _read("attributes-in-the-text", page(f"MARKED <b {ATTRIBUTES}>bold</b>")),
    _read("links", page("MARKED", before="<a href=/x>l</a>" * 15_000)),
    _not("links-and-no-end", page("MARKED", before="<a href=/x>l</a>" * 60_000), "no text"),
    _read("empty-elements", page("MARKED") + "<i>" * 300_000),
    _read("spaces", page("MARKED" + " " * 1_500_000)),
    _read("ampersands", page("MARKED " + "&" * 900_000)),
    _read("unclosed-tags", page("MARKED") + "<a href='" * 100_000),
    _read("comments", page("MARKED", before="<!--" * 200_000 + "-->")),
    _read("pictures", page("MARKED" + "<figure><img src=/a.jpg><figcaption>c</figcaption></figure>" * 10_000)),
    _read("one-word-of-a-megabyte", page("MARKED " + "x" * 1_000_000)),
    _read("a-title-of-a-megabyte", page("MARKED", title="Report " * 100_000)),
    _read("json-ld-of-a-megabyte", page("MARKED", head=_ld({"author": [{"name": "A B"}] * 30_000}))),
    _read("json-ld-deep", page("MARKED", head=f'<script type="application/ld+json">{"[" * 100_000}</script>')),
    _read("json-ld-of-nonsense", page("MARKED", head=_ld({"headline": [1, {"@value": None}], "author": 7, "articleBody": {}, "datePublished": [[]], "image": "x" * 9999, "inLanguage": {"a": []}}))),
    _read("a-language-of-ages", page("MARKED", html=f'lang="en{"-abcdefgh" * 10_000}"')),
    *(_dated(name, date) for name, date in (("0001", "0001-01-01T00:00:00+14:00"), ("9999", "9999-12-31T23:59:59-12:00"), ("ages", "1" * 5000), ("nonsense", "+99:99"))),
    # XML
    _read("entity-of-a-file", ENTITY.format("file:///etc/passwd", "") + page("MARKED &x;"), type="application/xhtml+xml"),
    _read("entity-inside", ENTITY.format("http://127.0.0.1:{inside}/", "") + page("MARKED &x;"), type="application/xhtml+xml"),
    _read("a-billion-laughs", ENTITY.format("x", '<!ENTITY l0 "ha">' + LAUGHS) + page("MARKED &l9;"), type="application/xhtml+xml"),
    _read("dtd-inside", '<!DOCTYPE html SYSTEM "http://127.0.0.1:{inside}/x.dtd">' + page("MARKED")),
    # encodings
    *(_read(f"said-to-be-{n}", page("MARKED Köln déjà"), type=f"text/html; charset={charset}", said="Köln déjà") for n, charset in enumerate(("utf-8", "nonsense", "", "x" * 5000, "utf-8\x01"))),
    _read("said-to-be-utf-16", page("MARKED"), type="text/html; charset=utf-16"),
    _read("said-to-be-utf-7", page("MARKED +ADw-script+AD4-"), type="text/html; charset=utf-7"),
    _read("in-latin-1", page("MARKED Köln").encode("latin-1"), type="text/html; charset=iso-8859-1", said="Köln"),
    _read("in-utf-16-with-a-bom", page("MARKED Köln").encode("utf-16"), type="text/html", said="Köln"),
    _read("in-shift-jis", page("MARKED 港湾", head='<meta charset="shift_jis">').encode("shift_jis"), type="text/html", said="港湾"),
    _read("nuls", page("MARKED").replace("harbour", "harb\0our")),
    _read("broken-utf-8", page("MARKED").encode() + b"\xff\xfe\xc3("),
    _read("surrogates", page("MARKED &#xD800; &#x110000; &#0; &#x1b;[2J", title="Re\u202eport")),
    # what is no page
    _not("binary", PNG, "not HTML", type="image/png"),
    _not("binary-called-a-page", PNG, "not HTML"),
    _not("pdf", b"%PDF-1.7\n" + PNG, "not HTML", type="application/pdf"),
    _not("zip", b"PK\x03\x04" + PNG, "not HTML", type="application/zip"),
    _not("json", json.dumps({"text": WORDS * 9}), "not HTML", type="application/json"),
    _not("called-a-picture", page("MARKED"), "not HTML", type="image/png"),
    _read("of-no-type", page("MARKED"), type=""),
    _not("sorry", SORRY, ""),  # a line of text is one, and the feed's is longer
    Row(name="page/cookies", answer=http(page("MARKED"), type="text/html", set_cookie="session=evil; Domain=127.0.0.1"), said="MARKED"),
)  # fmt: skip
