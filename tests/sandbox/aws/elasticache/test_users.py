"""RBAC users and their groups."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.aws.elasticache.caches import DELETION, MODIFICATION, Caches
from tests.sandbox.aws.offline import refused

PASSWORD = "a-password-of-length"


def _create(caches: Caches, **changes: Any) -> dict[str, Any]:
    params = {"UserId": "app", "UserName": "app", "Engine": "valkey", "AccessString": "on ~* +@all"}
    found: dict[str, Any] = caches.client.create_user(**(params | {"Passwords": [PASSWORD]} | changes))
    return found


def _group(caches: Caches, **changes: Any) -> dict[str, Any]:
    params = {"UserGroupId": "people", "Engine": "valkey", "UserIds": ["app"]}
    found: dict[str, Any] = caches.client.create_user_group(**(params | changes))
    return found


def test_a_user_shows_how_many_passwords_it_has(caches: Caches) -> None:
    made = _create(caches, UserId="App", Passwords=[PASSWORD, PASSWORD[::-1]])
    assert (made["UserId"], made["Status"]) == ("app", "active")
    assert made["Authentication"] == {"Type": "password", "PasswordCount": 2}
    assert PASSWORD not in str(caches.client.describe_users()) + str(caches.aws.cloud.inspect())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"Passwords": ["short"]}, "InvalidParameterValue", id="short-password"),
        pytest.param({"Passwords": [PASSWORD] * 3}, "InvalidParameterValue", id="three-passwords"),
        pytest.param({"NoPasswordRequired": True}, "InvalidParameterCombination", id="password-and-none"),
        pytest.param({"AuthenticationMode": {"Type": "iam"}}, "InvalidParameterCombination", id="password-and-mode"),
        pytest.param({"Engine": "memcached"}, "InvalidParameterValue", id="engine"),
        pytest.param({"UserId": "default"}, "UserAlreadyExists", id="default-is-there"),
    ],
)
def test_which_users_cannot_be_created(caches: Caches, changes: dict[str, Any], code: str) -> None:
    refused(code, _create, caches=caches, **changes)


def test_a_user_changes_for_a_while(caches: Caches) -> None:
    _create(caches)
    modify = caches.client.modify_user
    assert modify(UserId="app", AccessString="on ~app:* +@read")["Status"] == "modifying"
    refused("InvalidUserState", modify, UserId="app", AccessString="off")
    caches.aws.clock.advance(MODIFICATION)
    (user,) = caches.client.describe_users(UserId="app")["Users"]
    assert (user["Status"], user["AccessString"]) == ("active", "on ~app:* +@read")


def test_a_user_leaves_its_groups_when_it_is_deleted(caches: Caches) -> None:
    _create(caches)
    _group(caches)
    caches.client.delete_user(UserId="app")
    caches.aws.clock.advance(MODIFICATION + DELETION)
    assert caches.client.describe_user_groups(UserGroupId="people")["UserGroups"][0]["UserIds"] == []
    refused("UserNotFound", caches.client.describe_users, UserId="app")


def test_the_default_user_stays(caches: Caches) -> None:
    refused("DefaultUserAssociatedToUserGroup", caches.client.delete_user, UserId="default")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"UserIds": ["none"]}, "UserNotFound", id="no-such-user"),
        pytest.param({"UserIds": ["app", "twin"]}, "DuplicateUserName", id="same-name-twice"),
        pytest.param({"Engine": "redis", "UserIds": ["own"]}, "DefaultUserRequired", id="redis-without-default"),
        pytest.param({"Engine": "redis", "UserIds": ["default", "app"]}, "InvalidParameterValue", id="user-of-valkey"),
    ],
)
def test_which_groups_cannot_be_created(caches: Caches, changes: dict[str, Any], code: str) -> None:
    _create(caches)
    _create(caches, UserId="twin")
    _create(caches, UserId="own", UserName="own", Engine="redis")
    refused(code, _group, caches=caches, **changes)


def test_a_group_changes_for_a_while(caches: Caches) -> None:
    _create(caches)
    _create(caches, UserId="other", UserName="other")
    assert _group(caches)["Status"] == "creating"
    modify = caches.client.modify_user_group
    refused("InvalidUserGroupState", modify, UserGroupId="people", UserIdsToAdd=["other"])
    caches.aws.clock.advance(MODIFICATION)
    assert modify(UserGroupId="people", UserIdsToAdd=["other"])["UserIds"] == ["app", "other"]
    caches.aws.clock.advance(MODIFICATION)
    refused("InvalidParameterCombination", modify, UserGroupId="people", UserIdsToAdd=["other"])
    refused("UserGroupAlreadyExists", _group, caches=caches)
    caches.client.delete_user_group(UserGroupId="people")
    caches.aws.clock.advance(DELETION)
    refused("UserGroupNotFound", caches.client.describe_user_groups, UserGroupId="people")
