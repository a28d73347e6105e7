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


def test_a_container_without_what_the_trees_found_is_another_part_of_the_page() -> None:
    message = "<div><p>A message of the day, which is all that this page is for, stands here alone in a few words, and below it "
    message += "stand the beginnings of seven others that are longer than itself, as they do on every page of this site.</p></div>"
    root, _ = page.parse(Response(url=URL, status=200, body=framed(prose(), before=message).encode()))
    read = blocks.read(root)
    chances = [0.9 if block.text.startswith("A message") else 0.4 for block in read]
    assert second.fuller(read, chances, root) is chances


def test_doubt_is_the_share_of_words_that_may_be_wrong() -> None:
    read = blocks.read(page.parse(PAGE)[0])
    assert second.doubt(read, [1.0] * len(read)) == 0
    assert second.doubt(read, [0.9] * len(read)) < second.DOUBT < second.doubt(read, [0.4] * len(read))
