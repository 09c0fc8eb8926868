"""What may stand at the cursor: sub commands, flags and choices from the parser itself, names from the cluster.

Two callers: `kubectl_complete-trunkline`, which kubectl runs for `kubectl trunkline ...<TAB>` and which speaks cobra's
protocol (one candidate a line, a tab, what it is; at the end `:` and the directive), and the scripts of `trunkline
completion`. Nothing is ever complained of: who presses Tab wants words or nothing.
https://github.com/spf13/cobra/blob/main/site/content/completions/_index.md
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from trunkline.api.counted import counted
from trunkline.api.names import CACHE_LAYER, CONTACT_CENTER, GROUP, KINDS, SCALING_POLICY, KindName
from trunkline.kubectl.failure import Failure
from trunkline.kubectl.place import Place
from trunkline.kubectl.reference import kind_of, namespace_of, reference
from trunkline.kubectl.server import Kubectl
from trunkline.kubectl.terminal import plain

SECONDS = 3.0
FILES, NO_SPACE, NO_FILES = 0, 2, 4
_FILE_FLAGS = frozenset({"kubeconfig", "file", "lambdas", "cache_ca", "tenants", "history", "svg"})
_KINDS_OF = {"console": (CONTACT_CENTER,), "capacity": (SCALING_POLICY,), "plan": (CONTACT_CENTER, CACHE_LAYER)}
_NOTHING = argparse.ArgumentParser(add_help=False)  # what an unknown command takes

Candidates = list[tuple[str, str]]
"""Words, and what they are."""


@dataclass(slots=True)
class _Line:
    """The words before the cursor, understood. flags: values by destination; pending: the flag whose value is to come;
    positionals: those of the command, in order, with how many of them stand there already.
    """

    parser: argparse.ArgumentParser
    command: str = ""
    flags: dict[str, str] = field(default_factory=dict)
    pending: argparse.Action | None = None
    given: list[str] = field(default_factory=list)


def complete(parser: argparse.ArgumentParser, words: Sequence[str], environ: Mapping[str, str] = os.environ) -> str:
    """The answer for the words after the program's name, the last of which is being written (and may be empty)."""
    *before, current = _joined(words) or [""]
    line = _understood(parser, before)
    try:
        found, directive = _candidates(line, current, environ)
    except Failure:
        found, directive = [], NO_FILES
    fitting = [(word, what) for word, what in found if word.startswith(current)]
    lines = [f"{word}\t{plain(what)}" if what else word for word, what in fitting]
    return "\n".join([*lines, f":{directive}"]) + "\n"


def _joined(words: Sequence[str]) -> list[str]:
    """bash breaks `--flag=value` into three words."""
    found: list[str] = []
    for word in words:
        if word == "=" and found and found[-1].startswith("--"):
            found[-1] += "="
        elif found and found[-1].startswith("--") and found[-1].endswith("="):
            found[-1] += word
        else:
            found.append(word)
    return found


def _understood(parser: argparse.ArgumentParser, words: Iterable[str]) -> _Line:
    line = _Line(parser)
    for word in words:
        if line.pending is not None:
            line.flags[line.pending.dest] = word
            line.pending = None
        elif word.startswith("-") and len(word) > 1:
            _flag(line, word)
        elif (commands := _commands(line.parser)) is not None:
            line.parser, line.command = commands.get(word, _NOTHING), line.command or word
        else:
            line.given.append(word)
    return line


def _flag(line: _Line, word: str) -> None:
    name, equals, value = word.partition("=")
    action = _flags(line.parser).get(name)
    if action is None and not name.startswith("--"):  # -nacme
        action = _flags(line.parser).get(name[:2])
        equals, value = name[2:3], name[2:]
    if action is None or action.nargs == 0:
        return
    if equals:
        line.flags[action.dest] = value
    else:
        line.pending = action


def _candidates(line: _Line, current: str, environ: Mapping[str, str]) -> tuple[Candidates, int]:
    if line.pending is not None:
        return _values(line.pending, line, environ)
    if current.startswith("--") and "=" in current:
        name = current.partition("=")[0]
        action = _flags(line.parser).get(name)
        if action is None:
            return [], NO_FILES
        found, directive = _values(action, line, environ)
        return [(f"{name}={word}", what) for word, what in found], directive
    if current.startswith("-"):
        flags = _flags(line.parser).items()
        return [(name, action.help or "") for name, action in flags if name.startswith("--")], NO_FILES
    if (commands := _commands(line.parser)) is not None:
        helps = _helps(line.parser)
        return [(name, helps.get(name, "")) for name in commands], NO_FILES
    positionals = [action for action in _actions(line.parser) if not action.option_strings]
    if len(line.given) >= len(positionals):
        return [], NO_FILES
    return _arguments(positionals[len(line.given)], line, current, environ)


