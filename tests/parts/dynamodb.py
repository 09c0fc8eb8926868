"""DynamoDB Local, running: AWS's own engine, in memory. Signatures are not checked; accounts have tables of their own."""

from __future__ import annotations

import itertools
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from tools.parts import DynamoDBLocal

from tests.parts.process import Process, free_port

MAIN = "software.amazon.dynamodb.services.local.main.ServerRunner"
REGION = "eu-central-1"
HEAP = "-Xmx512m"


@dataclass(frozen=True, slots=True)
class Account:
    """Tables that nobody else sees: the engine keeps them by access key and region. Key ids must be alphanumeric."""

    endpoint: str
    access_key: str
    region: str = REGION

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that AWS's SDKs and the functions read."""
        return {
            "AWS_ENDPOINT_URL_DYNAMODB": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
        }

    def client(self) -> Any:
        """boto3's, one attempt a call."""
        return boto3.client(
            "dynamodb",
            endpoint_url=self.endpoint,
            region_name=self.region,
            aws_access_key_id=self.access_key,
            aws_secret_access_key="secret",
            config=Config(retries={"total_max_attempts": 1, "mode": "standard"}),
        )


class DynamoDBServer:
    """A running engine. `host`, `port` and `endpoint` say where; `account()` gives an empty one."""

    host = "127.0.0.1"

    def __init__(self, part: DynamoDBLocal, folder: Path) -> None:
        self._numbers = itertools.count(1)
        self._part = part
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.process = self._started()

    @property
    def endpoint(self) -> str:
        """http://host:port."""
        return f"http://{self.host}:{self.port}"

    def account(self) -> Account:
        """One that nobody has used."""
        return Account(self.endpoint, f"AKIA{os.getpid()}X{next(self._numbers)}")

    def stop(self) -> None:
        """Ends it; the port refuses and all tables are gone."""
        self.process.stop()

    def hang(self) -> None:
        """It accepts connections and answers nothing until `resume`."""
        self.process.pause()

    def resume(self) -> None:
        """Goes on."""
        self.process.resume()

    def _started(self) -> Process:
        jars = self._part.folder
        options = ["-inMemory", "-port", str(self.port), "-disableTelemetry"]
        native = f"-Dsqlite4java.library.path={jars}"
        command = [self._part.java, HEAP, "-XX:+UseSerialGC", native, "-cp", f"{jars}/*", MAIN, *options]
        process = Process(command, self._folder / "log", cwd=self._folder)
        try:
            process.wait_ready(self._answers, 60.0)
        except BaseException:
            process.kill()
            raise
        return process

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.endpoint, timeout=5):
                return True
        except urllib.error.HTTPError as error:  # it wants a signature: it is there
            error.close()
            return True
