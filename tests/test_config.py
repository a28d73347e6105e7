import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import tomli
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import config
from aggregator.config import edit
from aggregator.config.access import Asking, access
from aggregator.config.toml import hints
from aggregator.errors import ConfigError
from aggregator.model import Source
from tests.fakes import write_home

SHIPPED = Path(__file__).parent.parent / "config"
SOURCE = '[[source]]\nurl = "https://a.org/feed"\n'
TOPIC = '[[topic]]\nname = "a"\nmatch = "korea"\n'


@pytest.fixture
def place(tmp_path: Path) -> Path:
    edit.init(tmp_path)
    return tmp_path


def write(home: Path, name: str, text: str) -> Path:
    path = home / "config" / name
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize(
    ("name", "text", "line", "said"),
    [
        ("aggregator.toml", "full_txt = true", 1, "unknown key 'full_txt'; did you mean 'full_text'?"),
        ("aggregator.toml", "\nzzz = 1", 2, "known are database, full_text"),
        ("aggregator.toml", "# timout = 1\n[http]\nper_host = 1\ntimout = '3s'", 4, "did you mean 'timeout'?"),
        ("aggregator.toml", "[htpp]\n", 1, "did you mean 'http'?"),
        ("aggregator.toml", "\nhttp.timeout = 30", 2, "must be a time like"),
        ("aggregator.toml", "\nhttp = { per_host = 1, timout = 30 }", 2, "did you mean 'timeout'?"),
        ("aggregator.toml", "http = 5", 1, "must be a table: write [http]"),
        ("aggregator.toml", "\n\ndatabase = 5", 3, "database: must be text in quotes, not 5"),
        ("aggregator.toml", "full_text = 'yes'", 1, "must be true or false, not 'yes'"),
        ("aggregator.toml", "cpu_workers = true", 1, "must be a whole number"),
        ("aggregator.toml", "cpu_workers = -1", 1, "must be a whole number"),
        ("aggregator.toml", "[http]\nmax_body = 15", 2, 'must be a size like "15 MiB"'),
        ("aggregator.toml", f"[http]\nmax_body = '{'9' * 400} GiB'", 2, 'must be a size like "15 MiB"'),
        ("aggregator.toml", "[http]\nallow_addresses = '10.0.0.0/8'", 2, "must be a list of texts"),
        ("aggregator.toml", "[http]\n\nper_host = 0", 3, "per_host: must be at least 1"),
        ("aggregator.toml", "[http]\nconnections = 0", 2, "connections: must be at least 1"),
        ("aggregator.toml", "[poll]\nleast = 15", 2, 'must be a time like "30s"'),
        ("aggregator.toml", "[poll]\nleast = '15 parsecs'", 2, "must be a time like"),
        ("aggregator.toml", "[poll]\nmost = '99999999999999999w'", 2, "must be a time like"),
        ("aggregator.toml", "[server]\nlisten = [1]\n", 2, "listen: must be text in quotes"),
        ("aggregator.toml", "a = 1\nb = ", 2, "not TOML"),
        ("aggregator.toml", "cpu_workers = 1\ncpu_workers = 2", 2, "not TOML"),
        ("sources.toml", SOURCE + "proxi = 'x'", 3, "did you mean 'proxy'?"),
        ("sources.toml", SOURCE + "headers = 'x'", 3, "must be a table of texts"),
        ("sources.toml", SOURCE + "interval = '0s'", 3, "interval: must be a minute or longer"),
        ("aggregator.toml", "[http]\ntimeout = '0s'", 2, "timeout: must be longer than nothing"),
        ("aggregator.toml", "[http]\nmax_body = '0 MiB'", 2, "max_body: must be more than nothing"),
        ("aggregator.toml", "[poll]\nmost = '1m'", 2, "most: must not be under usual"),
        ("aggregator.toml", "[poll]\nleast = '2h'", 2, "least: must be longer than nothing, and not over usual"),
        ("aggregator.toml", "[server]\npublic_url = 'nonsense'", 2, "public_url: not an http or https address"),
        ("aggregator.toml", "[server]\nlisten = '127.0.0.1:99999'", 2, "listen: must be host:port"),
        ("aggregator.toml", "[http]\nhttp = 15", 2, "unknown key 'http'"),
        ("topics.toml", "[[topic]]\nname = 'a'\nmatch = 'x'\nlanguages = ['english']", 4, "'english' is no code"),
        ("aggregator.toml", "[server]\nlisten = '127.0.0.1:http'", 2, "listen: must be host:port"),
        ("aggregator.toml", "[http]\nrobots = 'some'", 2, "either 'pages', 'all', 'none'"),
        ("sources.toml", SOURCE + "intervall = '1h'", 3, "did you mean 'interval'?"),
        ("sources.toml", SOURCE + "\n" + SOURCE.replace("a.org", "b.org") + "tag = ['x']", 6, "did you mean 'tags'?"),
        ("sources.toml", SOURCE + "# why\n" + SOURCE, 5, "'https://a.org/feed' stands here twice"),
        ("sources.toml", f'{SOURCE}name="x"\n{SOURCE.replace("a.", "b.")}name = "x"', 6, "'x' stands here twice"),
        ("sources.toml", '[[source]]\nname = "a"\n', 1, "needs its url"),
        ("sources.toml", '[[source]]\nurl = "ftp://a.org"', 2, "not an http or https address: 'ftp://a.org'"),
        ("sources.toml", '[[source]]\nurl = "http://["', 2, "not an http or https address: 'http://['"),
        ("sources.toml", SOURCE + 'name = "Not This"', 3, "'Not This': only a-z"),
        ("sources.toml", SOURCE + "id = 3", 3, "unknown key 'id'"),
        ("sources.toml", SOURCE + "tags = 'a'", 3, "must be a list of texts"),
        ("sources.toml", SOURCE + "interval = ''", 3, "must be a time like"),
        ("sources.toml", "[source]\nurl = 'https://a.org'", 1, "write [[source]], with two brackets"),
        ("sources.toml", "\nsource = ['https://a.org']", 2, "write [[source]], with two brackets"),
        ("sources.toml", "[[sources]]\nurl = 'https://a.org'", 1, "unknown key 'sources'; this file holds [[source]]"),
        ("topics.toml", SOURCE, 1, "this file holds [[topic]] tables"),
        ("topics.toml", '[[topic]]\nname = "a"', 1, "needs its match"),
        ("topics.toml", '[[topic]]\nmatch = "a"', 1, "needs its name"),
        ("topics.toml", '[[topic]]\nmatch = "a"\nname = "../a"', 3, "a topic needs a name of a-z"),
        ("topics.toml", TOPIC + TOPIC, 5, "'a' stands here twice"),
        ("topics.toml", TOPIC + "limit = 0", 4, "must be from 1 to 1000"),
        ("topics.toml", TOPIC + "limit = 1001", 4, "must be from 1 to 1000"),
        ("topics.toml", TOPIC + 'order = "last"', 4, '\'last\': either "newest" or "best"'),
        ("topics.toml", TOPIC + 'only = ["pages"]', 4, "only: 'pages': either 'page' or 'edits'"),
        ("topics.toml", TOPIC + 'window = "5m"', 4, "window: must be from an hour to 20000 days"),
        ("topics.toml", TOPIC + 'window = "110000w"', 4, "window: must be from an hour to 20000 days"),
        ("topics.toml", TOPIC + 'window = "soon"', 4, "window: must be a time like"),
        ("topics.toml", TOPIC + "threshold = true", 4, "threshold: must be a number"),
        ("topics.toml", TOPIC + "threshold = nan", 4, "threshold: must be a number"),
        ("topics.toml", TOPIC + "per_source = -1", 4, "per_source: must be a whole number"),
        ("topics.toml", "mute = ['x']\n" + TOPIC, 1, "mute: must be text in quotes"),
        ("topics.toml", "\nmuted = 'x'\n" + TOPIC, 2, "unknown key 'muted'; did you mean 'mute'?"),
        ("topics.toml", TOPIC + 'copies = "none"', 4, '\'none\': either "first" or "all"'),
        ("aggregator.toml", "[http]\nper_host = 2\n\n[http]\n", 4, "[http] stands here twice: put all of it under"),
        ("topics.toml", TOPIC + "exlude = 'x'", 4, "did you mean 'exclude'?"),
    ],
)
def test_a_mistake_names_file_line_and_the_way_out(place: Path, name: str, text: str, line: int, said: str) -> None:
    path = write(place, name, text)
    with pytest.raises(ConfigError) as caught:
        config.load(place, {})
    assert caught.value.subject == f"{path}:{line}"
    assert said in caught.value.reason
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_text_is_named(place: Path) -> None:
    (place / "config" / "topics.toml").write_bytes(b"# \xff")
    with pytest.raises(ConfigError, match=r"topics\.toml: is not UTF-8"):
        config.load(place, {})


