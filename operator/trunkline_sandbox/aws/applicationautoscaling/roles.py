"""The service-linked roles of Application Auto Scaling, which it makes in IAM when it first needs them.

Source: user guide, "Service-linked roles for Application Auto Scaling".
"""

from __future__ import annotations

from trunkline_sandbox.aws.applicationautoscaling.dimensions import Dimension
from trunkline_sandbox.aws.iam import find_role


def ensure(account: str, dimension: Dimension) -> None:
    """Make the role of a dimension in moto's IAM unless it is there."""
    if find_role(account, dimension.role_name) is not None:
        return
    from moto.iam.models import iam_backends  # noqa: PLC0415 - slow to import and not always needed

    statement = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", '
        f'"Principal": {{"Service": "{dimension.role_service}"}}}}]}}'
    )
    iam_backends[account]["aws"].create_role(
        role_name=dimension.role_name,
        assume_role_policy_document=statement,
        path=f"/aws-service-role/{dimension.role_service}/",
        permissions_boundary=None,
        description="",
        tags=[],
        max_session_duration="3600",
    )
