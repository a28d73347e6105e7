from aggregator.doors.store import Store, chrome


async def test_what_is_remembered_of_a_host_is_replaced_by_what_is_made_of_it(store: Store) -> None:
    assert await store.read(chrome.of, "paper.example") is None
    await store.write(chrome.change, "paper.example", lambda said: f"{said}+1")
    await store.write(chrome.change, "paper.example", lambda said: f"{said}+2")
    assert await store.read(chrome.of, "paper.example") == "None+1+2"
    assert await store.read(chrome.of, "other.example") is None
