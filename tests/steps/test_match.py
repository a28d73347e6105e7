from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.errors import QueryError
from aggregator.model import Archived, Article, Decision, Hit, Image, LiveTopic, Topic
from aggregator.steps import text
from aggregator.steps.compose import words
from aggregator.steps.match import (
    Context,
    Node,
    Pre,
    asked,
    decide,
    found,
    in_full,
    is_sure,
    likely,
    matches,
    parse,
    prefilter,
    rules,
    snippet,
    told,
)
from aggregator.steps.match.explain import explain, hits_of
from aggregator.steps.match.find import find
from aggregator.steps.match.view import view

AT = Context(now=datetime(2024, 6, 20, 9, tzinfo=UTC))  # three days after the article


def hits(node: Node, archived: Archived, context: Context) -> tuple[Hit, ...] | None:
    """The clauses that matched; None: the query does not. Empty: it matches by what is not there."""
    seen = view(archived)
    spots = find(node, seen, context)
    assert matches(node, archived, context) is (spots is not None)
    return None if spots is None else hits_of(spots, seen)


TEXT = """The government of North Korea said on Monday that it “won’t” stop its nuclear tests near the border.

北朝鮮のミサイルが発射された。 북한은 미사일을 발사했다. قالت الحُكومة إنّ كوريا الشمالية لن تتوقف

Observers in Seoul said the launch came as no surprise."""


def archived(
    title: str = "Pyongyang’s answer",
    body: str = TEXT,
    captions: tuple[str | None, ...] = ("Kim Jong Un waves", "At the stadium"),
    byline: str | None = "Ana Müller",
    language: str | None = "en-GB",
    published: datetime | None = datetime(2024, 6, 17, 9, tzinfo=UTC),
) -> Archived:
    article = Article(
        url="https://Example.org/World/korea?id=7",
        title=title,
        text=body,
        byline=byline,
        language=language,
        published=published,
        images=tuple(Image(url="https://example.org/i.jpg", caption=caption) for caption in captions),
    )
    first_seen = datetime(2025, 1, 1, tzinfo=UTC)
    return Archived(
        article=article, source="example", tags=("Asia", "news"), categories=("Café Life",), first_seen=first_seen
    )


def judged(article: Archived, *topics: Topic, context: Context = AT) -> dict[str, Decision]:
    """What the topics say of an article that arrives; those that its words are nothing to are left out."""
    live = [LiveTopic(topic=replace(t, id=n), version=1, replayed_to=0, replay_to=0) for n, t in enumerate(topics, 1)]
    said = rules((len(live), 0), live, {}).judged(article, words(article.article), context)
    return {topics[id - 1].name: decision for id, decision in said.decisions.items()}


