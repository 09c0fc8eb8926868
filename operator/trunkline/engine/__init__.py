"""The engine: from a graph of wanted AWS resources to converged ones, through drivers.

Pure: asyncio, an injected clock and injected ports only. Knows no AWS service, no Kubernetes object and no SDK.
"""
