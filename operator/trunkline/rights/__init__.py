"""What rights the operator needs in AWS, as policies that somebody can read and attach."""