YES = [
    "korea",
    "KOREA",
    "korea AND nuclear",
    "korea nuclear",
    "tokyo OR korea",
    "tokyo OR korea nuclear",
    "korea -tokyo",
    "korea NOT (tokyo OR osaka)",
    "NOT tokyo",
    "-tokyo",
    '"north korea"',
    "“north korea”",
    '"Kim Jong Un"',
    '"north kor"*',
    "nucl*",
    "won't",
    "won’t",
    "“won’t stop”",
    "title:pyongyang",
    "title:(tokyo OR pyongyang)",
    "Title:pyongyang's",
    "text:(north -tokyo)",
    'caption:"kim jong un"',
    "byline:muller",
    "byline:Müller",
    "ミサイル",
    "北朝鮮",
    "북한",
    "미사일",
    "الحكومة",
    "source:example",
    "tag:asia",
    'tag:"cafe life"',
    "tag:(europe OR asia)",
    "lang:en",
    "lang:EN-gb",
    "url:example.org/world",
    'url:"/korea?id=7"',
    "has:caption has:image",
    "before:2024-06-18",
    "after:2024-06-17",
    "after:2024 before:2025",
    "after:2024-06",
    "words>10",
    "words > 10 words<900",
    "words>=1 words<=900",
    "korea AND (nuclear OR missile) -title:sport",
    "a OR b OR korea",
    "north-korea",
    "12:30 OR AT&T OR korea",
    "NOT NOT korea",
    "kim jong",
    '"korea government"~2',
    '"nuclear monday"~9',
    '"north nucl"*~20',
    '"won’t nuclear"~2',
    '"北朝鮮 発射"~6',
    'caption:"un kim"~1',
    "/nucl[a-z]+ tests?/",
    "/NORTH Korea/",
    "title:/^pyongyang's/",
    "/say|said/",
    r"/it \"won't\" stop/",
    "text:(/launch/ OR tokyo)",
    "-/tokyo/",
    "within:4d",
    "within:73h korea",
    "-within:2d",
    "korea^3 OR title:answer^-0.5",
    "(korea nuclear)^2 words>1^1.5",
    "has:page",
    "has:image has:page",
]
NO = [
    "tokyo",
    "korea AND tokyo",
    "kore",
    '"korea north"',
    '"waves at"',
    '"border observers"',
    "title:korea",
    "text:pyongyang",
    "title:(korea nuclear)",
    "-korea",
    "NOT (tokyo OR korea)",
    "korea -title:(answer OR sport)",
    "ルサ",
    "source:Example",
    "tag:as",
    "lang:de",
    "lang:e" + "ng",
    "url:example.com",
    "before:2024-06-17",
    "after:2024-06-18",
    "words<10",
    "words=3",
    "and",
    "hangul 사일",
    '"korea government"~1',
    '"nuclear kim"~99',
    '"border observers"~9',
    'title:"korea north"~9',
    "/north.*launch/",
    "/pyongyang$/",
    "title:/nuclear/",
    "/(?:a+)+\\d/",
    "within:72h",
    "within:3d korea",
    "-within:1w",
    "has:edits",
    "like:7",
]


@pytest.mark.parametrize("query", YES)
def test_a_query_matches(query: str) -> None:
    assert hits(parse(query), archived(), AT) is not None


@pytest.mark.parametrize("query", NO)
def test_a_query_does_not_match(query: str) -> None:
    assert hits(parse(query), archived(), AT) is None


def test_or_binds_weaker_than_and() -> None:
    assert hits(parse("tokyo osaka OR korea"), archived(), AT) is not None
    assert hits(parse("tokyo (osaka OR korea)"), archived(), AT) is None


def test_an_article_without_a_date_is_as_old_as_its_discovery() -> None:
    assert hits(parse("after:2025-01-01"), archived(published=None), AT) is not None


def test_an_article_without_anything_has_nothing() -> None:
    bare = archived(title="", body="", captions=(None,), byline=None, language=None)
    assert hits(parse("lang:en OR has:caption OR korea OR words>0"), bare, AT) is None
    assert hits(parse("has:image words=0"), bare, AT) is not None


