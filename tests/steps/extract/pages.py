"""Pages for the tests of extraction, and their article."""

from aggregator.model import Article, Response
from aggregator.steps.extract import article

URL = "https://paper.example/2026/02/the-ferry/"
TITLE = "The ferry is back after thirty years"
TEXT = [
    (
        "When the old bridge was closed in the first week of February, the town remembered that it had once had a ferry, "
        "and that the ferry had never been sold, because nobody had wanted to buy it."
    ),
    (
        "It lay in a shed behind the sawmill, under a cover that the harbour master’s father had sewn, and it needed two "
        "coats of paint, a new chain and a licence from the district, which took longest of the three."
    ),
    (
        "“I have waited for this telephone call since 1996,” said Ingrid Lund, who had steered it in its last summer and "
        "who is now seventy-one years old."
    ),
    "She laughed.",
    (
        "On the first morning forty people stood on the landing stage, most of them pupils of the school on the other bank, "
        "and a few who had only come to look, among them the mayor, who paid for his ticket like everyone else."
    ),
    (
        "The crossing takes four minutes. In fog it takes six, and when the river carries ice, the council has decided, it "
        "does not take place at all, whatever the timetable says."
    ),
    (
        "How long it will stay is open. The engineers want to know more about the crack before they name a year, and the "
        "district has promised an answer for the summer, without saying which one."
    ),
]


def prose(paragraphs: list[str] | None = None) -> str:
    return "".join(f"<p>{p}</p>" for p in (TEXT if paragraphs is None else paragraphs))


def framed(inside: str, after: str = "", before: str = "") -> str:
    """A site's page around the inside of an article."""
    menu = "".join(f"<li><a href='/{s.lower()}/'>{s}</a></li>" for s in ("News", "Sport", "Culture", "Weather", "Jobs"))
    return (
        f"<header class='site-header'><a href='/'>The Paper</a><nav><ul>{menu}</ul></nav></header>{before}"
        f"<main><article class='post'><h1>{TITLE}</h1><div class='article-body'>{inside}</div>{after}</article></main>"
        f"<footer class='site-footer'><ul>{menu}</ul><p>© 2026 The Paper. All rights reserved.</p></footer>"
    )


def extracted(body: str, head: str = "", lang: str = "en") -> Article:
    return article(response(body, head, lang))


def response(body: str, head: str = "", lang: str = "en") -> Response:
    page = f"<!doctype html><html lang='{lang}'><head><title>{TITLE} | The Paper</title>{head}</head><body>{body}</body></html>"
    headers = {"content-type": "text/html; charset=utf-8"}
    return Response(url=URL, status=200, headers=headers, body=page.encode())


def paragraphs(found: Article) -> list[str]:
    return found.text.split("\n\n")
