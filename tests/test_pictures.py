"""Copies of pictures: what is kept, when it is shown, and that it stays what it was"""

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from aggregator import serve
from aggregator.app import App
from aggregator.doors.store import articles, pictures, sources
from aggregator.errors import FetchError
from aggregator.jobs import pictures as jobs
from aggregator.jobs.health import findings
from aggregator.model import Article, Image, Picture, Response
from aggregator.pruning import prune
from aggregator.questions import Questions
from aggregator.steps import pictures as steps
from aggregator.verifying import verify
from tests.fakes import START, WORDS, Clock, FakeWeb, configure, item, page, rss, work

FEED = "https://site.example/feed"
JPEG, PNG, GIF = b"\xff\xd8\xff\xe0 a crane", b"\x89PNG\r\n\x1a\n a ship", b"GIF89a a buoy"
WEBP, AVIF = b"RIFF\x10\0\0\0WEBPVP8 ", b"\0\0\0\x1cftypavif\0\0\0\0"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
ON = "[pictures]\nkeep = true\n"
TOPIC = {"name": "all", "match": "the"}


def figure(name: str) -> str:
    return f'<figure><img src="/{name}?w=1&amp;h=2" width=900 height=600><figcaption>Of {name}</figcaption></figure>'


def address(name: str) -> str:
    return f"https://site.example/{name}?w=1&h=2"


def named(body: bytes, ending: str) -> str:
    return f"{sha256(body).hexdigest()}.{ending}"


async def arrive(app: App, web: FakeWeb, *names: str, settings: str = ON, **said: Any) -> None:
    """One article with these pictures."""
    await configure(app, sources=[{"url": FEED, "name": "site"} | said], topics=[TOPIC], settings=settings)
    web["https://site.example/a"] = page("Headline a", WORDS * 2, "".join(map(figure, names)))
    web[FEED] = rss(item("a"))
    await work(app)


def copies(app: App) -> list[str]:
    return sorted(path.name for path in app.config.pictures.rglob("*.*"))


def published(app: App) -> str:
    return (app.config.feeds_out / "all.atom").read_text()


async def look_again(app: App, now: Clock, times: int = 3) -> None:
    for _ in range(times):
        now.advance(days=8)
        await work(app)


async def test_unless_it_is_asked_for_no_picture_is_fetched(app: App, web: FakeWeb) -> None:
    web[address("crane.jpg")] = JPEG
    await arrive(app, web, "crane.jpg", settings="")
    assert web.asked[address("crane.jpg")] == 0
    assert not app.config.pictures.exists()


async def test_a_copy_is_kept_under_its_hash_whatever_it_is_called(app: App, web: FakeWeb) -> None:
    for name, body in (("a.jpg", JPEG), ("b.jpg", PNG), ("c", GIF), ("d.gif", WEBP), ("e", AVIF), ("f.jpg", SVG)):
        web[address(name)] = Response(url=address(name), status=200, headers={"content-type": "text/html"}, body=body)
    await arrive(app, web, "a.jpg", "b.jpg", "c", "d.gif", "e", "f.jpg")
    kept = [named(JPEG, "jpg"), named(PNG, "png"), named(GIF, "gif"), named(WEBP, "webp"), named(AVIF, "avif")]
    assert copies(app) == sorted(kept)
    assert steps.place(app.config.pictures, kept[0]).read_bytes() == JPEG
    assert (await app.store.read(pictures.counts))["pictures"] == 5
    assert address("a.jpg").replace("&", "&amp;") in published(app)  # the original, while it is there
    assert "/picture/" not in published(app)


async def test_once_the_original_is_gone_feeds_and_pages_show_the_copy(app: App, web: FakeWeb, now: Clock) -> None:
    web[address("crane.jpg")] = JPEG
    await arrive(app, web, "crane.jpg", "never.jpg")
    del web[address("crane.jpg")]
    await look_again(app, now, 2)
    assert "/picture/" not in published(app)  # a server may be down for some days
    await look_again(app, now, 1)
    ours = f"/picture/{named(JPEG, 'jpg')}"
    assert published(app).count(f'"{app.config.settings.public_url}{ours}"') >= 1
    assert "crane.jpg?w" not in published(app)
    assert "never.jpg" in published(app)
    shown = await Questions(app).article(1)
    assert shown is not None
    assert f'src="{ours}"' in shown.article.html
    assert [image.url for image in shown.article.images] == [ours, address("never.jpg")]
    web[address("crane.jpg")] = JPEG  # it comes back
    now.advance(days=200)
    await work(app)
    assert "/picture/" not in published(app)