@pytest.mark.parametrize(
    ("query", "position", "reason"),
    [
        ("", 0, "empty"),
        ("  ", 0, "empty"),
        ("titel:korea", 0, "did you mean title:"),
        ("a site:e.org", 2, "did you mean url: ?"),
        ("author:kim", 0, "did you mean byline: ?"),
        ("https://e.org/a", 0, "looked for as url:example.org/a"),
        ("a like:seven", 7, "such as like:12"),
        ("kategorie:7", 0, "no field kategorie: (there are title:"),
        ("within:7", 7, "such as 36h"),
        ("within:0d", 7, "such as 36h"),
        ("has:captoin", 4, "did you mean caption?"),
        ('"kim"~2', 0, "two different words"),
        ('"kim kim"~2', 0, "two different words"),
        ('"kim jong"~', 0, "how many words"),
        ('"kim jong"~1001', 0, "up to 1000"),
        ('tag:"a b"~2', 4, "takes no ~"),
        ("a /b(/", 5, "not a regular expression"),
        ("/a{2000}/", 0, "more than 1000 times"),
        ("/" + "a" * 1001 + "/", 0, "more than 1000 characters"),
        ("/" + "(" * 450 + "a" + ")" * 450 + "/", 0, "too deep"),
        ("/a/ " * 21, 0, "more than 20 regular expressions"),
        ("/a/b", 0, "/ has no meaning"),
        ("^2", 0, "right behind what it weighs"),
        ("a^", 1, "takes a weight"),
        ("a^9999", 1, "takes a weight"),
        ("words:300", 0, "write words>300"),
        ("kim words>", 4, "words takes a number of nine digits at most, as in words>300"),
        ("words>many", 0, "words takes a number"),
        ("words > 9999999999", 0, "words takes a number"),
        ("title: korea", 0, "right behind the colon"),
        ("title:", 0, "right behind the colon"),
        ("(title:)", 1, "right behind the colon"),
        ('a "north', 2, "quote is never closed"),
        ("(a OR b", 0, "never closed"),
        ("a)", 1, "never opened"),
        (")", 0, "never opened"),
        ("()", 1, "nothing in these brackets"),
        ("a OR", 4, "missing here"),
        ("(a OR)", 5, "missing here"),
        ("OR a", 0, "missing before OR"),
        ("a AND OR b", 6, "missing before OR"),
        ("NOT", 3, "missing here"),
        ("a - b", 2, "no letter or digit"),
        ("&&", 0, "write AND"),
        ('"…"', 0, "no letter or digit"),
        ("a NEAR b", 2, "NEAR has no meaning here"),
        ("a NEAR/5 b", 2, "NEAR has no meaning here"),
        ("kim~2", 3, "~ has no meaning"),
        ("/ko.*", 0, "ends with a slash"),
        ("a || b", 2, "write OR"),
        ("+korea", 0, "asked for anyway"),
        ("!korea", 0, "write NOT"),
        ("*orea", 0, "* can only end a word"),
        ("k*a", 1, "* can only end a word"),
        ("wom?n", 3, "? has no meaning"),
        ("size>3", 4, "> has no meaning"),
        ('"a"-b', 3, "a minus needs a space"),
        ("title:OR a", 6, "OR has no meaning here"),
        ("title:-a", 6, "write -title:a"),
        ("title:(text:a)", 7, "cannot stand inside"),
        ("title:(words>3)", 7, "cannot stand inside"),
        ("title:)a", 0, "right behind the colon"),
        ("before:monday", 7, "2024-06-01"),
        ("before:2024-13-01", 7, "2024-06-01"),
        ("lang:english", 5, "such as en"),
        ("has:video", 4, "caption, image, page or edits"),
        ("tag:as*", 4, "without *"),
        ('source:""', 7, "needs a value"),
        ("(" * 51 + "a" + ")" * 51, 50, "50 levels"),
        ("a " * 5001, 10_000, "10,000"),
    ],
)
def test_a_query_that_cannot_be_read_says_where_and_why(query: str, position: int, reason: str) -> None:
    with pytest.raises(QueryError) as error:
        parse(query)
    assert reason in error.value.reason
    assert error.value.position == position


def test_hits_name_clause_field_and_words_in_context() -> None:
    found = hits(parse("nucl* title:(answer OR x) -tokyo lang:en"), archived(), AT)
    assert found == (
        ("nucl*", "text", "… it “won’t” stop its nuclear tests near the border.", 22, 29),
        ("title:answer", "title", "Pyongyang’s answer", 12, 18),
        ("lang:en", "lang", "en", 0, 2),
    )


def test_a_hit_in_a_later_paragraph_is_shown_from_there() -> None:
    (hit,) = hits(parse("text:surprise"), archived(), AT) or ()
    assert hit.text == "… the launch came as no surprise."


def test_a_hit_in_a_script_without_spaces() -> None:
    (hit,) = hits(parse("ミサイル"), archived(body="北朝鮮のミサイルが発射された。"), AT) or ()
    assert "ミサイル" in hit.text


