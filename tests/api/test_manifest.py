"""Manifests mean to `trunkline plan -f` what they mean to kubectl."""

from __future__ import annotations

import json
from typing import Any

import pytest

from trunkline.api.manifest import ManifestError, read
from trunkline_sandbox.cluster import Cluster

HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"

SCALARS: dict[str, Any] = {
    "18:00": "18:00",  # PyYAML: 1080
    "9:05:30": "9:05:30",
    "2026-12-25": "2026-12-25",  # PyYAML: a date
    "2026-12-25T10:00:00Z": "2026-12-25T10:00:00Z",
    "On": True,
    "off": False,
    "y": True,
    "N": False,  # DynamoDB's word for a number
    "NO": False,  # Norway
    "tRue": "tRue",
    "~": None,
    "Null": None,
    "0x1F": 31,
    "0o17": 15,
    "017": 15,
    "08": 8,
    "0b11": 3,
    "1_000": 1000,
    "+5": 5,
    "-0": 0,
    "1.0": 1,
    "1.50": 1.5,
    "1e3": 1000,
    "1E-2": 0.01,
    ".5": 0.5,
    "5.": 5,
    ".": ".",
    "1.2.3": "1.2.3",
    "0xZZ": "0xZZ",
    "=": "=",
    "a:b": "a:b",
    "'on'": "on",
    '"5"': "5",
    "!!str 5": "5",
    "!!int '5'": 5,
    "{1: a, yes: b, 1.5: c}": {"1": "a", "true": "b", "1.5": "c"},
    "{<<: {a: 1, b: 1}, b: 2}": {"a": 1, "b": 2},
    "{b: 2, <<: [{a: 1}, {a: 2, b: 3}]}": {"a": 1, "b": 3},
}


@pytest.mark.parametrize(("text", "value"), SCALARS.items(), ids=SCALARS)
def test_scalars(text: str, value: Any) -> None:
    (document,) = read(f"{HEAD}value: {text}\n")
    found = document.body["value"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.cluster
def test_kubectl_reads_all_of_them_the_same(cluster: Cluster) -> None:
    lines = "".join(f"    - {text}\n" for text in SCALARS)
    manifest = f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n  values:\n{lines}"
    printed = cluster.kubectl("create", "--dry-run=client", "--validate=false", "-o", "json", "-f", "-", input=manifest)
    values = json.loads(printed)["metadata"].get("values")
    assert values == list(SCALARS.values())


def test_documents_and_lists_with_the_lines_where_they_begin() -> None:
    text = (
        "# a comment\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\n---\n"
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata: {name: b}\n"
        '- {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "c"}}\n'
    )
    assert [(found.kind, found.name, found.line) for found in read(text)] == [
        ("ConfigMap", "a", 3),
        ("Secret", "b", 11),
        ("Service", "c", 14),
    ]


def test_json_is_read_too_with_tabs_and_escapes() -> None:
    (document,) = read('{\n"apiVersion": "v1",\n"kind": "X", "metadata": {"name": "\\u00e4\\/"}}')
    assert document.name == "ä/"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("a: 1\na: 2\n", "f.yaml:5:1: the key 'a' stands here twice", id="key-twice"),
        pytest.param("a: {b: 1, 'b': 2}\n", "f.yaml:4:11: the key 'b' stands here twice", id="key-twice-in-braces"),
        pytest.param("a: [1, 2\n", "f.yaml:5:1: ", id="open-bracket"),
        pytest.param("a:\n\t- b\n", "f.yaml:5:1: ", id="tab"),
        pytest.param("a: .inf\n", "f.yaml:4:4: .inf is no value of JSON", id="infinite"),
        pytest.param("a: !!python/object/apply:os.system ['true']\n", "f.yaml:4:4: ", id="code"),
        pytest.param("a: !Ref x\n", "f.yaml:4:4: the tag !Ref is not supported", id="tag"),
        pytest.param("a: &a [*a]\n", "f.yaml:4:4: an alias stands inside of what it names", id="endless"),
        pytest.param("? [a]\n: b\n", "f.yaml:4:3: a key is text", id="key-is-a-list"),
        pytest.param(
            "a: &a [1,1,1,1,1,1,1,1,1,1]\n"
            + "".join(
                f"{new}: &{new} [{','.join([f'*{old}'] * 10)}]\n" for old, new in zip("abcdefg", "bcdefgh", strict=True)
            ),
            "more than 1000000 values",
            id="billion-laughs",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text: str, says: str) -> None:
    with pytest.raises(ManifestError) as refused:
        read(HEAD + text, "f.yaml")
    assert says in str(refused.value)


def test_something_that_is_no_object() -> None:
    with pytest.raises(ManifestError, match=r"f\.yaml:2: not a Kubernetes object: write apiVersion and kind"):
        read("---\nname: x\n", "f.yaml")


def test_nothing() -> None:
    assert read("") == ()
    assert read("# only a comment\n") == ()
