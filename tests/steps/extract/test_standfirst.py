"""extract.assemble: the standfirst, apart from the text."""

import pytest

from tests.steps.extract.pages import TEXT, extracted, framed, paragraphs, prose

LEAD = "For thirty years nobody crossed the river but by the bridge; now the bridge is closed, and a boat is painted."
DESCRIBED = f"<meta name='description' content='{LEAD}'>"


@pytest.mark.parametrize(
    "lead",
    [
        f"<p class='intro'>{LEAD}</p>",
        f"<div class='article__teaser-text'><p>{LEAD}</p></div>",
        f"<h2 class='dek'>{LEAD}</h2>",
    ],
)
def test_a_first_paragraph_that_is_named_and_describes_the_page_is_the_summary(lead: str) -> None:
    found = extracted(framed(lead + prose()), DESCRIBED)
    assert paragraphs(found) == TEXT
    assert found.summary == LEAD


@pytest.mark.parametrize("box", ["<div class='intro'>{}</div>", "<div class='story-summary'>{}</div>"])
def test_a_box_of_all_paragraphs_names_none_of_them(box: str) -> None:
    page = f"<article><h1>The ferry</h1>{box.format(prose())}</article>"
    found = extracted(page, f"<meta name='description' content='{TEXT[0]}'>")
    assert paragraphs(found) == TEXT


def test_a_named_paragraph_that_nothing_follows_is_the_text() -> None:
    found = extracted(framed(f"<p class='intro'>{LEAD}</p><p>More will follow.</p>"), DESCRIBED)
    assert LEAD in found.text
