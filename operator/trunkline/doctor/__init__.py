"""`trunkline doctor`: is what the operator stands on as it has to be? Facts are gathered once, then judged by pure checks."""
