-- The health of a ContactCenter, CacheLayer or ScalingPolicy: the same script for the three kinds.
-- An application shows no children of these objects, so the message has to say all that a reader needs.

local spec = obj.spec or {}
local status = obj.status or {}
local generation = obj.metadata.generation

-- Conditions of an earlier generation say nothing of this one.
local conditions = {}
for _, condition in ipairs(status.conditions or {}) do
  if condition.observedGeneration == nil or condition.observedGeneration == generation then
    conditions[condition.type] = condition
  end
end

local function is(kind, value)
  return conditions[kind] ~= nil and conditions[kind].status == value
end

local function says(kind, otherwise)
  local condition = conditions[kind]
  if condition == nil or condition.message == nil or condition.message == "" then
    return otherwise
  end
  return condition.message
end

-- Somebody has to do something, and nothing goes on by itself until then.
local function blocked()
  return is("Reconciling", "True") and conditions["Reconciling"].reason == "Blocked"
end

if obj.metadata.deletionTimestamp ~= nil then
  if is("Ready", "False") and conditions["Ready"].reason == "Blocked" then
    return { status = "Degraded", message = "Cannot be deleted: " .. says("Ready", "AWS refuses") }
  end
  return { status = "Progressing", message = "Being deleted: " .. says("Ready", "waits for the operator") }
end

if status.observedGeneration ~= generation or conditions["Ready"] == nil then
  return { status = "Progressing", message = "Waits for the operator to take up this generation" }
end

if is("Stalled", "True") then
  return { status = "Degraded", message = says("Stalled", "The spec cannot work") }
end
if spec.paused == true then
  return { status = "Suspended", message = "Paused: " .. says("Ready", "nothing is changed") }
end
if is("ConfirmationRequired", "True") and not blocked() then
  return { status = "Suspended", message = "Waits for a confirmation: " .. says("ConfirmationRequired", "") }
end

if is("Ready", "True") then
  if is("Healthy", "False") then
    return { status = "Degraded", message = says("Healthy", "The cache does not answer as it should") }
  end
  -- A policy that moves nothing although it should is no healthy one; with mode Recommend nothing is to be moved.
  if is("AbleToScale", "False") and spec.mode == "Auto" then
    if conditions["AbleToScale"].reason == "Waiting" then
      return { status = "Progressing", message = says("AbleToScale", "Waits for what it moves") }
    end
    return { status = "Degraded", message = says("AbleToScale", "Nothing can be moved") }
  end
  local message = says("Ready", "Converged")
  for _, kind in ipairs({ "ScalingLimited", "QuotaLimited", "CapacityAtRisk", "BudgetExceeded" }) do
    if is(kind, "True") then
      message = message .. "; " .. kind .. ": " .. says(kind, "")
    end
  end
  for _, kind in ipairs({ "AbleToScale", "ScalingActive" }) do
    if is(kind, "False") then
      message = message .. "; " .. kind .. ": " .. says(kind, "")
    end
  end
  return { status = "Healthy", message = message }
end

if is("Reconciling", "True") and not blocked() then
  return { status = "Progressing", message = says("Ready", "Being made") }
end
return { status = "Degraded", message = says("Ready", "Not ready") }
