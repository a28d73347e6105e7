"""extract.metadata, title and shown: what most of a page says, and never the page's own day."""

from datetime import UTC, datetime

import pytest

from aggregator.steps.extract import metadata
from aggregator.steps.extract.title import title
from tests.steps.extract.pages import TITLE, extracted, framed, prose


@pytest.mark.parametrize(
    ("headings", "said", "expected"),
    [
        (["Orders for killing"], {"headline": "Veterans: Orders for killing", "og:title": "Veterans: Orders for killing"}, "Veterans: Orders for killing"),
        (["速報"], {"title": "速報 南部で地震、津波の恐れ", "og:title": "速報 南部で地震、津波の恐れ"}, "速報 南部で地震、津波の恐れ"),
        (["海啸警报"], {"title": "南部发生地震海啸警报 海岸日报", "og:title": "南部发生地震海啸警报"}, "南部发生地震海啸警报"),
        (["渡轮沉没了"], {"title": "渡轮沉没了_海岸日报"}, "渡轮沉没了"),
        (["Lybke, as ever"], {"og:title": "Lybke, as ever", "title": "Lybke, as ever - The Paper"}, "Lybke, as ever"),
        ([], {"og:title": "A crack in the bridge | The Paper"}, "A crack in the bridge"),
        ([], {"title": "The Paper: A crack in the old bridge"}, "A crack in the old bridge"),
        (["The Paper"], {"og:title": "The Paper", "title": "A crack in the bridge - Paper.example"}, "A crack in the bridge"),
        (["River Letters"], {"og:title": "A crack", "title": "River Letters: A crack"}, "A crack"),
        (["The bridge: A crack and a chain"], {"og:title": "A crack and a chain", "title": "The bridge: A crack and a chain - The Paper"}, "A crack and a chain"),
        (["A crack in the oldest bridge"], {"og:title": "A crack in the bridge", "headline": "A crack in the oldest bridge"}, "A crack in the oldest bridge"),
        (["Why the old bridge was closed"], {"og:title": "Old bridge closed: all you must know", "title": "Old bridge closed: all you must know"}, "Why the old bridge was closed"),
        (["Our letters from the river"], {"og:title": "A crack in the bridge", "title": "A crack in the bridge"}, "A crack in the bridge"),
        (["A crack – and the ferry"], {"og:title": "A crack – and the ferry"}, "A crack – and the ferry"),
        (["Only a heading"], {}, "Only a heading"),
        ([], {}, ""),
    ],
)  # fmt: skip
def test_a_title_is_what_most_say(headings: list[str], said: dict[str, str], expected: str) -> None:
    assert title(headings, said, "The Paper", "www.paper.example") == expected


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ("Ada Lund and Bo Ek", "Ada Lund, Bo Ek"),
        ("Von Ada Lund (alu)", "Ada Lund"),
        ("Ada Lund et Bo Ek", "Ada Lund, Bo Ek"),
        ("The Paper", "Bo Ek"),
    ],
)
def test_authors_are_names(author: str, expected: str) -> None:
    head = f"<meta name='author' content='{author}'><meta property='og:site_name' content='The Paper'>"
    page = framed("<p class='byline'>By Bo Ek</p>" + prose()) if expected == "Bo Ek" else framed(prose())
    assert extracted(page, head).byline == expected


@pytest.mark.parametrize(
    "line",
    [
        "<div><a href='/author/bo-ek/'>Bo Ek</a><span>Editor in Chief</span></div>",
        "<div class='post-author'>Bo Ek | 3 February</div>",
        "<p>Written by Bo Ek on Tuesday</p>",
        "<div><span>By Bo Ek</span><span>5 min read</span></div>",
    ],
)
@pytest.mark.parametrize("login", ["", "<meta name='author' content='boek77'>"])
def test_a_name_beside_the_headline_is_the_authors(line: str, login: str) -> None:
    assert extracted(framed(prose()).replace("</h1>", f"</h1>{line}"), login).byline == "Bo Ek"


