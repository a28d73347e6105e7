from datetime import UTC, datetime

import pytest

from aggregator.model import Article, Response
from aggregator.steps import extract
from aggregator.steps.extract.site import MAX_LENGTH, MAX_RULES, Rules, parse
from tests.steps.extract.pages import TEXT, TITLE, URL, framed, paragraphs, prose

BOX = "<div class='promo-box'><p>The Paper costs four crowns a day and is brought to your door, wherever you live.</p></div>"


def rules(text: str) -> Rules:
    found, warnings = parse("paper.example.txt", text)
    assert not warnings
    return found


def read(text: str, body: str, head: str = "") -> Article:
    page = f"<!doctype html><html lang='en'><head><title>{TITLE}</title>{head}</head><body>{body}</body></html>"
    response = Response(url=URL, status=200, headers={"content-type": "text/html"}, body=page.encode())
    return extract.read(response, rules(text)).article


def test_every_kind_of_rule_is_read() -> None:
    found = rules(
        "# The Paper\n\ntitle: //h1\nbody: //div[@id='a']\nbody://div[@id='b']\nauthor: //a[@rel='author']\n"
        "date: //time/@datetime\nstrip: //p[. = 'a: b']\nstrip_id_or_class: 'promo'\nstrip_image_src: /ads/\n"
        "single_page_link: //a[@class='all']\nnext_page_link: //a[@rel='next']\nhttp_header(User-Agent): Paper/1.0\n"
        "find_string: <x>\nreplace_string: <p>\nreplace_string(<i:y>): </p>\nprune: no\ntidy: no\n"
        "test_url: https://paper.example/1\n"
    )
    assert found == Rules(
        name="paper.example.txt",
        title=("//h1",),
        body=("//div[@id='a']", "//div[@id='b']"),
        author=("//a[@rel='author']",),
        date=("//time/@datetime",),
        strip=("//p[. = 'a: b']",),
        strip_id_or_class=("promo",),
        strip_image_src=("/ads/",),
        single_page_link=("//a[@class='all']",),
        next_page_link=("//a[@rel='next']",),
        http_header=(("user-agent", "Paper/1.0"),),
        replaced=(("<x>", "<p>"), ("<i:y>", "</p>")),
        prune=False,
        test_url=("https://paper.example/1",),
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("parser: html5php", "unknown rule 'parser'"),
        ("body(x): //p", "unknown rule 'body'"),
        ("words", "no rule: 'words'"),
        ("body: //div[", "body: not XPath"),
        ("title: x:test(//h1)", "title: not XPath"),
        ("prune: perhaps", "prune is yes or no, not 'perhaps'"),
        ("find_string:", "find_string says nothing"),
        ("strip_id_or_class:", "strip_id_or_class says nothing"),
        ("http_header(host): other.example", "http_header(host) is not for a page to choose"),
        ("http_header(cookie): café", "http_header(cookie) cannot be sent"),
        (f"strip: //p[{' ' * MAX_LENGTH}1]", "a rule is too long"),
    ],
)
def test_a_line_that_is_no_rule_is_named_with_its_number_and_ignored(line: str, reason: str) -> None:
    found, (warning,) = parse("config/sites/paper.example.txt", f"title: //h1\n{line}\nbody: //main\n")
    assert warning.startswith(f"config/sites/paper.example.txt:2: {reason}")
    assert warning.endswith("ignored")
    assert (found.title, found.body, found.strip, found.http_header) == (("//h1",), ("//main",), (), ())


def test_lines_for_whoever_looks_after_the_file_are_no_warnings() -> None:
    found, warnings = parse("a.txt", "test_url: https://paper.example/1\ntest_contains: It's the ferry\n")
    assert warnings == ()
    assert found.test_contains == ("It's the ferry",)


def test_find_without_replace_is_named() -> None:
    found, (warning,) = parse("a.txt", "find_string: a\nfind_string: b\nreplace_string: c\n")
    assert found.replaced == (("a", "c"),)
    assert "come in pairs" in warning


