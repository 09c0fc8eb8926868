"""Which installation we are, where nobody says: the uid of the kube-system namespace, which lasts as long as the cluster."""

from __future__ import annotations

from pathlib import Path

from trunkline.runtime.config import RuntimeFailedError
from trunkline.runtime.kube import ApiServer, Credentials, KubeError, patiently

REQUEST_SECONDS = 10.0


async def installation_id(kubeconfig: Path | None, context: str | None) -> str:
    """Waits while the API server is away. Raises RuntimeFailedError if it may not be read: then it has to be given."""
    kube = ApiServer(Credentials(kubeconfig, context), threads=1, timeout=REQUEST_SECONDS)
    try:
        namespace = await patiently(lambda: kube.request("GET", "/api/v1/namespaces/kube-system"))
    except KubeError as error:
        raise RuntimeFailedError(
            f"the installation id is not given, and namespace kube-system cannot be read ({error}): "
            "set --installation or TRUNKLINE_INSTALLATION to a name of your own that never changes"
        ) from None
    finally:
        kube.close()
    return str(namespace["metadata"]["uid"])
