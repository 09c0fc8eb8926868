"""The value of a secret, as it is now. Keeps nothing and shows nothing.

Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
"""

from __future__ import annotations

from shared.aws import AwsClient, RefusedError, defect
from shared.deadline import Deadline
from shared.failure import DefectError


class SecretsManager:
    """Reads secrets."""

    def __init__(self, client: AwsClient) -> None:
        self._client = client

    def get_secret(self, arn: str, deadline: Deadline) -> str:
        """The text of the current version. Raises UnavailableError, DefectError, DeadlineExceededError."""
        try:
            body = self._client.call_json("secretsmanager.GetSecretValue", {"SecretId": arn}, deadline, "1.1")
        except RefusedError as error:
            raise defect(error) from None
        text = body.get("SecretString")
        if not isinstance(text, str):
            raise DefectError("SecretIsNoText")
        return text
