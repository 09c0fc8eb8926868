"""`trunkline capacity`: what a policy's calls ask of agents and of AWS, from files alone, without a cluster or an account."""
