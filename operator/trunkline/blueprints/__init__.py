"""Spec to graph: which AWS resources a custom resource means. Pure; one file per section.

A blueprint knows the models of `trunkline.api`, the desired values of `trunkline.drivers` and the references of the
engine. It reads nothing, calls nothing, and refuses nothing as a whole: an entry that cannot be built becomes a node
that says why, and the rest of the center goes on.
"""
