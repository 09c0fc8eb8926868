"""What the process answers itself: the kubelet's probes, Prometheus, and the API server's admission reviews.

The only package that listens. It asks Kubernetes by the runtime's port and judges objects by the code of the pass; it
writes nothing anywhere and never calls AWS. A process that does not lead answers as well.
"""
