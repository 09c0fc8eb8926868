"""What the process answers itself: metrics by TLS and the admission webhook, with a real API server behind both."""
