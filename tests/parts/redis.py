"""Redis servers: plain or TLS, with password or users, replicas, clusters; and what goes wrong with them.

Everything is on the loopback and in memory. TLS servers have a certificate of `localhost` and 127.0.0.1 signed by the
tests' authority, or of another name if asked to.
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis
from tools.parts import RedisPrograms

from tests.parts.process import Process, free_port
from trunkline_sandbox.cluster.certificates import Authority

SLOTS = 16384
CLUSTER_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Setup:
    """How a server is started.

    password: of the default user (requirepass). users: ACL rules, as of ACL SETUSER: "app on >secret ~* +@all".
    certificate_names: what a TLS server's certificate is for. options: further ones of redis-server's command line.
    """

    tls: bool = False
    password: str = ""
    users: tuple[str, ...] = ()
    replica_of: RedisServer | None = None
    cluster: bool = False
    certificate_names: tuple[str, ...] = ("localhost",)
    options: tuple[str, ...] = ()


class RedisServer:
    """A running redis-server. `url` is what CACHE is set to; restarts keep the port."""

    host = "localhost"

    def __init__(self, programs: RedisPrograms, folder: Path, authority: Authority, setup: Setup) -> None:
        self.setup = setup
        self.port = free_port()
        self.bus_port = free_port()  # of a cluster's nodes; by default 10000 higher, which may be no port at all
        self._programs = programs
        self._folder = folder
        folder.mkdir(parents=True)
        self.ca_file = folder / "ca.pem"
        self.ca_file.write_bytes(authority.credentials.certificate)
        if setup.tls:
            server = authority.server(setup.certificate_names, ["127.0.0.1"])
            (folder / "server.pem").write_bytes(server.certificate)
            (folder / "server.key").write_bytes(server.key)
            node = authority.client("node")  # what nodes of a cluster show each other
            (folder / "node.pem").write_bytes(node.certificate)
            (folder / "node.key").write_bytes(node.key)
            client = authority.client("node")  # on the cluster's bus nodes are each other's clients, and must prove it
            (folder / "client.pem").write_bytes(client.certificate)
            (folder / "client.key").write_bytes(client.key)
        if setup.users:
            (folder / "users.acl").write_text("".join(f"user {rule}\n" for rule in self._rules()))
        self.process = self._started()

    @property
    def url(self) -> str:
        """redis:// or rediss://, with ?cluster=true for a node of a cluster. Names no user and no password."""
        scheme = "rediss" if self.setup.tls else "redis"
        return f"{scheme}://{self.host}:{self.port}{'?cluster=true' if self.setup.cluster else ''}"

    @property
    def trust(self) -> ssl.SSLContext | None:
        """A context that trusts the tests' authority; None without TLS."""
        return ssl.create_default_context(cafile=str(self.ca_file)) if self.setup.tls else None

    def client(self, **options: Any) -> redis.Redis:
        """redis-py, as the default user, one attempt a command; the certificate's name does not matter to it."""
        tls = {"ssl": True, "ssl_ca_certs": str(self.ca_file), "ssl_check_hostname": False} if self.setup.tls else {}
        given = {"password": self.setup.password or None, "retry": None, "socket_timeout": 10, **tls, **options}
        return redis.Redis(host=self.host, port=self.port, **given)

    def command(self, *words: str | int | bytes) -> Any:
        """One command as the default user, and its answer."""
        with self.client() as client:
            return client.execute_command(*words)

    def stop(self) -> None:
        """Ends it; the port refuses."""
        self.process.stop()

    def kill(self) -> None:
        """Ends it as a crash does."""
        self.process.kill()

    def restart(self) -> None:
        """Starts it again on its port, empty; a running one is stopped first."""
        self.process.stop()
        self.process = self._started()

    def hang(self) -> None:
        """It accepts connections and bytes, and answers nothing until `resume`."""
        self.process.pause()

    def resume(self) -> None:
        """What was asked while it hung is answered now, late."""
        self.process.resume()

    def pause_clients(self, milliseconds: int) -> None:
        """Every command after this waits so long for its answer (CLIENT PAUSE … ALL)."""
        self.command("CLIENT", "PAUSE", milliseconds, "ALL")

    def rotate(self, *passwords: str) -> None:
        """The default user's passwords are these from now on; connections that are open stay so."""
        self.command("ACL", "SETUSER", "default", "resetpass", *(f">{password}" for password in passwords))

    def promote(self) -> None:
        """A replica becomes a primary."""
        self.command("REPLICAOF", "NO", "ONE")

    def _rules(self) -> list[str]:
        default = f"default on {f'>{self.setup.password}' if self.setup.password else 'nopass'} ~* &* +@all"
        return [default, *self.setup.users]

    def _started(self) -> Process:
        process = Process(
            [str(self._programs.server), *self._options()],
            self._folder / "log",
            environment=self._programs.environment,
            cwd=self._folder,
        )
        try:
            process.wait_ready(self._answers)
        except BaseException:
            process.kill()
            raise
        return process

    def _answers(self) -> bool:
        try:
            return bool(self.command("PING"))
        except redis.exceptions.ConnectionError as error:
            raise OSError(str(error)) from error

    def _options(self) -> list[str]:
        setup = self.setup
        options = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no"]
        options += ["--dir", str(self._folder), "--tcp-backlog", "511"]
        if setup.tls:
            files = {
                name: str(self._folder / name) for name in ("server.pem", "server.key", "client.pem", "client.key")
            }
            options += ["--port", "0", "--tls-port", str(self.port), "--tls-auth-clients", "no"]
            options += ["--tls-cert-file", "server.pem", "--tls-key-file", "server.key"]
            options += ["--tls-client-cert-file", "node.pem", "--tls-client-key-file", "node.key"]
            options += ["--tls-client-cert-file", files["client.pem"], "--tls-client-key-file", files["client.key"]]
            options += ["--tls-ca-cert-file", str(self.ca_file), "--tls-replication", "yes", "--tls-cluster", "yes"]
        else:
            options += ["--port", str(self.port)]
        if setup.users:
            options += ["--aclfile", str(self._folder / "users.acl")]
        elif setup.password:
            options += ["--requirepass", setup.password]
        if setup.cluster:
            options += ["--cluster-enabled", "yes", "--cluster-port", str(self.bus_port)]
            options += ["--cluster-announce-hostname", self.host, "--cluster-preferred-endpoint-type", "hostname"]
        if primary := setup.replica_of:
            options += ["--replicaof", "127.0.0.1", str(primary.port), "--repl-diskless-sync-delay", "0"]
            options += ["--masterauth", primary.setup.password] if primary.setup.password else []
        return [*options, *setup.options]