async def test_with_always_the_copy_is_shown_at_once(app: App, web: FakeWeb) -> None:
    web[address("crane.jpg")] = JPEG
    await arrive(app, web, "crane.jpg", settings=f"{ON}always = true\n")
    assert f"/picture/{named(JPEG, 'jpg')}" in published(app)
    assert f"/picture/{named(JPEG, 'jpg')}" in (app.config.feeds_out / "all.json").read_text()


async def test_what_stands_there_later_does_not_take_its_place(app: App, web: FakeWeb, now: Clock) -> None:
    web[address("crane.jpg")] = JPEG
    await arrive(app, web, "crane.jpg")
    web[address("crane.jpg")] = PNG
    await look_again(app, now)
    assert copies(app) == [named(JPEG, "jpg")]
    web[address("crane.jpg")] = "<html>Not found</html>"  # with 200
    await look_again(app, now, 8)
    assert f"/picture/{named(JPEG, 'jpg')}" in published(app)


@pytest.mark.parametrize(
    ("settings", "kept"),
    [("per_article = 2", 2), ('max_file = "1 KiB"', 2), ('max_file = "1 MiB"\nmax_size = "1 MiB"', 1), ("", 3)],
)
async def test_limits_hold(app: App, web: FakeWeb, settings: str, kept: int) -> None:
    for name, body in (("a.jpg", JPEG), ("b.jpg", PNG), ("c.jpg", JPEG + bytes(2000))):
        web[address(name)] = body
    await arrive(app, web, "a.jpg", "b.jpg", "c.jpg", settings=f"{ON}{settings}\n")
    assert len(copies(app)) == kept
    wrong = [each.subject for each in await findings(app) if each.subject == "storage/pictures"]
    assert wrong == (["storage/pictures"] if "max_size" in settings else [])


async def test_robots_are_obeyed_and_a_copy_that_two_articles_show_is_kept_once(app: App, web: FakeWeb) -> None:
    for name in ("a.jpg", "b.jpg"):
        web[address(name)] = JPEG
    await arrive(app, web, "a.jpg", "b.jpg")
    assert address("a.jpg") in web.robots
    assert copies(app) == [named(JPEG, "jpg")]
    assert (await app.store.read(pictures.counts))["pictures_bytes"] == len(JPEG)


async def test_what_cannot_be_had_is_tried_for_some_days_and_then_left_alone(
    app: App, web: FakeWeb, now: Clock
) -> None:
    web[address("crane.jpg")] = FetchError(address("crane.jpg"), "503", 503)
    await arrive(app, web, "crane.jpg")
    for _ in range(40):
        now.advance(days=1)
        await work(app)
    assert web.asked[address("crane.jpg")] == 6


async def test_with_their_article_the_copies_go_unless_another_shows_them(app: App, web: FakeWeb, now: Clock) -> None:
    for name, body in (("a.jpg", JPEG), ("b.jpg", PNG)):
        web[address(name)] = body
    await arrive(app, web, "a.jpg", "b.jpg")
    await configure(app, sources=[{"url": FEED, "name": "site", "keep_most": 1}], settings=ON)
    web["https://site.example/c"] = page("Headline c", f"{WORDS} c.", figure("b.jpg"))
    web[FEED] = rss(item("c"))
    await app.store.write(sources.due_now, None, now())
    await work(app)
    assert await prune(app) == 1
    await jobs.sweep(app)
    assert copies(app) == [named(PNG, "png")]
    assert [a.article.title for a in await app.store.read(articles.dump, 0)] == ["Headline c"]


async def test_an_edit_shows_other_pictures(app: App, web: FakeWeb, now: Clock) -> None:
    for name, body in (("a.jpg", JPEG), ("b.jpg", PNG)):
        web[address(name)] = body
    await arrive(app, web, "a.jpg")
    web["https://site.example/a"] = page("Headline a", f"{WORDS} Corrected.", figure("b.jpg"))
    await look_again(app, now, 1)
    await jobs.sweep(app)
    assert copies(app) == [named(PNG, "png")]


