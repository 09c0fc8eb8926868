"""Changes of who may talk to a group and how: AUTH tokens, user groups, TLS.

Sources: user guide, "Modifying the AUTH token on an existing cluster": ROTATE adds a token and keeps the one before (two
at most; the first one leaves connections without AUTH accepted), SET is allowed after ROTATE, with the token rotated
last, and leaves that alone; DELETE goes with a user group. "Enabling in-transit encryption on an existing cluster":
`preferred` first, then `required`, from engine version 7.0.5.
"""

from __future__ import annotations

from typing import Any

from trunkline_sandbox.aws.elasticache import checks, faults
from trunkline_sandbox.aws.elasticache.state import NO_TOKEN, Group, Pending
from trunkline_sandbox.aws.elasticache.store import Call

TOKENS = 2


def _effective_tls(group: Group, params: dict[str, Any]) -> bool:
    return bool(params.get("TransitEncryptionEnabled", group.in_transit != "disabled"))


# --- tokens


def token_change(call: Call, group: Group, params: dict[str, Any]) -> dict[str, Pending]:
    strategy = params.get("AuthTokenUpdateStrategy")
    if strategy == "DELETE":
        return _deletion(call, group, params)
    if "AuthToken" not in params:
        if strategy is not None:
            raise faults.combination("AuthTokenUpdateStrategy must be specified with AuthToken.")
        return {}
    token = checks.token(params["AuthToken"])
    if group.in_transit == "disabled":
        raise faults.combination("AuthToken requires in-transit encryption to be enabled.")
    rotates = (strategy or "ROTATE") == "ROTATE"
    if group.user_groups:
        _check_leaving_users(params, rotates=rotates)
    elif not rotates:
        _check_set(call, group, token)
    return {"AuthToken": (_rotation if rotates else _setting)(call, group, token)}


def _check_leaving_users(params: dict[str, Any], *, rotates: bool) -> None:
    if not params.get("RemoveUserGroups", False):
        raise faults.combination("An auth token cannot be used while a user group is associated.")
    if rotates:
        raise faults.combination("Only the SET strategy can be used when user groups are removed.")


def _check_set(call: Call, group: Group, token: str) -> None:
    if not call.context.switches.cache_token_set_needs_rotate:
        return
    if len(group.tokens) < TOKENS:
        raise faults.combination("The SET strategy is only allowed after ROTATE.")
    if group.tokens[-1] != token:
        raise faults.value("The auth token of the SET strategy must be the one rotated last.")


def _rotation(call: Call, group: Group, token: str) -> Pending:
    """The new token is accepted by every node when the change is done; the oldest of two is not from its beginning."""
    others = [item for item in group.tokens if item != token]
    requested = call.now

    def begin() -> None:
        group.tokens = others[-(TOKENS - 1) :] + ([token] if token in group.tokens else [])

    def apply() -> None:
        group.tokens = [item for item in group.tokens if item != token] + [token]
        group.token_changed_at = requested

    return Pending(apply, {"AuthTokenStatus": "ROTATING"}, {"AuthTokenStatus": "ROTATING"}, begin=begin)


def _setting(call: Call, group: Group, token: str) -> Pending:
    """Some node refuses the old token as soon as the change begins."""
    requested = call.now

    def begin() -> None:
        group.tokens = [item for item in group.tokens if item == token]

    def apply() -> None:
        group.tokens, group.token_changed_at = [token], requested

    return Pending(apply, {"AuthTokenStatus": "SETTING"}, {"AuthTokenStatus": "SETTING"}, begin=begin)


def _deletion(call: Call, group: Group, params: dict[str, Any]) -> dict[str, Pending]:
    if not group.has_token:
        raise faults.combination("The replication group has no auth token to delete.")
    if not params.get("UserGroupIdsToAdd"):
        raise faults.combination("The DELETE strategy is only allowed when transitioning to RBAC: add a user group.")
    requested = call.now

    def apply() -> None:
        group.tokens, group.token_changed_at = [NO_TOKEN], requested

    return {"AuthToken": Pending(apply, {"AuthTokenStatus": "SETTING"}, {"AuthTokenStatus": "SETTING"})}


# --- user groups


def user_group_change(call: Call, group: Group, params: dict[str, Any]) -> dict[str, Pending]:
    added, removed = params.get("UserGroupIdsToAdd", []), params.get("UserGroupIdsToRemove", [])
    gone = list(group.user_groups) if params.get("RemoveUserGroups", False) else [name.lower() for name in removed]
    if not added and not gone:
        return {}
    if added and group.has_token and params.get("AuthTokenUpdateStrategy") != "DELETE":
        text = "User group can't be associated with auth token enabled. Pass AuthStrategy delete to proceed."
        raise faults.combination(text)
    for name in gone:
        if name not in group.user_groups:
            raise faults.combination(f"User group {name} is not associated with replication group {group.name}.")
    kept = [name for name in group.user_groups if name not in gone]
    wanted = [*kept, *(name.lower() for name in added if name.lower() not in kept)]
    checks.user_groups(call, wanted, group.engine, tls=_effective_tls(group, params))

    def apply() -> None:
        group.user_groups = wanted

    shown = {"UserGroups": {"UserGroupIdsToAdd": list(added), "UserGroupIdsToRemove": gone}}
    return {"UserGroups": Pending(apply, shown)}


# --- TLS


def transit_change(call: Call, group: Group, params: dict[str, Any]) -> dict[str, Pending]:
    del call
    if "TransitEncryptionEnabled" not in params and "TransitEncryptionMode" not in params:
        return {}
    wanted = _wanted_transit(group, params)
    if wanted == group.in_transit:
        return {}
    checks.transit_mode(group.engine)
    if {wanted, group.in_transit} == {"disabled", "required"}:
        if wanted == "required":
            text = (
                "To enable in-transit encryption on an existing cluster, TransitEncryptionMode must be set to preferred "
                "first; then it can be set to required."
            )
        else:
            text = "To disable in-transit encryption, TransitEncryptionMode must be set to preferred first."
        raise faults.combination(text)
    if wanted == "disabled" and (group.has_token or group.user_groups):
        raise faults.combination("In-transit encryption cannot be disabled while AUTH or user groups are used.")

    def apply() -> None:
        group.in_transit = wanted

    shown: dict[str, Any] = {"TransitEncryptionEnabled": wanted != "disabled"}
    if wanted != "disabled":
        shown["TransitEncryptionMode"] = wanted
    return {"TransitEncryption": Pending(apply, shown, shown)}


def _wanted_transit(group: Group, params: dict[str, Any]) -> str:
    enabled, mode = params.get("TransitEncryptionEnabled"), params.get("TransitEncryptionMode")
    if enabled is False:
        if mode is not None:
            raise faults.combination("TransitEncryptionMode requires TransitEncryptionEnabled.")
        return "disabled"
    if enabled is None and group.in_transit == "disabled":
        raise faults.combination("TransitEncryptionMode requires TransitEncryptionEnabled.")
    if mode is None and group.in_transit == "disabled":
        text = "If you are enabling in-transit encryption, you must also set TransitEncryptionMode to preferred."
        raise faults.combination(text)
    return str(mode or group.in_transit)
