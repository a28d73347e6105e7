"""Extraction again over what was kept as fetched."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.commands import Run, Site
from tests.fakes import WORDS

OTHERS = (
    "<p class=others>The council will speak of the ferries in autumn, and of the harbour's dues, it said on Friday.</p>"
)
RULE = "strip: //p[@class='others']\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with (tmp_path / "home/config/aggregator.toml").open("a") as file:
        file.write("\n[raw]\nwarc = true\n")
    return tmp_path / "home"


def body(words: str = WORDS) -> str:
    return f"<article><h1>The harbour</h1><p>{words}</p>{OTHERS}<p>{words[::-1]}</p></article>"


def follow(run: Run, site: Site) -> None:
    site.page("/1", body=body(), title="The harbour")
    run("add", site.feed("/feed", "News", ("/1", "The harbour", "Short.")), "--tag", "news")


def learn(home: Path, site: Site) -> None:
    """What makes the extractor a better one."""
    (home / "config/sites").mkdir(exist_ok=True)
    (home / "config/sites" / f"{site.host.partition(':')[0]}.txt").write_text(RULE)


def test_an_article_is_improved_by_the_page_that_was_kept(run: Run, site: Site, home: Path) -> None:
    follow(run, site)
    assert "the ferries in autumn" in run("show", "1").out
    learn(home, site)
    asked = len(site.asked)
    said = run("extract", "--again")
    assert (said.out, said.err) == (f"{site.url}/1: improved\n", "1 improved, 0 unchanged\n")
    assert "the ferries in autumn" not in run("show", "1").out
    assert run("search", "autumn").out == ""
    assert len(site.asked) == asked


def test_no_edit_comes_of_it_and_a_second_time_changes_nothing(run: Run, site: Site, home: Path) -> None:
    follow(run, site)
    learn(home, site)
    run("extract", "--again")
    assert run("show", "1", "--history").err == "never edited\n"
    assert run("verify", "--json").one["findings"] == []
    assert run("extract", "--again", "--json").one == {"url": f"{site.url}/1", "outcome": "unchanged"}


def test_an_article_that_was_edited_since_stays(run: Run, site: Site, home: Path) -> None:
    follow(run, site)
    settings = home / "config/aggregator.toml"
    settings.write_text(settings.read_text().replace("warc = true", "warc = false"))
    site.page("/1", body=body(WORDS.replace("Monday", "Tuesday")), title="The harbour")
    site.feed("/feed", "News", ("/1", "The harbour is closed", "Short."))
    run("poll", "--all")
    with closing(sqlite3.connect(home / "storage/archive.db")) as archive, archive:
        archive.execute("UPDATE articles SET revised_at = revised_at + 86400000000")  # a day after the page was kept
    learn(home, site)
    assert run("extract", "--again").out == ""
    assert "Tuesday" in run("show", "1").out


def test_the_newest_copy_of_a_page_counts(run: Run, site: Site, home: Path) -> None:
    follow(run, site)
    site.page("/1", body=body(WORDS.replace("Monday", "Tuesday")), title="The harbour")
    site.feed("/feed", "News", ("/1", "The harbour is closed", "Short."))
    run("poll", "--all")
    learn(home, site)
    assert run("extract", "--again").out == f"{site.url}/1: improved\n"
    shown = run("show", "1").out
    assert "Tuesday" in shown
    assert "the ferries in autumn" not in shown


def test_pages_of_no_article_and_broken_files_are_passed_over(run: Run, site: Site, home: Path) -> None:
    follow(run, site)
    run("remove", "news")
    (home / "storage/warc/20200101000000-00001.warc.gz").write_bytes(b"no such thing")
    assert run("extract", "--again").err == "0 improved, 1 unchanged\n"


def test_pages_that_claim_one_address_are_not_taken_for_each_other(run: Run, site: Site, home: Path) -> None:
    claim = f"<link rel=canonical href={site.url}/all>"
    site.page("/1", body=claim + body(), title="The harbour")
    site.page("/2", body=claim + body(WORDS.replace("Monday", "Tuesday")), title="The bridge")
    run("add", site.feed("/feed", "News", ("/1", "The harbour", "Short."), ("/2", "The bridge", "Short.")))
    was_tuesday = ["Tuesday" in run("show", id).out for id in ("1", "2")]
    learn(home, site)
    assert run("extract", "--again").err == "2 improved, 0 unchanged\n"
    assert ["Tuesday" in run("show", id).out for id in ("1", "2")] == was_tuesday


def test_a_page_that_two_feeds_link_to_each_in_its_way_is_one(run: Run, site: Site, home: Path) -> None:
    follow(run, site)
    site.page("/1?utm_source=b", body=body(WORDS.replace("Monday", "Tuesday")), title="The harbour")
    run("add", site.feed("/b", "Other News", ("/1?utm_source=b", "The harbour", "Short.")))
    learn(home, site)
    assert run("extract", "--again").err == "2 improved, 0 unchanged\n"
    assert run("extract", "--again").err == "0 improved, 2 unchanged\n"


def test_what_one_source_has_a_login_for_is_not_for_another(run: Run, site: Site, home: Path) -> None:
    follow(run, site)
    settings = home / "config/sources.toml"
    settings.write_text(settings.read_text() + 'cookies = "file:cookies"\n')
    (home / "cookies").write_text("subscriber=1")
    site.page("/1", body=body(WORDS.replace("Monday", "Tuesday")), title="The harbour")
    run("add", site.feed("/b", "Other News", ("/1", "The harbour", "Short.")))
    learn(home, site)
    assert run("extract", "--again").err == "1 improved, 0 unchanged\n"
    assert "the ferries in autumn" in run("show", "2").out


def test_a_file_whose_writer_was_stopped_hides_no_page_of_the_later_ones(run: Run, site: Site, home: Path) -> None:
    follow(run, site)
    (whole,) = (home / "storage/warc").iterdir()
    (home / "storage/warc/20200101000000-00001.warc.gz").write_bytes(whole.read_bytes()[:-100])
    learn(home, site)
    assert run("extract", "--again").err.endswith("1 improved, 0 unchanged\n")


def test_extract_wants_pages_or_again_and_not_both(run: Run) -> None:
    for args in ([], ["--again", "page.html"]):
        assert "give a PATH or a URL, or --again" in run("extract", *args, code=2).err