def test_a_file_that_cannot_be_read_is_named(place: Path) -> None:
    (place / "config" / "topics.toml").unlink()
    (place / "config" / "topics.toml").mkdir()
    with pytest.raises(ConfigError, match=r"topics\.toml: cannot be read: Is a directory"):
        config.load(place, {})


def test_a_folder_that_is_no_home_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="aggregator init"):
        config.load(tmp_path, {})


def test_a_new_home_has_the_defaults(place: Path) -> None:
    found = config.load(place, {})
    assert found == config.Config(home=place, settings=config.Settings())
    assert found.database == f"sqlite:///{place}/storage/archive.db"
    assert found.settings.public_url == "http://127.0.0.1:8080"
    assert (found.settings.http.per_host, found.settings.http.max_body) == (1, 15 * 1024 * 1024)
    assert found.settings.http.host_pause == timedelta(seconds=1)
    assert found.settings.http.timeout == timedelta(seconds=30)
    assert found.settings.http.allow_addresses == ()


def test_the_commented_lines_of_a_new_home_are_the_defaults() -> None:
    lines = (SHIPPED / "aggregator.toml").read_text().splitlines()[2:]
    text = "\n".join(line.removeprefix("# ") for line in lines)
    said = tomli.loads(text)
    assert set(said) == set(hints(config.Settings))
    for section in ("http", "poll", "raw", "server"):
        assert set(said[section]) == set(hints(hints(config.Settings)[section]))


