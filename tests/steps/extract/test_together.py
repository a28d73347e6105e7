"""extract.together: what the trees, which ask each paragraph alone, are often wrong about."""

from aggregator.model import Response
from aggregator.steps import text
from aggregator.steps.extract import blocks, choose, features, page
from aggregator.steps.extract.metadata import Metadata
from tests.steps.extract.pages import TEXT, URL, extracted, framed, paragraphs, prose

ROWS = "".join(f"<tr><td>{day}</td><td>{n} crossings</td></tr>" for n, day in enumerate(("Mon", "Tue", "Wed", "Thu")))


def read(body: str) -> list[blocks.Block]:
    root, _ = page.parse(Response(url=URL, status=200, body=f"<html><body>{body}</body></html>".encode()))
    found = blocks.read(root)
    features.measure(found, Metadata())
    return found


def chosen(body: str, likely: dict[str, float]) -> list[str]:
    """What is chosen where the trees find paragraphs likely as told, and all others quite likely."""
    found = read(body)
    choice = choose.chosen(found, [likely.get(b.text, 0.9) for b in found], "", URL)
    return [found[i].text for i in choice.kept]


def test_a_table_that_is_likely_as_a_whole_is_text() -> None:
    cells = dict.fromkeys(("Mon", "Tue", "Wed", "Thu", *(f"{n} crossings" for n in range(4))), 0.4)
    assert chosen(prose() + f"<table>{ROWS}</table>", cells)[-2:] == ["Thu", "3 crossings"]
    assert chosen(prose() + f"<table>{ROWS}</table>", dict.fromkeys(cells, 0.2)) == TEXT


def test_a_table_of_the_layout_is_judged_by_paragraph() -> None:
    layout = f"<table><tr><td>{prose()}</td><td>A</td><td>B</td><td>C</td></tr></table>"
    assert chosen(layout, {"A": 0.1, "B": 0.1, "C": 0.1}) == TEXT


def test_a_heading_between_paragraphs_is_text() -> None:
    body = f"{prose(TEXT[:4])}<h2>Four minutes</h2>{prose(TEXT[4:])}<h2>Other news</h2><p>Short.</p>"
    likely = {"Four minutes": 0.2, "Other news": 0.2, "Short.": 0.6}
    assert chosen(body, likely) == [*TEXT[:4], "Four minutes", *TEXT[4:], "Short."]
    assert "Four minutes" not in chosen(body, likely | {"Four minutes": 0.1})


def test_a_quotation_that_repeats_the_text_is_left_out() -> None:
    line = "“I have waited for this telephone call since 1996”"
    assert line[1:-1] in TEXT[2]
    assert paragraphs(extracted(framed(f"{prose(TEXT[:5])}<blockquote>{line}</blockquote>{prose(TEXT[5:])}"))) == TEXT


def test_a_copy_of_the_text_in_one_paragraph_is_left_out() -> None:
    assert chosen(prose() + f"<div>{' '.join(TEXT)}</div>", {}) == TEXT


def test_a_quotation_that_is_said_once_stays() -> None:
    line = "“The river has taken three bridges from us, and it never gave one back,” the poet wrote."
    found = paragraphs(extracted(framed(f"{prose(TEXT[:5])}<blockquote><p>{line}</p></blockquote>{prose(TEXT[5:])}")))
    assert text.fold(line) in map(text.fold, found)


def cards(host: str) -> str:
    return "".join(
        f"<div class='c'><h3><a href='{host}/{n}'>The {n}. tour</a></h3><p>{p}</p></div>"
        for n, p in enumerate(TEXT[:3])
    )


def test_a_row_of_links_to_other_articles_is_left_out() -> None:
    assert chosen(prose() + f"<div>{cards('')}</div>", {}) == TEXT


def test_a_list_of_what_others_sell_is_text() -> None:
    assert "The 2. tour" in chosen(prose() + f"<div>{cards('https://shop.example')}</div>", {})


def test_a_page_of_nothing_but_such_rows_keeps_them() -> None:
    assert "The 2. tour" in chosen(f"<div>{cards('')}</div>", {})