class RedisServers:
    """Starts servers and ends them all on `close`."""

    def __init__(self, programs: RedisPrograms, folder: Path, authority: Authority) -> None:
        self._programs = programs
        self._folder = folder
        self._authority = authority
        self._servers: list[RedisServer] = []

    def start(
        self,
        *,
        tls: bool = False,
        password: str = "",
        users: Sequence[str] = (),
        replica_of: RedisServer | None = None,
        certificate_names: Sequence[str] = ("localhost",),
        options: Sequence[str] = (),
    ) -> RedisServer:
        """One server, ready; a replica when it has what its primary has. For the arguments see Setup."""
        server = self._add(
            Setup(
                tls=tls,
                password=password,
                users=tuple(users),
                replica_of=replica_of,
                certificate_names=tuple(certificate_names),
                options=tuple(options),
            )
        )
        if replica_of is not None:
            server.process.wait_ready(lambda: server.client().info("replication")["master_link_status"] == "up")
        return server

    def cluster(self, nodes: int = 2, *, tls: bool = False, password: str = "") -> list[RedisServer]:
        """A cluster whose nodes own equal ranges of slots, in order; ready when all of them say so."""
        servers = [self._add(Setup(tls=tls, password=password, cluster=True)) for _ in range(nodes)]
        for number, server in enumerate(servers):
            first, end = number * SLOTS // nodes, (number + 1) * SLOTS // nodes
            server.command("CLUSTER", "ADDSLOTSRANGE", first, end - 1)
            server.command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for server in servers[1:]:
            servers[0].command("CLUSTER", "MEET", "127.0.0.1", server.port, server.bus_port)
        for server in servers:
            server.process.wait_ready(lambda server=server: _settled(server, nodes), CLUSTER_SECONDS)  # type: ignore[misc]
        return servers

    def close(self) -> None:
        """Ends them all."""
        for server in reversed(self._servers):
            server.stop()

    def _add(self, setup: Setup) -> RedisServer:
        server = RedisServer(self._programs, self._folder / str(len(self._servers)), self._authority, setup)
        self._servers.append(server)
        return server


def _settled(server: RedisServer, nodes: int) -> bool:
    """Its slots are all served and every node has told it its name."""
    with server.client() as client:
        info = _text(client.execute_command("CLUSTER", "INFO"))
        names = _text(client.execute_command("CLUSTER", "NODES"))
    return "cluster_state:ok" in info and names.count(f",{server.host}") == nodes


def _text(answer: bytes | str) -> str:
    return answer.decode() if isinstance(answer, bytes) else answer
