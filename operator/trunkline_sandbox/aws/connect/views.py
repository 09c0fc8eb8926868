"""Views: AWS's own only. Making views is not offered here."""

from trunkline_sandbox.aws.connect import faults
from trunkline_sandbox.aws.connect.call import Answer, Call, Handler
from trunkline_sandbox.aws.connect.managed_views import ManagedView, managed_view, managed_views
from trunkline_sandbox.aws.connect.paging import page


def list_views(call: Call) -> Answer:
    """ListViews by name."""
    instance = call.instance()
    found = managed_views() if call.params.get("Type", "AWS_MANAGED") == "AWS_MANAGED" else []
    shown, token = page(call, found, lambda view: view.name, 100)
    return {"ViewsSummaryList": [_summary(view, instance.region) for view in shown], **token}


def describe_view(call: Call) -> Answer:
    """DescribeView by id or ARN, with or without a version."""
    instance = call.instance()
    view = managed_view(str(call.params["ViewId"]))
    if view is None:
        raise faults.not_found()
    return {
        "View": _summary(view, instance.region) | {"Version": 1, "Content": {"InputSchema": "{}", "Template": "{}"}}
    }


def _summary(view: ManagedView, region: str) -> Answer:
    return {
        "Id": view.id,
        "Arn": view.arn(region),
        "Name": view.name,
        "Type": "AWS_MANAGED",
        "Status": "PUBLISHED",
    }


OPERATIONS: dict[str, Handler] = {"ListViews": list_views, "DescribeView": describe_view}
