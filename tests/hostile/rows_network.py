"""Rows: bodies, answers, redirects, addresses and types."""

import gzip
import zlib
from collections.abc import Callable
from functools import partial

import brotli  # type: ignore[import-untyped]
from backports import zstd

from tests.hostile.feeds import item, rss
from tests.hostile.server import Act, Answer, Row, http, reset, slowly

FEED = rss(item(1), item(2)).encode()
ZEROS = b"\0" * 10 * 2**20
PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": partial(brotli.compress, quality=5),
    "zstd": zstd.compress,
}
PAGE = "<!doctype html><html><head><title>Sorry</title></head><body><p>We are down.</body></html>"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n"
TYPES = (
    "text/html",
    "text/plain",
    "application/octet-stream",
    "image/png",
    "application/json",
    "",
    "nonsense",
    "a/b;" * 500,
)


def _body(
    name: str, answer: bytes | Answer | Act, kept: int | None = None, error: str | None = None, added: str | None = None
) -> Row:
    said = Answer(answer) if isinstance(answer, bytes) else answer
    return Row(name=f"body/{name}", answer=said, kept=kept, error=error, added=added)


def _packed(name: str, body: bytes, encoding: str, kept: int | None = None, error: str | None = None) -> Row:
    return _body(name, http(body, content_encoding=encoding), kept, error)


def _to(name: str, location: str, error: str | None = None, kept: int | None = None, status: int = 302) -> Row:
    return Row(name=f"redirect/{name}", answer=http(status=status, location=location), kept=kept, error=error)


def _status(status: int) -> Row:
    """With a sound feed as its body: no error's body is a feed."""
    return Row(name=f"status/{status}", answer=http(FEED, status), error=str(status), is_apart=status == 429)


def _type(number: int, type: str) -> Row:
    return Row(name=f"type/{number}", answer=http(FEED, type=type), kept=2)


def _address(number: int, host: str, error: str) -> Row:
    """Reached by a redirect, as no configuration would name it."""
    return Row(name=f"address/{number}", answer=http(status=302, location=f"http://{host}/"), error=error)


_HOSTS = (
    ("127.0.0.1:{inside}", "loopback"),
    ("127.1:{inside}", "loopback"),
    ("127.0.1:{inside}", "loopback"),
    ("2130706433:{inside}", "loopback"),
    ("0x7f000001:{inside}", "loopback"),
    ("0x7f.0.0.1:{inside}", "loopback"),
    ("0177.0.0.1:{inside}", "loopback"),
    ("017700000001:{inside}", "loopback"),
    ("127.0.0.1.:{inside}", ""),
    ("127.8.9.10:{inside}", "loopback"),
    ("localhost:{inside}", "loopback"),
    ("LOCALHOST:{inside}", "loopback"),
    ("%6c%6f%63%61%6c%68%6f%73%74:{inside}", ""),
    ("user:pass@127.0.0.1:{inside}", "loopback"),
    ("[::1]:{inside}", "loopback"),
    ("[0:0:0:0:0:0:0:1]:{inside}", "loopback"),
    ("[::]:{inside}", "no address"),
    ("[::ffff:127.0.0.1]:{inside}", "disguise"),
    ("[::ffff:7f00:1]:{inside}", "disguise"),
    ("[::127.0.0.1]:{inside}", ""),
    ("[2002:7f00:1::]:{inside}", "6to4"),
    ("[64:ff9b::7f00:1]:{inside}", "NAT64"),
    ("[64:ff9b:1::7f00:1]:{inside}", "NAT64"),
    ("[2001:0:7f00:1::]:{inside}", "Teredo"),
    ("[fc00::1]", "private"),
    ("[fd12:3456::1]", "private"),
    ("[fe80::1]", "link-local"),
    ("[fe80::1%25lo]", ""),
    ("[ff02::1]", "multicast"),
    ("[fec0::1]", "reserved"),
    ("[2001:db8::1]", "private"),
    ("0.0.0.0:{inside}", "no address"),
    ("0:{inside}", "no address"),
    ("10.0.0.1", "private"),
    ("172.16.0.1", "private"),
    ("192.168.1.1", "private"),
    ("169.254.169.254/latest/meta-data", "link-local"),
    ("2852039166/latest/meta-data", "link-local"),
    ("100.64.0.1", "reserved"),
    ("100.100.100.200", "reserved"),
    ("192.0.0.192", "private"),
    ("168.63.129.16", "metadata"),
    ("192.0.2.1", "private"),
    ("198.18.0.1", "private"),
    ("224.0.0.1", "multicast"),
    ("240.0.0.1", "private"),
    ("255.255.255.255", ""),
    ("①②⑦.⓪.⓪.①:{inside}", ""),
    ("127。0。0。1:{inside}", ""),
)

