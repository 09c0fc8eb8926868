local paused = obj.spec.paused == true
local deleting = obj.metadata.deletionTimestamp ~= nil
local waits = false
for _, condition in ipairs((obj.status or {}).conditions or {}) do
  if condition.type == "ConfirmationRequired" and condition.status == "True" then
    -- What waits is known only of the generation that the operator has seen.
    waits = condition.observedGeneration == obj.metadata.generation
  end
end
local id = ((obj.status or {}).lastPlan or {}).id

local actions = {}
actions["reconcile"] = { ["disabled"] = deleting, ["iconClass"] = "fa fa-fw fa-refresh" }
actions["pause"] = { ["disabled"] = paused or deleting, ["iconClass"] = "fa fa-fw fa-pause-circle" }
actions["resume"] = { ["disabled"] = not paused or deleting, ["iconClass"] = "fa fa-fw fa-play-circle" }
actions["confirm"] = {
  ["disabled"] = not waits or id == nil or deleting,
  ["iconClass"] = "fa fa-fw fa-check-circle",
}
return actions
