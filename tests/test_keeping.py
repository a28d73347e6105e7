"""backup, restore, verify and doctor, as a user types them"""

import contextlib
import json
import os
import resource
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from aggregator.doors import files
from aggregator.doors.store.schema import HEAD
from tests.commands import Run, Site

PROGRAM = Path(sys.executable).with_name("aggregator")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def article(n: int) -> str:
    return json.dumps({"url": f"https://a.org/{n}", "title": f"Number {n}", "text": f"Of number {n}."}) + "\n"


def test_a_backup_is_put_back_and_what_was_there_is_kept(run: Run, tmp_path: Path, home: Path) -> None:
    run("load", "-", stdin=article(1))
    saved = run("backup", str(tmp_path / "saved.db"), "--json").one
    assert saved == {"file": f"{tmp_path}/saved.db", "bytes": (tmp_path / "saved.db").stat().st_size, "schema": HEAD}
    run("load", "-", stdin=article(2))
    said = run("restore", str(tmp_path / "saved.db"), "--json").one
    assert [found["title"] for found in run("dump").json] == ["Number 1"]
    assert said["kept"].startswith(f"{home}/storage/archive.db.replaced-")
    run("restore", said["kept"])
    assert [found["title"] for found in run("dump").json] == ["Number 1", "Number 2"]


def test_a_backup_replaces_an_older_one_once_it_is_whole(run: Run, tmp_path: Path) -> None:
    run("load", "-", stdin=article(1))
    (tmp_path / "saved.db").write_text("older")
    assert "schema" in run("backup", str(tmp_path / "saved.db")).out
    run("restore", str(tmp_path / "saved.db"))
    assert len(run("dump").json) == 1


@pytest.mark.parametrize(
    ("to", "said"),
    [("storage/archive.db", "is the archive itself: name another file"), ("config", "is a folder: name a file in it"),
     ("nowhere/saved.db", "nowhere/saved.db: its folder does not exist")],
)  # fmt: skip
def test_where_no_backup_can_be_it_says_so_in_one_line(run: Run, home: Path, to: str, said: str) -> None:
    run("load", "-", stdin=article(1))
    (line,) = run("backup", str(home / to), code=1).err.splitlines()
    assert said in line


def test_before_there_is_an_archive_there_is_nothing_to_back_up(run: Run, tmp_path: Path) -> None:
    assert "there is no archive yet" in run("backup", str(tmp_path / "saved.db"), code=1).err
    assert not (tmp_path / "saved.db").exists()


def test_over_a_running_daemon_nothing_is_restored(run: Run, tmp_path: Path, home: Path) -> None:
    run("load", "-", stdin=article(1))
    run("backup", str(tmp_path / "saved.db"))
    with files.lock(home / "storage" / "daemon.lock"):
        said = run("restore", str(tmp_path / "saved.db"), code=1).err
    assert "another aggregator is running on this home" in said
    assert not list((home / "storage").glob("*replaced*"))


def test_an_empty_home_takes_a_backup(run: Run, tmp_path: Path, home: Path) -> None:
    run("load", "-", stdin=article(1))
    run("backup", str(tmp_path / "saved.db"))
    (home / "storage" / "archive.db").unlink()
    assert run("restore", str(tmp_path / "saved.db"), "--json").one["kept"] is None
    assert len(run("dump").json) == 1


def test_a_whole_archive_is_verified_and_its_head_can_be_kept_elsewhere(run: Run) -> None:
    run("load", "-", stdin=article(1))
    head = run("verify", "--head").out.strip()
    said = run("verify", "--json", "--witness", head).one
    assert said == {"whole": True, "articles": 1, "revisions": 1, "lines": 1, "head": head, "findings": [], "more": 0}
    run("load", "-", stdin=article(2))
    assert "whole: 2 articles, 2 revisions, 2 lines of the ledger" in run("verify", "--witness", head).out


def test_a_ledger_that_was_written_anew_does_not_have_the_line_that_was_witnessed(run: Run, home: Path) -> None:
    run("load", "-", stdin=article(1))
    head = run("verify", "--head").out.strip()
    (home / "storage/archive.db").unlink()
    assert "ledger, line 1: is not there any more" in run("verify", "--witness", head, code=1).out
    run("load", "-", stdin=article(2))
    assert "ledger, line 1: is not the line that was witnessed" in run("verify", "--witness", head, code=1).out
    assert "is no head of a ledger" in run("verify", "--witness", "12", code=1).err


