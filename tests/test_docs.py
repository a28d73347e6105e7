import re
import runpy
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import click
import pytest

from aggregator.cli import aggregator
from aggregator.config import Settings
from aggregator.config.toml import hints
from aggregator.model import Source, Topic

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
GENERATED = runpy.run_path(str(DOCS / "generate.py"))


def commands(command: click.Command, path: str = "") -> Iterator[tuple[str, click.Command]]:
    if path:
        yield path, command
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            yield from commands(each, f"{path} {name}".strip())


def keys(cls: type[Any]) -> Iterator[str]:
    for f in fields(cls):
        if is_dataclass(hint := hints(cls)[f.name]):
            assert isinstance(hint, type)
            yield f"[{f.name}]"
            yield from keys(hint)
        elif f.name != "id":
            yield f.name


def section(text: str, heading: str) -> str:
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


@pytest.mark.parametrize("name", ["commands", "settings"])
def test_what_is_generated_is_fresh(name: str) -> None:
    assert (DOCS / f"{name}.md").read_text("utf-8") == GENERATED[name](), "stale: run `python docs/generate.py`"


@pytest.mark.parametrize(("path", "command"), list(commands(aggregator)), ids=lambda value: str(value)[:30])
def test_every_command_is_in_the_docs_with_its_options(path: str, command: click.Command) -> None:
    text = section((DOCS / "commands.md").read_text("utf-8"), path)
    assert f"Usage: aggregator {path}" in text
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert all(option in text for option in parameter.opts)
    if not isinstance(command, click.Group):
        assert f"Example: aggregator {path}" in " ".join(text.split())


@pytest.mark.parametrize(
    ("cls", "file"), [(Settings, "aggregator.toml"), (Source, "sources.toml"), (Topic, "topics.toml")]
)
def test_every_setting_is_in_the_docs_and_explained(cls: type[Any], file: str) -> None:
    text = section((DOCS / "settings.md").read_text("utf-8"), f"config/{file}")
    example = (ROOT / "config" / file).read_text("utf-8")
    for key in keys(cls):
        if key.startswith("["):
            assert f"### {key}\n" in text
        else:
            assert re.search(rf"^\| `{key}` \| [^|]+ \| [^|]+\S \|$", text, re.MULTILINE), key
            assert re.search(rf"^# {key} = ", example, re.MULTILINE), key


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))], ids=str)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```|`[^`]*`", "", page.read_text("utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" not in target and not target.startswith("#"):
            assert (page.parent / target.partition("#")[0]).exists(), target


def test_the_readme_names_only_commands_and_targets_that_are() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    known = {path.split()[0] for path, _ in commands(aggregator)}
    assert set(re.findall(r"^\$ (?:.*&& )?aggregator ([a-z]+)", text, re.MULTILINE)) <= known
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"`make (\w+)`", text):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@pytest.mark.parametrize("page", sorted((DOCS / "decisions").glob("*.md")), ids=lambda page: page.stem)
def test_a_decision_is_short_and_has_its_three_parts(page: Path) -> None:
    text = page.read_text("utf-8")
    assert len(text.splitlines()) <= 25
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Question", "Weighed", "Answer"]
