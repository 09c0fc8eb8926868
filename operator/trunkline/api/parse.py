"""Reads a ContactCenter as it comes from the API server or a file, entry by entry.

An entry that does not parse, or that names something unknown, is broken: it is left out of the model and reported under
its own name, and the rest of the center goes on. Nothing here is needed to delete a center.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from trunkline.api.center import (
    SECTION_ATTRIBUTES,
    SECTION_MODELS,
    SECTIONS,
    ContactCenter,
    ContactCenterSpec,
)
from trunkline.api.checks import Listed, Names, check_center, check_entries
from trunkline.api.entry import Entry
from trunkline.api.managed import Metadata
from trunkline.api.paths import entry_path
from trunkline.api.problem import Problem, nearest
from trunkline.api.refusals import problems_of, unknown_fields
from trunkline.api.schema import at, structural


@dataclass(frozen=True, slots=True)
class BrokenEntry:
    """An entry that cannot be built. name is empty if it has none; written is what the user wrote, unchecked."""

    section: str
    name: str
    problems: tuple[Problem, ...]
    written: Any = None


@dataclass(frozen=True, slots=True)
class ParsedCenter:
    """center: without its broken entries; None if what is outside of the entries (region, instance, tags) is wrong.

    problems: all, those of broken entries included, by path. unreadable: sections that are not lists at all; what they
    once held is unknown, so nothing of it may be swept.
    """

    center: ContactCenter | None
    problems: tuple[Problem, ...] = ()
    broken: tuple[BrokenEntry, ...] = ()
    unreadable: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Reading:
    """One entry on its way from what was written to a model or a broken entry."""

    listed: Listed
    written: Any
    problems: list[Problem] = field(default_factory=list)


def parse_center(body: Mapping[str, Any], *, report_unknown: bool = False) -> ParsedCenter:
    """The model and all problems of a ContactCenter's body. Never raises on bad content.

    report_unknown: unknown fields are problems too, as for `kubectl apply` (a served object has none: they are pruned).
    They break nothing.
    """
    schema = structural(ContactCenter)["properties"]["spec"]
    written = body.get("spec")
    if not isinstance(written, Mapping):
        return ParsedCenter(None, (Problem("spec", "is required", "write a mapping with region and instance"),))
    metadata = read_metadata(body)
    unreadable = frozenset(name for name in SECTIONS if not isinstance(written.get(name), list | tuple | None))
    readings = [
        reading
        for name in SECTIONS
        if name not in unreadable
        for reading in _read(name, written.get(name) or (), schema)
    ]
    names = Names.of(metadata.name, (reading.listed for reading in readings), cache=bool(written.get("cacheRef")))
    of_index = {(reading.listed.section, reading.listed.index): reading for reading in readings}
    for listed, problem in check_entries([reading.listed for reading in readings], names):
        of_index[listed.section, listed.index].problems.append(problem)

    spec, outside = _spec(written, schema, readings, unreadable)
    center = None
    if spec is not None:
        center = ContactCenter.model_construct(metadata=metadata, spec=spec)
        outside += check_center(center)
    unknown = (*strangers(body), *unknown_fields(written, schema, "spec")) if report_unknown else ()
    of_entries = [problem for reading in readings for problem in reading.problems]
    return ParsedCenter(
        None if outside else center,
        tuple(sorted(dict.fromkeys([*outside, *of_entries, *unknown]))),
        _broken(readings),
        unreadable,
    )


def strangers(body: Mapping[str, Any]) -> Iterator[Problem]:
    """Fields beside spec. What is inside of metadata and status is the API server's and the operator's own."""
    known = {"apiVersion", "kind", "metadata", "spec", "status"}
    for name in body.keys() - known:
        yield Problem(name, "is not a field of this kind", f"did you mean {nearest(name, known) or 'spec'}?")


def read_metadata(body: Mapping[str, Any]) -> Metadata:
    """The metadata of an object."""
    try:
        return Metadata.model_validate(body.get("metadata") or {})
    except ValidationError:  # the API server's own field: only a file can get it wrong, and the name is checked after
        return Metadata()


def _read(section: str, written: list[Any] | tuple[Any, ...], schema: Mapping[str, Any]) -> list[_Reading]:
    of_list = at(schema, (section,))
    readings = []
    for index, one in enumerate(written):
        path = entry_path(f"spec.{section}", of_list, index, one)
        entry: Entry | None = None
        problems: list[Problem] = []
        try:
            entry = SECTION_MODELS[section].model_validate(one)
        except ValidationError as error:
            problems += problems_of(error, path, of_list["items"], one)
        name = one.get("name") if isinstance(one, Mapping) else None
        readings.append(
            _Reading(Listed(section, index, path, name if isinstance(name, str) else "", entry), one, problems)
        )
    return readings


def _spec(
    written: Mapping[str, Any], schema: Mapping[str, Any], readings: list[_Reading], unreadable: frozenset[str]
) -> tuple[ContactCenterSpec | None, list[Problem]]:
    """The spec with the entries that are whole, and the problems outside of entries."""
    problems = [
        Problem(f"spec.{section}", "is not a list", "write a list of entries") for section in sorted(unreadable)
    ]
    for section in SECTIONS:
        most, count = (
            at(schema, (section,))["maxItems"],
            len(written.get(section) or ()) if section not in unreadable else 0,
        )
        if count > most:
            problems.append(
                Problem(f"spec.{section}", f"{count} entries are refused", f"write at most {most}; split the center")
            )
    outside = {name: value for name, value in written.items() if name not in SECTIONS}
    try:
        spec = ContactCenterSpec.model_validate(outside)
    except ValidationError as error:
        return None, [*problems, *problems_of(error, "spec", schema, written)]
    whole: dict[str, list[Entry]] = {section: [] for section in SECTIONS if written.get(section) is not None}
    for reading in readings:
        if reading.listed.entry is not None and not reading.problems:
            whole[reading.listed.section].append(reading.listed.entry)
    update = {SECTION_ATTRIBUTES[section]: tuple(entries) for section, entries in whole.items()}
    return spec.model_copy(update=update), problems


def _broken(readings: list[_Reading]) -> tuple[BrokenEntry, ...]:
    """One broken entry per name, also where two have the same."""
    by_name: dict[tuple[str, str], BrokenEntry] = {}
    for reading in readings:
        if not reading.problems:
            continue
        key = (reading.listed.section, reading.listed.name)
        before = by_name[key].problems if key in by_name else ()
        by_name[key] = BrokenEntry(*key, (*before, *reading.problems), reading.written)
    return tuple(by_name.values())