ROWS = (
    *(_packed(name, pack(FEED), name, kept=2) for name, pack in PACK.items()),
    *(_packed(f"{name}-bomb", pack(ZEROS), name, error="larger than") for name, pack in PACK.items()),
    *(_packed(f"said-to-be-{name}", FEED, name, error="content-encoding") for name in PACK),
    _packed("gzip-in-gzip", gzip.compress(gzip.compress(FEED)), "gzip, gzip", kept=2),
    _packed("gzip-in-gzip-by-two-headers", gzip.compress(gzip.compress(FEED)), "gzip\r\nContent-Encoding: gzip", kept=2),
    _packed("gzip-in-br", brotli.compress(gzip.compress(FEED)), "gzip, br", kept=2),
    _packed("a-bomb-in-a-bomb", gzip.compress(gzip.compress(ZEROS)), "gzip, gzip", error="larger than"),
    _packed("twenty-encodings", FEED, ", ".join(["gzip"] * 20), error="content-encoding"),
    _packed("unknown-encoding", FEED, "rot13", error="content-encoding"),
    *(_packed(f"{name}-cut-off", pack(FEED)[:-20], name, error="cut off") for name, pack in PACK.items()),
    _packed("gzip-with-more-behind", gzip.compress(FEED) + b"trailing", "gzip", kept=2),
    _packed("two-gzips", gzip.compress(FEED[:200]) + gzip.compress(FEED[200:]), "gzip", kept=2),
    _body("too-large", http(FEED + b" " * 3 * 2**20), error="larger than"),
    _body("too-large-by-its-header", b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n" + FEED, error="larger than"),
    _body("too-large-without-length", OK + b"\r\n" + FEED + b" " * 3 * 2**20, error="larger than"),
    _body("endless", slowly(OK + b"\r\n", pause=0.001, forever=b" " * 65_536), error="larger than"),
    _body("endless-chunks", slowly(OK + b"Transfer-Encoding: chunked\r\n\r\n", pause=0.0, forever=b"10000\r\n" + b" " * 65_536 + b"\r\n"), error="larger than"),
    _body("endless-header", slowly(b"HTTP/1.1 200 OK\r\n", pause=0.0, forever=b"X-%b: %b\r\n" % (b"a" * 50, b"b" * 4000)), error="headers"),
    _body("a-header-of-a-megabyte", b"HTTP/1.1 200 OK\r\nX: " + b"a" * 2**20 + b"\r\n\r\n" + FEED, error="header"),
    _body("ten-thousand-headers", b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: %b\r\n" % (n, b"a" * 200) for n in range(10_000)) + b"Content-Length: 0\r\n\r\n", error="header"),
    _body("drip-of-the-body", slowly(OK + b"Content-Length: 500000\r\n\r\n", forever=b"<"), error="http.timeout"),
    _body("drip-of-the-header", slowly(b"HTTP/1.1 200 OK\r\n", forever=b"X: a\r\n"), error="http.timeout"),
    _body("drip-of-the-first-line", slowly(forever=b"H"), error=""),
    _body("no-answer", slowly(pause=60, forever=b""), error=""),
    _body("silence-after-the-header", slowly(OK + b"Content-Length: 500\r\n\r\n", pause=60), error="http.timeout"),
    _body("no-bytes", slowly(), error="without an answer"),
    _body("reset-at-once", reset(), error=""),
    _body("reset-in-the-header", reset(b"HTTP/1.1 200 OK\r\nContent-"), error=""),
    _body("reset-in-the-body", reset(OK + b"Content-Length: 5000\r\n\r\n<rss>"), error=""),
    _body("shorter-than-said", OK + b"Content-Length: 5000\r\n\r\n" + FEED, error="cut off"),
    _body("longer-than-said", OK + b"Content-Length: 20\r\nConnection: close\r\n\r\n" + FEED, error="not a valid HTTP answer"),
    _body("chunks-cut-off", OK + b"Transfer-Encoding: chunked\r\n\r\nfff\r\n<rss>", error="cut off"),
    _body("chunks-that-are-none", OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n<rss>\r\n0\r\n\r\n", error="not a valid HTTP answer"),
    _body("a-chunk-of-ages", OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\n<rss>", error=""),
    _body("length-twice", OK + b"Content-Length: 5\r\nContent-Length: 9\r\n\r\n" + FEED, error="not a valid HTTP answer"),
    _body("length-below-nothing", OK + b"Content-Length: -5\r\n\r\n" + FEED, error="not a valid HTTP answer"),
    _body("length-and-chunks", OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(FEED), FEED), error="not a valid HTTP answer"),
    _body("http-0.9", FEED, error="not a valid HTTP answer"),
    _body("not-http", b"220 ftp.example.org ready\r\n", error="not a valid HTTP answer"),
    _body("ssh", b"SSH-2.0-OpenSSH_9.2\r\n", error="not a valid HTTP answer"),
    _body("tls-alert", b"\x15\x03\x01\0\2\2\n", error=""),
    _body("a-status-of-words", b"HTTP/1.1 OK 200\r\n\r\n" + FEED, error="not a valid HTTP answer"),
    _body("a-status-of-0", b"HTTP/1.1 000 None\r\n\r\n" + FEED, error=""),
    _body("a-status-of-99999", b"HTTP/1.1 99999 None\r\n\r\n" + FEED, error=""),
    _body("headers-of-nuls", b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n", error=""),
    _body("a-header-without-colon", b"HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 0\r\n\r\n", error=""),
    _body("cookies", http(FEED, set_cookie="session=evil; Domain=127.0.0.1"), kept=2),
    _body("an-etag-of-a-megabyte", b"HTTP/1.1 200 OK\r\nETag: \"%b\"\r\nContent-Length: %d\r\n\r\n%b" % (b"e" * 60_000, len(FEED), FEED), kept=2),
    _body("validators-of-nonsense", http(FEED, etag="\x7f\xe9", last_modified="the day before"), kept=2),
    _body("retry-after-ages", http(b"", status=503, retry_after="999999999999999999999"), error="503"),
    Row(name="body/retry-after-a-year", answer=http(b"", status=429, retry_after="Fri, 31 Dec 9999 23:59:59 GMT"), error="429", is_apart=True),
    _body("cache-for-ever", http(FEED, cache_control="max-age=99999999999999999999", expires="Fri, 31 Dec 9999 23:59:59 GMT"), kept=2),
    _body("an-hour-ahead", http(FEED, date="Fri, 31 Dec 9999 23:59:59 GMT", age="-99999999999999999999"), kept=2),
    _body("empty", http(b""), error="empty"),
    _body("an-empty-204", http(b"", status=204), error="empty"),
    _body("a-page-of-sorrow", http(PAGE, type="text/html"), error="HTML page", added="no feed here"),
    _body("a-page-called-a-feed", http(PAGE, type="application/rss+xml"), error="HTML page", added="no feed here"),
    _body("a-page-of-an-error", http(PAGE, status=500, type="text/html"), error="500"),
    _body("a-captive-portal", http("<html><head><meta http-equiv=refresh content='0;url=http://127.0.0.1:{inside}/'></head></html>", type="text/html"), error="HTML page", added="no feed here"),
    *(_status(n) for n in (400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 423, 424, 425, 426, 428, 429, 431, 451, 499, 500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511, 520, 530, 599, 600, 999, 300, 304, 305, 306, 399)),
    *(_type(n, type) for n, type in enumerate(TYPES)),
    _to("to-itself", "to-itself", "redirects"),
    _to("to-nowhere", "", "nowhere"),
    _to("to-another", "/good/0", kept=5),
    _to("to-another-for-good", "/good/0?for-good", kept=5, status=301),
    _to("to-a-file", "file:///etc/passwd", "only http"),
    _to("to-ftp", "ftp://127.0.0.1:{inside}/", "only http"),
    _to("to-gopher", "gopher://127.0.0.1:{inside}/_x", "only http"),
    _to("to-a-script", "javascript:alert(1)", "only http"),
    _to("to-data", "data:application/xml,<rss/>", "only http"),
    _to("to-nonsense", "http://[::1", ""),
    _to("to-a-port-of-ages", "http://127.0.0.1:999999/", ""),
    _to("to-no-host", "http:///path", ""),
    _to("to-a-header", "/good/0%0d%0aX-Injected:%20yes", "404"),
    _to("to-an-address-of-a-megabyte", "http://127.0.0.1:{port}/" + "a" * 60_000, ""),
    _to("to-inside", "http://127.0.0.1:{inside}/", "allow_addresses"),
    _to("to-inside-by-two", "/redirect/to-inside", "allow_addresses"),
    _to("to-no-one", "http://none-such.invalid/", "host not found"),
    _to("to-a-closed-port", "http://127.0.0.1:{port}0/", ""),
    Row(name="redirect/by-its-body", answer=slowly(b"HTTP/1.1 302 Found\r\nLocation: /good/0?body\r\n\r\n", pause=0.0, forever=b" " * 65_536), kept=5),
    *(_address(n, host, why) for n, (host, why) in enumerate(_HOSTS)),
)  # fmt: skip
