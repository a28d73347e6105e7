"""steps.dedup.captions"""

import pytest

from aggregator.steps.dedup import caption_key

SAID = "Divers look for the cargo’s last “box” at the quay"


@pytest.mark.parametrize(
    "other",
    [
        "  Divers look for the cargo's last \"box\" at the quay. ",
        "<em>Divers look for the cargo&#x27;s last &quot;box&quot; at the quay</em>",
        "&lt;b&gt;Divers look&lt;/b&gt; for the cargo&amp;rsquo;s last “box” at the quay",
        "Photo: Divers look for the cargo’s last “box” at the quay…",
        f"{SAID} (AP Photo)", f"{SAID} (Photo: Jo Doe/dpa)", f"{SAID}. Reuters", f"{SAID} © Getty Images",
        f"{SAID}. Photograph: Jo Doe/Getty", f"{SAID} | Foto: dpa", f"{SAID}. Crédit : AFP", f"{SAID} - Photo: Jo Doe",
        f"Photograph: {SAID}", f"{SAID}. Photo credit: Jo Doe", f"{SAID} - AFP Photo/Jo Doe", f"{SAID} | Reuters Photo",
        f"{SAID}。新华社记者 张三 摄", f"{SAID}。（张三摄）", f"{SAID}。新华社发（李四 摄）",
        f"{SAID}. Foto: Jo Doe", f"{SAID} (Jo Doe/AFP)", f"{SAID} - dpa",
    ],
)  # fmt: skip
def test_typography_tags_and_credits_make_no_other_caption(other: str) -> None:
    assert caption_key(other) == caption_key(SAID)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Six boats at the quay", "Seven boats at the quay"), ("The quay (2019/20)", "The quay"), ("The quay (left)", "The quay"),
        ("Prices rose - AP Moller", "Prices rose - AP"), ("渡轮沉没。一名记者在现场拍摄", "渡轮沉没"),
        ("A photo: the crew at dawn", "A photo: the mayor at dawn"), ("(AP)", "(dpa)"), ("The spa - a quiet place", "The spa"),
    ],
)  # fmt: skip
def test_other_words_make_another_caption(one: str, other: str) -> None:
    assert caption_key(one) != caption_key(other)
