from aggregator.model import Response
from aggregator.steps import extract
from aggregator.steps.extract import choose, trees
from aggregator.steps.extract.site import Rules
from tests.steps.extract.pages import TEXT, TITLE, URL, framed, prose

PICTURE = "<figure><img src='/1.jpg'><figcaption>The landing stage in the fog of a morning</figcaption></figure>"


def told(body: str, rules: Rules | None = None, learned: trees.Forest = choose.LEARNED) -> dict[str, tuple[bool, str]]:
    page = f"<html lang='en'><head><title>{TITLE}</title></head><body>{body}</body></html>"
    response = Response(url=URL, status=200, headers={"content-type": "text/html"}, body=page.encode())
    return {j.text: (j.kept, j.reason) for j in extract.read(response, rules, explained=True, learned=learned).judged}


def test_every_paragraph_has_its_reason() -> None:
    other = f"<article><h1>The bridge</h1><p>It rained. {TEXT[1]}</p></article>"
    links = "<p><a href='/2'>Read more: what the bridge is made of, and why</a></p>"
    found = told(framed(f"{PICTURE}{prose(TEXT[:4])}<p>Advertisement</p>{links}{prose(TEXT[4:])}", other))
    assert set(found) > {
        "News",
        "Advertisement",
        "© 2026 The Paper. All rights reserved.",
        "The bridge",
        "She laughed.",
    }
    assert [found[t[:99] + "…" if len(t) > 100 else t][0] for t in TEXT] == [True] * len(TEXT)
    assert {reason for kept, reason in found.values() if kept} == {"likely, by its place, its look and its neighbours"}
    assert all(reason for _, reason in found.values())
    assert found["News"] == (False, "unlikely")


def test_a_rule_is_named_with_its_file() -> None:
    rules = Rules(name="config/sites/paper.example.txt", body=("//article",), strip=("//h1",))
    found = told(framed(prose() + "<p>Advertisement</p>"), rules)
    assert found[TITLE] == (False, "config/sites/paper.example.txt: strip: //h1")
    assert found["She laughed."] == (True, "in the body that config/sites/paper.example.txt names")
    assert found["Advertisement"] == (False, "a line that stands around articles")
    assert "News" not in found


def test_what_a_rule_finds_is_text_however_likely_it_is() -> None:
    rules = Rules(name="a.txt", body=("//article",))
    found = told(framed(prose()), rules, trees.Forest(lambda _: -0.5, lambda _: 0.0))
    assert {reason for kept, reason in found.values() if kept} == {"in the body that a.txt names"}


def test_where_hardly_anything_is_likely_the_likeliest_is_text_and_says_so() -> None:
    doubtful = trees.Forest(lambda _: -0.5, lambda _: 0.0)
    found = told(f"<div>{prose()}</div>", learned=doubtful)
    assert {reason for kept, reason in found.values() if kept} <= {
        "likely, by its place, its look and its neighbours: the likeliest where hardly anything is likely",
        "in the container that readability-lxml chose, which is fuller",
    }
    assert any(kept for kept, _ in found.values())
