"""steps.dedup.origins"""

from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.model import Article, Likeness, Member
from aggregator.steps import dedup
from aggregator.steps.dedup.origins import claim
from tests.fakes import START, WORDS

LATE = START + timedelta(hours=9)


def at(id: int, page: str, source: str = "", published: object = START, **said: str) -> Member:
    values = {"published": published, "first_seen": LATE, **said}
    return Member(id=id, url=f"https://www.{page}", page_key=page, source=source, **values)  # type: ignore[arg-type]


GUARDIAN = at(2, "theguardian.com/a")
REUTERS = at(3, "reuters.com/world/a", "Reuters | World")
ZEIT = at(4, "zeit.de/a", "DIE ZEIT")
MONDE = at(5, "lemonde.fr/a")


@pytest.mark.parametrize(
    ("said", "other", "how"),
    [
        ({"canonical": "https://theguardian.com/a?utm_source=x"}, GUARDIAN, "its page names that one as the original"),
        ({"byline": "Jane Roe, Reuters"}, REUTERS, "its byline names Reuters"),
        ({"byline": "Reuters Staff"}, REUTERS, "its byline names Reuters Staff"),
        ({"byline": "Jane Roe for The Guardian"}, GUARDIAN, "its byline names The Guardian"),
        ({"opening": "SEOUL (Reuters) - The harbour"}, REUTERS, "it says “SEOUL (Reuters) -”"),
        ({"closing": "The end.\n\nThis article was first published by the Guardian."}, GUARDIAN,
         "it says “first published by the Guardian”"),
        ({"closing": "Der Text ist zuerst erschienen in der Zeit."}, ZEIT, "it says “zuerst erschienen in der Zeit”"),
        ({"opening": "Article publié initialement par Le Monde, repris ici."}, MONDE,
         "it says “publié initialement par Le Monde”"),
        ({"closing": "Source: Reuters"}, REUTERS, "it says “Source: Reuters”"),
    ],
)  # fmt: skip
def test_a_claim_is_found(said: dict[str, str], other: Member, how: str) -> None:
    assert claim(at(1, "copy.example/a", **said), other) == how


MIT = at(6, "news.mit.edu/a")
CONVERSATION = at(7, "theconversation.com/a")
SPIEGEL = at(8, "spiegel.de/a")
XINHUA = at(9, "news.cn/a", "新华社")
ARABIC = at(10, "harbour.example/a", "رويترز")


@pytest.mark.parametrize(
    ("line", "other"),
    [
        ("Originally published on news.mit.edu.", MIT),
        ("This article is republished from The Conversation under a Creative Commons license.", CONVERSATION),
        ("Reprinted with permission of The Conversation", CONVERSATION),
        ("Dieser Text erschien zuerst im SPIEGEL.", SPIEGEL), ("Zuerst auf spiegel.de erschienen.", SPIEGEL),
        ("Article initialement publié dans Le Monde.", MONDE), ("Publicado originalmente en theguardian.com", GUARDIAN),
        ("Originalmente publicado en The Guardian.", GUARDIAN), ("本文首发于新华社", XINHUA), ("转载自：新华社。", XINHUA),
        ("（来源：新华社）", XINHUA), ("转自《新华社》", XINHUA), ("قالت الشركة نقلا عن رويترز", ARABIC), ("نقلًا عن رويترز", ARABIC),
    ],
)  # fmt: skip
def test_a_line_that_names_the_origin_is_a_claim_in_many_languages(line: str, other: Member) -> None:
    assert claim(at(1, "copy.example/a", closing=f"The end.\n\n{line}"), other) is not None
    assert claim(at(1, "copy.example/a", closing=f"The end.\n\n{line}"), REUTERS) is None


@pytest.mark.parametrize(
    "said",
    [
        {"closing": "He was first seen on Reuters Street. Guardian angels were not."},
        {"closing": "Zuerst im Reuters-Haus gewesen."},
        {"closing": "It was reprinted by hand."},
        {"byline": "Jane Roe"},
        {"byline": "Jane Guardianson"},
        {"opening": "The ministers (four of them) - all"},
        {"closing": "It was first published in 1987."},
        {"opening": "Reuters and the Guardian say so."},
    ],
)
def test_what_names_nobody_as_the_origin_is_no_claim(said: dict[str, str]) -> None:
    assert [claim(at(1, "copy.example/a", **said), other) for other in (GUARDIAN, REUTERS)] == [None, None]


def test_a_site_claims_nothing_of_its_own_pages() -> None:
    assert claim(at(1, "reuters.com/b", byline="Reuters"), REUTERS) is None


def test_who_credits_another_stands_behind_it_though_it_is_older() -> None:
    copies = [at(n, f"s{n}.example/a", byline="Reuters", published=START + timedelta(minutes=n)) for n in (7, 8)]
    original = replace(REUTERS, published=LATE)
    ids = (3, 7, 8)
    links = {(a, b): Likeness(other=b, odds=4, contained=0.97) for a in ids for b in ids if a != b}
    found = dedup.stories([*copies, original], links)
    assert [found[id].relation for id in ids] == ["first", "copy", "copy"]
    assert found[3].reason == "articles that are older by their dates say that they have it from here"
    assert found[7].reason.startswith("97% of the shorter text")
    assert found[7].reason.endswith("; its byline names Reuters")


def test_two_that_name_each_other_are_in_the_order_of_their_dates() -> None:
    one = at(1, "one.example/a", byline="Two", published=LATE)
    two = at(2, "two.example/a", byline="One")
    links = {(a, b): Likeness(other=b, odds=4, contained=1) for a, b in ((1, 2), (2, 1))}
    assert dedup.stories([one, two], links)[2].relation == "first"


def test_an_article_says_where_it_is_from_whether_that_is_archived_or_not() -> None:
    here = Article(url="https://copy.example/a", title="Title", text=WORDS)
    assert dedup.origin(here) is None
    assert dedup.origin(replace(here, canonical="https://copy.example/b")) is None
    elsewhere = replace(here, canonical="https://first.example/a")
    assert dedup.origin(elsewhere) == "its page names https://first.example/a as the original"
    told = replace(here, text=WORDS + "\n\nThis was first published in The Harbour Times.")
    assert dedup.origin(told) == "it says “first published in The Harbour Times”"