@pytest.mark.parametrize(
    ("topic", "selected", "reason"),
    [
        (Topic(name="t", match="answer"), True, "match 'answer' in title: \"Pyongyang’s answer\""),
        (Topic(name="t", match="answer kim"), True, '"Pyongyang’s answer" (and 1 more)'),
        (Topic(name="t", match="-tokyo"), True, "match '-tokyo', of which nothing is there"),
        (Topic(name="t", match="x OR y"), False, "not selected: no clause of 'x OR y' matches"),
        (Topic(name="t", match="tokyo"), False, "not selected: 'tokyo' does not match"),
        (Topic(name="t", match="korea tokyo"), False, "'tokyo' does not match, and 'korea tokyo' asks for it"),
        (Topic(name="t", match="korea -answer"), False, "'-answer' forbids 'answer' in title: \"Pyong"),
        (Topic(name="t", match="kim", exclude="title:answer"), False, "excluded by 'title:answer' in title: \"P"),
        (Topic(name="t", match="kim", exclude="title:sport"), True, "match 'kim' in caption: \"Kim Jong Un waves\""),
        (
            Topic(name="t", match="kim", sources=("tag:europe", "other")),
            False,
            "not selected: source 'example' is not among tag:europe, other",
        ),
        (Topic(name="t", match="kim", sources=("tag:asia",)), True, "match"),
        (Topic(name="t", match="kim", sources=("other", "example")), True, "match"),
        (Topic(name="t", match="kim", languages=("de", "fr")), False, "language 'en-gb' is not among de, fr"),
        (Topic(name="t", match="kim", languages=("EN",)), True, "match"),
        (Topic(name="t", match="kim", mute="title:answer"), False, "muted by 'title:answer' in title: \"P"),
        (Topic(name="t", match="kim", mute="title:sport"), True, "match"),
        (Topic(name="t", match="kim", min_words=99), False, "it has 53 words, and min_words = 99"),
        (Topic(name="t", match="kim", min_words=53), True, "match"),
        (Topic(name="t", match="kim", window=timedelta(days=2)), False, "of 2024-06-17, older than the window of 2 d"),
        (Topic(name="t", match="kim", window=timedelta(hours=71)), False, "older than the window of 71 h"),
        (Topic(name="t", match="kim", window=timedelta(days=4)), True, "match"),
        (Topic(name="t", match="kim", only=("page",)), True, "match"),
        (Topic(name="t", match="kim", only=("page", "edits")), False, "it was never edited, and only = 'edits'"),
        (Topic(name="t", match="kim OR korea^2", threshold=3), True, "match"),
        (Topic(name="t", match="kim OR korea^1.5", threshold=3), False, "its score is 2.5, not 3: 'kim' in caption"),
        (Topic(name="t", match="kim OR korea^-2", threshold=0), False, "its score is -1, not 0"),
    ],
)
def test_a_decision_gives_its_reason(topic: Topic, selected: bool, reason: str) -> None:
    decision = decide(topic, archived(), AT)
    assert decision.selected is selected
    assert reason in decision.reason
    assert "\n" not in decision.reason
    assert judged(archived(), topic).get("t", decision) == decision


def test_a_rule_that_cannot_be_read_takes_nothing_and_holds_up_no_other_topic() -> None:
    decided = judged(archived(), Topic(name="bad", match="("), Topic(name="t", match="NOT nowhere"))
    assert not decided["bad"].selected
    assert "its rule cannot be read" in decided["bad"].reason
    assert decided["t"].selected


def test_no_language_is_no_reason_to_guess() -> None:
    decision = decide(Topic(name="t", match="kim", languages=("en",)), archived(language=None), AT)
    assert decision.reason == "not selected: its language is not known, not en"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("korea", None),  # an index of words tells as much
        ("korea -zebra", None),
        ('korea OR "said north"', None),
        ('"north korea"', True),
        ('"said north"', False),
        ('"said north" "north korea"', False),
        ('"said north" OR "north korea"', True),
        ('"said north"^3 korea', False),
        ('"kim waves"~2 lang:fr words>9999', True),  # what else it asks for is not known of texts alone
        ('"kim waves"~1', False),
        ('-"said north"', None),
        ("/nucl.ar/", True),
        ("title:/nucl.ar/", False),
        ("北朝鮮", True),
        ("朝北", False),
    ],
)
def test_whether_texts_alone_leave_a_match_possible(query: str, expected: bool | None) -> None:
    test = likely(parse(query))
    assert (test and test(archived().article)) is expected


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        (Topic(name="t", match="korea"), "match 'korea'"),
        (Topic(name="t", match="korea OR kim OR  tokyo"), "match 'korea' (and 1 more)"),
        (Topic(name="t", match="korea kim^3", threshold=4), "match 'korea' (and 1 more)"),
        (Topic(name="t", match="-tokyo"), "match '-tokyo', of which nothing is there"),
        (Topic(name="t", match="tokyo"), "not selected"),
        (Topic(name="t", match="korea", exclude="kim"), "not selected"),
        (Topic(name="t", match="korea", mute="kim"), "not selected"),
        (Topic(name="t", match="korea OR tokyo", threshold=2), "not selected"),
    ],
)
def test_what_the_index_of_words_tells_is_decided_without_the_text(topic: Topic, reason: str) -> None:
    clauses = asked(topic)
    assert clauses is not None
    there = {leaf for leaf in clauses if leaf.clause in ("korea", "kim")}
    assert is_sure(there, [])
    assert told(topic, there).reason == reason
    assert told(topic, there).selected is decide(topic, archived(), AT).selected


