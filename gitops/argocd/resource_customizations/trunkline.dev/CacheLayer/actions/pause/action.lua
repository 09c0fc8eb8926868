-- Changes nothing in AWS until it is resumed; still observes and reports.
obj.spec.paused = true
return obj
