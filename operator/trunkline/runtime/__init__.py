"""The runtime: informer, work queue, status and event writers, lease, sentinel. The only importer of kopf and kubernetes.

It calls handlers through `trunkline.handlers.port` and knows nothing of AWS. `operator.run` puts it together.
"""
