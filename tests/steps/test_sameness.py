"""steps.dedup: likenesses and stories"""

from dataclasses import replace
from datetime import timedelta
from itertools import combinations, permutations

import pytest

from aggregator.model import Alike, Article, Likeness, Member, Verdict
from aggregator.steps import dedup
from aggregator.steps.dedup.rule import CERTAIN, SAME_PAGE, WORD_FOR_WORD
from aggregator.steps.urls import page_key
from tests.fakes import START, WORDS

MORE = (
    "The council will decide in April whether the eastern quay is worth another repair. Fishermen had asked for one "
    "since the flood of last autumn, when eleven boats sank at their moorings and the market hall stood under water. "
    "An engineer of the port authority put the price at nine million, of which the state may carry the larger part.\n\n"
    "Until then the boats land their catch at the pier of the sailing club, which has neither ice nor a scale. "
)
OTHER = (
    "Parliament rose for the summer without a vote on the pension bill, which both sides had called urgent in spring. "
    "The speaker blamed the committee, the committee blamed the ministry, and the ministry had no comment to make on "
    "a day when most of its officials were already on the train to the coast, as a porter at the station confirmed. "
)
STORM = Article(
    url="https://site.example/storm", title="Storm closes the harbour for days", text=WORDS + MORE, published=START
)


def odds(a: Article, b: Article, *, one_source: bool = False) -> float:
    """The log-odds of the two being one; below all that is kept where nothing is."""
    other = Alike(id=2, source_id=1, article=b, page_key=page_key(b.url))
    found = dedup.likenesses(a, 1 if one_source else 3, page_key(a.url), [other])
    return found[0].odds if found else -CERTAIN


def elsewhere(article: Article = STORM, **changes: object) -> Article:
    changed = {"url": "https://paper.example/1", "published": START + timedelta(hours=3), **changes}
    return replace(article, **changed)  # type: ignore[arg-type]


COPIES = {
    "word for word, a year later": elsewhere(published=START + timedelta(days=365)),
    "typography": elsewhere(text=STORM.text.replace(", ", " – ").upper()),
    "under a byline and a notice": elsewhere(
        text=f"PORT TOWN (dpa) – {STORM.text}\n\nAll rights reserved.", title="Storm closes harbour"
    ),
    "cut": elsewhere(text=WORDS, title="Storm closes the harbour"),
    "a feed's excerpt": elsewhere(STORM, text=WORDS[:330] + " […]", published=START, url="https://site.example/feed1"),
    "another order": elsewhere(text="\n\n".join(reversed(STORM.text.split("\n\n")))),
}


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_is_the_same_text(name: str) -> None:
    assert odds(STORM, COPIES[name]) > 1
    assert odds(COPIES[name], STORM) == odds(STORM, COPIES[name])