def _values(action: argparse.Action, line: _Line, environ: Mapping[str, str]) -> tuple[Candidates, int]:
    """Of a flag."""
    if action.choices is not None:
        return [(str(choice), "") for choice in action.choices], NO_FILES
    if action.dest in _FILE_FLAGS:
        return [], FILES
    if action.dest == "namespace":
        return [(name, "") for name in _names(_kubectl(line, environ), ("namespaces",))], NO_FILES
    if action.dest == "context":
        return [(name, "") for name in _kubectl(line, environ).contexts()], NO_FILES
    return [], NO_FILES


def _arguments(
    action: argparse.Action, line: _Line, current: str, environ: Mapping[str, str]
) -> tuple[Candidates, int]:
    """Of what stands without a flag."""
    if action.choices is not None:
        return [(str(choice), "") for choice in action.choices], NO_FILES
    if action.dest in ("name", "task") and not line.flags.get("file"):
        return list(_objects(_place(line, environ), _KINDS_OF.get(line.command, KINDS), current)), NO_FILES
    if action.dest == "plan" and line.given:
        found = _place(line, environ).find(reference(line.given[0]), tell=lambda _: None)
        waits = counted(len(found.to_confirm), "step waits", "steps wait")
        return [(found.waiting, waits)] if found.waiting else [], NO_FILES
    return [], FILES if action.type is Path else NO_FILES


def _objects(place: Place, kinds: Sequence[KindName], current: str) -> Iterator[tuple[str, str]]:
    """Names of the objects. One that several kinds have, or that begins with a kind, is written as KIND/NAME."""
    word, slash, _ = current.partition("/")
    asked = kind_of(word) if slash else None
    if slash and asked not in kinds:
        return
    wanted = [asked] if asked is not None else list(kinds)
    flags = [f"--namespace={place.namespace}"] if place.namespace else []
    plurals = ",".join(f"{kind.plural}.{GROUP}" for kind in wanted)
    found = []
    for shown in _names(place.kubectl, (plurals, *flags)):
        prefix, _, name = shown.rpartition("/")  # kubectl says the kind where several are asked for
        kind = kind_of(prefix) if prefix else wanted[0]
        if kind is not None:
            found.append((kind, name))
    names = [name for _, name in found]
    for kind, name in found:
        if slash:
            yield f"{word}/{name}", kind.kind
        else:
            yield name if names.count(name) == 1 else f"{kind.short}/{name}", kind.kind
    if not slash and current:
        for kind, name in found:
            for alias in (kind.short, kind.singular):
                if alias.startswith(current) and (alias == kind.short or not kind.short.startswith(current)):
                    yield f"{alias}/{name}", kind.kind


def _names(kubectl: Kubectl, what: Sequence[str]) -> list[str]:
    """By the server's own table, which is light: whole objects may have a megabyte each."""
    try:
        shown = kubectl.text("get", *what, "--no-headers", "--ignore-not-found", f"--request-timeout={SECONDS:g}s")
    except Failure:
        return []
    return [line.split()[0] for line in shown.splitlines() if line.split()]


def _kubectl(line: _Line, environ: Mapping[str, str]) -> Kubectl:
    kubeconfig = line.flags.get("kubeconfig") or environ.get("TRUNKLINE_KUBECONFIG")
    context = line.flags.get("context") or environ.get("TRUNKLINE_CONTEXT")
    return Kubectl.found(environ, Path(kubeconfig) if kubeconfig else None, context, SECONDS)


def _place(line: _Line, environ: Mapping[str, str]) -> Place:
    kubectl, namespace = _kubectl(line, environ), line.flags.get("namespace")
    return Place(kubectl, namespace_of(namespace) if namespace else None)


# argparse shows what a parser takes to nobody but itself: these four are all that is looked at from outside.


def _actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return [action for action in parser._actions if action.help is not argparse.SUPPRESS]  # noqa: SLF001


def _flags(parser: argparse.ArgumentParser) -> dict[str, argparse.Action]:
    return {name: action for action in _actions(parser) for name in action.option_strings}


def _commands(parser: argparse.ArgumentParser) -> Mapping[str, argparse.ArgumentParser] | None:
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            return dict(action.choices)
    return None


def _helps(parser: argparse.ArgumentParser) -> dict[str, str]:
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            return {item.dest: item.help or "" for item in action._choices_actions}  # noqa: SLF001
    return {}