def test_an_author_in_a_label_for_sharing_is_taken() -> None:
    head = "<meta name='twitter:label1' content='Written by'><meta name='twitter:data1' content='Bo Ek'>"
    assert extracted(framed(prose()), head).byline == "Bo Ek"


@pytest.mark.parametrize(
    "line", ["<p>By the river, at noon</p>", "<a href='/team/1'>Our whole team</a>", "<div class='author'>12 min</div>"]
)
def test_other_lines_beside_the_headline_are_no_names(line: str) -> None:
    head = "<meta name='author' content='boek77'>"
    assert extracted(framed(prose()).replace("</h1>", f"</h1>{line}"), head).byline == "boek77"


@pytest.mark.parametrize(
    "shown",
    ["Published 3 February 2026", "February 3rd, 2026", "3. Februar 2026", "2026-02-03", "3 de febrero de 2026", "03.02.2026", "2026年2月3日"],
)  # fmt: skip
def test_a_day_beside_the_headline_is_the_articles(shown: str) -> None:
    page = framed(prose()).replace("</h1>", f"</h1><div class='posted'>{shown}</div>")
    assert extracted(page).published == datetime(2026, 2, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    "page",
    [
        framed(prose(), before="<div class='today'>Friday, 6 March 2026</div>"),
        framed(prose(), after="<div class='next'>A swimming hall, 6 March 2026</div>"),
        framed(prose()).replace("</h1>", "</h1><div>Updated 6 March 2026</div>"),
        framed(prose()).replace("</h1>", "</h1><div>99 March 2026</div>"),
    ],
)
def test_another_day_is_not(page: str) -> None:
    assert extracted(page).published is None


def test_a_standfirst_without_a_name_is_the_only_line_ahead_of_the_text() -> None:
    lead = "Thirty years after its last crossing the ferry takes people over the river again."
    page = framed(prose()).replace("</h1>", f"</h1><h2 class='dek'>{lead}</h2>")
    found = extracted(page)
    assert (found.title, found.summary) == (TITLE, lead)
    assert lead not in found.text


PAYWALL = (
    '<script type="application/ld+json">{"@type":"NewsArticle","headline":"x","isAccessibleForFree":false}</script>'
)


@pytest.mark.parametrize(
    ("head", "body", "partial"),
    [
        ("", prose(), False),
        (PAYWALL, prose()[:700], True),
        ("", "<p>The ferry is back after thirty years, and the town is glad of it. The mayor paid, and then she …</p>" * 2, True),
    ],
)  # fmt: skip
def test_a_page_that_shows_only_a_part_is_marked(head: str, body: str, partial: bool) -> None:
    assert extracted(framed(body), head).partial is partial


@pytest.mark.parametrize("said", [f"9999-12-31T23:{'5' * 30}:59-12:00", "1" * 60, "12:00 +999999", "0000-00-00T99"])
def test_what_is_no_time_is_none(said: str) -> None:
    assert metadata.time(said) is None


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("30 Apr 2013 12:53 AEST", "2013-04-30T02:53+00:00"),
        ("2026-02-03 10:15:00 JST", "2026-02-03T01:15+00:00"),
        ("2026-02-03 10:15:00 XQT", "2026-02-03T10:15+00:00"),
        ("2026-02-03T10:15:00+02:00", "2026-02-03T08:15+00:00"),
        ("2026-02-03T10:15:00Z", "2026-02-03T10:15+00:00"),
        ("Tue, 03 Feb 2026 10:15:00 GMT", "2026-02-03T10:15+00:00"),
        ("03.05.2024 08:30", "2024-05-03T08:30+00:00"),
    ],
)
def test_a_time_is_read_with_its_zone_and_without_a_warning(said: str, at: str) -> None:
    assert metadata.time(said) == datetime.fromisoformat(at)
