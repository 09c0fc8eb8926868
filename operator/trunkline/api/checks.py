"""What is right in form and still wrong: references, doubles, limits that concern several fields, with the culprit's name.

The API server refuses most of it by CEL, but cannot name the culprit; and files for `trunkline plan` never meet it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trunkline.api.center import SECTION_MODELS, ContactCenter
from trunkline.api.common import MAX_TAG_KEY, MAX_TAGS, RESERVED_TAG_PREFIXES, Model, aliases
from trunkline.api.entry import Entry
from trunkline.api.functions import Function
from trunkline.api.hours import HoursOfOperation
from trunkline.api.hours_checks import check_hours
from trunkline.api.managed import MAX_OBJECT_NAME, is_object_name
from trunkline.api.problem import Problem, nearest
from trunkline.api.queues import Queue
from trunkline.api.routing_profiles import ManualAssignmentQueue, QueueConfig, RoutingProfile
from trunkline.api.schema import at, structural
from trunkline.api.table_checks import check_table
from trunkline.api.tables import Table

MAX_FUNCTION_NAME = 64
MAX_TABLE_NAME = 255
MAX_ENVIRONMENT_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry where it stands; entry is None if it does not parse."""

    section: str
    index: int
    path: str
    name: str
    entry: Entry | None


@dataclass(frozen=True, slots=True)
class Names:
    """What references may name: the center, the entries of each section (broken ones too), whether there is a cache."""

    center: str
    of_section: Mapping[str, frozenset[str]]
    cache: bool

    @classmethod
    def of(cls, center: str, entries: Iterable[Listed], *, cache: bool) -> Names:
        names: dict[str, set[str]] = {}
        for listed in entries:
            names.setdefault(listed.section, set()).add(listed.name)
        return cls(center, {section: frozenset(known) for section, known in names.items()}, cache)

    def check(self, path: str, section: str, name: str | None) -> Iterator[Problem]:
        """A problem if `name` is no entry of the section."""
        known = self.of_section.get(section, frozenset())
        if name is None or name in known:
            return
        close = nearest(name, known)
        meant = f"did you mean {close}? Else add" if close else "add"
        yield Problem(
            path,
            f"there is no {name!r} in {section}",
            f"{meant} it to spec.{section}, with external: {{}} if it exists already",
        )


def check_entries(entries: Sequence[Listed], names: Names) -> Iterator[tuple[Listed, Problem]]:
    """Problems of entries that parse, and doubles of all."""
    yield from _doubles(entries, names)
    for listed in entries:
        if listed.entry is not None:
            schema = structural(SECTION_MODELS[listed.section])
            for problem in (
                *check_model(listed.entry, schema, listed.path),
                *_check_entry(listed.entry, listed.path, names),
            ):
                yield listed, problem


def check_center(center: ContactCenter) -> Iterator[Problem]:
    """Problems outside of the entries."""
    if not is_object_name(center.name):
        yield Problem(
            "metadata.name",
            f"{center.name!r} is refused: names in AWS are made from it",
            f"write at most {MAX_OBJECT_NAME} small letters, digits and -",
        )
    spec = center.spec
    schema = structural(ContactCenter)["properties"]["spec"]
    yield from check_model(spec.instance, at(schema, ("instance",)), "spec.instance")
    yield from check_tags(spec.tags, "spec.tags")
    yield from check_tags(spec.instance.tags, "spec.instance.tags", spec.tags)


def check_model(model: Model, schema: Mapping[str, Any], path: str) -> Iterator[Problem]:
    """The rules of a model and of all models in it, and doubles in its sets and keyed lists."""
    for rule in model.rules:
        if rule.holds is not None and not rule.holds(model):
            yield Problem(path + (rule.field_path or ""), rule.message, "")
    for name, alias in aliases(type(model)):
        value = getattr(model, name)
        if isinstance(value, tuple):
            if value:
                yield from _check_list(value, at(schema, (alias,)), f"{path}.{alias}")
        elif isinstance(value, Model):
            yield from check_model(value, at(schema, (alias,)), f"{path}.{alias}")


def _check_list(values: tuple[Any, ...], schema: Mapping[str, Any], path: str) -> Iterator[Problem]:
    keys = schema.get("x-kubernetes-list-map-keys", ())
    if keys or schema.get("x-kubernetes-list-type") == "set":
        identities = [",".join(f"{key}={value.written(key)}" for key in keys) or str(value) for value in values]
        for identity, count in Counter(identities).items():
            if count > 1:
                yield Problem(f"{path}[{identity}]", f"stands here {count} times", "write it once")
    for index, value in enumerate(values):
        if isinstance(value, Model):
            place = ",".join(f"{key}={value.written(key)}" for key in keys) or str(index)
            yield from check_model(value, schema["items"], f"{path}[{place}]")


