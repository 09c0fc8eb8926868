"""pytest's side of the real parts: obtained before the first test runs, skipped by name where they cannot be had.

The functions' zips, which more tests read than run any part, are built at the start of a run if they are not those of
the sources.

Obtaining takes seconds to a minute the first time, which is no test's fault; so it happens at collection, and only for
the parts that a selected test asks for. A part that is missing skips its tests with the sentence that says how to get
it, and the run's summary says it once more. Where CI=true those tests fail.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import pytest
from tools.lambdas import SOURCES, TARGET, BuildError, build, fresh
from tools.parts import (
    MissingPartError,
    PrometheusPrograms,
    obtain_cosign,
    obtain_cpython,
    obtain_crane,
    obtain_debian_bases,
    obtain_dynamodb_local,
    obtain_emulator,
    obtain_foreign_crds,
    obtain_hadolint,
    obtain_helm,
    obtain_helm3,
    obtain_helm_unittest,
    obtain_prometheus,
    obtain_redis,
    obtain_runtime,
    obtain_syft,
    obtain_zensical,
)

from tests.parts.dynamodb import DynamoDBServer
from tests.parts.emulator import Emulator, Function, Programs
from tests.parts.redis import RedisServers
from trunkline_sandbox.cluster.certificates import Authority

T = TypeVar("T")
MISSING = "missing part: "

_PARTS: Mapping[str, tuple[Callable[[], object], ...]] = {
    "lambda_python": (obtain_cpython,),
    "redis_server": (obtain_redis,),
    "prometheus_programs": (obtain_prometheus,),
    "dynamodb_local": (obtain_dynamodb_local,),
    "helm": (obtain_helm,),
    "helm3": (obtain_helm3,),
    "helm_unittest": (obtain_helm_unittest,),
    "oci_registry": (obtain_crane,),
    "foreign_crds": (obtain_foreign_crds,),
    "hadolint": (obtain_hadolint,),
    "operator_image": (obtain_debian_bases,),
    "syft": (obtain_syft,),
    "cosign": (obtain_cosign,),
    "zensical": (obtain_zensical,),
    "emulator": (obtain_emulator, obtain_runtime, obtain_cpython),
}
"""By fixture."""


def pytest_sessionstart(session: pytest.Session) -> None:
    """The functions' zips are those of the sources: built by whoever finds them stale first, the others wait."""
    if hasattr(session.config, "workerinput") or session.config.option.collectonly or fresh(SOURCES, TARGET):
        return
    try:
        build(SOURCES, obtain_cpython(), TARGET)
    except (BuildError, MissingPartError) as error:
        warnings.warn(f"the functions are not built: {error}", stacklevel=1)  # tests that read them say so


def pytest_collection_finish(session: pytest.Session) -> None:
    """In each worker; whoever comes first obtains, the others wait at the cache's lock."""
    if session.config.option.collectonly:
        return
    wanted = {name for item in session.items for name in getattr(item, "fixturenames", ())}
    capture = session.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():  # or nobody would see what takes so long
        for name in sorted(wanted & _PARTS.keys()):
            for obtain in _PARTS[name]:
                try:
                    obtain()
                except MissingPartError:
                    break  # the tests that need it say so


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Each part that is missing, once, with the number of tests that it cost."""
    counts: dict[str, int] = {}
    for report in terminalreporter.getreports("skipped"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        _, mark, sentence = reason.partition(MISSING)
        if mark:
            counts[sentence] = counts.get(sentence, 0) + 1
    if counts:
        terminalreporter.section("missing parts", sep="-", yellow=True)
        for sentence, number in sorted(counts.items()):
            terminalreporter.line(f"{number} tests did not run: {sentence}")


def part_or_skip(obtain: Callable[[], T], environ: Mapping[str, str] = os.environ) -> T:
    """A part; without it the test that asks is skipped, or fails where CI=true."""
    try:
        return obtain()
    except MissingPartError as error:
        if environ.get("CI") == "true":
            pytest.fail(f"{MISSING}{error}", pytrace=False)
        pytest.skip(f"{MISSING}{error}")


@pytest.fixture(scope="session")
def lambda_python() -> Path:
    """CPython 3.13.5: the program."""
    return part_or_skip(obtain_cpython).program


@pytest.fixture(scope="session")
def prometheus_programs() -> PrometheusPrograms:
    """prometheus and promtool."""
    return part_or_skip(obtain_prometheus)


@pytest.fixture(scope="session")
def parts_authority() -> Authority:
    """Who signs the certificates of TLS servers: put its certificate where the client looks for roots."""
    return Authority.create()


@pytest.fixture
def redis_server(tmp_path: Path, parts_authority: Authority) -> Iterator[RedisServers]:
    """Starts Redis servers: `redis_server.start(tls=True, password=…)`, `redis_server.cluster()`; ends them after the test."""
    servers = RedisServers(part_or_skip(obtain_redis), tmp_path / "redis", parts_authority)
    yield servers
    servers.close()


@pytest.fixture(scope="session")
def dynamodb_local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DynamoDBServer]:
    """One engine per worker: leave it running and keep to an account of your own, `dynamodb_local.account()`."""
    server = DynamoDBServer(part_or_skip(obtain_dynamodb_local), tmp_path_factory.mktemp("dynamodb"))
    yield server
    server.stop()


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Callable[[Function], Emulator]]:
    """Starts functions at emulators: `emulator(Function(archive, handler, environment))`; ends them after the test."""
    programs = Programs(part_or_skip(obtain_emulator), part_or_skip(obtain_cpython), part_or_skip(obtain_runtime))
    started: list[Emulator] = []

    def start(function: Function) -> Emulator:
        one = Emulator(programs, function, tmp_path / f"emulator-{len(started)}")
        started.append(one)
        return one

    yield start
    for one in started:
        one.stop()
