"""The class names and the set phrases by which sites tell what a part of their pages is."""

import re
from functools import lru_cache


def _words(said: str) -> frozenset[str]:
    return frozenset(said.split())


# Words of a class or id that name a frame.
CHROME = _words(
    """
    related recommended recommendations recommendation newsletter newsletters share sharing sharebar social socials
    promo promos promotion advert adverts ad ads advertisement advertising adsense dfp banner sponsor sponsored sponsors
    breadcrumb breadcrumbs crumb crumbs comments comment commentlist disqus respond cookie cookies consent gdpr
    subscribe subscription signup sidebar popup modal pagination pager tags taglist keywords outbrain taboola mostread
    mostviewed trending footer navigation nav navbar menu masthead toolbar rating ratings follow byline author authors
    bio biography timestamp dateline pubdate metadata postmeta copyright print login register survey poll readmore
    morefrom
    """
)
# Frames whose pictures are never the article's, captions or not.
FOREIGN = _words("related recommended recommendations recommendation outbrain taboola mostread mostviewed trending")
# Words of frames and of articles alike: they count where an element is mostly links.
WEAK = _words("teaser teasers widget widgets hidden overlay skip toc topics paywall box more tabs list")
PAIRS = re.compile(
    r"(?:^|[\s_-])(?:must|also|most|more|read|further)[_-]?(?:read|reading|more|like|stories|news|articles|popular"
    r"|viewed|on|from)(?:$|[\s_-])|next[_-]?prev|prev[_-]?next|author[_-](?:box|bio|info)|(?:article|post|entry)[_-]meta|meta[_-]info"
    r"|jp-relatedposts|addtoany|sharedaddy|edit[_-]?section|catlinks|navbox",
    re.IGNORECASE,
)

# What the words of a class or id say that an element is.
_MARKS = {
    "related": """related recommended recommendations recommendation recirc recirculation outbrain taboola mostread
        mostviewed popular trending readmore morefrom more next also further similar explore latest readnext
        linklist""",
    "letter": "newsletter newsletters subscribe subscription signup abo abonnement paywall regwall piano mailing",
    "share": "share sharing sharebar social socials follow facebook twitter whatsapp addtoany sharedaddy",
    "advert": """promo promos promotion advert adverts ad ads advertisement advertising adsense dfp banner sponsor
        sponsored sponsors anzeige werbung commercial affiliate shop""",
    "menu": """nav navigation navbar menu breadcrumb breadcrumbs crumb crumbs pagination pager toc skip toolbar tabs
        search index contents""",
    "comment": "comments comment commentlist disqus respond reply replies discussion",
    "author": "author authors byline bylines bio biography profile contributor writer autor autoren",
    "meta": """meta metadata postmeta date time timestamp dateline pubdate datetime tags tag taglist keywords category
        categories kicker label eyebrow topics topic rating ratings views readtime""",
    "footer": "footer footnote footnotes copyright legal disclaimer imprint correction colophon references",
    "caption": "caption credit media gallery slideshow slider carousel lightbox video player audio image photo picture",
    "lead": """standfirst dek lede lead leadtext subtitle subtitulo subheadline subheading subhead summary intro chapeau
        excerpt abstract vorspann ingress entradilla bajada deck sapo description manchet perex teaser""",
    "body": """body content text paragraph paragraphs articlebody entry story post article richtext prose copy
        bodytext main""",
    "aside": "sidebar aside widget widgets box infobox factbox module callout highlight panel card cards teasers list",
    "hidden": """hidden popup modal overlay cookie cookies consent gdpr login register print survey poll collapse
        tooltip""",
    "title": "title headline heading header head masthead hero",
    "embed": "embed tweet instagram quote pullquote blockquote iframe wrapper embedded",
}
FRAMES = frozenset(
    {"related", "letter", "share", "advert", "menu", "comment", "author", "meta", "footer", "aside", "hidden"}
)
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
MARKS = tuple(_MARKS)
_MARK_OF: dict[str, str] = {word: mark for mark, said in _MARKS.items() for word in said.split()}


