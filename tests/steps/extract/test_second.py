"""steps.extract.second"""

from aggregator.model import Response
from aggregator.steps import extract
from aggregator.steps.extract import blocks, page, second, trees
from tests.steps.extract.pages import TEXT, URL, framed, prose

PAGE = Response(url=URL, status=200, body=framed(prose()).encode())


def test_where_the_trees_doubt_readabilitys_choice_is_taken_if_it_is_much_fuller() -> None:
    unsure = trees.Forest(lambda _: -0.1, lambda _: 0.0)
    assert extract.article(PAGE, learned=unsure).text.split("\n\n") == TEXT


def test_a_choice_that_is_not_much_fuller_leaves_the_trees_theirs() -> None:
    root, _ = page.parse(PAGE)
    read = blocks.read(root)
    chances = [0.6] * len(read)
    assert second.fuller(read, chances, root) is chances


def test_doubt_is_the_share_of_words_that_may_be_wrong() -> None:
    read = blocks.read(page.parse(PAGE)[0])
    assert second.doubt(read, [1.0] * len(read)) == 0
    assert second.doubt(read, [0.9] * len(read)) < second.DOUBT < second.doubt(read, [0.4] * len(read))
