"""Per-site rules from the home's files to the page that is asked for."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.app import App
from aggregator.config.sites import MAX_BYTES, Sites
from aggregator.doors.cpu import Cpu
from aggregator.doors.store import articles
from aggregator.errors import StepTimeout
from aggregator.jobs.pages import Reader, asking
from aggregator.model import Access, Response
from aggregator.steps.extract.site import Rules, parse
from tests.fakes import WORDS, FakeWeb, configure, item, page, rss, work

FEED, A = "https://site.example/feed", "https://site.example/a"
NOTE = "<div class='note'><p>" + WORDS + "</p></div>"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "home" / "config" / "sites"
    found.mkdir(parents=True)
    return found


def sites(folder: Path) -> Sites[Rules]:
    return Sites(folder, parse)


@pytest.mark.parametrize(
    ("files", "host", "name"),
    [
        (["paper.example"], "paper.example", "paper.example"),
        (["paper.example"], "www.paper.example", "paper.example"),
        (["www.paper.example", "paper.example"], "www.paper.example", "www.paper.example"),
        (["paper.example"], "PAPER.example:8000", "paper.example"),
        (["paper.example"], "news.paper.example", None),
        ([".paper.example"], "a.news.paper.example", ".paper.example"),
        ([".paper.example"], "paper.example", ".paper.example"),
        ([".paper.example", "paper.example"], "paper.example", "paper.example"),
        ([".paper.example", ".news.paper.example"], "a.news.paper.example", ".news.paper.example"),
        ([".paper.example"], "newspaper.example", None),
        (["paper.example"], "../paper.example", None),
        (["paper.example"], "", None),
    ],
)
def test_a_host_has_the_rules_of_the_nearest_file(folder: Path, files: list[str], host: str, name: str | None) -> None:
    for file in files:
        (folder / f"{file}.txt").write_text("title: //h1")
    found = sites(folder).of(host)
    assert (found and found.name) == (name and f"config/sites/{name}.txt")


def test_a_file_that_changes_is_read_again_and_one_that_goes_is_forgotten(folder: Path) -> None:
    file, found = folder / "paper.example.txt", sites(folder)
    assert found.of("paper.example") is None
    file.write_text("title: //h1")
    first = found.of("paper.example")
    assert found.of("paper.example") is first
    file.write_text("title: //h2")
    os.utime(file, ns=(1, 1))
    again = found.of("paper.example")
    assert again is not None
    assert again.title == ("//h2",)
    file.unlink()
    assert found.of("paper.example") is None


def test_a_bad_line_is_a_warning_once_and_the_rest_is_obeyed(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    (folder / "paper.example.txt").write_text("titel: //h1\nbody: //main")
    found = sites(folder)
    rules = (found.of("paper.example"), found.of("paper.example"))[0]
    assert rules is not None
    assert rules.body == ("//main",)
    assert caplog.messages == ["config/sites/paper.example.txt:1: unknown rule 'titel'; ignored"]


def test_a_file_that_is_no_text_is_a_warning(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    (folder / "paper.example.txt").write_bytes(b"title: \xff")
    assert sites(folder).of("paper.example") is None
    assert "cannot be read" in caplog.text


def test_a_huge_file_is_read_in_part(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    (folder / "paper.example.txt").write_text("title: //h1\n" + "#" * MAX_BYTES * 2)
    found = sites(folder).of("paper.example")
    assert found is not None
    assert found.title == ("//h1",)


async def test_a_page_is_read_as_the_homes_rules_say(app: App, web: FakeWeb, folder: Path) -> None:
    (folder / "site.example.txt").write_text("strip: //div[@class='note']\nhttp_header(user-agent): Paper/1.0")
    web[FEED] = rss(item("a"))
    web[A] = page(figure=NOTE.replace("harbour", "station"))
    await configure(app, sources=[FEED])
    await work(app)
    kept = await app.store.read(articles.get, [1])
    assert "station" not in kept[0].article.text
    assert web.access[A].user_agent == "Paper/1.0"


RULES = Rules(name="x", http_header=(("user-agent", "Site"), ("cookie", "a=b"), ("referer", "https://r.example/")))


def test_a_sites_headers_go_to_its_page_alone() -> None:
    found = asking(Access(), RULES, "https://user@paper.example:8000/1?x")
    assert (found.origin, found.user_agent) == ("https://paper.example:8000", "Site")
    assert found.headers == {"cookie": "a=b", "referer": "https://r.example/"}


def test_what_a_source_says_itself_goes_before_its_sites_rules() -> None:
    own = Access(origin="https://paper.example", headers={"Cookie": "mine"}, user_agent="Me", verify_tls=False)
    found = asking(own, RULES, "https://paper.example/1")
    assert (found.user_agent, found.verify_tls) == ("Me", False)
    assert found.headers == {"Cookie": "mine", "referer": "https://r.example/"}


def test_a_sources_secrets_stay_at_its_own_place() -> None:
    own = Access(origin="https://feeds.example", headers={"Cookie": "secret"}, verify_tls=False)
    found = asking(own, RULES, "https://paper.example/1")
    assert (found.origin, found.verify_tls) == ("https://paper.example", True)
    assert found.headers == {"cookie": "a=b", "referer": "https://r.example/"}
    assert asking(own, None, "https://paper.example/1") is own


class Slow(Cpu):
    """Gives up on whatever has rules."""

    async def __call__(self, step, *args, **kwargs):  # type: ignore[no-untyped-def]
        if any(isinstance(a, Rules) for a in args):
            raise StepTimeout("read", "ended after 20 s")
        return step(*args, **kwargs)


async def test_rules_that_take_too_long_are_not_obeyed(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    (folder / "site.example.txt").write_text("title: //p")
    reader = Reader(web=FakeWeb(), cpu=Slow(0, timedelta(seconds=1), 0), sites=sites(folder))
    response = Response(url=A, status=200, headers={"content-type": "text/html"}, body=page())
    found = (await reader.read(response)).article
    assert found.title == "Storm closes the harbour"
    assert caplog.messages == [f"config/sites/site.example.txt: not obeyed on {A}: read: ended after 20 s"]
