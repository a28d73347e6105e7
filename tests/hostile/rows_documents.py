"""Rows: JSON, encodings, entries and their fields."""

import gzip

from tests.hostile.feeds import atom, entry, item, jsonfeed, rss
from tests.hostile.server import Row, http

JSON = "application/feed+json"


def _json(name: str, body: str | bytes, kept: int | None = None, error: str | None = None) -> Row:
    return Row(name=f"json/{name}", answer=http(body, type=JSON), kept=kept, error=error)


def _bytes(name: str, body: bytes, type: str = "application/xml", kept: int | None = None, error: str | None = None) -> Row:  # fmt: skip
    return Row(name=f"encoding/{name}", answer=http(body, type=type), kept=kept, error=error)


def _entries(name: str, body: str, kept: int | None = None, error: str | None = None) -> Row:
    return Row(name=f"entries/{name}", answer=http(body), kept=kept, error=error)


FINE = {"id": "1", "title": "One", "content_text": "Words."}
LATIN = rss(item(1, "<description>Köln, déjà vu</description>"), before="")

ROWS = (
    _json("deep-lists", '{"version": "https://jsonfeed.org/version/1", "items": ' + "[" * 100_000, error="JSON"),
    _json("deep-objects", '{"a":' * 100_000, error="JSON"),
    _json("deep-in-an-entry", jsonfeed(FINE)[:-2] + ', {"id": "2", "x": ' + "[" * 900 + "]" * 900 + "}]}", kept=2),
    _json("cut-off", jsonfeed(FINE, FINE)[:-30], error="JSON"),
    _json("a-comma-too-many", '{"version": "https://jsonfeed.org/version/1", "items": [],}', error="JSON"),
    _json("nan-and-infinity", '{"version": "https://jsonfeed.org/version/1", "items": [{"id": NaN}, {"id": Infinity}]}', kept=2),
    _json("huge-numbers", '{"version": "https://jsonfeed.org/version/1", "items": [{"id": 1' + "0" * 5000 + "}]}", error="JSON"),
    _json("numbers-in-exponents", '{"version": "https://jsonfeed.org/version/1", "items": [{"id": 1e999999, "title": "a"}]}', kept=1),
    _json("items-is-an-object", '{"version": "https://jsonfeed.org/version/1", "items": {"a": 1}}', error="no list of items"),
    _json("items-is-null", '{"version": "https://jsonfeed.org/version/1", "items": null}', error="no list of items"),
    _json("items-are-texts", jsonfeed("a", "b", 3, None, [], FINE), kept=1),
    _json("everything-is-an-object", jsonfeed({k: {"a": 1} for k in ("id", "url", "title", "content_html", "tags", "authors", "attachments")}), kept=1),
    _json("everything-is-a-list", jsonfeed({k: [1, [2]] for k in ("id", "url", "title", "content_html", "date_published", "authors", "attachments")}), kept=1),
    _json("everything-is-null", jsonfeed(dict.fromkeys(("id", "url", "title", "content_html", "tags"), None)), kept=1),
    _json("numbers-as-ids", jsonfeed({"id": 1, "title": "a"}, {"id": 2.5, "title": "b"}, {"id": True, "title": "c"}), kept=3),
    _json("one-id-for-all", jsonfeed(*({"id": "same", "title": f"t{n}"} for n in range(5))), kept=5),
    _json("an-api-error", '{"error": "rate limited", "status": 429}', error="no list of items"),
    _json("a-list", "[1, 2, 3]", error="neither RSS"),
    _json("a-text", '"hello"', error="neither RSS"),
    _json("lone-surrogates", '{"version": "https://jsonfeed.org/version/1", "items": [{"id": "\\ud800", "title": "a\\udfffb", "content_html": "\\ud83d"}]}', kept=1),
    _json("control-characters", jsonfeed({"id": "1", "title": "a\0b\x1b[31m", "content_html": "<p>\0\x08</p>"}), kept=1),
    _json("keys-twice", '{"items": [], "items": [{"id": "1", "title": "x"}], "version": "https://jsonfeed.org/version/1"}', kept=1),
    _json("half-a-million-tags", jsonfeed(FINE | {"tags": [str(n) for n in range(200_000)]}), kept=1),
    _json("ten-thousand-tags", jsonfeed(FINE | {"tags": [f"t{n}" for n in range(10_000)]}), kept=1),
    _json("ten-thousand-attachments", jsonfeed(FINE | {"attachments": [{"url": f"http://a.example/{n}.mp3", "mime_type": "audio/mpeg"} for n in range(10_000)]}), kept=1),
    _json("ten-thousand-authors", jsonfeed(FINE | {"authors": [{"name": f"Name {n}"} for n in range(10_000)]}), kept=1),
    _json("utf-16", jsonfeed(FINE | {"title": "ключ"}).encode("utf-16"), kept=1),
    _json("utf-16-be-without-a-mark", jsonfeed(FINE | {"title": "ключ"}).encode("utf-16-be"), kept=1),
    _json("utf-32-without-a-mark", jsonfeed(FINE | {"title": "ключ"}).encode("utf-32-le"), kept=1),
    _json("bom", b"\xef\xbb\xbf" + jsonfeed(FINE).encode(), kept=1),
    _json("invalid-utf-8", jsonfeed(FINE).encode().replace(b"Words", b"W\xff\xfe\x80ds"), kept=1),
    _json("scripts-in-addresses", jsonfeed(FINE | {"url": "javascript:alert(1)", "image": "data:text/html,x", "attachments": [{"url": "vbscript:x", "mime_type": "a/b"}]}), kept=1),
    _json("years-1-and-9999", jsonfeed(*({"id": d, "title": "t", "date_published": d} for d in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0000-00-00", "2026-02-30T25:61:61Z", "1e9"))), kept=5),
    _json("a-size-beyond-all", jsonfeed(FINE | {"attachments": [{"url": "http://a.example/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 10**30}]}), kept=1),
    _json("json-said-to-be-html", jsonfeed(FINE), kept=1),

    _bytes("declared-latin-1", b'<?xml version="1.0" encoding="iso-8859-1"?>' + LATIN.encode("latin-1"), kept=1),
    _bytes("latin-1-said-to-be-utf-8", LATIN.encode("latin-1"), "application/xml; charset=utf-8", kept=1),
    _bytes("invalid-utf-8", LATIN.encode().replace(b"vu", b"v\xff\xfe\x80"), kept=1),
    _bytes("overlong-utf-8", LATIN.encode().replace(b"vu", b"\xc0\xbcscript\xc0\xbe"), kept=1),
    _bytes("surrogates-in-utf-8", LATIN.encode().replace(b"vu", b"\xed\xa0\x80"), kept=1),
    _bytes("utf-16-le", LATIN.encode("utf-16-le"), kept=1),
    _bytes("utf-16-be-with-bom", b"\xfe\xff" + LATIN.encode("utf-16-be"), kept=1),
    _bytes("utf-16-of-odd-length", b"\xff\xfe" + LATIN.encode("utf-16-le")[:-1], kept=1),
    _bytes("utf-32", LATIN.encode("utf-32"), kept=1),
    _bytes("utf-7", b'<?xml version="1.0" encoding="utf-7"?>' + rss(item(1, "<description>+ADw-script+AD4-alert(1)+ADw-/script+AD4-</description>"), before="").encode(), kept=1),
    _bytes("utf-7-by-header", rss(item(1, "<description>+ADw-script+AD4-</description>"), before="").encode(), "application/xml; charset=utf-7", kept=1),
    _bytes("ebcdic", ('<?xml version="1.0" encoding="cp037"?>' + rss(item(), before="")).encode("cp037"), kept=1),
    _bytes("declared-utf-16-sent-utf-8", b'<?xml version="1.0" encoding="utf-16"?>' + LATIN.encode(), kept=1),
    _bytes("declared-rot13", b'<?xml version="1.0" encoding="rot13"?>' + LATIN.encode(), kept=1),
    _bytes("declared-zip", b'<?xml version="1.0" encoding="zip"?>' + LATIN.encode(), kept=1),
    _bytes("declared-nonsense", b'<?xml version="1.0" encoding="x-none-such"?>' + LATIN.encode(), kept=1),
    _bytes("declared-idna", b'<?xml version="1.0" encoding="idna"?>' + LATIN.encode("latin-1"), kept=1),
    _bytes("charset-of-a-thousand", LATIN.encode(), f"application/xml; charset={'a' * 1000}", kept=1),
    _bytes("three-boms", b"\xef\xbb\xbf" * 3 + LATIN.encode(), kept=1),
    _bytes("two-encodings-in-one", rss(item(1, "<description>é</description>"), before="").encode() .replace(b"Entry", "Entrée".encode("latin-1")), kept=1),
    _bytes("big5", b'<?xml version="1.0" encoding="big5"?>' + rss(item(1, "<description>中文</description>"), before="").encode("big5"), kept=1),
    _bytes("iso-2022-jp", b'<?xml version="1.0" encoding="iso-2022-jp"?>' + rss(item(1, "<description>日本語</description>"), before="").encode("iso-2022-jp"), kept=1),
    _bytes("gzip-inside", gzip.compress(LATIN.encode()), error="holds no XML"),
    _bytes("random", bytes(range(256)) * 64, error="neither RSS"),
    _bytes("a-picture", b"\x89PNG\r\n\x1a\n" + b"\0\1\2\3" * 2000, error="neither RSS"),
    _bytes("a-zip", b"PK\3\4" + b"\0\1\2\3" * 2000, error="neither RSS"),
    _bytes("a-pdf", b"%PDF-1.7\n" + b"\0\1\2\3" * 2000, error="neither RSS"),
    _bytes("bidirectional", rss(item(1, "<description>\u202egnp.exe\u2066\u2069</description>"), before="").encode(), kept=1),

    _entries("none", rss(), kept=0),
    _entries("fifty-thousand", rss(*(f"<item><guid>{n}</guid></item>" for n in range(50_000))), error="only its first 5000 entries"),
    _entries("no-ids", rss(*(f"<item><title>t{n}</title></item>" for n in range(3))), kept=3),
    _entries("empty-items", rss("<item/>", "<item></item>", item()), kept=2),
    _entries("one-guid-for-all", rss(*(item(1, f"<description>{n}</description>") for n in range(5))), kept=5),
    _entries("twice-the-same", rss(*(item() for _ in range(5))), kept=1),
    _entries("a-guid-of-a-megabyte", rss(f"<item><guid>{'g' * 2**20}</guid><title>t</title></item>"), kept=1),
    _entries("a-title-of-a-megabyte", rss(f"<item><guid>g</guid><title>{'t' * 2**20}</title></item>"), kept=1),
    _entries("an-author-of-a-megabyte", rss(item(1, f"<author>{'a' * 2**20}</author>")), kept=1),
    _entries("a-link-of-a-megabyte", rss(item(1, f"<link>https://a.example/{'a' * 2**20}</link>")), kept=1),
    _entries("a-category-of-a-megabyte", rss(item(1, f"<category>{'c' * 2**20}</category>")), kept=1),
    _entries("a-language-of-a-megabyte", rss(item(1, f"<dc:language>{'c' * 2**20}</dc:language>")), kept=1),
    _entries("a-type-of-a-megabyte", rss(item(1, f'<enclosure url="https://a.example/a" type="{"c" * 2**20}" length="1"/>')), kept=1),
    _entries("ten-thousand-categories", rss(item(1, "".join(f"<category>c{n}</category>" for n in range(10_000)))), kept=1),
    _entries("ten-thousand-enclosures", rss(item(1, "".join(f'<enclosure url="https://a.example/{n}"/>' for n in range(10_000)))), kept=1),
    _entries("ten-thousand-links", atom(entry(1, "".join(f'<link href="https://a.example/{n}"/>' for n in range(10_000)))), kept=1),
    _entries("ten-thousand-authors", atom(entry(1, "".join(f"<author><name>n{n}</name></author>" for n in range(10_000)))), kept=1),
    _entries("ten-thousand-pictures", rss(item(1, f"<description>{'&lt;img src=http://a.example/1.png&gt;' * 10_000}</description>")), kept=1),
    _entries("years-1-and-9999", rss(*(item(n, f"<pubDate>{d}</pubDate>") for n, d in enumerate(("Mon, 01 Jan 0001 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 -1200", "0", "-1", "99999999999999999999", "Thu, 32 Foo 2026 99:99:99 +9999")))), kept=7),
    _entries("times-to-come", rss(item(1, "<pubDate>Fri, 01 Jan 2100 00:00:00 GMT</pubDate>")), kept=1),
    _entries("a-length-below-nothing", rss(item(1, '<enclosure url="https://a.example/a" type="a/b" length="-5"/>'), item(2, f'<enclosure url="https://a.example/b" length="{"9" * 50}"/>')), kept=2),
    _entries("a-ttl-of-ages", rss(item(), head=f"<ttl>{'9' * 30}</ttl>"), kept=1),
    _entries("a-ttl-below-nothing", rss(item(), head="<ttl>-99999</ttl>"), kept=1),
    _entries("an-update-frequency-of-ages", rss(item(), head=f'<sy:updatePeriod xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">hourly</sy:updatePeriod><sy:updateFrequency xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">{"9" * 14}</sy:updateFrequency>'), kept=1),
    _entries("every-hour-skipped", rss(item(), head=f"<skipHours>{''.join(f'<hour>{n}</hour>' for n in range(24))}</skipHours><skipDays>{''.join(f'<day>{d}day</day>' for d in ('Mon', 'Tues', 'Wednes', 'Thurs', 'Fri', 'Satur', 'Sun'))}</skipDays>"), kept=1),
    _entries("names-a-hub-inside", atom(entry(), '<link rel="hub" href="http://127.0.0.1:{inside}/hub"/>').replace('<entry><id>urn:e1', '<entry><id>urn:e1'), kept=1),
    _entries("names-a-past-inside", atom('<link rel="prev-archive" href="http://127.0.0.1:{inside}/past"/>', entry()), kept=1),
    _entries("moves-inside", rss(item(), head='<itunes:new-feed-url xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">http://127.0.0.1:{inside}/</itunes:new-feed-url>'), kept=1),
    _entries("a-base-inside", atom(entry(1, '<link href="a.html"/><content type="html">&lt;img src="b.png"></content>'), extra='xml:base="http://127.0.0.1:{inside}/"'), kept=1),
    _entries("a-base-of-script", atom(entry(1, '<link href="alert(1)"/><content type="html">&lt;a href="x">x&lt;/a></content>'), extra='xml:base="javascript:"'), kept=1),
    _entries("addresses-of-scripts", rss(item(1, '<link>javascript:alert(1)</link><enclosure url="data:text/html,x" type="text/html"/><comments>vbscript:x</comments>')), kept=1),
    _entries("addresses-that-are-none", rss(item(1, "<link>http://[::1</link>"), item(2, "<link>http://a.example:99999999/</link>"), item(3, "<link>http://\u2100.example/</link>"), item(4, "<link>//</link>")), kept=4),
    _entries("tombstones", atom(*(f'<at:deleted-entry xmlns:at="http://purl.org/atompub/tombstones/1.0" ref="{n}"/>' for n in range(5000)), entry()), kept=1),
    _entries("an-entry-in-an-entry", atom(entry(1, entry(2) + "<source>" + entry(3) + "</source>")), kept=3),
    _entries("a-title-in-markup", rss("<item><guid>g</guid><title>&lt;script&gt;alert(1)&lt;/script&gt;&lt;b&gt;x</title></item>"), kept=1),
    _entries("a-title-for-a-terminal", rss("<item><guid>g</guid><title>&#x1b;]0;owned&#7;\x9b31m\u202e</title></item>"), kept=1),
    _entries("a-title-for-a-table", rss("<item><guid>g</guid><title>=cmd|' /C calc'!A0\r\n,|`</title></item>"), kept=1),
    _entries("a-name-for-a-path", rss(item()).replace("<title>Row</title>", "<title>../../../../etc/passwd\0.xml</title>"), kept=1),
    _entries("formats-in-formats", rss(item(1, "<description>%s%n{0}{self}${jndi:ldap://127.0.0.1:{inside}/}</description>")), kept=1),
)  # fmt: skip