def test_the_commented_defaults_load_as_the_defaults(place: Path) -> None:
    lines = (SHIPPED / "aggregator.toml").read_text().splitlines()[2:]
    write(place, "aggregator.toml", "\n".join(line.removeprefix("# ") for line in lines))
    assert config.load(place, {}).settings == config.Settings()


@pytest.mark.parametrize("name", config.FILES)
def test_the_shipped_files_are_the_examples(name: str) -> None:
    assert (SHIPPED / name).read_bytes() == (SHIPPED.parent / "aggregator/config/examples" / name).read_bytes()


def test_the_shipped_files_load() -> None:
    found = config.load(SHIPPED.parent, {})
    assert (found.settings, found.sources, found.topics) == (config.Settings(), (), ())


@pytest.mark.parametrize(("name", "head"), [("sources.toml", "[[source]]"), ("topics.toml", "[[topic]]")])
def test_the_commented_examples_load_once_uncommented(place: Path, name: str, head: str) -> None:
    text = (SHIPPED / name).read_text()
    lines = text[text.index(f"# {head}") :].splitlines()
    write(place, name, "\n".join(line.removeprefix("# ") for line in lines))
    found = config.load(place, {})
    assert len(found.sources) + len(found.topics) == 1


def test_init_leaves_what_is_there(place: Path) -> None:
    path = write(place, "sources.toml", SOURCE)
    (place / "config" / "topics.toml").unlink()
    assert edit.init(place) == (place / "config" / "topics.toml",)
    assert path.read_text() == SOURCE


def test_the_environment_goes_over_the_file(place: Path) -> None:
    write(place, "aggregator.toml", 'cpu_workers = 1\n[http]\ntimeout = "5s"\nper_host = 3\n')
    environ = {
        "AGGREGATOR_HTTP__TIMEOUT": "20s",
        "AGGREGATOR_HTTP__MAX_BODY": "2 MiB",
        "AGGREGATOR_HTTP__ALLOW_ADDRESSES": "10.0.0.0/8, 127.0.0.1:8000",
        "AGGREGATOR_CPU_WORKERS": "0",
        "AGGREGATOR_FULL_TEXT": "False",
        "AGGREGATOR_SERVER__LISTEN": "0.0.0.0:80",
        "AGGREGATOR_HOME": "/elsewhere",
        "UNRELATED": "1",
    }
    found = config.load(place, environ).settings
    assert (found.http.timeout, found.http.per_host) == (timedelta(seconds=20), 3)
    assert found.http.max_body == 2 * 2**20
    assert found.http.allow_addresses == ("10.0.0.0/8", "127.0.0.1:8000")
    assert (found.cpu_workers, found.full_text, found.server.listen) == (0, False, "0.0.0.0:80")