@pytest.mark.parametrize(
    "topic",
    [
        Topic(name="t", match="korea", window=timedelta(days=1)),
        Topic(name="t", match="korea", min_words=9),
        Topic(name="t", match="korea", only=("page",)),
        Topic(name="t", match="korea", sources=("tag:asia",)),
        Topic(name="t", match="korea lang:en"),
        Topic(name="t", match="korea", exclude="/seoul/"),
    ],
)
def test_what_asks_for_more_than_words_is_not_told_by_the_index_of_words(topic: Topic) -> None:
    assert asked(topic) is None


@pytest.mark.parametrize(
    ("query", "credits", "sure"),
    [
        ("korea", [], True),
        ("korea", ["Korea Times"], False),
        ("kor*", ["Korea Times"], False),
        ("korea", ["Kim"], True),
        ("caption:korea", ["Korea Times"], False),
        ("title:korea", ["Korea Times"], True),
        ("text:korea", [], False),
        ('"north korea"', [], False),
        ("k" * 70, [], False),
    ],
)
def test_a_clause_is_sure_where_the_index_has_no_more_than_it_asks_for(
    query: str, credits: list[str], sure: bool
) -> None:
    clauses = asked(Topic(name="t", match=query))
    assert clauses is not None
    assert is_sure(clauses.keys(), credits) is sure


def test_what_was_told_is_said_in_full_where_the_rule_is_the_same() -> None:
    topic = Topic(name="t", match="korea", id=1)
    live = LiveTopic(topic=topic, version=2, replayed_to=0, replay_to=0)
    now = decide(topic, archived(), AT)
    short = Decision(selected=True, reason="match 'korea'", version=2, decided_at=AT.now)
    assert in_full(live, None, archived(), AT) == now
    assert in_full(live, short, archived(), AT) == replace(now, version=2, decided_at=AT.now)
    for kept in (replace(short, version=1), replace(short, selected=False), replace(now, reason="as it was")):
        assert in_full(live, kept, archived(), AT) == kept


def snipped(query: str, article: Archived) -> tuple[str, int, int] | None:
    spots = found(parse(query), article, AT)
    assert spots is not None
    return snippet(article, spots)


def test_a_snippet_shows_the_first_hit_of_the_text_else_its_beginning() -> None:
    shown = snipped("seoul", archived())
    assert shown is not None
    text, start, end = shown
    assert "no surprise" in text
    assert text[start:end].casefold() == "seoul"
    opening = snipped("title:answer", archived())
    assert opening is not None
    assert opening[0].startswith("The government")
    assert opening[1] == opening[2]
    assert snipped('"jong un"', archived()) == ("Kim Jong Un waves", 4, 11)
    assert found(parse("tokyo"), archived(), AT) is None
    assert snipped("answer", archived(body="")) is None


@pytest.mark.parametrize(
    ("query", "pre"),
    [
        ("Korea", ("term", None, ("korea",), False)),
        ('caption:"kim jong"', ("term", "captions", ("kim", "jong"), False)),
        ("nucl*", ("term", None, ("nucl",), True)),
        ("북한", ("term", None, ("북한",), True)),
        ("korea -sport lang:en", ("term", None, ("korea",), False)),
        ("a OR tag:x", None),
        ("-a", None),
        ("a OR b", ("or", (("term", None, ("a",), False), ("term", None, ("b",), False)))),
        ("a^3", ("term", None, ("a",), False)),
        ("/a/", None),
        ("a /b/", ("term", None, ("a",), False)),
        ("a OR /b/", None),
        ('title:"a b"*~3', ("and", (("term", "title", ("a",), False), ("term", "title", ("b",), True)))),
        ("like:7", ("keys", (1, 2))),
        ("like:8", None),
        ("a OR like:7", ("or", (("term", None, ("a",), False), ("keys", (1, 2))))),
        ("a title:b", ("and", (("term", None, ("a",), False), ("term", "title", ("b",), False)))),
    ],
)
def test_prefilter(query: str, pre: Pre | None) -> None:
    assert prefilter(parse(query), {"7": (1, 2)}) == pre


