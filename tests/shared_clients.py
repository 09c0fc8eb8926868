"""Models and classes of SDK clients, made once for all sessions of the offline AWS in a process of tests.

Each test has an AWS and a session of its own, and botocore makes for each client of a session the parsed model of its
service and a class with a method per operation: the same each time, and a third of what it takes to make a center. So
are the names of events, that are looked for among two hundred old ones, and what handlers of events accept.
botocore has no door for that, so four names of it are replaced: `ClientCreator._load_service_model` and
`_create_client_class`, `EventAliaser.__init__` and `hooks.accepts_kwargs`; `tests/test_shared_clients.py` sees it if another
version no longer has them. Sessions with another loader of models (boto3's, the operator's own) get theirs.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from botocore import hooks
from botocore.client import ClientCreator

from trunkline_sandbox.aws.models import loader


def share() -> None:
    """From now on."""
    hooks.EventAliaser.__init__ = _with_known_names(hooks.EventAliaser.__init__)
    hooks.accepts_kwargs = _asked_once(hooks.accepts_kwargs)
    for name in ("_load_service_model", "_create_client_class"):
        setattr(ClientCreator, name, _once(getattr(ClientCreator, name)))


def _once(make: Any) -> Any:
    made: dict[tuple[Any, ...], Any] = {}

    @wraps(make)
    def kept(self: Any, *arguments: Any) -> Any:
        if self._loader is not loader():
            return make(self, *arguments)
        if arguments not in made:
            made[arguments] = make(self, *arguments)
        return made[arguments]

    return kept


def _with_known_names(make: Any) -> Any:
    known: dict[str, str] = {}

    @wraps(make)
    def made(self: Any, *arguments: Any, **named: Any) -> None:
        make(self, *arguments, **named)
        if self._event_aliases == hooks.EVENT_ALIASES:
            self._alias_name_cache = known

    return made


def _asked_once(accepts: Any) -> Any:
    answers: dict[Any, bool] = {}

    @wraps(accepts)
    def accepted(function: Any) -> bool:
        code = getattr(function, "__code__", None)  # a method has that of its function
        if code is None:
            return bool(accepts(function))
        if code not in answers:
            answers[code] = bool(accepts(function))
        return answers[code]

    return accepted
