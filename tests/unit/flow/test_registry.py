"""A node type is one file: documented, exemplified, in the schema, with golden cases (C8, C9)."""

from __future__ import annotations

import ast
import json

import jsonschema
import pytest

from ari_app.flow import nodes, registry
from ari_app.flow.admission import check
from ari_app.flow.book import FlowBook
from ari_app.flow.check import Prompts
from ari_app.flow.docs import pages
from ari_app.flow.parse import HEADER
from ari_app.flow.problems import Problems
from ari_app.flow.registry import NODE_TYPES
from ari_app.flow.schema import schema, site_schema
from ari_app.flow.shape import Reading, plain_value
from ari_app.flow.testing import run_directory
from ari_app.flow.yaml_tree import Mapping, read
from tests.unit.flow.given import EXAMPLES, GOLDEN, ROOT, scenarios_in, texts_in

TYPES = sorted(NODE_TYPES)
FOLDER = ROOT / "ari_app/flow/nodes"


def test_C7_every_node_type_of_the_mission_exists() -> None:
    assert set(TYPES) >= {
        "play", "say", "menu", "collect", "branch", "hours", "set", "set_language", "choose_language",
        "lookup", "enqueue", "transfer", "voicemail", "callback", "survey", "record_message", "subflow",
        "exit", "hangup", "protocol", "consent",
    }  # fmt: skip


@pytest.mark.parametrize("name", TYPES)
def test_C8_type_is_documented_with_a_true_example(name: str) -> None:
    node_type = NODE_TYPES[name]
    assert len(node_type.doc) > 20
    problems = Problems(name)
    tree = read(node_type.cls.EXAMPLE, problems)
    assert isinstance(tree, Mapping), problems.found
    (item,) = tree.items
    reading = Reading(problems)
    assert node_type.reader.read(item.value, name, reading) is not None, problems.found
    for field, reader in node_type.reader.fields.items():
        assert reader.schema.get("description"), f"{name}.{field} lacks a Doc"


@pytest.mark.parametrize("name", TYPES)
def test_C8_type_has_golden_cases(name: str) -> None:
    flow = (GOLDEN / f"{name}.yaml").read_text("utf-8")
    assert f"type: {name}" in flow
    assert (GOLDEN / f"{name}.scenarios.yaml").is_file()


def test_C7_golden_cases_of_all_node_types_pass_and_cover_every_way(prompts: Prompts) -> None:
    checked = check(texts_in(GOLDEN), prompts)
    assert checked.site is not None
    tested = run_directory(FlowBook.of(checked.flows.values(), checked.site), scenarios_in(GOLDEN), {})
    assert [result.failure for result in tested.results if result.failure is not None] == []
    assert [(p.file, p.node, p.message) for p in tested.problems] == []
    assert len(tested.results) > 100


@pytest.mark.parametrize("name", TYPES)
def test_C8_node_types_do_not_know_one_another(name: str) -> None:
    tree = ast.parse((FOLDER / f"{name}.py").read_text("utf-8"))
    imported = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert not [module for module in imported if module.startswith(nodes.__name__)]


def test_C8_a_new_file_is_a_new_type(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = str(tmp_path)
    source = (FOLDER / "set_language.py").read_text("utf-8").replace("SetLanguageNode", "OtherNode")
    with open(f"{folder}/other_language.py", "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write(source)
    monkeypatch.setattr(nodes, "__path__", [*nodes.__path__, folder])
    assert set(registry.discover()) == {*TYPES, "other_language"}


def test_C9_schema_is_published_and_accepts_what_the_checker_accepts() -> None:
    published = json.loads((EXAMPLES / "schema/flow.schema.json").read_text("utf-8"))
    assert published == json.loads(json.dumps(schema())), "run `ramal flow schema -o callflows/schema/…`"
    jsonschema.Draft202012Validator.check_schema(published)
    validator = jsonschema.Draft202012Validator(published)
    for folder in (EXAMPLES, GOLDEN):
        for file, text in texts_in(folder).items():
            tree = read(text, Problems(file))
            assert tree is not None
            if file != "site.yaml":
                assert [e.message for e in validator.iter_errors(plain_value(tree))] == []


def test_C9_schema_of_the_site_is_published_and_knows_what_is_usual() -> None:
    published = json.loads((EXAMPLES / "schema/site.schema.json").read_text("utf-8"))
    assert published == json.loads(json.dumps(site_schema())), "run `ramal flow schema --site -o callflows/…`"
    jsonschema.Draft202012Validator.check_schema(published)
    tree = read((EXAMPLES / "site.yaml").read_text("utf-8"), Problems("site.yaml"))
    assert tree is not None
    assert list(jsonschema.Draft202012Validator(published).iter_errors(plain_value(tree))) == []
    queue = published["properties"]["queues"]["additionalProperties"]["properties"]
    assert (queue["ring_s"]["default"], queue["recording"]["properties"]["keep_days"]["default"]) == (20, 180)


@pytest.mark.parametrize(
    "wrong",
    [
        {"flow": "x", "start": "a", "nodes": {"a": {"type": "meno"}}},
        {"flow": "x", "start": "a", "nodes": {"a": {"type": "play", "prompt": "A B"}}},
        {"flow": "x", "start": "a", "nodes": {"a": {"type": "play", "prompt": "a", "nxt": "b"}}},
        {"flow": "x", "start": "a", "nodes": {}, "colour": "red"},
        {"flow": "x", "nodes": {"a": {"type": "hangup"}}},
    ],
)
def test_C9_schema_refuses_what_is_wrong(wrong: dict[str, object]) -> None:
    assert list(jsonschema.Draft202012Validator(schema()).iter_errors(wrong))


def test_C9_node_pages_are_up_to_date() -> None:
    for file, text in pages().items():
        assert (ROOT / "docs/nodes" / file).read_text("utf-8") == text, "run `ramal flow docs`"
    assert {"flow", "start"} <= set(HEADER.required)
