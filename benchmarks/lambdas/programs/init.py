"""Run by CPython 3.13.5 in a process of its own: prints the CPU seconds until one kind of function is constructed.

Argument: bare (AWS's runtime client alone), ours, connected (ours, and its connections), libraries (boto3 and redis-py),
powertools (those, and Powertools' Logger, Metrics and Tracer).
"""

import os
import sys
import time

import awslambdaric.bootstrap  # noqa: F401  # everything runs under it

kind = sys.argv[1]
if kind in ("ours", "connected"):
    from customer_lookup.app import build, handler
    from shared.invocation import lambda_surroundings

    if kind == "connected":
        os.environ["AWS_CA_BUNDLE"] = os.environ["CACHE_CA"]  # the others load the roots that are deployed
        handler.initialize()
    else:
        around = lambda_surroundings()
        session = around.open_session(os.environ)
        function = build(os.environ, session, around.open_cache(os.environ, session))
        session.tls()
elif kind in ("libraries", "powertools"):
    import boto3
    import redis

    client = boto3.client("dynamodb")
    cache = redis.Redis.from_url(os.environ["CACHE"], ssl_ca_certs=os.environ["CACHE_CA"])
    if kind == "powertools":
        from aws_lambda_powertools import Logger, Metrics, Tracer

        tools = (Logger(service="x"), Metrics(namespace="x", service="x"), Tracer(service="x"))
print(time.process_time())
