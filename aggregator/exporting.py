"""Articles to take along: a folder of Markdown, a book."""

import json
import re
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path

from lxml import html as lxml_html

from aggregator.doors import files
from aggregator.errors import ConfigError
from aggregator.model import Archived
from aggregator.questions import stamp
from aggregator.steps import render
from aggregator.steps.text import fold, storable

MAX_NAME = 60


def markdown(found: Sequence[Archived], folder: Path, step: Callable[[], None]) -> int:
    """A file for each article, its name made of date, headline and id; returns how many were not there as they are."""
    try:
        from markdownify import markdownify
    except ImportError as error:
        raise _missing("--markdown", "markdownify") from error
    written = 0
    for archived in found:
        body = markdownify(render.html(archived.article), heading_style="ATX", escape_misc=True).strip()
        text = f"{_front(archived)}\n# {_one_line(archived.article.title)}\n\n{body}\n"
        written += files.replace(folder / f"{_name(archived)}.md", storable(text).encode())
        step()
    return written


def epub(title: str, found: Sequence[Archived], path: Path, step: Callable[[], None]) -> None:
    """One book, a chapter for each article, without its pictures: a book must hold all that it shows."""
    try:
        from ebooklib import epub as library
    except ImportError as error:
        raise _missing("--epub", "ebooklib") from error
    book = library.EpubBook()
    book.set_identifier(f"urn:aggregator:export:{_slug(title)}")
    book.set_title(title)
    book.set_language("en" if not found else found[0].article.language or "en")
    chapters = []
    for archived in found:
        name = _one_line(archived.article.title) or archived.article.url
        chapter = library.EpubHtml(title=name, file_name=f"{archived.id}.xhtml", lang=archived.article.language)
        chapter.content = _chapter(archived, name)
        book.add_item(chapter)
        chapters.append(chapter)
        step()
    book.toc = chapters
    book.spine = ["nav", *chapters]
    book.add_item(library.EpubNcx())
    book.add_item(library.EpubNav())
    whole = BytesIO()
    library.write_epub(whole, book, {"raise_exceptions": True})
    files.replace(path, whole.getvalue())


def _chapter(archived: Archived, title: str) -> str:
    article = archived.article
    body = lxml_html.fragment_fromstring(storable(render.html(article)), create_parent="div")
    for image in list(body.iter("img", "picture", "video", "audio", "iframe", "source")):
        image.drop_tree()
    head = lxml_html.fragment_fromstring("<h1/>")
    head.text = title
    line = lxml_html.fragment_fromstring("<p/>")
    line.text = " · ".join(filter(None, (article.byline, stamp(article.published), archived.publisher)))
    link = lxml_html.fragment_fromstring("<a/>")
    link.text, link.attrib["href"] = article.url, article.url
    for n, element in enumerate((head, line, link)):
        body.insert(n, element)
    return str(lxml_html.tostring(body, encoding="unicode", method="xml"))


def _front(archived: Archived) -> str:
    """YAML, whose strings may be JSON's."""
    article = archived.article
    said = {
        "title": article.title,
        "url": article.url,
        "author": article.byline,
        "published": stamp(article.published),
        "source": archived.source,
        "language": article.language,
        "id": archived.id,
        "first_seen": stamp(archived.first_seen),
        "revisions": archived.revisions,
        "captions": list(article.captions),
    }
    lines = (
        f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in said.items() if value not in (None, [])
    )
    return f"---\n{''.join(lines)}---\n"


def _name(archived: Archived) -> str:
    at = archived.article.published or archived.first_seen
    return "-".join(filter(None, (f"{at:%Y-%m-%d}", _slug(archived.article.title), str(archived.id))))


def _slug(title: str) -> str:
    return "-".join(re.findall(r"\w+", fold(title)))[:MAX_NAME].strip("-")


def _one_line(title: str) -> str:
    return " ".join(title.split())


def _missing(option: str, package: str) -> ConfigError:
    return ConfigError(option, f"needs {package}, which is not installed: pip install 'aggregator[export]'")
