"""AWS's service authorization data, cut to the actions that the operator may ask for."""
