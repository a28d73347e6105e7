"""What is fetched, kept raw where a home wants it, and extracted again."""

import gzip
import logging
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest

from aggregator import config
from aggregator.app import App
from aggregator.errors import ConfigError
from aggregator.extraction import MAX_PAGE
from tests.commands import Run, Site
from tests.conftest import Home
from tests.doors.test_warc import others
from tests.fakes import WORDS, Clock, page

KEPT = "\n[raw]\nwarc = true\n"


def wants(home: Path, settings: str) -> None:
    with (home / "config" / "aggregator.toml").open("a") as file:
        file.write(settings)


def news(site: Site) -> str:
    site.page("/1", body=f"<article><h1>The harbour</h1><p>{WORDS}</p><p>{WORDS}</p></article>", title="The harbour")
    return site.feed("/feed", "News", ("/1", "The harbour", "Short."))


def test_nothing_is_kept_raw_unless_asked(run: Run, site: Site, tmp_path: Path) -> None:
    run("add", news(site))
    assert not (tmp_path / "home/storage/warc").exists()


def test_pages_that_were_kept_raw_are_extracted_again(run: Run, site: Site, tmp_path: Path) -> None:
    home = tmp_path / "home"
    wants(home, KEPT)
    run("add", news(site))
    run("poll")
    found = sorted((home / "storage/warc").iterdir())
    raw = b"".join(gzip.decompress(path.read_bytes()) for path in found)
    assert all(f"WARC-Target-URI: {site.url}{path}\r\n".encode() in raw for path in ("/feed", "/1"))
    asked = len(site.asked)
    (found_again,) = [line for path in found for line in run("extract", str(path)).json]
    archived = next(line for line in run("dump").json)
    assert (found_again["url"], found_again["text"]) == (f"{site.url}/1", archived["text"])
    assert found_again["id"].startswith("urn:uuid:")
    assert run("extract", str(home / "storage/warc")).json == [found_again]
    assert len(site.asked) == asked


def test_a_file_whose_writer_was_killed_is_extracted_as_far_as_it_goes(
    run: Run, site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    wants(tmp_path / "home", KEPT)
    run("add", news(site))
    run("poll")
    whole = b"".join(path.read_bytes() for path in sorted((tmp_path / "home/storage/warc").iterdir()))
    path = tmp_path / "killed.warc.gz"
    path.write_bytes(whole + whole[: len(whole) - 200])
    said = run("extract", str(path))
    assert [each["url"] for each in said.json] == [f"{site.url}/1"]
    assert f"{path}: ends in the middle of a record" in caplog.text
    path.write_bytes(b"no such thing")
    said = run("extract", str(path), code=1)
    assert (said.one["id"], said.one["text"]) == ("killed", None)
    assert "is no WARC file" in said.err


@pytest.mark.parametrize(
    ("coding", "body", "said"),
    [
        ("gzip", gzip.compress(page()), ""),
        ("br", brotli.compress(page()), ""),
        ("gzip", page(), "the body is not what its content-encoding says"),
        ("gzip", gzip.compress(bytes(MAX_PAGE + 1)), "larger than 64 MiB"),
        ("rot13", page(), "unknown content-encoding 'rot13'"),
    ],
)
def test_pages_of_other_programs_are_unpacked(run: Run, tmp_path: Path, coding: str, body: bytes, said: str) -> None:
    path = tmp_path / "x.warc"
    others(path, is_gzip=False, body=body, Content_Type="text/html", Content_Encoding=coding)
    found = run("extract", str(path), code=1 if said else 0)
    assert (found.one["text"] is None) == bool(said)
    assert found.err == (f"aggregator: {path}: https://a.example/1: {said}\n" if said else "")


async def test_a_disk_that_takes_nothing_more_costs_no_poll_and_is_said_once(
    home: Home, site: Site, now: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    where = home(settings=f'[http]\nallow_addresses = ["{site.host}"]\nhost_pause = "0s"{KEPT}')
    found = config.load(where, {})
    found.warc.write_bytes(b"in the way")
    url = site.page("/1")
    with caplog.at_level(logging.ERROR):
        async with App(found, now=now) as app:
            for _ in range(3):
                assert (await app.web.get(url)).status == 200
            assert len(caplog.records) == 1
            found.warc.unlink()
            await app.web.get(url)
            assert len(list(found.warc.iterdir())) == 1
    assert "cannot be written" in caplog.text


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("file_size = '1 MiB'", "file_size: must not be under http.max_body"),
        ("max_size = '1 GiB'", "max_size: must be at least twice raw.file_size"),
        ("max_size = 5", "max_size: must be a size like"),
    ],
)
def test_sizes_that_make_no_sense_are_refused(home: Home, said: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=f"aggregator.toml:.*{reason}"):
        config.load(home(settings=f"[raw]\n{said}"), {})


def test_the_environment_sets_what_is_kept_raw(home: Home) -> None:
    asked = {"AGGREGATOR_RAW__WARC": "true", "AGGREGATOR_RAW__MAX_SIZE": "8 GiB"}
    raw = config.load(home(), asked).settings.raw
    assert (raw.warc, raw.max_size) == (True, 8 * 2**30)
