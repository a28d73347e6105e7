from collections.abc import Iterable, Sequence

import pytest

from aggregator.model import Article, Response
from aggregator.steps import extract
from aggregator.steps.extract import choose, chrome
from aggregator.steps.extract.chrome import MAX_BLOCKS, MAX_LEARNED, OTHERS, Memory, Place
from tests.steps.extract.pages import TEXT, TITLE, URL, framed, paragraphs, prose

APPEAL = (
    "The Paper is owned by the people who read it, and lives on what they give. If you can, give a little every month, so "
    "that we can go on asking questions in the town hall."
)
HERE = chrome.place(URL, TITLE)
ELSEWHERE = [chrome.place(f"https://paper.example/{n}", f"Story {n}") for n in range(OTHERS + 2)]


def page(inside: str, head: str = "") -> Response:
    said = f"<html lang='en'><head><title>{TITLE}</title>{head}</head><body>{framed(inside)}</body></html>"
    return Response(url=URL, status=200, headers={"content-type": "text/html"}, body=said.encode())


def seen(texts: Iterable[str], places: Sequence[Place]) -> Memory:
    """What is remembered of pages at these places that all say these paragraphs."""
    memory: Memory = {}
    said = [t for t in texts if len(t.split()) > 3]  # shorter ones are not learned
    keys = extract.read(page(prose([*said, *TEXT]))).learned[: len(said)]
    for place in places:
        memory = chrome.remember(memory, keys, place)
    return memory


def read(texts: list[str], memory: Memory, head: str = "") -> Article:
    return extract.read(page(prose(texts), head), memory=memory).article


def test_what_stood_around_several_other_articles_is_not_text() -> None:
    assert paragraphs(read([*TEXT, APPEAL], {})) == [*TEXT, APPEAL]
    assert paragraphs(read([*TEXT, APPEAL], seen([APPEAL], ELSEWHERE[:OTHERS]))) == TEXT


def test_fewer_pages_prove_nothing() -> None:
    memory = seen([APPEAL], ELSEWHERE[: OTHERS - 1])
    assert paragraphs(read([*TEXT, APPEAL], memory)) == [*TEXT, APPEAL]


@pytest.mark.parametrize(
    "same",
    [
        [Place(1, ELSEWHERE[0].title), Place(2, ELSEWHERE[0].title), Place(3, ELSEWHERE[0].title)],
        [Place(ELSEWHERE[0].url, 1), Place(ELSEWHERE[0].url, 2), Place(ELSEWHERE[0].url, 3)],
    ],
    ids=["under other addresses", "under other headlines"],
)
def test_one_article_counts_once(same: list[Place]) -> None:
    assert paragraphs(read([*TEXT, APPEAL], seen([APPEAL], [*ELSEWHERE[: OTHERS - 1], *same]))) == [*TEXT, APPEAL]


def test_the_article_itself_is_none_of_the_others() -> None:
    memory = seen([APPEAL], [HERE, *ELSEWHERE[: OTHERS - 1]])
    assert paragraphs(read([*TEXT, APPEAL], memory)) == [*TEXT, APPEAL]
    assert paragraphs(read([*TEXT, APPEAL], seen([APPEAL], [HERE, *ELSEWHERE[:OTHERS]]))) == TEXT


def test_what_the_page_calls_its_description_is_its_own() -> None:
    memory = seen([TEXT[0]], ELSEWHERE)
    assert paragraphs(read(TEXT, memory)) == TEXT[1:]
    assert paragraphs(read(TEXT, memory, f'<meta name="description" content="{TEXT[0]}">')) == TEXT


def test_where_most_of_an_article_recurs_it_is_the_same_article_again() -> None:
    assert paragraphs(read(TEXT, seen(TEXT[:6], ELSEWHERE))) == TEXT


def test_a_heading_goes_only_with_what_it_heads() -> None:
    inside = f"{prose(TEXT[:4])}<h2>What is known so far</h2>{prose(TEXT[4:])}<h2>A word of our own</h2><p>{APPEAL}</p>"
    keys = [k for k in extract.read(page(inside)).learned if k not in extract.read(page(prose())).learned]
    memory: Memory = {}
    for place in ELSEWHERE:
        memory = chrome.remember(memory, keys, place)
    found = extract.read(page(inside), memory=memory).article
    assert paragraphs(found) == [*TEXT[:4], "What is known so far", *TEXT[4:]]


def test_short_lines_and_what_is_never_text_are_not_learned() -> None:
    blocks, said, _ = extract.paragraphs(
        page(f"{prose()}<p>She laughed.</p><ul><li><a href='/'>Home page of ours</a></li></ul>")
    )
    keys = chrome.learned(blocks, choose.chances(blocks, said))
    assert len(keys) == len(TEXT) - 1  # one of them is two words long


def test_a_page_of_thousands_of_lines_does_not_fill_the_memory() -> None:
    found = extract.read(page("".join(f"<p>{TEXT[0]} That was on day {n}.</p>" for n in range(300))))
    assert len(found.learned) == MAX_LEARNED


def test_the_memory_is_bounded_and_forgets_first_what_only_one_article_had() -> None:
    memory: Memory = chrome.remember(chrome.remember({}, [1, 2], ELSEWHERE[0]), [1], ELSEWHERE[1])
    for n in range(MAX_BLOCKS):
        memory = chrome.remember(memory, [100 + n], Place(n, n))
    assert len(memory) == MAX_BLOCKS
    assert 1 in memory
    assert not {2, 100} & set(memory)
    assert 101 in memory


def test_a_paragraph_keeps_but_the_first_few_articles() -> None:
    memory: Memory = {}
    for n in range(50):
        memory = chrome.remember(memory, [1], Place(n, n))
    assert len(memory[1]) == OTHERS + 1


def test_a_memory_is_packed_and_unpacked() -> None:
    memory = seen([APPEAL], ELSEWHERE)
    assert chrome.unpacked(chrome.packed(memory)) == memory
    assert chrome.unpacked(None) == {}
    assert set(chrome.known({1: tuple(ELSEWHERE[: OTHERS - 1]), 2: tuple(ELSEWHERE[:OTHERS])})) == {2}
