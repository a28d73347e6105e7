"""What in an address says nothing about the page: trackers, redirectors, the front ends of one site."""

import json
import re
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

# Beside the published list, which knows mostly shops: what publishers and their mailers count readers by. A parameter
# that any site uses to choose its content ("id", "p", "page", "ref", "source", "cid") is for a site's own rule only.
TRACKERS = frozenset(
    """gclsrc dclid gbraid wbraid msclkid yclid ymclid _openstat twclid ttclid igshid igsh srsltid erid _ga _gl
    _ke _kx dm_i epik _branch_match_id rb_clickid sc_cid cx_click cx_recs_click wickedid s_cid icid ocid
    xtor ref_src ref_url __twitter_impression spm scm trk trackingid guccounter guce_referrer
    guce_referrer_sig ito ns_mchannel ns_campaign ns_source ns_linkname ns_fee wt_mc wt_zmc emc smid smtyp
    replytocom usqp amp_js_v amp_gsa aoh phpsessid jsessionid""".split()  # noqa: SIM905  a word list
)
PREFIXES = ("utm_", "itm_", "pk_", "mtm_", "matomo_", "piwik_", "hsa_", "__hs", "at_medium", "at_campaign", "at_custom",
            "at_link", "at_format", "at_ptr", "aspsessionid", "oly_", "vero_", "mc_")  # fmt: skip

# Where the address of the page stands in another: parameters of a redirector, or what follows its own.
WRAPPERS = (
    (re.compile(r"^(www\.)?google\.[a-z.]{2,6}/url$"), ("q", "url")),
    (re.compile(r"^lm?\.(facebook|instagram|messenger)\.com/"), ("u",)),
    (re.compile(r"^out\.reddit\.com/"), ("url",)),
    (re.compile(r"^(www\.)?bing\.com/news/apiclick\.aspx$"), ("url",)),
    (re.compile(r"^translate\.google\.[a-z.]{2,6}/translate$"), ("u",)),
    (re.compile(r"^(www\.)?youtube\.com/redirect$"), ("q",)),
    (re.compile(r"^t\.umblr\.com/redirect$"), ("z",)),
    (re.compile(r"^vk\.com/away\.php$"), ("to",)),
    (re.compile(r"^[a-z0-9-]+\.safelinks\.protection\.outlook\.com/"), ("url",)),
    (re.compile(r"^slack-redir\.net/link$"), ("url",)),
    (re.compile(r"^(www\.|html\.)?duckduckgo\.com/l/?$"), ("uddg",)),
    (re.compile(r"^medium\.com/m/global-identity(-2)?$"), ("redirectUrl",)),
    (re.compile(r"^(www\.)?linkedin\.com/(redir/redirect|safety/go)/?$"), ("url",)),
)
WRAPPED = (
    re.compile(r"^web\.archive\.org/web/\d+[a-z_]*/(https?:/.+)$"),
    re.compile(r"^(?:www\.)?google\.[a-z.]{2,6}/amp/(?:s/)?(.+)$"),
    re.compile(r"^href\.li/\?(https?:/.+)$"),
    re.compile(r"^[^/]+\.cdn\.ampproject\.org/[a-z]/(?:s/)?(.+)$"),
)

# A site's own: a part of its host name, and the parameters that are trackers there.
OF_SITE = (
    (re.compile(r"(^|\.)nytimes\.com$"), frozenset({"partner", "ref"})),
    (re.compile(r"(^|\.)cnn\.com$"), frozenset({"cid"})),
    (re.compile(r"(^|\.)theguardian\.com$"), frozenset({"cmp"})),
    (re.compile(r"(^|\.)substack\.com$"), frozenset({"publication_id", "post_id", "isfreemail", "r", "triedredirect"})),
    (re.compile(r"(^|\.)(youtube|vimeo)\.com$"), frozenset({"t", "si", "pp", "ab_channel"})),
    (re.compile(r"(^|\.)(x|twitter)\.com$"), frozenset({"t"})),
)
SITES = {
    "twitter.com": "x.com",
    "old.reddit.com": "reddit.com",
    "new.reddit.com": "reddit.com",
    "np.reddit.com": "reddit.com",
}


class Rule(NamedTuple):
    """One of the published list's."""

    host: re.Pattern[str]
    drop: frozenset[str]
    target: str | None  # the parameter that holds the page's address


@lru_cache(maxsize=4096)
def of_host(host: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """Parameters, in lower case, that are trackers on this host, and those that may hold another address."""
    names = (host, f"www.{host}")  # some rules are for a site's www., which means all of it
    rules = [rule for rule in _published() if any(map(rule.host.search, names))]
    own = (*(rule.drop for rule in rules), *(frozenset(names) for site, names in OF_SITE if site.search(host)))
    return _with_trackers(own), tuple(rule.target for rule in rules if rule.target)


@lru_cache(maxsize=256)  # most hosts have the same
def _with_trackers(own: tuple[frozenset[str], ...]) -> frozenset[str]:
    return TRACKERS.union(*own)


@cache
def _published() -> tuple[Rule, ...]:
    # A part of the program as its modules are: read once, where it is first asked for.
    said = json.loads(resources.files(__package__ or "").joinpath("tidy-url.json").read_text("utf-8"))
    return tuple(
        Rule(
            host=re.compile(rule["host"], re.IGNORECASE),
            drop=frozenset(name.lower() for name in rule["drop"]),
            target=rule.get("target"),
        )
        for rule in said["rules"]
    )
