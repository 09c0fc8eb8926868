"""`trunkline support-bundle`: what somebody needs who is to help, in one archive without a secret in it."""
