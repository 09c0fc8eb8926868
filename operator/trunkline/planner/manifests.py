"""The objects that the planner's commands are given as files: a ScalingPolicy, its ContactCenter, that one's CacheLayer."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from trunkline.api.center import ContactCenter
from trunkline.api.manifest import Document, expanded, read
from trunkline.api.parse import parse_center
from trunkline.api.problem import Problem
from trunkline.api.scaling_parse import parse_scaling_policy
from trunkline.api.scaling_policy import ScalingPolicy, ScalingPolicySpec


class UsageError(Exception):
    """What the user has to write instead; the message is for people."""


def text_of(file: Path) -> str:
    """What a file says, with or without a byte order mark. Raises UsageError."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{file} is no text in UTF-8: byte {error.start} is {error.object[error.start]:#04x}"
        ) from None


def documents_of(files: Sequence[Path]) -> list[Document]:
    """All objects of the files, and of folders of them; - is standard input. Raises ManifestError, UsageError."""
    return [
        document
        for file in expanded(files)
        for document in read(sys.stdin.read() if str(file) == "-" else text_of(file), str(file))
    ]


def policy_of(documents: Sequence[Document], files: Sequence[Path], name: str | None) -> ScalingPolicy:
    """The policy with this name, else the only one. Raises UsageError."""
    ours = [document for document in documents if document.kind == ScalingPolicy.kind]
    named = [document for document in ours if name in (None, document.name)]
    listed = ", ".join(map(str, files))
    if not named:
        raise UsageError(f"no {ScalingPolicy.kind}{f' {name}' if name and ours else ''} in {listed}")
    if len(named) > 1:
        names = ", ".join(document.name for document in named)
        raise UsageError(f"{listed} has several policies: say which with --name, of {names}")
    parsed = parse_scaling_policy(named[0].body, report_unknown=True)
    if parsed.policy is None or parsed.problems:
        raise UsageError(refused(named[0], parsed.problems))
    return parsed.policy


def center_of(documents: Sequence[Document], spec: ScalingPolicySpec) -> ContactCenter | None:
    """The policy's center, if it is in the files. Raises UsageError."""
    for document in documents:
        if document.kind == ContactCenter.kind and document.name == spec.target_ref.name:
            parsed = parse_center(document.body, report_unknown=True)
            if parsed.center is None:
                raise UsageError(refused(document, parsed.problems))
            return parsed.center
    return None


def refused(document: Document, problems: Sequence[Problem]) -> str:
    """What is wrong with an object, and where it stands."""
    listed = "\n  ".join(map(str, problems))
    return f"{document.source}, line {document.line}: {document.kind} {document.name}\n  {listed}"
