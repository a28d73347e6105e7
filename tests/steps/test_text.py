import sqlite3

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.steps import text


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("  a\t\n b\u00a0\u200bc ", "a b c"),
        ("a\x00b\x1fc\ud800d\ufffe", "abcd"),
        ("soft\u00adhyphen\ufeff", "softhyphen"),
        ("می\u200cخواهم 👩\u200d🚀", "می\u200cخواهم 👩\u200d🚀"),
        ("", ""),
    ],
)
def test_clean_leaves_what_xml_may_carry(raw: str, cleaned: str) -> None:
    assert text.clean(raw) == cleaned


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("don’t", "don't"),
        ("‘a’ “b” „c‟ «d»", "'a' 'b' 'c' 'd'".replace("'b' 'c' 'd'", '"b" "c" "d"')),
        ("x – y — z ‑ w − v", "x - y - z - w - v"),
        ("wait…", "wait..."),
        ("Café", "cafe\u0301"),
        ("Straße", "STRASSE"),
        ("Ёлка", "елка"),
        ("Ἀθῆναι", "αθηναι"),
        ("İstanbul", "istanbul"),
        ("ｆｕｌｌ　ｗｉｄｔｈ", "full width"),
        ("أَحْمَد إلى الـعـربـيـة", "احمد الي العربيه"),
        ("ی ک", "ي ك"),
        ("٢٠٢٤", "2024"),
        ("ｶﾞ", "ガ"),
        ("a\u00a0 b\n", "a b"),
    ],
)
def test_fold_sees_no_difference(one: str, other: str) -> None:
    assert text.fold(one) == text.fold(other)


@pytest.mark.parametrize(("one", "other"), [("が", "か"), ("हिन्दी", "हनद"), ("북한", "부하"), ("ที่", "ท"), ("a", "b")])
def test_fold_keeps_what_makes_another_word(one: str, other: str) -> None:
    assert text.fold(one) != text.fold(other)


@pytest.mark.parametrize(
    ("raw", "tokens"),
    [
        ("Don’t l'Iran", ["don", "t", "l", "iran"]),
        ("北朝鮮のミサイル2発", ["北", "朝", "鮮", "の", "ミ", "サ", "イ", "ル", "2", "発"]),
        ("북한은 미사일을", ["북한은", "미사일을"]),
        ("ไทย", ["ไ", "ท", "ย"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("snake_case é_b 10,000", ["snake", "case", "e", "b", "10", "000"]),
        ("… — !", []),
    ],
)
def test_words(raw: str, tokens: list[str]) -> None:
    assert text.words(raw) == tokens


def test_digest_is_blind_to_typography_and_paragraphs() -> None:
    assert text.digest("He said “no” –\n\ntwice.") == text.digest('he said "no" - twice')
    assert text.digest("a") != text.digest("b")
    assert len(text.digest("")) == 32


@pytest.mark.parametrize("alphabet", ["latin-1", "cp1250", "cp1251", "cp1253", "cp1254", "cp1256"])
@given(data=st.data())
def test_what_is_of_one_alphabet_folds_as_it_does_among_other_letters(alphabet: str, data: st.DataObject) -> None:
    letters = bytes(range(256)).decode(alphabet, "ignore")
    raw = data.draw(
        st.text(st.sampled_from([*letters, *"’‘“”„‚«»–—…œ→−™🙂\ufe0f\u2009\uf0a9٣२Ⅷ\x01\u0308\u0301\u0654"]))
        | st.just(letters)
        | st.sampled_from(letters)
    )
    assert text.folded(f"{raw}\u4e00") == f"{text.folded(raw)}\u4e00"


@given(st.text())
@example("Wait… the “state’s” Café_1 北朝鮮のミサイル é" + "x" * 300)
def test_the_words_of_a_text_stand_in_what_it_folds_to(raw: str) -> None:
    folded = text.folded(raw)
    assert list(text.tokens(folded)) == text.words(raw)
    assert all(word in folded for word in text.words(raw))


@given(st.text())
@example("\u1e9e\u0345\u03f4\u0130´")
def test_fold_is_idempotent(raw: str) -> None:
    assert text.fold(text.fold(raw)) == text.fold(raw)


@given(st.text())
def test_the_words_of_the_words_are_the_words(raw: str) -> None:
    assert text.words(" ".join(text.words(raw))) == text.words(raw)


@given(st.text())
@example("か\u3099 กำ ｶﾞ ㍿ a\u200bb")
@example("0໐ ๑๒ ၁၂ ៣៤ ႐")
def test_every_word_has_its_place(raw: str) -> None:
    assert len(text.spans(raw)) == len(text.words(raw))


@pytest.mark.parametrize("raw", ["Don’t l'Iran 10,000", "北朝鮮のミサイル", "북한은", "ไทยที่", "हिन्दी में", "العربيّة"])
def test_the_full_text_index_has_the_same_words(raw: str) -> None:
    index = sqlite3.connect(":memory:")
    index.execute(
        "CREATE VIRTUAL TABLE t USING fts5(x, tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* Co M*'\")"
    )
    index.execute("CREATE VIRTUAL TABLE v USING fts5vocab(t, instance)")
    index.execute("INSERT INTO t VALUES (?)", (" ".join(text.words(raw)),))
    indexed = [term for (term,) in index.execute('SELECT term FROM v ORDER BY "offset"')]
    index.close()
    assert indexed == text.words(raw)


@given(st.text() | st.text("a \u00a0\u200b\t\n\u3000b\x85"))
def test_clean_is_the_same_beside_what_it_takes_out(raw: str) -> None:
    assert text.clean(raw) == text.clean(f"\ufeff{raw}")
