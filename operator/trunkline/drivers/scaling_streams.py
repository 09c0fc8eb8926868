"""How many shards a Kinesis data stream has. Reads only. Source: API reference of Amazon Kinesis, DescribeStream."""

from __future__ import annotations

from trunkline.engine.driver import Reader
from trunkline.engine.outcome import CallRefusedError

PERMISSIONS = frozenset({"kinesis:DescribeStream"})
MOST_PAGES = 10


async def open_shards(aws: Reader, arn: str) -> int | None:
    """Those that take records; None of a stream that is not there, or on demand, where nobody sets them.

    Raises CallRefusedError.
    """
    count, after = 0, ""
    for _ in range(MOST_PAGES):
        params = {"StreamARN": arn, "StreamName": arn.rpartition("/")[2]}
        try:
            answer = await aws.read(
                "kinesis", "DescribeStream", params | ({"ExclusiveStartShardId": after} if after else {})
            )
        except CallRefusedError as error:
            if error.absent:
                return None
            raise
        stream = answer.at("StreamDescription") or {}
        if (stream.get("StreamModeDetails") or {}).get("StreamMode") == "ON_DEMAND":
            return None
        shards = stream.get("Shards") or ()
        count += sum("EndingSequenceNumber" not in (one.get("SequenceNumberRange") or {}) for one in shards)
        if not stream.get("HasMoreShards") or not shards:
            break
        after = str(shards[-1]["ShardId"])
    return count
