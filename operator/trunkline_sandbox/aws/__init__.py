"""The offline AWS: written from AWS's documentation, strict, never from the client that is tested with it.

In one process, without sockets, on any clock (a virtual one has `now()` and `advance(seconds)`):

    from trunkline_sandbox.aws.cloud import OfflineAws
    from trunkline_sandbox.aws.switches import Switches
    from trunkline_sandbox.aws.transport import attach, connected_session

    cloud = OfflineAws(clock=VirtualClock(), switches=Switches(search_lag_seconds=3.0))
    client = connected_session(cloud, region="eu-west-2").create_client("connect")   # or attach(session, cloud)

`cloud.send(method, url, headers, body)` is the same below botocore, `cloud.wsgi` a WSGI application. moto's state is
global to the process: one cloud at a time, and making one (or `cloud.reset()`) empties everything.

What a test looks at and turns:

    cloud.faults.add(Fault("drop_after", "connect", "CreateQueue", nth=2))    # see `faults`
    cloud.hooks.append(hook)                # hook(call, "before" | "after") around each effect; may raise ProcessKilled
    cloud.switches = replace(cloud.switches, throttling=False)                # see `switches`
    cloud.calls.since(number), cloud.calls.counts()                           # see `calls`
    cloud.credentials.register("AKIA...", "222222222222")                     # another account
    cloud.extra("elasticache", "accepts", cache="acme", token="...")          # what AWS has no API for, see docs/sandbox.md
    cloud.inspect(), cloud.failures, cloud.reset()

Over HTTP: `trunkline-sandbox aws` (see `command`, `server`), with the same under `/_trunkline/` (see `control`,
`client`). A service of its own implements `service.OwnService` and is named in `registry`.
"""
