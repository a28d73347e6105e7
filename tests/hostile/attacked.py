"""A home whose sources said every payload in every field: in RSS, Atom, JSON Feed and on pages."""

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path

from tests.fakes import page, write_home
from tests.hostile.feeds import atom, entry, item, jsonfeed, rss
from tests.hostile.runs import aggregator
from tests.hostile.scripts import MARKUP, TERMINAL
from tests.hostile.server import Row, Server, http

PAYLOADS = (*MARKUP, *TERMINAL)
FEEDS = ("rss", "atom", "json", "pages")
"""Sources, and topics of the same names."""

TITLES = 10
"""So many payloads in the title of one feed."""

SETTINGS = """[http]
host_pause = "0s"
per_host = 8
robots = "none"
allow_addresses = ["127.0.0.1:{port}"]
"""


def home(folder: Path) -> Path:
    """Polled, archived and published; what was logged lies in it as `log`."""
    pages = [Row(name=f"page/{n}", answer=http(_page(n, said), type="text/html")) for n, said in enumerate(PAYLOADS)]
    writers = dict(zip(FEEDS, (_rss, _atom, _json, _links), strict=True))
    titles = {f"title-{n}": _titles(PAYLOADS[n : n + TITLES]) for n in range(0, len(PAYLOADS), TITLES)}
    said = {name: write() for name, write in writers.items()} | titles
    rows = [Row(name=name, answer=http(body, type="application/xml")) for name, body in said.items()]
    with Server([*rows, *pages]) as server:
        write_home(
            folder,
            sources=[{"url": server.url(row), "name": row.name, "full_text": row.name == "pages"} for row in rows],
            topics=[{"name": name, "match": f"source:{name}", "copies": "all", "limit": 1000} for name in FEEDS],
            settings=SETTINGS.format(port=server.port),
        )
        ran = aggregator(folder, "poll", "--all", "-vv")
    assert ran.code == 0, ran.err
    (folder / "log").write_text(ran.err, "utf-8")
    return folder


def _cdata(said: str) -> str:
    """As XML carries it; what XML forbids is as it comes from the wire, a reader mends it."""
    return f"<![CDATA[{said.replace(']]>', ']]]]><![CDATA[>')}]]>"


def _rss() -> str:
    media = 'xmlns:media="http://search.yahoo.com/mrss/"'
    return rss(
        *(
            f'<item><guid isPermaLink="false">r{n}</guid><title>{_cdata(said)}</title><author>{_cdata(said)}</author>'
            f"<category>{_cdata(said)}</category><description>{_cdata(f'rss {n} ' + said)}</description>"
            f"<link>{_cdata('javascript:alert(1)//' + said)}</link>"
            f'<enclosure url="{escape("javascript:alert(1)//" + said)}" type="{escape(said)}" length="1"/>'
            f'<media:content url="https://a.example/{n}.jpg" medium="image"><media:description>{_cdata(said)}'
            f"</media:description><media:credit>{_cdata(said)}</media:credit></media:content></item>"
            for n, said in enumerate(PAYLOADS)
        ),
        extra=media,
    )


def _atom() -> str:
    return atom(
        *(
            entry(n, f'<title type="html">{_cdata(said)}</title><author><name>{_cdata(said)}</name></author>'
                     f'<category term="{escape(said)}"/><content type="html">{_cdata(f"atom {n} " + said)}</content>'
                     f'<link href="{escape("data:text/html," + said)}"/>')
            for n, said in enumerate(PAYLOADS)
        )
    )  # fmt: skip


def _json() -> str:
    return jsonfeed(
        *(
            {"id": f"j{n}", "title": said, "content_html": f"json {n} {said}", "authors": [{"name": said}], "tags": [said],
             "url": f"javascript:alert(1)//{said}", "image": f"data:text/html,{said}",
             "attachments": [{"url": f"vbscript:{said}", "mime_type": said}]}
            for n, said in enumerate(PAYLOADS)
        )
    )  # fmt: skip


def _links() -> str:
    return rss(*(item(f"p{n}", f"<link>http://127.0.0.1:{{port}}/page/{n}</link>") for n in range(len(PAYLOADS))))


def _titles(said: Sequence[str]) -> str:
    return atom(head=f"<title>{_cdata(' '.join(said))}</title>")


def _page(n: int, said: str) -> bytes:
    """An article with it between and inside of its paragraphs, in its title, captions and what it says of itself."""
    words = f"Report {n} of the harbour master, who counted {n} ships on day {n}. " * 8
    figure = f'<figure><img src="/{n}.jpg" alt="{escape(said)}"><figcaption>{said} caption</figcaption></figure>{said}'
    meta = json.dumps({"@type": "NewsArticle", "headline": said, "author": {"name": said}, "description": said})
    body = page(f"Report {n} {said}", f"{words}\n\n{words}{said}", f"{figure}<p>{said}{words}</p>").decode("utf-8")
    return body.replace("<body>", f'<body><script type="application/ld+json">{meta}</script>').encode()