@pytest.mark.parametrize("key", ["DATABASE", "DATABASE_URL"])
def test_a_secret_comes_from_a_file(place: Path, key: str) -> None:
    url = "postgresql+psycopg://u:p@h/d"
    (place / "secret").write_text(f"{url}\n")
    assert config.load(place, {f"AGGREGATOR_{key}_FILE": str(place / "secret")}).database == url
    assert config.load(place, {f"AGGREGATOR_{key}": url}).database == url


def test_a_secret_can_be_of_a_section(place: Path) -> None:
    (place / "secret").write_text("me/1.0\n")
    found = config.load(place, {"AGGREGATOR_HTTP__USER_AGENT_FILE": str(place / "secret")})
    assert found.settings.http.user_agent == "me/1.0"


@pytest.mark.parametrize(
    ("variable", "said", "reason"),
    [
        ("AGGREGATOR_HTTP__TIMOUT", "20s", "names no setting"),
        ("AGGREGATOR_HTTP", "20s", "names no setting"),
        ("AGGREGATOR_HTTP__TIMEOUT__X", "20s", "names no setting"),
        ("AGGREGATOR_DATABASE__URL", "x", "names no setting"),
        ("AGGREGATOR_HTTP__TIMEOUT", "soon", "must be a time like"),
        ("AGGREGATOR_CPU_WORKERS", "two", "must be a whole number"),
        ("AGGREGATOR_FULL_TEXT", "maybe", "must be true or false"),
        ("AGGREGATOR_DATABASE_URL_FILE", "/nowhere/secret", "/nowhere/secret cannot be read: No such file"),
    ],
)
def test_a_mistake_in_the_environment_names_its_variable(place: Path, variable: str, said: str, reason: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.load(place, {variable: said})
    assert caught.value.subject == variable
    assert reason in caught.value.reason


def test_a_secret_that_is_no_text_names_its_variable(place: Path) -> None:
    (place / "secret").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"AGGREGATOR_DATABASE_FILE: .*is not UTF-8"):
        config.load(place, {"AGGREGATOR_DATABASE_FILE": str(place / "secret")})