TABLE = (
    "Winds reach {} knots on Monday and {} on Tuesday, with gusts of {} at the lighthouse. Waves of {} metres are "
    "forecast for the northern basin and {} for the southern, water temperature {} degrees at the pier. Ships of over "
    "{} tonnes should stay at sea until the morning; the next bulletin is issued at {} hours by the harbour office."
)
DIFFERENT = {
    "another text": elsewhere(text=OTHER, title="Pension bill waits for autumn"),
    "a quotation": elsewhere(
        text=f"{OTHER}\n\n“{WORDS[:200]}”\n\n{OTHER.replace('the', 'every')}", title="What the pilots do at dawn"
    ),
    "a link": elsewhere(text="Article URL: https://site.example/storm\n\nPoints: 318", url="https://links.example/9"),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_shares_little_is_another_text(name: str) -> None:
    assert odds(STORM, DIFFERENT[name]) < 0


def test_the_next_edition_of_a_bulletin_is_another_text() -> None:
    monday = elsewhere(text=TABLE.format(21, 34, 48, 3, 2, 9, 500, 18), title="Bulletin of 2 March")
    tuesday = replace(
        monday,
        text=TABLE.format(17, 12, 29, 1, 4, 8, 900, 6),
        title="Bulletin of 3 March",
        url="https://paper.example/2",
        published=START + timedelta(days=1),
    )
    assert odds(monday, tuesday) < 0


def test_texts_of_a_few_words_say_nothing() -> None:
    short = replace(STORM, text="Watch the video of the storm")
    assert dedup.text_keys(short) == ()
    assert odds(short, elsewhere(short)) < 0


def test_a_template_that_was_filled_anew_is_another_text_though_in_the_same_minute() -> None:
    quakes = [
        Article(url=f"https://quakes.example/{n}", title=f"Earthquake of {n}.{n}", published=START,
                text=f"A quake of {n}.{n} struck the old town. {WORDS} It was {n}{n} km deep.")
        for n in (1, 2)
    ]  # fmt: skip
    assert odds(*quakes) < 0
    assert odds(quakes[0], replace(quakes[1], text=quakes[0].text)) > 0


SIGNS = (
    "{sign}: the week begins quietly for you, but on Wednesday the stars bring {what} into your house. Do not hurry, listen to "
    "your friends and keep your money together until the moon has changed. In love somebody is waiting for you, if you "
    "make the first step. Lucky days are Thursday and Saturday; the lucky colour of {sign} is what you like best."
)
SECURITY = (
    "An update of {sign} is available for all supported releases. It was found that {sign} did not check the length of {what}, "
    "so that an attacker could make it end or run code of his own. Users are advised to upgrade their packages and to "
    "restart all services that use the library; a list of them is in the annex to this notice of the security team."
)


@pytest.mark.parametrize(
    ("template", "title", "fillings"),
    [
        (SIGNS, "Horoscope for {sign}", [("Aries", "unrest"), ("Taurus", "good news")]),
        (SECURITY, "Security update: {sign}", [("libfoo", "a header"), ("barlib", "its input")]),
    ],
)
def test_a_template_that_was_filled_with_another_subject_is_another_text(
    template: str, title: str, fillings: list[tuple[str, str]]
) -> None:
    one, other = (
        Article(url=f"https://stars.example/{n}", title=title.format(sign=sign), published=START,
                text=template.format(sign=sign, what=what))
        for n, (sign, what) in enumerate(fillings)
    )  # fmt: skip
    assert odds(one, other) < 0
    copies = [replace(each, url=f"https://copy{n}.example/", title="Read here") for n, each in enumerate((one, other))]
    assert odds(one, copies[0]) > odds(one, copies[1])


def test_another_spelling_is_no_other_subject() -> None:
    one = elsewhere(title="Harbour centers to close", text=f"{WORDS} The centers will close.")
    other = replace(
        one,
        title="Harbour centres to close",
        text=one.text.replace("centers", "centres"),
        url="https://paper.example/2",
    )
    assert odds(one, other) > 1


def test_a_copy_shares_keys_with_its_original() -> None:
    for copy in COPIES.values():
        assert set(dedup.text_keys(copy)) & set(dedup.text_keys(STORM))
    assert not set(dedup.text_keys(DIFFERENT["another text"])) & set(dedup.text_keys(STORM))
    assert all(-(2**31) <= key < 2**31 for key in dedup.text_keys(STORM))


@pytest.mark.parametrize(
    "text",
    [
        "港はストーム後に閉鎖された。クレーン三台がレールから外れ、コンテナが海に落ちた。潜水士が捜索している。",
        "أُغلق ميناء المدينة القديمة يوم الاثنين بعد عاصفة اقتلعت ثلاث رافعات من قضبانها وألقت بالحاويات في الحوض حيث يبحث الغواصون",
        "Порт старого города закрыт с понедельника: буря сорвала с рельсов три крана и сбросила в воду контейнеры, которые ищут водолазы",
    ],
)
def test_every_script_is_compared(text: str) -> None:
    said = elsewhere(text=text)
    assert odds(said, replace(said, url="https://x.example/")) == WORD_FOR_WORD


def test_one_page_is_one_article_where_the_text_agrees_or_tells_nothing_or_two_sources_link_to_it() -> None:
    here = replace(STORM, url="http://www.site.example/storm?utm_source=feed")
    assert odds(STORM, here, one_source=True) == SAME_PAGE
    teaser = replace(here, text="Three cranes fell.")
    assert odds(STORM, teaser, one_source=True) == SAME_PAGE
    assert odds(STORM, replace(teaser, title="Now"), one_source=True) < 0
    changed = replace(here, text=OTHER, title="Now")
    assert odds(STORM, changed) == SAME_PAGE
    assert odds(STORM, changed, one_source=True) < 0


def test_a_page_that_says_something_else_under_the_same_title_is_another_article() -> None:
    later = replace(STORM, text=OTHER, published=START + timedelta(days=30))
    assert odds(STORM, later, one_source=True) < 0
    first, second = (
        replace(STORM, url=f"https://site.example/status#{n}", text=said) for n, said in enumerate((WORDS, OTHER))
    )
    assert odds(first, second) < 0
    assert odds(first, replace(second, text=WORDS)) == SAME_PAGE


def test_who_names_one_canonical_address_for_all_its_pages_does_not_make_them_one() -> None:
    other = elsewhere(text=OTHER, title="Pension bill waits for autumn", url="https://site.example/pension")
    found = dedup.likenesses(
        STORM, 3, "site.example/news", [Alike(id=2, source_id=1, article=other, page_key="site.example/news")]
    )
    assert not [like for like in found if like.odds > 0]


def test_of_a_template_only_a_copy_shares_rare_keys_with_an_edition() -> None:
    editions = [
        elsewhere(text=f"Winds of {n} knots on the {n}th. {WORDS}", title=f"Bulletin {n}") for n in range(20, 80)
    ]
    common = set.intersection(*(set(dedup.text_keys(e)) for e in editions))
    copy = replace(
        editions[50], text=f"{editions[50].text} All rights reserved.", title="Windy", url="https://x.example/"
    )
    assert len((set(dedup.text_keys(copy)) & set(dedup.text_keys(editions[50]))) - common) > 1
    assert len((set(dedup.text_keys(copy)) & set(dedup.text_keys(editions[49]))) - common) <= 1


def member(id: int, hours: float = 0, seen: float = 99, **changes: object) -> Member:
    url = f"https://s{id}.example/a"
    values = {"published": START + timedelta(hours=hours), "first_seen": START + timedelta(hours=seen), **changes}
    return Member(id=id, url=url, page_key=page_key(url), **values)  # type: ignore[arg-type]


def linked(*pairs: tuple[int, int, float]) -> dict[tuple[int, int], Likeness]:
    return {
        pair: Likeness(other=pair[1], odds=odds, contained=0.9) for a, b, odds in pairs for pair in ((a, b), (b, a))
    }


def told(verdicts: dict[int, Verdict]) -> dict[int, tuple[str, int | None, int | None]]:
    return {id: (v.relation, v.story, v.copy_of) for id, v in sorted(verdicts.items())}


def test_the_oldest_is_first_and_the_others_are_copies_of_it() -> None:
    found = dedup.stories([member(1, 5), member(2, 1), member(3, 9)], linked((1, 2, 4), (2, 3, 4), (1, 3, 4)))
    assert told(found) == {1: ("copy", 2, 2), 2: ("first", 2, None), 3: ("copy", 2, 2)}
    assert "90% of the shorter text" in found[3].reason
    assert "s2.example" in found[3].reason


def test_the_copy_that_another_is_most_like_is_named_beside_the_first() -> None:
    members = [member(1), member(2, 1), member(3, 2)]
    found = dedup.stories(members, linked((1, 2, 2), (1, 3, 2), (2, 3, WORD_FOR_WORD)))
    assert told(found)[3] == ("copy", 1, 1)
    assert "article 1 (https://s1.example/a)" in found[3].reason
    assert found[3].reason.endswith("; most like article 2 (https://s2.example/a): 90%, +5.0")
    alike = dedup.stories(members, linked((1, 2, 4), (1, 3, 4), (2, 3, 4.4)))
    assert "most like" not in alike[3].reason


def test_an_article_alone_is_first() -> None:
    assert told(dedup.stories([member(1)], {})) == {1: ("first", 1, None)}


def test_a_date_in_the_future_counts_as_seen_now() -> None:
    found = dedup.stories([member(1, hours=500, seen=2), member(2, hours=3)], linked((1, 2, 4)))
    assert found[2].story == 1


def test_who_names_another_as_the_original_is_behind_it_whatever_the_dates() -> None:
    claims = member(1, 0, canonical="https://s2.example/a")
    found = dedup.stories([claims, member(2, 6)], linked((1, 2, 4)))
    assert told(found)[1] == ("copy", 2, 2)
    assert "names that one as the original" in found[1].reason


def test_the_same_page_goes_before_a_copy() -> None:
    found = dedup.stories([member(1), member(2, 1), member(3, 2)], linked((1, 2, 4), (1, 3, 4), (2, 3, SAME_PAGE)))
    assert told(found)[3] == ("same", 1, 2)


def test_a_story_does_not_grow_along_a_chain() -> None:
    chain = linked((1, 2, 4), (2, 3, 3), (3, 4, 4))
    assert {v.story for v in dedup.stories([member(n, n) for n in (1, 2, 3, 4)], chain).values()} == {1, 3}


def test_the_beginning_and_the_end_of_an_older_text_are_of_its_story() -> None:
    links = linked((1, 2, 4), (1, 3, 4), (1, 4, 4))
    parts = [member(n, n, length=300) for n in (2, 3, 4)]
    found = dedup.stories([member(1, 0, length=1000), *parts], links)
    assert told(found) == {1: ("first", 1, None), **dict.fromkeys((2, 3, 4), ("copy", 1, 1))}
    younger, short = member(1, 9, length=1000), member(1, 0, length=400)
    for whole in (younger, short):  # a round-up of them; a text that cannot hold them all
        assert len({v.story for v in dedup.stories([whole, *parts], links).values()}) == 3
    hardly = {pair: replace(like, contained=0.5) for pair, like in links.items()}
    assert len({v.story for v in dedup.stories([member(1, 0, length=1000), *parts], hardly).values()}) == 3


def test_a_copy_that_only_later_ones_resemble_is_of_their_story() -> None:
    links = linked((1, 3, 4), (2, 3, 4), (1, 4, 4), (2, 4, 4), (3, 4, 4))
    found = dedup.stories([member(n, n) for n in (1, 2, 3, 4)], links)
    assert {v.story for v in found.values()} == {1}
    assert (found[2].relation, found[2].copy_of) == ("copy", 1)


def test_the_order_of_arrival_makes_no_difference() -> None:
    members = [member(n, n % 3) for n in range(5)]
    links = linked(*((a, b, 4 - (a + b) % 5) for a, b in combinations(range(5), 2)))
    assert len({str(told(dedup.stories(list(order), links))) for order in permutations(members)}) == 1
