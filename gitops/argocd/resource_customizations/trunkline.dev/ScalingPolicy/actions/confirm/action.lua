-- Allows what status.lastPlan.toConfirm lists, and nothing else: the id is of exactly those steps.
if obj.metadata.annotations == nil then
  obj.metadata.annotations = {}
end
obj.metadata.annotations["trunkline.dev/confirm"] = obj.status.lastPlan.id
return obj