async def test_verify_reads_every_copy(app: App, web: FakeWeb) -> None:
    for name, body in (("a.jpg", JPEG), ("b.jpg", PNG)):
        web[address(name)] = body
    await arrive(app, web, "a.jpg", "b.jpg")

    async def told() -> list[str]:
        found = await verify(app.config, None, lambda of: None)
        return [f"{each.subject} {each.words}" for each in found.findings]

    assert await told() == []
    steps.place(app.config.pictures, named(JPEG, "jpg")).unlink()
    steps.place(app.config.pictures, named(PNG, "png")).write_bytes(PNG + b"!")
    assert sorted(await told()) == sorted([
        f"picture {named(JPEG, 'jpg')} is not there", f"picture {named(PNG, 'png')} is not what was kept"
    ])  # fmt: skip


async def test_a_copy_is_served_as_what_it_is(app: App, web: FakeWeb) -> None:
    web[address("a.jpg")] = PNG
    await arrive(app, web, "a.jpg")
    async with TestClient(TestServer(serve.application(Questions(app)))) as client:
        answer = await client.get(f"/picture/{named(PNG, 'png')}")
        assert (answer.status, await answer.read()) == (200, PNG)
        assert answer.headers["Content-Type"] == "image/png"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert "immutable" in answer.headers["Cache-Control"]
        again = await client.get(f"/picture/{named(PNG, 'png')}", headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status == 304
        for other in (named(JPEG, "jpg"), f"{'0' * 64}.svg", "..%2F..%2Farchive.db", f"{named(PNG, 'png')}%2F.."):
            assert (await client.get(f"/picture/{other}")).status == 404


async def test_a_copy_that_was_there_is_not_lost_when_it_is_turned_off(app: App, web: FakeWeb, now: Clock) -> None:
    web[address("a.jpg")] = JPEG
    await arrive(app, web, "a.jpg")
    await configure(app, sources=[FEED], topics=[TOPIC])
    await look_again(app, now)
    await jobs.sweep(app)
    assert copies(app) == [named(JPEG, "jpg")]
    assert web.asked[address("a.jpg")] == 1


def test_what_a_disk_may_hold_under_an_address_is_a_picture() -> None:
    assert steps.name(SVG) is None
    assert steps.name(b"") is None
    assert steps.name(b"<html>" + JPEG) is None
    assert set(steps.TYPES) == {"jpg", "png", "gif", "webp", "avif"}


def test_only_pictures_that_can_be_asked_for_are_wanted() -> None:
    urls = ("", "data:image/png;base64,xx", "https://a.org/1.jpg", "ftp://a.org/2.jpg", "https://a.org/1.jpg",
            f"https://a.org/{'x' * 3000}", "http://b.org/3.jpg")  # fmt: skip
    article = Article(url="https://a.org/", title="", text="", images=tuple(Image(url=url) for url in urls))
    assert steps.wanted(article, 10) == {"https://a.org/1.jpg": "a.org", "http://b.org/3.jpg": "b.org"}
    assert steps.wanted(article, 1) == {"https://a.org/1.jpg": "a.org"}


def test_only_what_is_known_is_shown_from_elsewhere() -> None:
    html = (
        '<figure><img alt="x" src="https://a.org/1.jpg?a=1&amp;b=2" width="3"><img src="https://a.org/2.jpg"></figure>'
    )
    article = Article(url="https://a.org/", title="", text="", html=html, images=(Image(url="https://a.org/2.jpg"),))
    after = steps.shown(article, {"https://a.org/1.jpg?a=1&b=2": "/picture/1.jpg"})
    assert after.html == html.replace("https://a.org/1.jpg?a=1&amp;b=2", "/picture/1.jpg")
    assert after.images == article.images


def test_an_original_is_looked_at_less_and_less_often() -> None:
    picture, at, days = Picture(id=1, url="https://a.org/1.jpg"), START, []
    for _ in range(8):
        picture = steps.seen(picture, Response(url="", status=200, body=JPEG), named(JPEG, "jpg"), at)
        assert picture.picture_at is not None
        days.append((picture.picture_at - at).days)
        at = picture.picture_at
    assert days == [7, 7, 14, 28, 56, 112, 180, 180]


def test_a_backup_says_that_pictures_are_not_in_it(run: Any, tmp_path: Path) -> None:
    run("load", "-", stdin='{"url": "https://a.org/1", "title": "One"}\n')
    assert "pictures" not in run("backup", str(tmp_path / "saved.db")).err
    (tmp_path / "home" / "storage" / "pictures").mkdir()
    assert "pictures are not in it: copy" in run("backup", str(tmp_path / "saved.db")).err
