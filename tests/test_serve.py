import gzip
import os
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest
from aiohttp.test_utils import TestClient, TestServer
from lxml import html
from yarl import URL

from aggregator.errors import QueryError, StoreError
from aggregator.model import (
    Archived,
    Article,
    Clause,
    Decision,
    Enclosure,
    Found,
    Hit,
    Image,
    Revision,
    Snippet,
    Topic,
    Verdict,
)
from aggregator.serve import application, feeds
from aggregator.serve.archive import Why
from aggregator.steps import diff

SEEN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ATTACK = '<script>alert("x")</script>'
PLAIN = {"Accept-Encoding": "identity"}
FEED = b"<feed>" + b"x" * 5000 + b"</feed>"


def archived(id: int, **changes: Any) -> Archived:
    article = Article(
        url=f"https://example.org/{id}",
        title=f"Story {id} {ATTACK}",
        text="The first paragraph.\n\nThe second.",
        html=changes.pop(
            "html", '<p>Text</p><figure><img src="https://a/1.jpg"><figcaption>Seen</figcaption></figure>'
        ),
        byline=f"Jo {ATTACK}",
        published=SEEN,
        language="en",
        summary=f"Stands first {ATTACK}",
        images=(Image(url="https://a/1.jpg", caption=f"Seen {ATTACK}"),),
    )
    return Archived(
        article=article, source="example", source_title=f"The Example {ATTACK}", first_seen=SEEN, id=id, **changes
    )


TOKEN = "0123456789abcdef"


class FakeArchive:
    """Three articles: 1 with all there is to say, 2 its copy, 3 with a hostile address."""

    def __init__(self, feeds_dir: Path) -> None:
        self.feeds_dir = feeds_dir
        self.private_dir = feeds_dir.parent / "private"
        self.tokens: dict[str, str] = {}
        self.pictures_dir = feeds_dir.parent / "pictures"
        self.healthy = True
        self.empty = False
        odd = Article(url="javascript:alert(1)", title="", text="")
        self.stored = {
            1: archived(
                1,
                revisions=2,
                revised_at=SEEN + timedelta(hours=2),
                enclosures=(Enclosure(url="https://a/b.mp3", type="audio/mpeg", length=123456),),
            ),
            2: archived(2, verdict=Verdict(relation="copy", copy_of=1, reason=f"the same words {ATTACK}")),
            3: Archived(article=odd, source="odd", first_seen=SEEN, id=3),
        }

    def token(self, name: str) -> str:
        return self.tokens.get(name, "")

    async def topics(self) -> tuple[Topic, ...]:
        if self.empty:
            return ()
        korea = Topic(name="korea", match="korea", title=f"Korea {ATTACK}", token=self.token("korea"))
        return (korea, Topic(name="plain", match="x"))

    async def newest(self, limit: int) -> tuple[Archived, ...]:
        return () if self.empty else tuple(self.stored.values())[:limit]

    async def of_topic(self, topic: Topic, limit: int) -> tuple[Archived, ...]:
        return (self.stored[1],)[:limit] if topic.name == "korea" else ()

    async def article(self, id: int) -> Archived | None:
        return self.stored.get(id)

    async def copies(self, id: int) -> tuple[Archived, ...]:
        return (self.stored[1], self.stored[2]) if id in (1, 2) else ()

    async def revisions(self, id: int) -> tuple[Revision, ...]:
        old = "The first paragraph.\n\nThe other thing."
        return (Revision(number=1, seen_at=SEEN, title=f"Story 1 {ATTACK}", text=old),) if id == 1 else ()

    async def why(self, archived: Archived, name: str | None) -> tuple[Why, ...]:
        hits = (Hit("korea", "title", f"Korea {ATTACK}", 0, 5),)
        clauses = (Clause("match", "korea", True, hits), Clause("exclude", f"sport {ATTACK}", False, ()))
        no = Decision(selected=False, reason="not selected: nothing")
        return (
            ("korea", Decision(selected=True, reason=f"because {ATTACK}", hits=hits), clauses),
            ("near", no, clauses),
            ("far", no, clauses[1:]),
        )

    async def search(self, query: str, limit: int, *, before: int | None = None) -> Found:
        if query == "(":
            raise QueryError(query, "a bracket is open")
        found = [a for a in self.stored.values() if query in a.article.title and (a.id or 0) < (before or 99)]
        matches = tuple((a, Snippet(a.article.text[:80], 4, 9)) for a in found[:limit])
        return Found(matches=matches, until=7 if query == "rare" else None)

    async def sources(self) -> Sequence[Mapping[str, Any]]:
        if self.empty:
            return ()
        sound = {"name": "example", "url": "https://example.org/feed", "title": ATTACK, "state": "ok"}
        times = {"last_polled": "2026-03-01T12:00:00Z", "next_poll": None, "entries": 12}
        failing = {**sound, **times, "name": "bad", "state": "failing", "failures": 3, "error": f"503 {ATTACK}"}
        return ({**sound, **times, "failures": 0, "error": None}, failing)

    async def status(self) -> dict[str, int | float | str | None]:
        return {"healthy": self.healthy, "articles": 3, "polls_total": 7.5, "last-poll": None, "version": "0.1"}