def _doubles(entries: Sequence[Listed], names: Names) -> Iterator[tuple[Listed, Problem]]:
    handles = Counter((listed.section, listed.name) for listed in entries)
    holders: dict[tuple[str, str], list[Listed]] = {}
    for listed in entries:
        if listed.name and handles[listed.section, listed.name] > 1:
            yield (
                listed,
                Problem(f"{listed.path}.name", "another entry has this name", "write each name once in a section"),
            )
        elif listed.entry is not None and not getattr(getattr(listed.entry, "external", None), "arn", None):
            holders.setdefault((listed.section, listed.entry.effective_aws_name(names.center)), []).append(listed)
    for (_, aws_name), holding in holders.items():
        for listed in holding if len(holding) > 1 else ():
            others = ", ".join(other.name for other in holding if other is not listed)
            yield (
                listed,
                Problem(
                    f"{listed.path}.awsName",
                    f"{others} has the name {aws_name!r} in AWS too",
                    "write another name or awsName in one of them",
                ),
            )


def _check_entry(entry: Entry, path: str, names: Names) -> Iterator[Problem]:
    yield from check_tags(entry.tags, f"{path}.tags")
    if isinstance(entry, HoursOfOperation):
        yield from check_hours(entry, path)
        for parent in entry.parents or ():
            yield from names.check(f"{path}.parents", "hoursOfOperation", parent)
    elif isinstance(entry, Queue):
        yield from names.check(f"{path}.hours", "hoursOfOperation", entry.hours)
        if entry.outbound is not None:
            yield from names.check(f"{path}.outbound.flow", "flows", entry.outbound.flow)
    elif isinstance(entry, RoutingProfile):
        yield from _check_routing_profile(entry, path, names)
    elif isinstance(entry, Function):
        yield from _check_function(entry, path, names)
    elif isinstance(entry, Table):
        yield from check_table(entry, path)
        yield from _check_account_name(entry, path, names, MAX_TABLE_NAME, "-_.")


def _check_routing_profile(profile: RoutingProfile, path: str, names: Names) -> Iterator[Problem]:
    yield from names.check(f"{path}.defaultOutboundQueue", "queues", profile.default_outbound_queue)
    lists: tuple[tuple[str, Sequence[QueueConfig | ManualAssignmentQueue] | None], ...] = (
        ("queues", profile.queues),
        ("manualAssignmentQueues", profile.manual_assignment_queues),
    )
    for field, configs in lists:
        seen: set[tuple[str, str]] = set()
        for index, config in enumerate(configs or ()):
            place = f"{path}.{field}[{index}]"
            yield from names.check(f"{place}.queue", "queues", config.queue)
            if (config.queue, config.channel) in seen:
                yield Problem(place, f"{config.queue} stands here twice for {config.channel}", "drop one of the two")
            seen.add((config.queue, config.channel))


def _check_function(function: Function, path: str, names: Names) -> Iterator[Problem]:
    yield from _check_account_name(function, path, names, MAX_FUNCTION_NAME, "-_")
    for index, access in enumerate(function.access or ()):
        yield from names.check(f"{path}.access[{index}].table", "tables", access.table)
    size = 0
    for variable in function.environment or ():
        place = f"{path}.environment[name={variable.name}]"
        size += len(variable.name) + len((variable.value or "").encode())
        source = variable.value_from
        if source is None:
            continue
        yield from names.check(f"{place}.valueFrom.table", "tables", source.table)
        if source.cache is not None and not names.cache:
            yield Problem(f"{place}.valueFrom.cache", "there is no cache", "name a CacheLayer in spec.cacheRef")
    if size > MAX_ENVIRONMENT_BYTES:
        yield Problem(
            f"{path}.environment",
            f"names and values have {size} bytes",
            f"Lambda takes {MAX_ENVIRONMENT_BYTES}: keep large values in a table, a parameter or the code",
        )


def _check_account_name(entry: Function | Table, path: str, names: Names, most: int, marks: str) -> Iterator[Problem]:
    """The name that is made from the center's and the entry's: what lives in the account shares its names with others."""
    if entry.external is not None or entry.aws_name is not None:
        return
    made = entry.effective_aws_name(names.center)
    if len(made) > most or not all(letter.isascii() and (letter.isalnum() or letter in marks) for letter in made):
        yield Problem(
            f"{path}.name",
            f"its name in AWS would be {made!r}",
            f"write awsName, or a name that makes at most {most} letters, digits and {' '.join(marks)}",
        )


def check_tags(
    tags: Mapping[str, str] | None, path: str, inherited: Mapping[str, str] | None = None
) -> Iterator[Problem]:
    """Problems of tags; inherited: those that they come on top of."""
    for key in tags or ():
        if key.startswith(RESERVED_TAG_PREFIXES):
            yield Problem(
                f"{path}.{key}",
                "this prefix is reserved",
                "write a key that starts neither with aws: nor trunkline.dev/",
            )
        if not 0 < len(key) <= MAX_TAG_KEY:
            yield Problem(path, f"a key has {len(key)} characters", f"write keys of 1 to {MAX_TAG_KEY} characters")
    together = {**(inherited or {}), **(tags or {})}
    if inherited and len(together) > MAX_TAGS:
        yield Problem(
            path, f"with those of spec.tags there are {len(together)} tags", f"write at most {MAX_TAGS} together"
        )
