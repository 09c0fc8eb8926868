-- A full check now; calls that AWS refused are tried again.
local os = require("os")
if obj.metadata.annotations == nil then
  obj.metadata.annotations = {}
end
obj.metadata.annotations["trunkline.dev/reconcile"] = os.date("!%Y-%m-%dT%XZ")
return obj
