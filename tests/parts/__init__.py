"""Real parts, run for tests and figures: redis-server, DynamoDB Local, the Lambda runtime interface emulator.

`tools.parts` obtains them; these modules start, disturb and stop them. Fixtures (`plugin`): `redis_server`,
`dynamodb_local`, `emulator`, `parts_authority`. What cannot be had is skipped, named in the run's summary, and a failure
where CI=true.
"""
