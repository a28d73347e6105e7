"""Texts written for these tests, in the encodings that the Web was written in."""

import pytest

from aggregator.errors import ExtractError
from aggregator.model import Response
from aggregator.steps import encodings
from aggregator.steps.extract import article

TEXTS = {
    "ru": "Совет города решил во вторник закрыть старый мост. Инженеры нашли трещину в средней опоре, паром ходит дважды в час.",
    "ja": "市議会は火曜日、古い橋を閉鎖することを決めた。技術者が中央の橋脚にひびを見つけ、フェリーは一時間に二度運航する。",
    "zh": "市议会星期二决定关闭旧桥。工程师在中间桥墩上发现了裂缝，渡轮每小时开两班，直到新桥建成为止。",
    "zh-tw": "市議會星期二決定關閉舊橋。工程師在中間橋墩上發現了裂縫，渡輪每小時開兩班，直到新橋建成為止。",
    "ko": "시의회는 화요일에 낡은 다리를 폐쇄하기로 결정했다. 기술자들이 가운데 교각에서 균열을 발견했고 배는 한 시간에 두 번 다닌다.",
    "cs": "Zastupitelé v úterý rozhodli, že starý most uzavřou. Inženýři našli ve střední pilíři trhlinu a přívoz jezdí dvakrát za hodinu.",
    "pl": "Radni zdecydowali we wtorek, że zamkną stary most. Inżynierowie znaleźli pęknięcie w środkowym filarze, łódź pływa co pół godziny.",
    "el": "Το δημοτικό συμβούλιο αποφάσισε την Τρίτη να κλείσει την παλιά γέφυρα. Οι μηχανικοί βρήκαν ρωγμή στον μεσαίο πυλώνα.",
    "ar": "قرر مجلس المدينة يوم الثلاثاء إغلاق الجسر القديم. وجد المهندسون صدعا في الدعامة الوسطى، وتعمل العبارة مرتين في الساعة.",
    "fr": "Le conseil a décidé mardi de fermer le vieux pont. Les ingénieurs ont trouvé une fissure, et le bac passe « deux fois l’heure ».",
}
WRITTEN = [
    ("ru", "windows-1251"),
    ("ru", "koi8-r"),
    ("ja", "shift_jis"),
    ("ja", "euc-jp"),
    ("ja", "iso-2022-jp"),
    ("zh", "gb18030"),
    ("zh-tw", "big5"),
    ("ko", "euc-kr"),
    ("cs", "iso-8859-2"),
    ("pl", "iso-8859-2"),
    ("pl", "windows-1250"),
    ("el", "iso-8859-7"),
    ("ar", "windows-1256"),
    ("fr", "windows-1252"),
    ("ru", "utf-16-le"),
    ("ja", "utf-16-be"),
    ("fr", "utf-16"),
    ("ru", "utf-32"),
]


def read(language: str, encoding: str, meta: str = "", header: str = "") -> str:
    said = TEXTS[language]
    declared = f"<meta charset='{meta}'>" if meta else ""
    page = f"<!doctype html><html><head>{declared}</head><body><article><p>{said}</p><p>{said} 2</p></article></body></html>"
    kind = f"text/html; charset={header}" if header else "text/html"
    response = Response(
        url="https://a.example/x", status=200, headers={"content-type": kind}, body=page.encode(encoding)
    )
    try:
        return article(response).text.split("\n\n")[0]
    except ExtractError:
        return ""


@pytest.mark.parametrize(("language", "encoding"), WRITTEN)
def test_a_page_that_names_no_encoding_is_read_by_its_bytes(language: str, encoding: str) -> None:
    assert read(language, encoding) == TEXTS[language]


@pytest.mark.parametrize(("language", "encoding"), WRITTEN)
def test_a_page_that_says_utf_8_and_is_none_is_read_by_its_bytes(language: str, encoding: str) -> None:
    assert read(language, encoding, meta="utf-8", header="utf-8") == TEXTS[language]


@pytest.mark.parametrize(("language", "encoding"), WRITTEN)
def test_a_server_that_says_latin_of_all_pages_is_not_believed(language: str, encoding: str) -> None:
    named = encoding.removesuffix("-le").removesuffix("-be")
    assert read(language, encoding, meta=named, header="iso-8859-1") == TEXTS[language]


@pytest.mark.parametrize("header", ["", "utf-8", "windows-1251", "iso-8859-1"])
def test_a_broken_byte_leaves_the_rest_of_a_page_as_it_is(header: str) -> None:
    said = TEXTS["ru"]
    body = f"<meta charset=utf-16><article><p>{said}</p><p>{said} ".encode() + b"\xff</p></article>"
    kind = f"text/html; charset={header}" if header else "text/html"
    found = article(Response(url="https://a.example/x", status=200, headers={"content-type": kind}, body=body))
    assert found.text.startswith(said)


def test_of_two_encodings_of_latin_script_the_declared_one_counts() -> None:
    assert read("fr", "windows-1252", meta="iso-8859-1", header="windows-1252") == TEXTS["fr"]
    said = "A café of £5 for one, and there it ended, as everybody in the town had said that it would end one day."
    page = f"<meta charset=iso-8859-15><article><p>{said}</p><p>{said}</p></article>"
    found = article(Response(url="https://a.example/x", status=200, headers={}, body=page.encode("iso-8859-15")))
    assert found.text.startswith(said)


def test_a_declared_encoding_counts_though_a_byte_of_the_page_is_none_of_it() -> None:
    said = TEXTS["ko"]
    body = f"<meta charset=euc-kr><article><p>{said}</p><p>{said}".encode("euc-kr") + b" \xff</p></article>"
    assert article(Response(url="https://a.example/x", status=200, headers={}, body=body)).text.startswith(said)


def test_a_short_text_with_a_broken_byte_is_what_most_of_it_is() -> None:
    assert encodings.guessed("Ein schöner Tag für alle".encode() + b"\xff") == "utf-8"


def test_a_few_letters_with_accents_are_latin() -> None:
    assert encodings.guessed("5 £ · caf\xe9 · 7 °".encode("cp1252")) in encodings.LATINS


@pytest.mark.parametrize("name", ["zip", "idna", "punycode", "unicode_escape", "utf-7", "utf-16", "x-none", "a\0b"])
def test_what_is_no_encoding_of_the_web_is_none(name: str) -> None:
    assert encodings.codec(name) is None