def test_the_home_is_the_option_the_environment_the_working_directory_or_the_users_data(
    place: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path_factory.mktemp("other")
    monkeypatch.setenv("XDG_DATA_HOME", str(other / "xdg"))
    monkeypatch.chdir(place)
    environ = {"AGGREGATOR_HOME": str(other / "env")}
    assert config.home(str(other), environ) == other
    assert config.home("news", environ) == place / "news"
    assert config.home(None, environ) == other / "env"
    assert config.home(None, {}) == place
    monkeypatch.chdir(other)
    assert config.home(None, {}) == other / "xdg" / "aggregator"
    monkeypatch.setenv("HOME", str(other))
    assert config.home("~/news", {}) == other / "news"


def test_ten_thousand_sources_load(place: Path) -> None:
    blocks = (f'[[source]]\nurl = "https://h{n}.org/feed"\nname = "s{n}"\ntags = ["t{n % 7}"]\n' for n in range(10_000))
    write(place, "sources.toml", "\n".join(blocks))
    found = config.load(place, {}).sources
    assert len(found) == 10_000
    assert found[9_999] == Source(url="https://h9999.org/feed", name="s9999", tags=("t3",))


def test_a_mistake_in_the_last_of_many_sources_has_its_line(place: Path) -> None:
    blocks = "".join(f'[[source]]\nurl = "https://h{n}.org/feed"\n' for n in range(1000))
    path = write(place, "sources.toml", f"# a\u2028line of its own to some\n{blocks}nane = 'x'\n")
    with pytest.raises(ConfigError) as caught:
        config.load(place, {})
    assert caught.value.subject == f"{path}:2002"


def test_the_stamp_moves_with_every_file(place: Path) -> None:
    for name in config.FILES:
        before = config.stamp(place)
        write(place, name, "# changed\n")
        assert config.stamp(place) != before


WILD = "https://a.org/\"feed\"?q=\\'x'&é=北한\x7f\u202e#[[source]]"


def test_what_is_added_is_read_back_whatever_it_holds(place: Path) -> None:
    added = Source(
        url=WILD, name="a-1", tags=('"quoted"', "日本", "a\\b", "new\nline"), interval=timedelta(hours=2),
        full_text=False,
    )  # fmt: skip
    edit.add(place, [added, Source(url="https://b.org/")])
    assert config.load(place, {}).sources == (added, Source(url="https://b.org/"))
    edit.remove(place, [WILD])
    assert config.load(place, {}).sources == (Source(url="https://b.org/"),)


def test_add_and_remove_is_as_before(place: Path) -> None:
    path = place / "config" / "sources.toml"
    before = path.read_bytes()
    edit.add(place, [Source(url="https://a.org/", name="a", tags=("x",))])
    assert path.read_bytes().startswith(before)
    edit.remove(place, ["https://a.org/"])
    assert path.read_bytes() == before


@pytest.mark.parametrize("wrong", [Source(url="https://b.org/", name="a"), Source(url="https://b.org/", name="No!")])
def test_what_could_not_be_read_back_is_not_written(place: Path, wrong: Source) -> None:
    edit.add(place, [Source(url="https://a.org/", name="a")])
    before = (place / "config" / "sources.toml").read_bytes()
    with pytest.raises(ConfigError, match="not changed"):
        edit.add(place, [wrong])
    assert (place / "config" / "sources.toml").read_bytes() == before


@pytest.mark.parametrize("text", ["x = ", "source = [{ url = 'https://a.org/' }]\n"])
def test_a_file_that_cannot_be_changed_safely_stays(place: Path, text: str) -> None:
    path = write(place, "sources.toml", text)
    with pytest.raises(ConfigError, match="by hand"):
        edit.add(place, [Source(url="https://b.org/")]) if "x" in text else edit.remove(place, ["https://a.org/"])
    assert path.read_text() == text


COMMENT = st.builds(
    lambda indent, text: f"{indent}#{text}",
    st.sampled_from(["", "  ", "\t"]),
    st.one_of(
        st.sampled_from([" [[source]]", ' url = "https://h1.org/"', "[x]", "", " a\u2028[[source]]", "\x85]"]),
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12),
    ),
)
PIECE = st.one_of(COMMENT, st.just(""), st.integers(0, 5))
STEPS = st.lists(st.tuples(st.booleans(), st.integers(0, 9)), max_size=8)


@settings(max_examples=60, deadline=None)
@given(pieces=st.lists(PIECE, max_size=14), steps=STEPS, ending=st.sampled_from(["\n", "\r\n"]), last=st.booleans())
def test_every_comment_survives_adding_and_removing(
    tmp_path_factory: pytest.TempPathFactory,
    pieces: list[str | int],
    steps: list[tuple[bool, int]],
    ending: str,
    last: bool,
) -> None:
    home = tmp_path_factory.mktemp("home")
    edit.init(home)
    lines: list[str] = []
    expected: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            lines.append(piece)
        elif (url := f"https://h{piece}.org/") not in expected:
            lines += ["[[source]]  # its own", f'url = "{url}"  # "so" [[source]]', "tags = [", '  "a",', "]"]
            expected.append(url)
    comments = [line + ending for line in lines if line.lstrip().startswith("#")]
    text = ending.join(lines) + (ending if last and lines else "")
    if not text.endswith(ending) and comments and lines[-1].lstrip().startswith("#"):
        comments[-1] = comments[-1].removesuffix(ending)
    path = write(home, "sources.toml", text)
    for adds, n in steps:
        url = f"https://h{n}.org/"
        if adds and url not in expected:
            edit.add(home, [Source(url=url)])
            expected.append(url)
        elif not adds:
            edit.remove(home, [url])
            expected = [each for each in expected if each != url]
    assert [source.url for source in config.load(home, {}).sources] == expected
    kept = path.read_bytes().decode().split("\n")
    kept = [line for line in kept if line.lstrip().startswith("#")]
    assert kept == [comment.removesuffix("\n") for comment in comments]