@pytest.fixture
def archive(tmp_path: Path) -> FakeArchive:
    feeds_dir = tmp_path / "feeds_out"
    feeds_dir.mkdir()
    for format in feeds.TYPES:
        file = feeds_dir / f"korea.{format}"
        file.write_bytes(FEED)
        os.utime(file, (SEEN.timestamp(), SEEN.timestamp()))
    (tmp_path / "secret.atom").write_bytes(b"secret")
    return FakeArchive(feeds_dir)


@pytest.fixture
async def web(archive: FakeArchive) -> AsyncIterator[TestClient[Any, Any]]:
    async with TestClient(TestServer(application(archive)), auto_decompress=False) as client:
        yield client


async def page_at(web: TestClient[Any, Any], path: str) -> Any:
    return html.fromstring(await (await web.get(path)).read())


PAGES = ["/", "/article/1", "/article/2", "/article/3", "/search", "/search?q=Story", "/search?q=nothing", "/sources"]


@pytest.mark.parametrize("path", [*PAGES, f"/search?q={ATTACK}", "/search?q=(", "/nowhere"])
async def test_a_page_escapes_all_that_came_from_outside(web: TestClient[Any, Any], path: str) -> None:
    answer = await web.get(path)
    body = await answer.text()
    assert answer.content_type == "text/html"
    assert "<script" not in body
    assert 'href="javascript:' not in body
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "media-src http: https:" in answer.headers["Content-Security-Policy"]  # or no sound is heard
    assert html.fromstring(body.encode()).find(".//main") is not None


@pytest.mark.parametrize("path", [*PAGES, "/style.css", "/topics.opml", "/healthz", "/metrics", "/feeds/korea.rss"])
async def test_head_says_what_get_says_without_the_body(web: TestClient[Any, Any], path: str) -> None:
    got, head = await web.get(path), await web.head(path)
    assert head.status == got.status == 200
    assert head.headers["Content-Type"] == got.headers["Content-Type"]
    assert head.headers["Content-Length"] == str(len(await got.read()))
    assert await head.read() == b""


async def test_the_front_page_lists_topics_and_stories(web: TestClient[Any, Any]) -> None:
    page = await page_at(web, "/")
    links = {str(a.get("href")) for a in page.iter("a")}
    assert {"/feeds/korea.atom", "/feeds/korea.rss", "/feeds/korea.json", "/article/1", "/topics.opml"} <= links
    assert "Untitled" not in page.text_content()