def indexed(article: Archived) -> dict[str, list[str]]:
    captions = "\n".join(image.caption or "" for image in article.article.images)
    columns = {
        "title": article.article.title,
        "text": article.article.text,
        "captions": captions,
        "byline": article.article.byline or "",
    }
    return {field: text.words(column) for field, column in columns.items()}


def passes(pre: Pre, index: dict[str, list[str]]) -> bool:
    """What SQLite and PostgreSQL do."""
    if pre[0] == "and":
        return all(passes(part, index) for part in pre[1])
    if pre[0] == "or":
        return any(passes(part, index) for part in pre[1])
    assert pre[0] == "term"
    _, field, phrase, prefix = pre
    for column in [index[field]] if field else index.values():
        for at in range(len(column) - len(phrase) + 1):
            *begin, last = column[at : at + len(phrase)]
            if begin == list(phrase[:-1]) and (last.startswith(phrase[-1]) if prefix else last == phrase[-1]):
                return True
    return False


WORDS = st.sampled_from(["a", "b", "ab", "É", "don’t", "北", "朝鮮", "북", "북한은", "ไทย", "1.5"])
TEXTS = st.lists(st.tuples(WORDS, st.sampled_from([" ", "\n\n", "", "-"])), max_size=6).map(
    lambda parts: "".join(word + gap for word, gap in parts)
)
LEAVES = st.builds(
    lambda field, word, end: field + word + end,
    st.sampled_from(["", "title:", "text:", "caption:", "byline:"]),
    WORDS | st.builds('"{} {}"'.format, WORDS, WORDS),
    st.sampled_from(["", "*"]),
) | st.sampled_from(["tag:asia", "words>2", "has:caption", "before:2030"])
QUERIES = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds("({} {})".format, inner, inner)
        | st.builds("({} OR {})".format, inner, inner)
        | inner.map("NOT {}".format)
    ),
    max_leaves=6,
)


@given(QUERIES, TEXTS, TEXTS, TEXTS, TEXTS)
@settings(max_examples=400)
def test_what_matches_passes_the_prefilter(query: str, title: str, body: str, caption: str, byline: str) -> None:
    article = archived(title, body, (caption, title), byline)
    node = parse(query)
    pre = prefilter(node)
    if hits(node, article, AT) is not None and pre is not None:
        assert passes(pre, indexed(article))
        assert judged(article, Topic(name="t", match=query))["t"].selected


@given(QUERIES | st.builds('"{} {}"~3'.format, st.just("a"), WORDS.filter("a".__ne__)), TEXTS, TEXTS, TEXTS, TEXTS)
@settings(max_examples=400)
def test_a_snippet_needs_no_other_spots_than_it_shows(
    query: str, title: str, body: str, caption: str, byline: str
) -> None:
    article, node = archived(title, body, (caption, title), byline), parse(query)
    every, shown = find(node, view(article), AT), found(node, article, AT)
    assert (every is None) is (shown is None)
    assert snippet(article, every or ()) == snippet(article, shown or ())


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("korea", True),
        ("kor", False),
        ("kor*", True),
        ('"north korea"', True),
        ('"korea north"', False),
        ("title:korea", False),
        ("korea football", False),
        ("korea OR football", True),
        ("NOT korea", True),  # the index cannot tell
        ("korea AND", True),  # not to be read: whoever decides says so
        ("tag:asia", True),
        ("tag:europe", False),
        ("tag:europe OR korea", True),
        ("source:other", False),
        ("lang:en", True),
        ("lang:de^2 OR (korea football)", False),
        ('"korea monday"~2', True),
        ('"korea football"~2', False),
        ("/football/", True),  # neither does it of these
        ("has:caption football", False),
        ("url:example", True),
    ],
)
def test_most_articles_are_no_matter_for_a_topic(query: str, expected: bool) -> None:
    assert bool(judged(archived(), Topic(name="t", match=query))) is expected


