"""AUTH tokens, user groups and TLS: what is accepted while it changes, and in which order it may."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.aws.elasticache.caches import FIRST, MODIFICATION, SECOND, THIRD, Caches
from tests.sandbox.aws.offline import refused


def _rotate(token: str) -> dict[str, Any]:
    return {"AuthToken": token, "AuthTokenUpdateStrategy": "ROTATE"}


def _set(token: str) -> dict[str, Any]:
    return {"AuthToken": token, "AuthTokenUpdateStrategy": "SET"}


def _users(caches: Caches, name: str = "people") -> None:
    caches.client.create_user(
        UserId="app", UserName="app", Engine="valkey", AccessString="on ~* +@all", Passwords=["a" * 16]
    )
    caches.client.create_user_group(UserGroupId=name, Engine="valkey", UserIds=["app"])
    caches.aws.clock.advance(MODIFICATION)


# --- tokens


def test_rotation_keeps_the_old_token_until_set(caches: Caches) -> None:
    caches.made(AuthToken=FIRST)
    before = caches.group()["AuthTokenLastModifiedDate"]
    answer = caches.modify(**_rotate(SECOND))
    assert answer["PendingModifiedValues"]["AuthTokenStatus"] == "ROTATING"
    assert caches.accepts(FIRST, SECOND) == [True, False], "not every node knows the new one yet"
    caches.settle()
    assert caches.accepts(FIRST, SECOND) == [True, True]
    assert caches.group()["AuthTokenLastModifiedDate"] > before
    answer = caches.modify(**_set(SECOND))
    assert answer["PendingModifiedValues"]["AuthTokenStatus"] == "SETTING"
    assert caches.accepts(FIRST, SECOND) == [False, True], "some node has already dropped the old one"
    caches.settle()
    assert (caches.accepts(FIRST, SECOND), caches.group()["PendingModifiedValues"]) == ([False, True], {})


def test_a_third_token_drops_the_oldest(caches: Caches) -> None:
    caches.made(AuthToken=FIRST)
    caches.modified(**_rotate(SECOND))
    caches.modify(**_rotate(THIRD))
    assert caches.accepts(FIRST, SECOND, THIRD) == [False, True, False]
    caches.settle()
    assert caches.accepts(FIRST, SECOND, THIRD) == [False, True, True]


def test_rotating_to_the_same_token_again_loses_nothing(caches: Caches) -> None:
    caches.made(AuthToken=FIRST)
    for _ in range(2):
        caches.modified(**_rotate(SECOND))
    assert caches.accepts(FIRST, SECOND) == [True, True]


def test_the_first_token_leaves_the_door_open_until_it_is_set(caches: Caches) -> None:
    caches.made()
    assert caches.accepts("", FIRST) == [True, False]
    caches.modified(**_rotate(FIRST))
    assert caches.accepts("", FIRST) == [True, True]
    caches.modified(**_set(FIRST))
    assert (caches.accepts("", FIRST), caches.group()["AuthTokenEnabled"]) == ([False, True], True)


def test_rotate_is_the_default(caches: Caches) -> None:
    caches.made(AuthToken=FIRST)
    caches.modified(AuthToken=SECOND)
    assert caches.accepts(FIRST, SECOND) == [True, True]


@pytest.mark.parametrize(
    ("changes", "code", "says"),
    [
        pytest.param(_set(SECOND), "InvalidParameterCombination", "only allowed after ROTATE", id="set-without-rotate"),
        pytest.param(
            {"AuthTokenUpdateStrategy": "ROTATE"}, "InvalidParameterCombination", "with AuthToken", id="no-token"
        ),
        pytest.param(_rotate("bad@token-0123456789"), "InvalidParameterValue", "Invalid AuthToken", id="bad-token"),
        pytest.param({"AuthTokenUpdateStrategy": "DELETE"}, "InvalidParameterCombination", "RBAC", id="delete-alone"),
        pytest.param(
            _rotate(SECOND) | {"CacheNodeType": "cache.r7g.xlarge"},
            "InvalidParameterCombination", "AuthToken, CacheNodeType", id="with-another-change",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_done_to_a_token(caches: Caches, changes: dict[str, Any], code: str, says: str) -> None:
    caches.made(AuthToken=FIRST)
    assert says in caches.refused(code, **changes)


def test_only_the_token_rotated_last_can_be_set(caches: Caches) -> None:
    caches.made(AuthToken=FIRST)
    caches.modified(**_rotate(SECOND))
    assert "rotated last" in caches.refused("InvalidParameterValue", **_set(FIRST))
    caches.modified(**_set(SECOND))
    assert "after ROTATE" in caches.refused("InvalidParameterCombination", **_set(SECOND))


def test_setting_without_rotating_is_a_switch(caches: Caches) -> None:
    caches.made()
    caches.aws.switch(cache_token_set_needs_rotate=False)
    caches.modified(**_set(FIRST))
    caches.modified(**_set(FIRST))
    assert caches.accepts("", FIRST) == [False, True]


def test_a_token_needs_tls(caches: Caches) -> None:
    caches.made(TransitEncryptionEnabled=None)
    assert "in-transit" in caches.refused("InvalidParameterCombination", **_rotate(FIRST))


# --- users


def test_a_token_gives_way_to_users_and_back(caches: Caches) -> None:
    caches.made(AuthToken=FIRST)
    _users(caches)
    join = {"UserGroupIdsToAdd": ["people"]}
    assert "Pass AuthStrategy delete" in caches.refused("InvalidParameterCombination", **join)
    caches.modified(**join, AuthTokenUpdateStrategy="DELETE")
    group = caches.group()
    assert (group["UserGroupIds"], group["AuthTokenEnabled"]) == (["people"], False)
    assert "user group" in caches.refused("InvalidParameterCombination", **_rotate(FIRST))
    caches.modified(RemoveUserGroups=True, **_set(SECOND))
    assert "UserGroupIds" not in caches.group()
    assert caches.accepts(SECOND, "") == [True, False]


@pytest.mark.parametrize(
    ("made", "changes", "code", "says"),
    [
        pytest.param({}, {"UserGroupIdsToAdd": ["none"]}, "UserGroupNotFound", "none", id="no-such-group"),
        pytest.param({}, {"UserGroupIdsToAdd": ["people", "people2"]}, "InvalidParameterCombination", "Only one", id="two"),
        pytest.param(
            {"TransitEncryptionEnabled": None}, {"UserGroupIdsToAdd": ["people"]},
            "InvalidParameterCombination", "in-transit", id="without-tls",
        ),
        pytest.param(
            {}, {"UserGroupIdsToRemove": ["people"]}, "InvalidParameterCombination", "not associated", id="not-there"
        ),
        pytest.param(
            {"Engine": "redis", "EngineVersion": "7.1"}, {"UserGroupIdsToAdd": ["people"]},
            "InvalidParameterCombination", "for valkey", id="of-another-engine",
        ),
    ],
)  # fmt: skip
def test_which_user_groups_cannot_join(
    caches: Caches, made: dict[str, Any], changes: dict[str, Any], code: str, says: str
) -> None:
    _users(caches)
    caches.made(**made)
    assert says in caches.refused(code, **changes)


def test_a_user_group_in_use_stays(caches: Caches) -> None:
    _users(caches)
    caches.made(UserGroupIds=["people"])
    delete = caches.client.delete_user_group
    assert "acme" in refused("InvalidUserGroupState", delete, UserGroupId="people")
    caches.modified(UserGroupIdsToRemove=["people"])
    delete(UserGroupId="people")


# --- TLS


def test_tls_goes_by_way_of_preferred(caches: Caches) -> None:
    caches.made(TransitEncryptionEnabled=None)
    required = {"TransitEncryptionEnabled": True, "TransitEncryptionMode": "required"}
    assert "preferred" in caches.refused("InvalidParameterCombination", **required)
    assert "preferred" in caches.refused("InvalidParameterCombination", TransitEncryptionEnabled=True)
    caches.modify(TransitEncryptionEnabled=True, TransitEncryptionMode="preferred")
    pending = caches.group()["PendingModifiedValues"]
    assert pending == {"TransitEncryptionEnabled": True, "TransitEncryptionMode": "preferred"}
    caches.settle()
    assert caches.group()["TransitEncryptionMode"] == "preferred"
    caches.modified(TransitEncryptionMode="required")
    assert caches.group()["TransitEncryptionMode"] == "required"


def test_tls_goes_the_same_way_back(caches: Caches) -> None:
    caches.made()
    assert "preferred first" in caches.refused("InvalidParameterCombination", TransitEncryptionEnabled=False)
    caches.modified(TransitEncryptionMode="preferred")
    caches.modified(TransitEncryptionEnabled=False)
    assert caches.group()["TransitEncryptionEnabled"] is False


def test_tls_stays_while_there_is_a_token(caches: Caches) -> None:
    caches.made(AuthToken=FIRST, TransitEncryptionMode="preferred")
    assert "AUTH" in caches.refused("InvalidParameterCombination", TransitEncryptionEnabled=False)


def test_tls_cannot_be_changed_on_an_early_engine(caches: Caches) -> None:
    caches.made(Engine="redis", EngineVersion="6.2", TransitEncryptionEnabled=None)
    changes = {"TransitEncryptionEnabled": True, "TransitEncryptionMode": "preferred"}
    assert "7.0.5" in caches.refused("InvalidParameterCombination", **changes)
