"""Rows: XML that means harm, or was broken on the way."""

from tests.hostile.feeds import atom, entry, item, rss
from tests.hostile.server import Row, http

_LEVELS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
LAUGHS = f'<!DOCTYPE rss [<!ENTITY l0 "ha">{_LEVELS}]>'
QUADRATIC = f'<!DOCTYPE rss [<!ENTITY a "{"a" * 50_000}">]>'
SYSTEM = '<!DOCTYPE rss [<!ENTITY x SYSTEM "http://127.0.0.1:{inside}/x">]>'
FILE = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
PARAMETER = '<!DOCTYPE rss [<!ENTITY % p SYSTEM "http://127.0.0.1:{inside}/p.dtd"> %p;]>'
EXTERNAL = '<!DOCTYPE rss SYSTEM "http://127.0.0.1:{inside}/rss.dtd">'
ATTRIBUTES = " ".join(f'a{n}="b"' for n in range(10_000))
NAMED = "".join(f"<!ENTITY e{n} 'x'>" for n in range(50_000))
RECURSIVE = '<!DOCTYPE rss [<!ENTITY a "&b;"><!ENTITY b "&a;">]>'


def _row(name: str, body: str | bytes, kept: int | None = None, error: str | None = None) -> Row:
    return Row(name=f"xml/{name}", answer=http(body), kept=kept, error=error)