@given(
    st.text(alphabet='ab ()"-*:<>~“’0北\n', max_size=30) | st.text() | st.from_regex(r"(title:|NOT |\(|a|words>1|OR )*")
)
def test_parse_raises_nothing_but_query_errors(query: str) -> None:
    try:
        node = parse(query)
    except QueryError:
        return
    hits(node, archived(), AT)
    snippet(archived(), found(node, archived(), AT) or ())


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ("korea", "Korea"),
        ('"korea monday"~3', "Korea said on Monday"),
        ("/nucl\\w+/", "nuclear"),
        ("text:/stop.*tests/", "stop its nuclear tests"),
        ('"jong un"', "Jong Un"),
        ("caption:/stadium/", "stadium"),
        ("ミサイル", "ミサイル"),
    ],
)
def test_a_hit_marks_the_words_that_were_found(query: str, marked: str) -> None:
    (hit,) = hits(parse(query), archived(), AT) or ()
    assert hit.text[hit.start : hit.end] == marked


def test_a_regular_expression_that_runs_away_matches_nothing() -> None:
    away = "/(?:x|xx)+[^xe]$/"
    runs = archived(body="x" * 60 + " end")
    assert hits(parse(away), runs, AT) is None
    rule = Topic(name="t", match=f"{away} OR -{away} OR /absent/")
    late, forbidding, absent = explain(rule, runs, AT)
    assert late.absence == forbidding.absence == "it takes too long in this article, and so matches nothing"
    assert absent.absence == "not there"


def test_like_takes_articles_of_the_same_wording() -> None:
    other = archived(title="Elsewhere")
    context = replace(AT, liked={"7": other.article}, alike=lambda one, two: 0.4 if two is other.article else 0.0)
    assert hits(parse("like:7"), archived(), context) == (("like:7", "wording", "40% of the shorter text", 0, 23),)
    assert hits(parse("like:8"), archived(), context) is None
    assert hits(parse("like:7"), archived(), replace(context, alike=lambda one, two: 0.1)) is None


@pytest.mark.parametrize(
    ("rule", "exclude", "selected", "after"),
    [
        ("korea within:7d", "", True, timedelta(days=7)),
        ("korea within:2d", "", False, None),
        ("korea -within:7d", "", False, timedelta(days=7)),
        ("tokyo within:7d", "", False, None),
        ("korea OR within:7d", "", True, None),
        ("korea within:7d within:4d", "", True, timedelta(days=4)),
        ("korea", "within:4d", False, timedelta(days=4)),
        ("korea", "", True, None),
    ],
)
def test_a_decision_says_until_when_it_holds(rule: str, exclude: str, selected: bool, after: timedelta | None) -> None:
    decision = decide(Topic(name="t", match=rule, exclude=exclude), archived(), AT)
    published = datetime(2024, 6, 17, 9, tzinfo=UTC)
    assert (decision.selected, decision.until) == (selected, after and published + after)
    if decision.until:
        later = decide(Topic(name="t", match=rule, exclude=exclude), archived(), Context(now=decision.until))
        assert later.selected is not selected


@pytest.mark.parametrize(
    ("query", "score"),
    [
        ("korea", 1),
        ("korea nuclear -tokyo", 2),
        ("korea OR tokyo OR nuclear^0.5", 1.5),
        ("(korea nuclear)^5 OR (tokyo korea)", 5),
        ("(korea OR (nuclear tokyo^9))", 1),
        ("title:(answer^3 OR pyongyang^-1)", 2),
    ],
)
def test_a_score_counts_the_clauses_that_are_found(query: str, score: float) -> None:
    assert decide(Topic(name="t", match=query), archived(), AT).score == score


def test_a_window_says_when_an_article_leaves_it() -> None:
    decision = decide(Topic(name="t", match="korea", window=timedelta(days=7)), archived(), AT)
    assert decision.until == datetime(2024, 6, 24, 9, tzinfo=UTC)


def test_a_page_from_the_future_is_not_young_for_ever() -> None:
    article = archived(published=datetime(2050, 1, 1, tzinfo=UTC))
    assert decide(Topic(name="t", match="within:1d"), article, AT).until == datetime(2025, 1, 2, tzinfo=UTC)