@lru_cache(maxsize=4096)
def marks(name: str) -> frozenset[str]:
    """What the words of a class and id say."""
    return frozenset(_MARK_OF[w] for w in (w.lower() for w in _WORDS.findall(name)) if w in _MARK_OF)


# "hidden md:block" and "d-none d-md-block" are shown on wider screens.
UNSEEN = re.compile(
    r"(?:^|\s)(?:sr-only|visually-?hidden|screen-reader-text|screenreader|u-hidden)(?:\s|$)"
    r"|^(?!.*(?::(?:block|flex|grid|inline)|\bd-\w+-(?:block|flex|grid|inline)))(?:.*\s)?(?:hidden|d-none)(?:\s|$)",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def is_unseen(name: str) -> bool:
    """True where a class or id says that nobody, or whom the page is read to alone, is shown an element."""
    return bool(UNSEEN.search(name))


STANDFIRST = re.compile(
    r"standfirst|(?:^|[\s_-])(?:dek|lede|lead|leadtext|subtitle|subtitulo|subheadline|sub-?heading|subhead|summary|intro"
    r"|chapeau|excerpt|abstract|teaser|vorspann|ingress|entradilla|bajada|deck|sapo|description|manchet|perex)(?:$|[\s_-])"
    r"|__(?:dek|lead|intro|summary)",
    re.IGNORECASE,
)

CAPTION = re.compile(
    r"caption|legend|infotext|info__text|bildunterschrift|bildtext|(?:image|picture|photo|img|media|foto)[_-]*(?:text|desc)"
    r"|(?<![a-z])pic[_-]*(?:text|desc)"
    r"|media-?subtitle|media-block__desc|cutline",
    re.IGNORECASE,
)
CREDIT = re.compile(
    r"credit|copyright|photographer|photo-?by|agency|image-?source|byline|attribution|rights|fotograf|urheber"
    r"|(?<![a-z])(?:bild-?|foto-?)?quelle",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def is_caption(name: str) -> bool:
    """True where a class or id says that an element is a picture's caption."""
    return bool(CAPTION.search(name))


@lru_cache(maxsize=4096)
def is_credit(name: str) -> bool:
    """True where a class or id says that an element is a picture's credit."""
    return bool(CREDIT.search(name))


# A market share is none.
SHARE = re.compile(
    r"(?:^|\s)(?:(?:social|post|article|entry|page|story)[_-]{1,2})?(?:share|sharing)"
    r"(?:[_-]{0,2}(?:bar|box|buttons?|links?|tools?|icons?|widget|container|list))?(?:$|\s)|sharedaddy|addtoany",
    re.IGNORECASE,
)

# Players: what stands by their picture is the video's title.
DURATION = re.compile(r"^\W*\d?\d:\d\d\s|\b\d\d:\d\d min\b", re.IGNORECASE)
VIDEO = re.compile(r"(?<![a-z])video(?!s?[_-]*(?:false|no))|player(?!s)", re.IGNORECASE)
PICTURE_BOX = re.compile(
    r"image|img|photo|foto|picture|bild|media(?!n)|figure|imagen|kuva|slide(?!r)|carousel", re.IGNORECASE
)
# Boxes that are named for a picture and hold the article's own text beside it.
TEXT_BOX = re.compile(
    r"article(?![_-]*(?:\w+[_-]+)?(?:image|img|photo|picture|media))|body|content|story|card|teaser"
    r"|text-?(?:block|image|media)|header|author|profile|promo|list|quote|wrap-?text|(?:with|has)-?(?:image|media)",
    re.IGNORECASE,
)
SMALL_PICTURE = re.compile(r"logo|avatar|icon|pixel|emoji|gravatar|spinner|badge|button", re.IGNORECASE)
# What stands in a picture's place until it is loaded.
BLANK = re.compile(r"\.svg(?:\?|$)|transparent|placeholder|blank\.|spacer|pixel\.|1x1", re.IGNORECASE)

# Headings over other articles.
HEADING = re.compile(
    r"^\W*(?:must read|read (?:more|next|also)|(?:more|latest|related|recommended|popular|trending|similar|top) ?"
    r"(?:articles?|stories|story|posts|news|reading|content|coverage|topics|links|videos?|from .{0,40}|on this.{0,30}"
    r"|in .{0,30})?|most (?:read|popular|viewed)|you (?:may|might) also .{0,20}|see also|also read"
    r"|lesen sie auch.{0,40}|mehr zum thema|mehr aus.{0,30}|das könnte.{0,40}|auch interessant|(?:à )?lire aussi"
    r"|sur le même (?:thème|sujet)"
    r"|leer más|lea también|noticias relacionadas|leia (?:também|mais)|leggi anche|lees ook|läs (?:även|mer|också)"
    r"|les også|læs også|czytaj (?:też|także|również)|читайте также|share this.{0,30}|comments?"
    r"|leave a (?:reply|comment)|about the authors?|advert(?:isement)?|tags|anzeige)\W*$",
    re.IGNORECASE,
)
# Words before a link to another article, inside of one.
TEASER = re.compile(
    r"^\W*(?:read (?:more|also|next|on)|also read|more (?:on|from)|see also|see more(?=:)|also(?=:)|related|don.t miss"
    r"|recommended|watch|le[ae] (?:también|más)|(?:lea|mira|vea|ver)(?=\s*:)|leia (?:também|mais)|leggi anche|lesen sie"
    r"|mehr (?:zum|dazu|lesen)|auch interessant"
    r"|lire aussi|à lire|lees ook|läs (?:även|mer|också)|les også|læs også|lue myös|czytaj|zobacz też"
    r"|čtěte také|přečtěte si|citește (?:și|mai)|olvas(?:sa|ta) (?:el|már)|baca juga|xem thêm|đọc thêm"
    r"|ayrıca oku\w*|ilgili haber|διαβάστε (?:επίσης|ακόμα|και)|читайте|читать|прочетете|קראו (?:גם|עוד)"
    r"|[اإ]قر[أا](?:وا)? (?:أيض[اً]+|المزيد)|بیشتر بخوانید|مزید پڑھیں|यह भी पढ़ें|ये भी पढ़ें|আরও পড়ুন|மேலும் படிக்க"
    r"|関連記事|あわせて読みたい|관련\s?기사|相关阅读|相關(?:閱讀|新聞|報導)|延伸(?:阅读|閱讀)|推荐阅读|อ่าน(?:เพิ่มเติม|ข่าว))(?!\w)",
    re.IGNORECASE,
)
# Lines that are no paragraph wherever they stand.
NOISE = re.compile(
    r"^\W*(?:advert(?:isement)?|anzeige|werbung|publicidade?|publicité|реклама|share|tweet|print|email"
    r"|(?:\d+ )?comments?|continue reading.{0,30}|read more.{0,20}|©.{0,100}|by|tags?:?|follow us.{0,40}"
    r"|story continues below.{0,40}|article continues .{0,40}|skip .{0,40}|loading|photos?|video|gallery"
    r"|listen|save|view (?:\d+ )?(?:images?|gallery)|(?:vor )?\d+ ?(?:min|minut\w+|sec)\.?(?: ago)?|\d+:\d\d(?: ?min)?"
    r"|(?:mit|with) video|more(?: (?:from|on|about) .{2,30})?|also|(?:top rated |recent )?comments"
    r"|follow .{0,40}\bon (?:instagram|facebook|twitter|x|youtube|linkedin|social media)\b.{0,40}"
    r"|get .{0,40}\b(?:news|inbox|newsletter|delivered)\b.{0,60}|subscribe to .{2,60}"
    r"|(?:this is a )?breaking (?:news )?story.{0,60}|il vous reste .{1,12} de cet article.{0,80}"
    r"|(?:empfohlener redaktioneller|externer) inhalt|back to top|don.t miss|this slideshow requires javascript|)\W*$",
    re.IGNORECASE,
)
# "2 of 12 | " before a caption in a gallery.
COUNTER = re.compile(
    r"^\W*(?:(?:photo|foto|bild|image)\s)?\d{1,3}\s*(?:of|von|de|sur|di|van|/)\s*\d{1,3}\b\W*", re.IGNORECASE
)

_LABEL = (
    r"(?:photos?|fotos?|bild(?:er|quelle|rechte)?|images?|pictures?|source|quelle|credit|crédit(?: photo)?|cr[ée]dits?"
    r"|(?:photo|foto|image) ?credits?|copyright|photograph"
    r"|photography|illustration|graphic|grafik|video|kuva|zdj|фото)"
)
_AGENCY = (
    r"(?:Getty Images|AFP|AP|Reuters|dpa|EPA|Shutterstock|Alamy|iStock|imago|TASS|PA|Corbis"
    r"|ТАСС|РИА Новости|Рейтер|أ ف ب|أ ب|د ب أ|رويترز|فرانس برس|الأناضول)"
)
_IN_BRACKETS = r"(?:AP|AFP|Reuters|dpa|EPA|أ ف ب|أ ب|د ب أ|رويترز|فرانس برس|الأناضول)"  # one alone is no word there
_NAMES = r"(?-i:[A-Z]\w+ [A-Z][^()\[\]/\d]{1,40}/\s?(?:The )?[A-Z])"  # of who took it, and for whom
# Of one who took it: "Jan van der Moe", "STR", "photographer"; "Boats in the harbour" is none.
_NAME = r"(?-i:[^\W\d_a-zа-яё][\w.'’-]*(?:[ ,]{1,2}(?:[^\W\d_a-zа-яё][\w.'’-]*|[a-z]{1,3}|&)){0,5}|[a-z]+) ?"
_SAID = rf"(?:{_LABEL}(?:\.\.\.|…|\s*(?::|by\b|via\b|courtesy\b))|©|\(c\))"
# "。新华社记者 张三 摄", "、山田太郎撮影": before the word the name, behind it nothing.
_TAKEN = (
    r"(?:(?<=[。！？”])|[\s（(])\s*[^。！？（）()]{1,25}(?<!拍)(?:摄影?|攝影?|供图)\s*[）)]?"
    r"|[、，＝]\s*[^、，＝。\s]{2,15}撮影\s*[）)]?"
)
# Of an initial or an address, each in one way alone: where a dot could be both, sixteen of them took two seconds.
_DOT = r"(?:(?<=\b[A-Z])\.|(?<!\b[A-Z])\.(?=\w))"
CREDIT_TAIL = re.compile(
    rf"\s*(?P<credit>[(\[]\s*(?:{_SAID}|{_IN_BRACKETS}\b|{_NAMES})[^()\[\]]{{0,150}}[)\]]"
    rf"|{_TAKEN}|\s(?:{_LABEL}(?:\.\.\.|…|\s*(?::|by\b))|©)\s*(?:[^.]|{_DOT}){{2,120}}\.?"
    rf"|(?:(?<=[.!?”\"])(?<!\b[A-Z]\.)|\s[-–—|/])\s*(?:[^.!?()]|(?<=\b[A-Z])\.){{0,60}}(?:/\s?|\bvia\s|\|\s?)"
    rf"{_AGENCY}[^.!?]{{0,40}})\s*\.?\s*$",
    re.IGNORECASE,
)
AGENCY = re.compile(_IN_BRACKETS, re.IGNORECASE)
CREDIT_ALONE = re.compile(
    rf"^\s*[(\[]?\s*(?:{_SAID}|(?:{_NAME}/\s?)?{_AGENCY}(?: Photo| Pool)?\b(?!\s(?!via\b)[a-z]))"
    r"[^.!?]{0,120}\.?[)\]]?\s*$",
    re.IGNORECASE,
)
CREDIT_LEAD = re.compile(
    rf"^[(\[\s]*(?:{_LABEL}(?:\.\.\.|…|\s*(?::|by\b|via\b|courtesy of\b|courtesy\b))\s*|©\s*|\(c\)\s*)+", re.IGNORECASE
)
