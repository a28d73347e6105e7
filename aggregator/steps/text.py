"""Plain text made fit to keep, to compare and to search.

The full-text index holds `" ".join(words(text))`. For its tokens to be these words and no others, an FTS5
table needs ``tokenize="unicode61 remove_diacritics 0 categories 'L* N* Co M*'"``: by default unicode61 splits
at the vowel signs of Devanagari, Thai and their kin.
"""

import hashlib
import re
import unicodedata
from functools import cache, lru_cache
from itertools import chain

from aggregator.steps.kept import kept

# What XML 1.0 cannot say (and C1 controls, which are mojibake), but for NEL, which is white space.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_CONTROLS = re.compile("[\x85\u2028-\u202e\u2066-\u2069]")
_INVISIBLE = re.compile("[\u00ad\u2060\ufeff]")  # soft hyphen, word joiner, byte order mark: no gap between words
# Accents, harakat and niqqud. Vowel signs, dakuten and nukta are marks too, but a word needs them.
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a"
    "\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff"
    "\u20d0-\u20ff\ufe20-\ufe2f]"
)
# Scripts without spaces: Han, kana, Thai, Lao, Burmese, Khmer. Not their digits: a number is one word.
_SPACELESS = (
    "\u0e00-\u0e4f\u0e5a-\u0ecf\u0eda-\u0eff\u1000-\u103f\u104a-\u108f\u109a-\u109f\u1780-\u17df\u17ea-\u17ff\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c"
    "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
# Where marks and digits are: the BMP, since a class of characters that leaves it is fifty times slower (a vowel
# sign of Chakma or Brahmi parts its word: accepted), and without Han and Hangul, to be quick at import.
_BLOCKS = chain(range(0x80, 0x3400), range(0xA4D0, 0xAC00), range(0xF900, 0xFFFF))
_JOINERS = (0xAD, 0x34F, 0x61C, *range(0x180B, 0x1810), *range(0x200C, 0x2010), *range(0x202A, 0x202F))
_UNSEEN = (
    *_JOINERS,
    *range(0x2060, 0x2070),
    *range(0xFE00, 0xFE10),
    0xFEFF,
)  # people neither see nor type them
_UNSEEN_SIGNS = frozenset(map(chr, _UNSEEN))
_CATEGORIES = {chr(point): unicodedata.category(chr(point)) for point in _BLOCKS}
_MARKS = "".join(mark for mark, category in _CATEGORIES.items() if category in ("Mn", "Mc", "Me"))
_SAME = {
    **dict.fromkeys("`´ʹʻʼʽˈʹ‘’‚‛′‵‹›", "'"),
    **dict.fromkeys("“”„‟«»″‶〝〞〟", '"'),
    **dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"),
    **dict.fromkeys("ىیې", "ي"),
    "ک": "ك",
    "ة": "ه",
    "ہ": "ه",
    "ı": "i",
    "\u200b": " ",
    **dict.fromkeys(_UNSEEN_SIGNS, ""),
    **{digit: str(unicodedata.decimal(digit)) for digit, category in _CATEGORIES.items() if category == "Nd"},
}
# What texts have beside the letters of one alphabet, as a rule: it takes a fifth of what the pattern takes.
_USUAL = [*((character, _SAME[character]) for character in "’‘“”„‚«»–—"), ("…", "..."), ("ß", "ss")]
# By the end of the blocks that they are in: the first letter that is not ASCII, if there is any, tells which to try.
_ALPHABETS = (
    ("\u0250", ("latin-1", "cp1250", "cp1254")),
    ("\u0400", ("cp1253",)),
    ("\u0530", ("cp1251",)),
    ("\u0700", ("cp1256",)),
)
_FOREIGN = re.compile("[^\x00-\x7f]")
_LETTER = re.compile("[\xc0-\u06ff]")  # a sign like © tells of no alphabet
# Where signs stand that an alphabet has not, while the letters are folded; no text that is kept has these.
_PLACES = tuple(map(chr, (*range(1, 9), *range(14, 32))))
_DIFFERENT = re.compile(f"[{''.join(map(re.escape, _SAME))}]")
_ALONE = re.compile(f"[{_SPACELESS}][{_MARKS}]*")
_PIECE = re.compile(rf"[{_SPACELESS}]|[^\s{_SPACELESS}]+")
_WORD = re.compile(rf"\w[\w{_MARKS}]{{0,99}}")  # PostgreSQL takes no longer word than 2 kB
_ASCII_WORD = re.compile("[a-z0-9]{1,100}")
_SIGNS = ".,;:!?\"'()"  # before or behind a word they leave it one
_ASCII_WORDS = {point: chr(point) if chr(point).isalnum() else " " for point in range(128)}


def clean(text: str) -> str:
    """The text as XML may carry it, every run of white space one space."""
    plain = text.replace("\n", " ").replace("\xa0", " ").replace("\t", " ").replace("\r", " ")
    if plain.isprintable():  # no controls, and no white space but " "
        return " ".join(plain.split())
    return " ".join(_INVISIBLE.sub("", _FORBIDDEN.sub("", text)).replace("\u200b", " ").split())


def storable(text: str) -> str:
    """The text without what neither XML nor a database can carry; its lines stay."""
    return _FORBIDDEN.sub("", text)


def printable(text: str) -> str:
    """The text with its lines, without what a terminal obeys: a control character of eight bits is as good as ESC."""
    return _CONTROLS.sub("", storable(text))


def fold(text: str) -> str:
    """The text as it is when case, accents, typography and the shapes of Arabic letters do not count."""
    return " ".join(folded(text).split())


def folded(text: str) -> str:
    """The text as `fold` has it, with its white space as it stands."""
    plain = folded_plainly(text)
    return _folded(text) if plain is None else plain


def _folded(text: str) -> str:
    text = _DIFFERENT.sub(_same, text)
    if text.isascii():
        return _folded_ascii(text)
    plain = _DIFFERENT.sub(_same, unicodedata.normalize("NFKD", text))
    # What casefold makes may decompose again, and what decomposed may need it: Unicode 3.13, D146.
    folded = unicodedata.normalize("NFKD", plain.casefold())
    stripped = _ACCENTS.sub("", folded)
    return unicodedata.normalize("NFC", stripped if folded == plain else _DIFFERENT.sub(_same, stripped))


def folded_plainly(text: str) -> str | None:
    """`folded`, in a fifth of the time, of texts in Latin, Cyrillic, Arabic or Greek letters; None: it has others, or
    very many signs."""
    if text.isascii() or not (first := _FOREIGN.search(text)):
        return _folded_ascii(text)
    if first[0] >= "\u0700" and _sign(first[0]) is None:
        return None
    for character, same in _USUAL:
        text = text.replace(character, same)
    if text.isascii():
        return _folded_ascii(text)
    letter = _LETTER.search(text)
    alphabets = next((some for end, some in _ALPHABETS if letter is None or letter[0] < end), ())
    plain = next(filter(None, (_folded_bytes(text, alphabet) for alphabet in alphabets)), None)
    if plain is None and (composed := unicodedata.normalize("NFC", text)) != text:  # ü as u and its dots
        return folded_plainly(composed)
    return plain


def spelled(text: str) -> str:
    """The text as it is when typography alone does not count: "Ano" is neither "ano" nor "año"."""
    plain = _DIFFERENT.sub(_same, unicodedata.normalize("NFKC", _DIFFERENT.sub(_same, text)))
    return " ".join(plain.split())


def words(text: str) -> list[str]:
    """The tokens of a folded text. Where a script has no spaces each character is one, so that a word is
    a phrase; an apostrophe parts ("l'Iran" holds "iran", and "don't" is the phrase "don t")."""
    return list(_words(text))


def tokens(folded: str) -> tuple[str, ...]:
    """The words of a text that is folded already: each stands in it as it is."""
    if folded.isascii():
        found = folded.translate(_ASCII_WORDS).split()  # a quarter of what the pattern takes
        return tuple(found if max(map(len, found), default=0) <= 100 else _ASCII_WORD.findall(folded))
    return tuple(_WORD.findall(_ALONE.sub(_apart, folded.replace("_", " "))))


@kept(2**21, lambda text, spans: len(text) + 120 * len(spans))  # many topics find something in one paragraph
def spans(text: str) -> tuple[tuple[int, int], ...]:
    """Where each of `words(text)` stands in the text, with the punctuation that touches it."""
    found: list[tuple[int, int]] = []
    is_ascii = text.isascii()
    pieces = text.split() if is_ascii or not _ALONE.search(text) else _PIECE.findall(text)
    is_even, end = " ".join(pieces) == text, -1  # one space between them, as nearly always
    for piece in pieces:
        start = end + 1 if is_even else text.index(piece, max(end, 0))
        end = start + len(piece)
        if (is_ascii or piece.isascii()) and piece.strip(_SIGNS).isalnum() and len(piece) <= 100:
            number = 1
        else:
            number = (_number if len(piece) < 50 else _number.__wrapped__)(piece)
        if number == 1:
            found.append((start, end))
        else:
            found += [(start, end)] * number
    return tuple(found)


def digest(text: str) -> str:
    """The identity of a text, whatever its typography and paragraphing."""
    return hashlib.sha256(" ".join(words(text)).encode()).hexdigest()[:32]


def _folded_ascii(text: str) -> str:
    return text.casefold().replace("`", "'")


def _folded_bytes(text: str, alphabet: str) -> str | None:
    signs: list[str] = []
    while True:
        try:
            said = text.encode(alphabet)
            break
        except UnicodeEncodeError as error:
            sign, place = text[error.start], "".join(_PLACES[len(signs) : len(signs) + 1])
            if not place or place in text or _sign(sign) is None:
                return None
            text = text.replace(sign, place)
            signs.append(sign)
    table, unseen = _by_bytes(alphabet)
    said = said.translate(table, unseen)
    if b"\0" in said:
        return None
    plain = said.decode(alphabet)
    for place, sign in zip(_PLACES, signs, strict=False):
        plain = plain.replace(place, _sign(sign) or "")
    return plain


@lru_cache(maxsize=2048)
def _sign(character: str) -> str | None:
    """What a sign or a digit is folded to, which is the same beside any other character; None: it is a letter or a
    mark, of which that is not sure."""
    category = unicodedata.category(character)
    if character in _UNSEEN_SIGNS or category[0] in "NSPZ" or category == "Co":
        return _folded(character)
    return None


@cache
def _by_bytes(alphabet: str) -> tuple[bytes, bytes]:
    """What each character of an alphabet is folded to, a NUL where that is none of its characters, and those that
    leave nothing. No character of these alphabets folds otherwise beside another."""
    folded = [_folded(bytes([point]).decode(alphabet, "replace")) for point in range(256)]
    table = b"".join(said if len(said := one.encode(alphabet, "ignore")) == len(one) == 1 else b"\0" for one in folded)
    return table, bytes(point for point, one in enumerate(folded) if not one)


def _apart(character: re.Match[str]) -> str:
    return f" {character[0]} "


@lru_cache(maxsize=8192)  # most short ones are said again soon
def _number(piece: str) -> int:
    """Of the words in a piece without white space."""
    if piece.isascii():
        return len(_ASCII_WORD.findall(piece.lower()))
    return 1 if len(piece) < 50 and _letters().fullmatch(piece) else len(tokens(folded(piece)))


@cache
def _letters() -> re.Pattern[str]:
    """What Europe and Arabia write words with: no letter of it folds to more than two, all of one word."""
    return re.compile(f"[a-zA-Z{''.join(filter(_is_letter, map(chr, range(0x80, 0x700))))}]+")


def _is_letter(character: str) -> bool:
    return character.isalpha() and folded(character).isalpha()


def _same(different: re.Match[str]) -> str:
    return _SAME[different[0]]


@kept(2**20, lambda text, found: len(text) + 70 * len(found))  # an article's words are indexed, and then compared
def _words(text: str) -> tuple[str, ...]:
    return tokens(folded(text))