async def test_an_article_shows_all_that_is_known_of_it(web: TestClient[Any, Any]) -> None:
    page = await page_at(web, "/article/1")
    assert page.xpath("string(//figure/figcaption)") == "Seen"
    assert page.xpath("//a[@href='https://example.org/1']")
    assert page.xpath("//a[@href='https://a/b.mp3']")
    assert page.xpath("//section//a[@href='/article/2']")
    assert not page.xpath("//section//a[@href='/article/1']")
    assert page.xpath("string(//del)") == "other thing"
    assert page.xpath("string(//ins)") == "second"
    assert "because" in page.text_content()
    assert page.xpath("//ul[@class='hits']/li[@class='yes']/code/text()") == ["korea", "korea"]
    assert page.xpath("//ul[@class='hits']//mark/text()") == ["Korea", "Korea"]
    assert "not there" in page.xpath("string(//ul[@class='hits']/li[@class='no'])")
    assert page.xpath("//dt/a/text()") == ["korea", "near"]
    copy = await page_at(web, "/article/2")
    assert "the same words" in copy.text_content()


async def test_an_article_that_is_not_there_is_404(web: TestClient[Any, Any]) -> None:
    for id in ("99", "x", "-1", "9" * 30):
        assert (await web.get(f"/article/{id}")).status == 404


@pytest.mark.parametrize("format", feeds.TYPES)
async def test_a_feed_comes_with_validators(web: TestClient[Any, Any], format: str) -> None:
    answer = await web.get(f"/feeds/korea.{format}", headers={"Accept-Encoding": "identity"})
    assert await answer.read() == FEED
    assert answer.headers["Content-Type"] == feeds.TYPES[format]
    assert answer.headers["Last-Modified"] == "Sun, 01 Mar 2026 12:00:00 GMT"
    assert "max-age" in answer.headers["Cache-Control"]
    assert not answer.headers["ETag"].startswith("W/")