def test_what_is_wrong_is_named_with_what_to_do_about_it(run: Run, home: Path) -> None:
    run("load", "-", stdin=article(1))
    (home / "feeds_out/changes.atom").write_text("<feed>")
    with closing(sqlite3.connect(home / "storage/archive.db")) as tx:
        tx.execute("UPDATE articles SET title = 'Number one'")
        tx.commit()
    said = run("verify", code=1).out.splitlines()
    assert said[0] == "article 1, revision 1: is not what was kept"
    assert any(line.startswith("feeds_out/changes.atom: is damaged") and "aggregator publish" in line for line in said)


def test_a_damaged_database_is_a_finding_and_no_traceback(run: Run, home: Path) -> None:
    run("load", "-", stdin="".join(map(article, range(50))))
    with closing(sqlite3.connect(home / "storage/archive.db")) as tx:
        size = tx.execute("PRAGMA page_size").fetchone()[0]
        page = tx.execute("SELECT rootpage FROM sqlite_master WHERE name = 'revisions'").fetchone()[0]
    with (home / "storage/archive.db").open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    said = run("verify", "--json", code=1).one
    assert not said["whole"]
    assert said["findings"][0]["subject"] == "database"


def test_a_backup_that_does_not_fit_is_one_line_and_leaves_nothing(run: Run, tmp_path: Path, home: Path) -> None:
    run("load", "-", stdin=article(1))
    done = subprocess.run(
        [PROGRAM, "backup", tmp_path / "saved.db", "--home", home], capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000)),
    )  # fmt: skip
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"aggregator: {tmp_path}/saved.db: cannot be written: ")
    assert not list(tmp_path.glob("*saved*"))


def test_a_load_that_is_killed_again_and_again_loses_and_doubles_nothing(run: Run, tmp_path: Path, home: Path) -> None:
    lines = "".join(map(article, range(600)))
    (tmp_path / "lines").write_text(lines)
    for seconds in (1.0, 1.5, 2.0):
        with subprocess.Popen(
            [PROGRAM, "load", tmp_path / "lines", "--home", home], stdout=subprocess.DEVNULL
        ) as process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(seconds)
            process.kill()
        if (home / "storage/archive.db").exists():
            assert run("verify", "--json").one["whole"]
    run("load", "-", stdin=lines)
    said = run("verify", "--json").one
    assert (said["whole"], said["articles"], said["lines"]) == (True, 600, 600)


def test_doctor_says_what_is_wrong_and_what_to_do_and_a_feed_says_it_too(run: Run, site: Site, home: Path) -> None:
    site.pages["/gone.xml"] = (410, "text/plain", b"")
    (home / "config/sources.toml").write_text(
        f'[[source]]\nurl = "{site.url}/gone.xml"\nname = "old"\nauth = "me:secret"\nverify_tls = false\n'
    )
    (home / "config/sources.toml").chmod(0o644)
    run("poll", code=1)
    run("publish")
    (home / "storage/archive.db.schema-0001").write_bytes(b"former")
    said = run("doctor", "--json", code=1).json
    assert {(each["kind"], each["subject"]) for each in said} == {
        ("gone", "old"), ("files", "sources.toml"), ("disk", "archive.db.schema-0001"),
        ("config", f"{site.url}/gone.xml"),
    }  # fmt: skip
    assert all(each["way_out"] for each in said)
    assert "old: its server says that it is gone for good (410); aggregator remove old\n" in run("doctor", code=1).out
    assert "old: its server says that it is gone for good" in (home / "feeds_out/health.atom").read_text()


def test_a_backup_replaces_nothing_but_a_file(run: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    said = run("backup", str(tmp_path / "pipe"), code=1)
    assert said.err == f"aggregator: {tmp_path}/pipe: is no file, and would be replaced by one: name another\n"
    assert (tmp_path / "pipe").is_fifo()


def test_doctor_names_sources_that_a_topic_wants_and_nobody_has(run: Run, site: Site, home: Path) -> None:
    run("add", site.feed("/feed", "News", ("/1", "One", "…")), "--no-full-text", "--tag", "africa")
    wanted = '["news", "tag:africa", "gnus", "tag:afrika"]'
    (home / "config/topics.toml").write_text(f'[[topic]]\nname = "all"\nmatch = "one"\nsources = {wanted}\n')
    said = [each for each in run("doctor", "--json", code=1).json if each["kind"] == "config"]
    assert [(each["words"], each["way_out"]) for each in said] == [
        ("'gnus' is no source and no tag of one", "`aggregator list` shows what is followed"),
        ("'tag:afrika' is no source and no tag of one", "did you mean 'tag:africa'?"),
    ]
    run("remove", "news")
    assert "'news'" not in run("doctor", code=1).out  # its articles are there


def test_doctor_is_content_with_a_home_that_is_well(run: Run, home: Path) -> None:
    run("poll")
    assert run("doctor").out == "nothing wants a look\n"
