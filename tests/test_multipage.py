"""Articles that stand on several pages, fetched and joined."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.config.sites import Sites
from aggregator.doors.cpu import Cpu
from aggregator.errors import ExtractError, FetchError
from aggregator.jobs.pages import Reader
from aggregator.model import Article, PageLimits
from aggregator.steps.extract.further import MAX_PAGES
from aggregator.steps.extract.site import parse
from tests.fakes import FakeWeb
from tests.steps.extract.pages import TEXT, TITLE, framed, paragraphs, prose

URL = "https://paper.example/ferry"


def page(text: list[str], further: str = "", title: str = TITLE) -> str:
    link = f"<link rel='next' href='{further}'>" if further else ""
    said = framed(prose(text)).replace(TITLE, title)
    return f"<!doctype html><html lang='en'><head><title>{title}</title>{link}</head><body>{said}</body></html>"


async def whole(web: FakeWeb, folder: Path = Path("nowhere"), url: str = URL) -> Article:
    reader = Reader(web=web, cpu=Cpu(0, timedelta(seconds=1), 0), sites=Sites(folder, parse))
    return (await reader.whole(await reader.fetch(url))).article


async def test_an_article_on_three_pages_is_one() -> None:
    web = FakeWeb({URL: page(TEXT[:2], "/ferry?page=2"), f"{URL}?page=2": page(TEXT[2:5], "/ferry?page=3"), f"{URL}?page=3": page(TEXT[5:])})  # fmt: skip
    found = await whole(web)
    assert (found.url, found.partial, paragraphs(found)) == (URL, False, TEXT)


async def test_the_next_article_is_not_asked_for() -> None:
    web = FakeWeb({URL: page(TEXT, "/bridge")})
    assert paragraphs(await whole(web)) == TEXT
    assert set(web.asked) == {URL}


async def test_a_page_with_another_headline_is_not_joined() -> None:
    web = FakeWeb({URL: page(TEXT[:4], "/ferry/2"), f"{URL}/2": page(TEXT[4:], title="What the bridge is made of")})
    assert paragraphs(await whole(web)) == TEXT[:4]


async def test_a_page_that_cannot_be_had_leaves_what_came_before_marked() -> None:
    found = await whole(FakeWeb({URL: page(TEXT[:4], "/ferry/2"), f"{URL}/2": FetchError(f"{URL}/2", "gone", 410)}))
    assert (paragraphs(found), found.partial) == (TEXT[:4], True)


async def test_pages_that_all_say_the_same_are_one() -> None:
    web = FakeWeb({URL: page(TEXT, "/ferry?page=2"), f"{URL}?page=2": page(TEXT, "/ferry?page=3")})
    found = await whole(web)
    assert (paragraphs(found), found.partial) == (TEXT, False)
    assert f"{URL}?page=3" not in web.asked


async def test_an_article_without_end_is_cut_and_marked() -> None:
    def said(n: int) -> list[str]:
        return [f"{p} It was day {n} of the ferry, and {n * n} people had crossed." for p in TEXT]

    web = FakeWeb({f"{URL}/{n}": page(said(n), f"/ferry/{n + 1}") for n in range(2, 50)})
    web[URL] = page(TEXT, "/ferry/2")
    found = await whole(web)
    assert found.partial
    assert (len(web.asked), len(paragraphs(found))) == (MAX_PAGES, MAX_PAGES * len(TEXT))


@pytest.fixture
def ruled(tmp_path: Path) -> Path:
    (tmp_path / "paper.example.txt").write_text(
        "single_page_link: //link[@rel='all']\nnext_page_link: //link[@rel='on']"
    )
    return tmp_path


async def test_a_single_page_replaces_the_first(ruled: Path) -> None:
    links = "<link rel='all' href='https://print.paper.example/ferry'><link rel='on' href='/ferry/2'>"
    first = page(TEXT[:2]).replace("</head>", f"{links}</head>")
    web = FakeWeb({URL: first, "https://print.paper.example/ferry": page(TEXT), f"{URL}/2": page(TEXT[2:])})
    found = await whole(web, ruled)
    assert (found.url, paragraphs(found)) == (URL, TEXT)
    assert f"{URL}/2" not in web.asked


@pytest.mark.parametrize("single", ["https://other.example/ferry", "https://print.paper.example/gone", "/ferry"])
async def test_without_a_single_page_the_pages_are_joined(ruled: Path, single: str) -> None:
    links = f"<link rel='all' href='{single}'><link rel='on' href='/ferry-rest'>"
    web = FakeWeb({URL: page(TEXT[:2]).replace("</head>", f"{links}</head>"), f"{URL}-rest": page(TEXT[2:])})
    assert paragraphs(await whole(web, ruled)) == TEXT
    assert "https://other.example/ferry" not in web.asked


async def test_what_is_cut_of_a_page_is_said(caplog: pytest.LogCaptureFixture) -> None:
    web, limits = FakeWeb({URL: page(TEXT)}), PageLimits(max_elements=9)
    reader = Reader(web=web, cpu=Cpu(0, timedelta(seconds=1), 0), sites=Sites(Path("nowhere"), parse), limits=limits)
    with pytest.raises(ExtractError):
        await reader.whole(await reader.fetch(URL))
    await replace(reader, limits=replace(limits, max_elements=25)).whole(await reader.fetch(URL))
    assert [r.getMessage() for r in caplog.records] == [f"{URL}: over 25 elements (page.max_elements), cut"]
