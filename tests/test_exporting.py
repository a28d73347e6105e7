"""export of articles: Markdown and EPUB"""

import json
import sys
import zipfile
from pathlib import Path

import pytest
from lxml import etree

from tests.commands import Run

ARTICLES = "".join(
    json.dumps(
        {"url": f"https://a.org/{n}", "title": f'Storm "{n}": the & harbour', "text": f"One <b>{n}</b>.\n\nTwo.",
         "published": f"2026-03-0{n}T10:00:00Z", "captions": [{"image": "https://a.org/1.jpg", "text": "A crane"}]}
    ) + "\n"
    for n in (1, 2)
)  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_a_search_becomes_a_folder_of_markdown_that_is_written_once(run: Run, tmp_path: Path) -> None:
    run("load", "-", stdin=ARTICLES)
    assert "2 articles in" in run("export", "--search", "storm", "--markdown", str(tmp_path / "out")).err
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "2026-03-01-storm-1-the-harbour-1.md", "2026-03-02-storm-2-the-harbour-2.md"
    ]  # fmt: skip
    text = (tmp_path / "out" / "2026-03-01-storm-1-the-harbour-1.md").read_text()
    assert text.startswith(
        '---\ntitle: "Storm \\"1\\": the & harbour"\nurl: "https://a.org/1"\npublished: "2026-03-01T10'
    )
    assert '\n# Storm "1": the & harbour\n\nOne <b>1</b>.\n\nTwo.' in text.replace("\\", "")
    assert 'captions: ["A crane"]' in text
    assert "0 of them new" in run("export", "--search", "storm", "--markdown", str(tmp_path / "out")).err


def test_a_topic_becomes_a_book(run: Run, tmp_path: Path, home: Path) -> None:
    (home / "config/topics.toml").write_text('[[topic]]\nname = "storms"\nmatch = "storm"\n')
    run("load", "-", stdin=ARTICLES)
    run("export", "--topic", "storms", "--epub", str(tmp_path / "storms.epub"))
    with zipfile.ZipFile(tmp_path / "storms.epub") as book:
        assert book.testzip() is None
        assert book.read("mimetype") == b"application/epub+zip"
        pages = {name: book.read(name) for name in book.namelist() if name.endswith("xhtml")}
    assert {name.rpartition("/")[2] for name in pages} == {"1.xhtml", "2.xhtml", "nav.xhtml"}
    for page in pages.values():
        root = etree.fromstring(page)
        assert not root.xpath("//*[local-name()='img']")
    first = next(page for name, page in pages.items() if name.endswith("/1.xhtml")).decode()
    assert "One &lt;b&gt;1&lt;/b&gt;." in first
    assert "https://a.org/1" in first


def test_a_book_of_nothing_is_a_book(run: Run, tmp_path: Path) -> None:
    run("export", "--search", "nowhere", "--epub", str(tmp_path / "none.epub"))
    assert zipfile.is_zipfile(tmp_path / "none.epub")


@pytest.mark.parametrize(
    "args", [["--topic", "a"], ["--epub", "x"], ["--topic", "a", "--search", "b", "--epub", "x"], ["--search", "b", "--epub", "x", "--markdown", "y"]]
)  # fmt: skip
def test_what_goes_together_is_said(run: Run, args: list[str]) -> None:
    assert "together with --markdown DIR or --epub FILE" in run("export", *args, code=2).err


def test_a_topic_that_is_not_there_is_used_wrongly(run: Run, tmp_path: Path) -> None:
    assert "is no topic" in run("export", "--topic", "no", "--epub", str(tmp_path / "x"), code=2).err


@pytest.mark.parametrize(("option", "package"), [("--epub", "ebooklib"), ("--markdown", "markdownify")])
def test_without_the_library_it_says_what_to_install(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    run("load", "-", stdin=ARTICLES)
    assert (
        "pip install 'aggregator[export]'"
        in run("export", "--search", "storm", option, str(tmp_path / "x"), code=2).err
    )


def test_where_nothing_can_be_written_is_one_line(run: Run, tmp_path: Path) -> None:
    run("load", "-", stdin=ARTICLES)
    (tmp_path / "file").write_text("in the way")
    for option in ("--epub", "--markdown"):
        said = run("export", "--search", "storm", option, str(tmp_path / "file" / "x"), code=1)
        assert said.err.startswith(f"aggregator: {tmp_path}/file/x")
        assert "cannot be written" in said.err
        assert said.err.count("\n") == 1
