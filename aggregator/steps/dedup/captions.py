"""Whether two captions say the same of a picture."""

import re
from html import unescape

from aggregator.steps.text import fold

_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
# What agencies and desks put behind a caption, or before it: who took the picture, not what it shows.
_AGENCY = (
    r"(?:ap|afp|dpa|epa|efe|ansa|apa|pa|reuters|getty(?:\ images)?|shutterstock|alamy|imago|picture\ alliance|ritzau"
    r"|keystone|bloomberg|xinhua|tass|istock|unsplash|wikimedia(?:\ commons)?|flickr|spa)"
)
_PHOTO = (
    r"(?:photo(?:graph(?:s|y)?|s|\ credits?)?|images?|pictures?|pics?|fotos?|bild(?:er|nachweis|quelle)?|imagen"
    r"|credits?(?:\ photos?)?|courtesy|source|quelle"
    "|صور[ةه]|фото|写真|사진|图)"
)
_REPORTER = "(?:记者|記者|通讯员|通訊員)"
_CREDIT = re.compile(
    rf"""\s*(?:[(\[](?:{_PHOTO}\b[^()\[\]]*|(?:[^()\[\]]{{0,60}}\b)?{_AGENCY}(?:\ {_PHOTO}|[/ ][^()\[\]]{{0,60}})?)[)\]]
    |(?:©|\(c\)|\bcopyright\b)[^.!?]{{0,60}}
    |(?:(?<=[.!?]\ )|[/|]\s*|(?<=\ )-\s){_PHOTO}\s*:[^.!?]{{0,60}}
    |[-/|]\s*{_AGENCY}(?:\ {_PHOTO})?(?:/\w[\w ]{{0,30}})?
    |(?<=[.!?]\ ){_AGENCY}(?:\ {_PHOTO})?
    |(?<=[。.!?\ ])[^\s。.!?()]{{0,10}}{_REPORTER}[^。.!?()]{{1,20}}(?<!拍)[摄攝]
    |\([^。.!?()]{{1,30}}(?<!拍)[摄攝]\)
    |(?<=[。.!?\ ])新[华華]社[发發]
    )[.。]?\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
_BEFORE = re.compile(rf"^\s*(?:file\s+)?{_PHOTO}\s*[:-]\s*", re.IGNORECASE)
_TAIL = 200
"""Where a credit can stand: no longer text is searched for one."""


def caption_key(caption: str) -> str:
    """What captions share that differ in typography, entities, tags and credits alone."""
    plain = fold(_TAG.sub(" ", unescape(unescape(caption))))
    credited = _BEFORE.sub("", plain)
    while found := _CREDIT.search(credited, max(0, len(credited) - _TAIL)):
        credited = credited[: found.start()]
    return credited.strip(" .。…,;:|\"'") or plain