def test_many_processes_add_at_a_time(place: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from aggregator.config import edit; from aggregator.model import Source\n"
        "for n in range(10): edit.add(Path(sys.argv[1]), [Source(url=f'https://h{sys.argv[2]}.org/{n}')])"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(place), str(n)]) for n in range(4)]
    assert [each.wait(30) for each in running] == [0] * 4
    found = {source.url for source in config.load(place, {}).sources}
    assert found == {f"https://h{p}.org/{n}" for p in range(4) for n in range(10)}
    assert sorted(p.name for p in (place / "config").iterdir() if p.name != ".lock") == sorted(config.FILES)


A = Source(url="http://a.org:8080/feed", name="a")


def test_secrets_are_read_where_they_stand_when_the_source_is_asked(place: Path) -> None:
    (place / "key").write_text("k1\n")
    write(
        place,
        "sources.toml",
        '[[source]]\nurl = "http://a.org:8080/feed"\nname = "a"\nauth = "env:AUTH"\ncookies = "x=1"\n'
        'headers = { "X-Key" = "file:key" }\nuser_agent = "me/1"\nproxy = "http://p:3128"\nverify_tls = false\n',
    )
    loaded = config.load(place, {})
    assert loaded.sources == (A,)
    found = access(loaded.asking[A.url], A, place, {"AUTH": "us:er"})
    assert found.headers == {"X-Key": "k1", "Authorization": "Basic dXM6ZXI=", "Cookie": "x=1"}
    assert (found.origin, found.user_agent, found.proxy) == ("http://a.org:8080", "me/1", "http://p:3128")
    assert found.verify_tls is False
    assert "k1" not in repr(found)


@pytest.mark.parametrize(
    ("asking", "said"),
    [
        (Asking(auth="env:NOT_THERE"), "a: auth: $NOT_THERE is not set"),
        (Asking(headers={"X": "file:not-there"}), "a: headers.X: "),
        (Asking(headers={"X Y": "z"}), "cannot be sent"),
        (Asking(headers={"X": "secret\r\nHost: b.org"}), "cannot be sent"),
        (Asking(proxy="socks5://p"), 'must be "http://host:port"'),
    ],
)
def test_what_cannot_be_sent_is_said_without_a_secret(place: Path, asking: Asking, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        access(asking, A, place, {})
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)


def test_two_users_for_one_source_are_one_too_many(place: Path) -> None:
    with pytest.raises(ConfigError, match="keep one of the two") as caught:
        access(Asking(auth="a:b"), Source(url="https://us:secret@a.org/feed"), place, {})
    assert "secret" not in str(caught.value)


def test_removing_a_source_takes_its_tables_along(place: Path) -> None:
    text = f'{SOURCE}[source.headers]\nX = "1"\n\n[[source]]\nurl = "https://b.org/feed"\n'
    write(place, "sources.toml", text)
    edit.remove(place, ["https://a.org/feed"])
    assert [s.url for s in config.load(place, {}).sources] == ["https://b.org/feed"]
    assert "headers" not in (place / "config" / "sources.toml").read_text()


@pytest.mark.parametrize(
    ("listen", "found", "url"),
    [
        ("127.0.0.1:8080", ("127.0.0.1", 8080), "http://127.0.0.1:8080"),
        ("8055", ("127.0.0.1", 8055), "http://127.0.0.1:8055"),
        (":8055", ("127.0.0.1", 8055), "http://127.0.0.1:8055"),
        ("[::1]:80", ("::1", 80), "http://[::1]:80"),
        ("0.0.0.0:80", ("0.0.0.0", 80), "http://0.0.0.0:80"),
    ],
)
def test_what_names_no_host_listens_on_this_machine_alone(listen: str, found: tuple[str, int], url: str) -> None:
    assert config.address(listen) == found
    assert config.Settings(server=config.Server(listen=listen)).public_url == url


def test_a_topic_mutes_what_all_do_unless_it_says_otherwise(tmp_path: Path) -> None:
    said = "mute = 'quiz'\n[[topic]]\nname = 'a'\nmatch = 'x'\nthreshold = 2\nwindow = '2d'\n"
    write_home(tmp_path)
    (tmp_path / "config" / "topics.toml").write_text(f"{said}[[topic]]\nname = 'b'\nmatch = 'x'\nmute = ''\n")
    found = config.load(tmp_path, {})
    assert (found.mute, [topic.mute for topic in found.topics]) == ("quiz", ["quiz", ""])
    assert (found.topics[0].threshold, found.topics[0].window) == (2.0, timedelta(days=2))
