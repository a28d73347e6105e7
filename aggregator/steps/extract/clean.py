"""What is no text whatever a page is: taken out of the tree before anything is read."""

from itertools import islice

from lxml import etree, html

_NEVER = (
    "audio", "canvas", "dialog", "embed", "iframe", "input", "link", "map", "math", "meta", "object", "option",
    "script", "select", "style", "svg", "textarea", "title", "video",
)  # fmt: skip
_UNWRAPPED = ("noscript", "button", "template")
MAX_CLIMB = 12
_ASKED = 100  # elements that are asked whether they hold the page


def clean(root: html.HtmlElement) -> None:
    """Scripts, forms' fields and players go; a picture for readers without scripts stays, and a whole page for them."""
    etree.strip_elements(root, *_NEVER, with_tail=False)
    for element in root.iter("amp-img", "amp-anim"):
        element.tag = "img"
    page = _page(root)
    for element in list(root.iter(*_UNWRAPPED)):
        if element.getparent() is None:
            continue
        if element is page or (next(element.iter("img"), None) is not None and length(element) < 2000):
            element.drop_tag()
        else:
            element.drop_tree()


def _page(root: html.HtmlElement) -> html.HtmlElement | None:
    """An element that holds most of the page: nobody closed it, or the page asks for a script and does not need it."""
    whole = length(root)
    return next((e for e in islice(root.iter(*_UNWRAPPED), _ASKED) if 2 * length(e) > whole), None)


def is_large(element: html.HtmlElement, elements: int = 200) -> bool:
    """True for more elements than a picture's box or a card has: what keeps every search upwards short."""
    return sum(1 for _ in islice(element.iter(), elements + 1)) > elements


def names(element: html.HtmlElement) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}"[:300]


def link_density(element: html.HtmlElement) -> float:
    """The share of an element's characters that stand in links."""
    whole = length(element)
    return sum(length(a) for a in element.iter("a")) / whole if whole else 0.0


def length(element: html.HtmlElement) -> int:
    return len(" ".join("".join(element.itertext()).split()))
