"""A kubeconfig whose user acts as another: who asks with it has the rights of that other, and no more."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml

from trunkline.runtime.config import RuntimeFailedError
from trunkline.runtime.kube import ApiServer, Credentials
from trunkline_sandbox.cluster import Cluster

REVIEWS = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
REVIEW = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}


@pytest.fixture
def of_dev(cluster: Cluster, tmp_path: Path) -> Path:
    """The administrator's kubeconfig, as kubectl --as writes it: who uses it is dev, of two groups."""
    config = yaml.safe_load(cluster.kubeconfig.read_text())
    config["users"][0]["user"] |= {"as": "dev", "as-groups": ["callers", "readers"], "as-user-extra": {"team": ["a"]}}
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(config))
    return path


def who(path: Path) -> dict[str, Any]:
    async def asked() -> dict[str, Any]:
        kube = ApiServer(Credentials(path), threads=1, timeout=10)
        try:
            return dict((await kube.request("POST", REVIEWS, REVIEW))["status"]["userInfo"])
        finally:
            kube.close()

    return asyncio.run(asked())


def test_requests_are_made_as_whom_it_names(of_dev: Path) -> None:
    found = who(of_dev)
    assert found["username"] == "dev"
    assert {"callers", "readers"} <= set(found["groups"])
    assert "system:masters" not in found["groups"]
    assert found["extra"] == {"team": ["a"]}


def test_nobody_is_impersonated_where_none_is_named(cluster: Cluster) -> None:
    assert Credentials(cluster.kubeconfig).impersonated() == ()


def test_the_operator_refuses_to_watch_with_more_rights_than_asked_for(of_dev: Path) -> None:
    with pytest.raises(RuntimeFailedError, match=r"acts as another \(as:\).*give it a kubeconfig"):
        Credentials(of_dev).in_its_own_name()
