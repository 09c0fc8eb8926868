"""The lookup as it is commonly written: boto3 and redis-py with what they do by default. Only compared with."""

import json
import os

import boto3
import redis
from boto3.dynamodb.conditions import Key

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
cache = redis.Redis.from_url(
    os.environ["CACHE"], password=os.environ["CACHE_PASSWORD"], ssl_ca_certs=os.environ["AWS_CA_BUNDLE"]
)


def handler(event, context):
    number = event["Details"]["ContactData"]["CustomerEndpoint"]["Address"]
    try:
        kept = cache.get(f"naive:{number}")
    except redis.RedisError:
        kept = None
    if kept:
        return {**json.loads(kept), "Source": "cache"}
    items = table.query(IndexName="PhoneNumberIndex", KeyConditionExpression=Key("PhoneNumber").eq(number), Limit=2)
    found = items["Items"]
    answer = {
        "Found": "true" if found else "false",
        "CustomerId": found[0]["CustomerId"] if found else "",
        "CustomerName": found[0]["CustomerName"] if found else "",
        "Degraded": "false",
    }
    try:
        cache.set(f"naive:{number}", json.dumps(answer), ex=300)
    except redis.RedisError:
        pass
    return {**answer, "Source": "table"}