def test_a_file_without_end_is_cut() -> None:
    found, (warning,) = parse("a.txt", "strip: //p\n" * (MAX_RULES + 5))
    assert len(found.strip) == MAX_RULES
    assert "the rest is ignored" in warning


def test_title_author_and_date_are_taken_where_the_rules_say() -> None:
    body = framed(
        f"<b class='t'>Ferry, again</b><i class='a'>By Ingrid Lund and Olaf Berg</i><u>5 mars 2024</u>{prose()}"
    )
    found = read("title: //h9\ntitle: //b[@class='t']\nauthor: //i[@class='a']\ndate: //u", body)
    assert (found.title, found.byline) == ("Ferry, again", "Ingrid Lund, Olaf Berg")
    assert found.published == datetime(2024, 3, 5, tzinfo=UTC)


def test_rules_that_find_nothing_leave_what_the_page_says() -> None:
    found = read("title: //h9\nauthor: //h9\ndate: //h9\nbody: //h9\nstrip: //h9\nbody: count(//p)", framed(prose()))
    assert (found.title, paragraphs(found)) == (TITLE, TEXT)


def test_the_body_is_all_that_its_rule_finds_and_nothing_else() -> None:
    one, two = f"<div class='x'>{prose(TEXT[:3])}<p>Must read</p></div>", f"<div class='x'>{prose(TEXT[3:])}</div>"
    picture = "<figure><img src='/1.jpg'><figcaption>The shed</figcaption></figure>"
    found = read("body: //div[@class='x']", f"<h1>{TITLE}</h1>{one}{BOX}{picture}{two}")
    assert paragraphs(found) == [*TEXT[:3], "Must read", *TEXT[3:]]
    assert found.images == ()


def test_the_second_body_rule_counts_where_the_first_finds_nothing() -> None:
    assert paragraphs(read("body: //h9\nbody: //article//div", framed(prose()))) == TEXT


def test_an_element_inside_of_another_is_taken_once() -> None:
    assert paragraphs(read("body: //article | //article//div", framed(prose()))) == TEXT


@pytest.mark.parametrize(("prune", "kept"), [("yes", []), ("no", ["Advertisement", "Another story of the river"])])
def test_prune_takes_links_and_labels_from_the_body(prune: str, kept: list[str]) -> None:
    links = "<p>Advertisement</p><ul><li><a href='/2'>Another story of the river</a></li></ul>"
    found = read(f"body: //main\nprune: {prune}", f"<main>{prose()}{links}</main>")
    assert paragraphs(found) == [*TEXT, *kept]


@pytest.mark.parametrize("rule", ["strip: //div[@class='promo-box']", "strip_id_or_class: promo"])
def test_what_is_stripped_is_no_text(rule: str) -> None:
    inside = f"{prose(TEXT[:3])}{BOX}{prose(TEXT[3:])}"
    assert paragraphs(read(f"body: //article\n{rule}", framed(inside))) == TEXT


def test_a_picture_that_is_stripped_is_none() -> None:
    lazy = "<img data-src='/ads/3.jpg' src='/blank.gif'><img srcset='/ads/4.jpg 2x' src='/blank.gif'>"
    pictures = f"<figure><img src='/ads/1.jpg'></figure><figure><img src='/2.jpg'></figure>{lazy}"
    found = read("strip_image_src: /ads/", framed(f"{prose(TEXT[:3])}{pictures}{prose(TEXT[3:])}"))
    assert [i.url for i in found.images] == ["https://paper.example/2.jpg"]


def test_strings_are_replaced_before_the_page_is_read() -> None:
    page = framed("".join(f"<pp>{p}</pp>" for p in TEXT))
    assert paragraphs(read("find_string: <pp>\nreplace_string: <p>\nreplace_string(</pp>): </p>", page)) == TEXT
