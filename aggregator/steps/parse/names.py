"""XML -> a tree, and the names of its elements: a prefix for each namespace, none for the feeds' own."""

from functools import lru_cache

from lxml import etree

_OWN = (
    "http://backend.userland.com/rss",
    "http://blogs.law.harvard.edu/tech/rss",
    "http://purl.org/rss/1.0/",
    "http://my.netscape.com/rdf/simple/0.9/",
    "http://purl.org/atom/ns#",
    "http://www.w3.org/2005/Atom",
    "http://purl.org/rss/1.0/modules/rss091#",
)
_PREFIXES = {uri.lower(): "" for uri in _OWN} | {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://search.yahoo.com/mrss": "media",
    "http://search.yahoo.com/mrss/": "media",
    "https://search.yahoo.com/mrss": "media",
    "https://search.yahoo.com/mrss/": "media",
}


def parsed_xml(xml: bytes, *, recover: bool = False) -> etree._Element | None:
    """The document element; None where lxml cannot read it."""
    parser = etree.XMLParser(
        recover=recover,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_pis=True,
        remove_comments=True,
    )
    try:
        return etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def name(element: etree._Element) -> str:
    """ "title", "dc:creator", "feedburner:origlink": lower case, whatever prefix the document chose; where the
    namespace is not known, the document's own prefix counts, as it does for feedparser."""
    return _name(str(element.tag), element.prefix)


@lru_cache(maxsize=4096)
def _name(tag: str, prefix: str | None) -> str:
    uri, _, local = tag.rpartition("}")
    known = _PREFIXES.get(uri[1:].lower(), (prefix or "").lower())
    return f"{known}:{local.lower()}" if known else local.lower()