ROWS = (
    _row("laughs", rss(item(1, "<description>&l11;</description>"), before=LAUGHS), kept=1),
    _row("laughs-in-an-attribute", rss(item(1, '<enclosure url="http://a.example/&l11;"/>'), before=LAUGHS), kept=1),
    _row("quadratic", rss(item(1, f"<description>{'&a;' * 20_000}</description>"), before=QUADRATIC), kept=1),
    _row("entity-from-inside", rss(item(1, "<description>&x;</description>"), before=SYSTEM), kept=1),
    _row("entity-from-a-file", rss(item(1, "<description>&x;</description>"), before=FILE), kept=1),
    _row("parameter-entity", rss(item(), before=PARAMETER), kept=1),
    _row("dtd-from-inside", rss(item(), before=EXTERNAL), kept=1),
    _row("recursive-entities", rss(item(1, "<description>&a;</description>"), before=RECURSIVE), kept=1),
    _row("dtd-without-end", '<!DOCTYPE rss [<!ENTITY a "b">' * 2000 + rss(item(), before=""), kept=1),
    _row("ten-thousand-dtds", "<!DOCTYPE rss>" * 10_000 + rss(item(), before=""), kept=1),
    _row("fifty-thousand-entities", rss(item(), before=f"<!DOCTYPE rss [{NAMED}]>"), kept=1),
    _row("eighty-thousand-attributes", rss(item(1, f"<link {ATTRIBUTES * 8}/>")), kept=1),
    _row("ten-thousand-attributes", rss(item(1, f"<link {ATTRIBUTES}/>")), kept=1),
    _row("attributes-of-the-root", rss(item(), extra=ATTRIBUTES), kept=1),
    _row("ten-thousand-namespaces", rss(item(), extra=" ".join(f'xmlns:n{n}="urn:{n}"' for n in range(10_000))), kept=1),
    _row("an-attribute-of-a-megabyte", rss(item(1, f'<enclosure url="http://a.example/{"a" * 2**20}"/>')), kept=1),
    _row("deep", rss(item(1, f"<description>{'<b>' * 10_000}deep{'</b>' * 10_000}</description>")), kept=1),
    _row("deep-escaped", rss(item(1, f"<description>{'&lt;b&gt;' * 10_000}deep</description>")), kept=1),
    _row("deep-outside", "<a>" * 10_000 + rss(item(), before="") + "</a>" * 10_000, kept=1),
    _row("deep-items", rss("<item>" * 10_000 + item() + "</item>" * 10_000), error="poll.max_entries"),
    _row("deep-in-atom", atom(entry(1, f'<content type="xhtml">{"<div>" * 10_000}x{"</div>" * 10_000}</content>')), kept=1),
    _row("cdata-without-end", rss(item(), item(2, "<description><![CDATA[never closed")), kept=2),
    _row("comment-without-end", rss(item(), item(2, "<!-- never closed")), kept=2),
    _row("cut-in-a-tag", rss(item(), item(2))[:-40], kept=2),
    _row("cut-in-an-item", rss(item(), item(2)).partition("Entry 2")[0], kept=2),
    _row("tags-that-cross", rss(item(1, "<b><i></b></i>"), item(2)), kept=2),
    _row("ampersands", rss(item(1, "<link>https://a.example/?a=1&b=2</link>"), item(2)), kept=2),
    _row("html-entities", rss(item(1, "<description>&nbsp;&eacute;&copy;</description>")), kept=1),
    _row("reference-to-nul", rss(item(1, "<description>a&#0;b&#x0;</description>")), kept=1),
    _row("reference-to-a-surrogate", rss(item(1, "<description>a&#xD800;b&#55296;</description>")), kept=1),
    _row("reference-beyond-unicode", rss(item(1, "<description>a&#x110000;b&#99999999999;</description>")), kept=1),
    _row("references-of-ages", rss(item(1, f"<description>a&#{'9' * 23};b&#{'9' * 100_000}c&#x{'f' * 5000};</description>")), kept=1),
    _row("control-characters", rss(item(1, "<description>a\x01\x02\x08\x0b\x1f\x7fb</description>")), kept=1),
    _row("nul-bytes", rss(item(1, "<description>a\0b</description>")), kept=1),
    _row("nothing-but-nuls", b"\0" * 5000, error="empty"),
    _row("nothing-but-white-space", " \r\n\t" * 5000, error="empty"),
    _row("a-declaration-alone", '<?xml version="1.0"?>', error="neither RSS"),
    _row("an-empty-root", "<rss/>", kept=0),
    _row("xml-that-is-no-feed", '<?xml version="1.0"?><catalogue><book/></catalogue>', error="<catalogue>"),
    _row("soap", '<?xml version="1.0"?><s:Envelope xmlns:s="urn:s"><s:Body/></s:Envelope>', error="s:Envelope"),
    _row("svg", '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', error="<svg>"),
    _row("xinclude", rss(item(1, '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>')), kept=1),
    _row("a-stylesheet", '<?xml-stylesheet type="text/xsl" href="http://127.0.0.1:{inside}/x.xsl"?>' + rss(item(), before=""), kept=1),
    _row("ten-thousand-instructions", "<?a b?>" * 10_000 + rss(item(), before=""), kept=1),
    _row("ten-thousand-comments", "<!--a-->" * 10_000 + rss(item(), before=""), kept=1),
    _row("a-hundred-thousand-brackets", rss(item(1, f"<description>{'&lt;' * 100_000}</description>")), kept=1),
    _row("unclosed-tags", "<rss><channel>" + "<item><title>a" * 3000, kept=1),
    _row("declares-another-version", rss(item(), before='<?xml version="9.7" encoding="utf-8"?>'), kept=1),
    _row("words-before-the-declaration", "Warning: mysql_connect() failed\n" + rss(item()), kept=1),
    _row("words-after-the-end", rss(item()) + "<!-- page made in 3 s --> <br> Fatal error", kept=1),
    _row("two-documents", rss(item()) + rss(item(2)), kept=2),
    _row("authors-for-a-regular-expression", rss(item(1, f"<author>{'(a@' * 50_000}</author>")), kept=1),
    _row("dates-for-a-regular-expression", rss(item(1, f"<pubDate>{'1 ' * 100_000}</pubDate>")), kept=1),
    _row("media-in-media", rss(item(1, '<media:group xmlns:media="http://search.yahoo.com/mrss/">' + '<media:content url="http://a.example/1.jpg">' * 200 + "</media:content>" * 200 + "</media:group>")), kept=1),
)  # fmt: skip