@pytest.mark.parametrize(
    ("known", "status"),
    [
        ({"If-None-Match": "{etag}"}, 304),
        ({"If-None-Match": 'W/"x", W/{etag}'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"x"'}, 200),
        ({"If-None-Match": '"x"', "If-Modified-Since": "Sun, 01 Mar 2026 12:00:00 GMT"}, 200),
        ({"If-None-Match": "", "If-Modified-Since": "Sun, 01 Mar 2026 12:00:00 GMT"}, 200),
        ({"If-Modified-Since": "Sun, 01 Mar 2026 12:00:00 GMT"}, 304),
        ({"If-Modified-Since": "Sun, 01 Mar 2026 11:59:59 GMT"}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
    ],
)
async def test_what_the_reader_has_is_not_sent_again(
    web: TestClient[Any, Any], known: dict[str, str], status: int
) -> None:
    etag = (await web.get("/feeds/korea.atom")).headers["ETag"]
    headers = {name: value.replace("{etag}", etag) for name, value in known.items()}
    for method in ("GET", "HEAD"):
        answer = await web.request(method, "/feeds/korea.atom", headers=headers)
        assert answer.status == status
        assert answer.headers["ETag"]
        assert (await answer.read() == b"") == (status == 304 or method == "HEAD")


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("", ""), ("identity", ""), ("gzip", "gzip"), ("x-gzip", "gzip"), ("gzip, br", "br"), ("gzip;q=0.5, br;q=0.4", "gzip"),
        ("br;q=0, gzip", "gzip"), ("gzip;q=0", ""), ("*", "br"), ("br;q=0, *;q=0.1", "gzip"), ("br;q=x", "br"),
    ],
)  # fmt: skip
async def test_a_feed_is_packed_as_the_reader_likes_best_under_an_etag_of_its_own(
    web: TestClient[Any, Any], header: str, coding: str
) -> None:
    plain = await web.get("/feeds/korea.atom", headers={"Accept-Encoding": "identity"})
    answer = await web.get("/feeds/korea.atom", headers={"Accept-Encoding": header})
    assert answer.headers.get("Content-Encoding", "") == coding
    assert answer.headers["Vary"] == plain.headers["Vary"] == "Accept, Accept-Encoding"
    unpack = {"gzip": gzip.decompress, "br": brotli.decompress, "": bytes}[coding]
    assert unpack(await answer.read()) == await plain.read() == FEED
    assert (answer.headers["ETag"] != plain.headers["ETag"]) == bool(coding)
    again = await web.get("/feeds/korea.atom", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status == 304


@pytest.mark.parametrize(
    ("said", "status", "part"),
    [
        ("bytes=0-4", 206, FEED[:5]), ("bytes=5-", 206, FEED[5:]), ("bytes=-3", 206, FEED[-3:]),
        ("bytes=0-99999", 206, FEED), ("bytes=99999-", 416, b""), ("bytes=4-2", 416, b""), ("bytes=-0", 416, b""),
        ("bytes=0-1,3-4", 200, FEED), ("lines=1-2", 200, FEED), ("bytes=-", 200, FEED),
    ],
)  # fmt: skip
async def test_a_part_of_a_feed_can_be_had(web: TestClient[Any, Any], said: str, status: int, part: bytes) -> None:
    answer = await web.get("/feeds/korea.atom", headers={"Range": said} | PLAIN)
    assert (answer.status, await answer.read()) == (status, part)
    assert answer.headers["Accept-Ranges"] == "bytes"
    if status == 206:
        span = re.fullmatch(rf"bytes (\d+)-(\d+)/{len(FEED)}", answer.headers["Content-Range"])
        assert span is not None
        assert FEED[int(span[1]) : int(span[2]) + 1] == part
    elif status == 416:
        assert answer.headers["Content-Range"] == f"bytes */{len(FEED)}"


@pytest.mark.parametrize(
    ("version", "status"),
    [("{etag}", 206), ('"old"', 200), ("Sun, 01 Mar 2026 12:00:00 GMT", 206), ("Sun, 01 Mar 2026 11:00:00 GMT", 200)],
)
async def test_a_part_is_sent_of_the_version_that_the_reader_has(
    web: TestClient[Any, Any], version: str, status: int
) -> None:
    etag = (await web.get("/feeds/korea.atom", headers=PLAIN)).headers["ETag"]
    headers = {"Range": "bytes=0-4", "If-Range": version.replace("{etag}", etag)} | PLAIN
    assert (await web.get("/feeds/korea.atom", headers=headers)).status == status


async def test_archive_pages_are_served(web: TestClient[Any, Any], archive: FakeArchive) -> None:
    page = archive.feeds_dir / "archive" / "korea" / "2" / "1.atom"
    page.parent.mkdir(parents=True)
    page.write_bytes(FEED)
    answer = await web.get("/feeds/archive/korea/2/1.atom", headers=PLAIN)
    assert (answer.status, await answer.read()) == (200, FEED)
    assert answer.headers["ETag"]
    for path in ("archive/korea/2/2.atom", "archive/korea/2/1.rss", "archive/../2/1.atom", "archive/korea/x/1.atom"):
        assert (await web.get(f"/feeds/{path}")).status == 404


async def test_a_feed_that_asks_for_a_token_is_not_there_for_who_has_none(
    web: TestClient[Any, Any], archive: FakeArchive
) -> None:
    archive.tokens["korea"] = TOKEN
    page = archive.private_dir / "archive" / "korea" / "2" / "1.atom"
    page.parent.mkdir(parents=True)
    for file in (page, archive.private_dir / "korea.atom"):
        file.write_bytes(b"<private/>")
    for path in ("/feeds/korea.atom", "/feeds/archive/korea/2/1.atom"):
        for query in ("", "?token=", f"?token={TOKEN[:-1]}", f"?token={TOKEN}x", "?token=%ff%00é", "?other=x"):
            answer = await web.get(path + query)
            assert answer.status == (await web.get("/feeds/no-such-topic.atom")).status == 404
            assert await answer.read() == await (await web.get("/feeds/no-such-topic.atom")).read()
        answer = await web.get(f"{path}?token={TOKEN}", headers=PLAIN)
        assert (answer.status, await answer.read()) == (200, b"<private/>")
        assert answer.headers["Cache-Control"] == "private, max-age=60"


async def test_a_topic_that_asks_for_a_token_is_named_to_who_has_it_alone(
    web: TestClient[Any, Any], archive: FakeArchive
) -> None:
    archive.tokens["korea"] = TOKEN
    for path in ("/", "/topics.opml", "/topics.opml?token=other", "/article/1"):
        said = await (await web.get(path)).text()
        assert "/feeds/korea" not in said
        assert "/topic/korea" not in said
        assert TOKEN not in said
    assert (await web.get("/topic/korea")).status == 404
    assert (await web.get(f"/topic/korea?token={TOKEN}")).status == 200
    assert f"/feeds/korea.atom?token={TOKEN}" in await (await web.get(f"/topics.opml?token={TOKEN}")).text()


async def test_a_browser_is_told_that_a_feed_is_xml_to_be_shown(web: TestClient[Any, Any]) -> None:
    shown = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    for format in ("atom", "rss"):
        answer = await web.get(f"/feeds/korea.{format}", headers=shown)
        assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
    style = await web.get("/feeds/feed.css")
    assert (style.content_type, b"h|div" in await style.read()) == ("text/css", True)


async def test_a_feed_published_again_has_a_new_etag(web: TestClient[Any, Any], archive: FakeArchive) -> None:
    before = (await web.get("/feeds/korea.atom")).headers["ETag"]
    (archive.feeds_dir / "korea.atom").write_bytes(FEED + b"<!-- new -->")
    assert (await web.get("/feeds/korea.atom", headers={"If-None-Match": before})).status == 200


@pytest.mark.parametrize(
    "name",
    ["../secret", "..%2fsecret", "%2e%2e%2fsecret", "..%5csecret", "%2fetc%2fpasswd", "korea%00", "x", "KOREA", "."],
)
async def test_no_name_leads_out_of_the_folder(web: TestClient[Any, Any], name: str) -> None:
    url = URL(f"http://127.0.0.1:{web.port}/feeds/{name}.atom", encoded=True)
    answer = await web.session.get(url)
    assert answer.status == 404
    assert b"secret" not in await answer.read()


async def test_what_cannot_be_asked_is_405(web: TestClient[Any, Any]) -> None:
    answer = await web.post("/sources")
    assert answer.status == 405
    assert "GET" in answer.headers["Allow"]
    assert (await web.get("/feeds/korea.exe")).status == 404


async def test_the_topics_are_offered_at_the_address_that_was_asked(web: TestClient[Any, Any]) -> None:
    answer = await web.get("/topics.opml", headers={"Host": "news.lan:8080"})
    assert b'xmlUrl="http://news.lan:8080/feeds/korea.atom"' in await answer.read()


async def test_a_search_that_cannot_be_read_says_why(web: TestClient[Any, Any]) -> None:
    answer = await web.get("/search", params={"q": "("})
    assert answer.status == 400
    assert "a bracket is open" in await answer.text()
    assert "Nothing in the archive" in await (await web.get("/search?q=zebra")).text()
    assert "/article/1" in await (await web.get("/search?q=Story")).text()


async def test_sources_show_their_state_and_error(web: TestClient[Any, Any]) -> None:
    body = await (await web.get("/sources")).text()
    assert "503" in body
    assert "2026-03-01 12:00" in body


async def test_health_is_in_the_status(web: TestClient[Any, Any], archive: FakeArchive) -> None:
    assert (await web.get("/healthz")).status == 200
    archive.healthy = False
    answer = await web.get("/healthz")
    assert answer.status == 503
    assert (await answer.json())["articles"] == 3


async def test_metrics_are_the_numbers_of_the_status(web: TestClient[Any, Any]) -> None:
    assert await (await web.get("/metrics")).text() == (
        "# TYPE aggregator_healthy gauge\naggregator_healthy 1\n"
        "# TYPE aggregator_articles gauge\naggregator_articles 3\n"
        "# TYPE aggregator_polls_total counter\naggregator_polls_total 7.5\n"
    )


async def test_an_empty_home_has_pages_too(web: TestClient[Any, Any], archive: FakeArchive) -> None:
    archive.empty = True
    assert "No topics yet" in await (await web.get("/")).text()
    assert "No sources yet" in await (await web.get("/sources")).text()


def test_each_edit_is_told_once_whether_the_newest_revision_is_stored_or_not() -> None:
    now = archived(1)
    old = Revision(number=1, seen_at=SEEN, title="Old", text=now.article.text)
    new = Revision(
        number=2,
        seen_at=SEEN,
        title=now.article.title,
        text=now.article.text,
        captions=tuple(i.caption or "" for i in now.article.images),
    )
    assert len(diff.edits((old,), now)) == len(diff.edits((old, new), now)) == 1
    assert diff.edits((), now) == ()


def test_a_very_long_paragraph_counts_as_replaced_whole() -> None:
    now = archived(1)
    old = Revision(number=1, seen_at=SEEN, title=now.article.title, text="many words " * 400)
    [edit] = diff.edits((old,), now)
    assert [run.kind for run in edit.paragraphs[0]] == ["del", "ins"]


def test_neighbouring_words_that_changed_are_shown_as_one_change() -> None:
    now = archived(1)
    text = now.article.text
    old = Revision(
        number=1, seen_at=SEEN, title=now.article.title, text=text.replace("first paragraph", "old two words")
    )
    [edit] = diff.edits((old,), now)
    assert [run for run in edit.paragraphs[0] if run.kind == "del"] == [("del", "old two words")]
    assert [run for run in edit.paragraphs[0] if run.kind == "ins"] == [("ins", "first paragraph")]


async def test_where_readers_reach_us_is_what_was_set(tmp_path: Path) -> None:
    pages = application(FakeArchive(tmp_path), public_url="https://news.example")
    async with TestClient(TestServer(pages)) as web:
        answer = await web.get("/topics.opml", headers={"Host": "127.0.0.1:8080"})
        assert b'xmlUrl="https://news.example/feeds/korea.atom"' in await answer.read()


async def test_a_database_that_cannot_be_read_is_not_healthy(tmp_path: Path) -> None:
    class Broken(FakeArchive):
        async def status(self) -> dict[str, int | float | str | None]:
            raise StoreError("sqlite:///archive.db", "cannot be read: disk I/O error")

    async with TestClient(TestServer(application(Broken(tmp_path)))) as web:
        answer = await web.get("/healthz")
        assert (answer.status, (await answer.json())["healthy"]) == (503, False)


async def test_what_cannot_be_read_is_a_line_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    class Broken(FakeArchive):
        async def article(self, id: int) -> Archived | None:
            raise StoreError("a text of the archive", "is damaged")

    async with TestClient(TestServer(application(Broken(tmp_path)))) as web:
        answer = await web.get("/article/1")
        assert answer.status == 503
        assert "The archive cannot be read" in await answer.text()
    (said,) = caplog.records
    assert (said.getMessage(), said.exc_info) == ("/article/1: a text of the archive: is damaged", None)


async def test_a_search_leads_on_to_what_is_older(web: TestClient[Any, Any]) -> None:
    part = await (await web.get("/search?q=rare")).text()
    assert "only a part of the archive was looked at" in part
    assert 'href="/search?q=rare&amp;before=7"' in part
    assert "/article/1" not in await (await web.get("/search?q=Story&before=1")).text()
    assert "/article/1" in await (await web.get("/search?q=Story&before=x")).text()


async def test_a_search_marks_what_was_found(web: TestClient[Any, Any]) -> None:
    assert re.search(r"<mark>[^<]{5}</mark>", await (await web.get("/search?q=Story")).text())


async def test_a_search_shows_where_it_matched(web: TestClient[Any, Any]) -> None:
    assert "the newest first" in await (await web.get("/search?q=Story")).text()


async def test_a_topic_has_a_page_of_what_it_takes(web: TestClient[Any, Any]) -> None:
    page = await (await web.get("/topic/korea")).text()
    assert "<code>korea</code>" in page
    assert '<a href="/article/1">' in page
    assert "aggregator topic test plain" in await (await web.get("/topic/plain")).text()
    assert (await web.get("/topic/unknown")).status == 404
    assert 'href="/topic/korea"' in await (await web.get("/")).text()


async def test_a_source_goes_by_the_name_that_it_gives_itself(web: TestClient[Any, Any]) -> None:
    page = html.fromstring(await (await web.get("/article/1")).text())
    assert str(page.xpath("string(//p[@class='original']/a)")).startswith("Read it at The Example")
