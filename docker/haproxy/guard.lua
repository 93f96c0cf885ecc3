-- Lets the calls through that Airflow's DockerOperator makes for this project's jobs, and refuses everything else with
-- 403 and the reason in Docker's own form of an error, so that it stands in the task's log.
--
-- Three things are held:
--   * the call is one of those listed in `calls`, in a version of Docker's API that has no body at `start`;
--   * a container is only created from JOB_IMAGE, on JOB_NETWORK, with the label of JOB_OWNER, with a memory limit, and
--     with nothing else set than `container` and `host` list: no mounts, privileges, devices, namespaces, other user or
--     entry point. What is not listed must be empty, so that an option of a later Docker is refused too;
--   * a container is only started, followed, stopped, looked at or removed if it carries that label, which the engine is
--     asked for each time: the proxy keeps no state and can be restarted under a running job.

local IMAGE = assert(os.getenv("JOB_IMAGE"), "JOB_IMAGE")
local NETWORK = assert(os.getenv("JOB_NETWORK"), "JOB_NETWORK")
local LABEL = "btc.owner"
local OWNER = assert(os.getenv("JOB_OWNER"), "JOB_OWNER")
local ENGINE = "unix@/var/run/docker.sock"
local OLDEST_API = 25 -- 1.25; before 1.24 `start` took a host configuration
local HOST_ALIAS = "host.docker.internal:host-gateway"

-- JSON -----------------------------------------------------------------------------------------------------------
-- A strict reader. Go matches keys without regard to case and takes the last of two, so both are refused: whatever
-- passes here has one reading.

local NULL = {}
local ESCAPES = { ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

local function read_json(text)
  local at = 1
  local read_value

  local function fail(what) error("the request's body is not plain JSON: " .. what, 0) end
  local function skip() at = text:find("[^ \t\r\n]", at) or #text + 1 end
  local function expect(char)
    skip()
    if text:sub(at, at) ~= char then fail("expected " .. char) end
    at = at + 1
  end
  local function comes(char)
    skip()
    if text:sub(at, at) ~= char then return false end
    at = at + 1
    return true
  end

  local function read_string()
    expect('"')
    local parts = {}
    while true do
      local stop = text:find('["\\%c]', at) or fail("a string without an end")
      parts[#parts + 1] = text:sub(at, stop - 1)
      local char = text:sub(stop, stop)
      at = stop + 1
      if char == '"' then return table.concat(parts) end
      if char ~= "\\" then fail("a control character in a string") end
      local escape = text:sub(at, at)
      at = at + 1
      if escape == "u" then
        local code = text:match("^%x%x%x%x", at) or fail("a wrong escape")
        parts[#parts + 1] = utf8.char(tonumber(code, 16))
        at = at + 4
      else
        parts[#parts + 1] = ESCAPES[escape] or fail("a wrong escape")
      end
    end
  end

  local function read_object()
    local object, seen = {}, {}
    if comes("}") then return object end
    repeat
      skip()
      local key = read_string()
      if seen[key:lower()] then fail("the key " .. key .. " comes twice") end
      seen[key:lower()] = true
      expect(":")
      object[key] = read_value()
    until not comes(",")
    expect("}")
    return object
  end

  local function read_array()
    local array = {}
    if comes("]") then return array end
    repeat array[#array + 1] = read_value() until not comes(",")
    expect("]")
    return array
  end

  local WORDS = { ["true"] = true, ["false"] = false, null = NULL }
  function read_value()
    skip()
    local char = text:sub(at, at)
    if char == '"' then return read_string() end
    if comes("{") then return read_object() end
    if comes("[") then return read_array() end
    local word = text:match("^[%w%.+-]+", at) or fail("nothing where a value should be")
    at = at + #word
    if WORDS[word] ~= nil then return WORDS[word] end
    return tonumber(word) or fail(word)
  end

  local value = read_value()
  skip()
  if at <= #text then fail("something behind its end") end
  return value
end

-- What a container may be ------------------------------------------------------------------------------------------

local function empty(value)
  return value == NULL or value == false or value == 0 or value == "" or (type(value) == "table" and next(value) == nil)
end
local function any() return true end
local function flag(value) return type(value) == "boolean" end
local function is(wanted) return function(value) return value == wanted end end
local function only(wanted)
  return function(value) return empty(value) or (#value == 1 and value[1] == wanted) end
end
local function positive(value) return type(value) == "number" and value > 0 end
local function owned(labels) return type(labels) == "table" and labels[LABEL] == OWNER end
local function own_labels(labels)
  if not owned(labels) then return false end
  for key in pairs(labels) do
    if key:sub(1, 4) ~= "btc." then return false end -- none of Compose's: it would take the job for a service
  end
  return true
end
local function json_file(config)
  return empty(config) or (type(config) == "table" and (empty(config.Type) or config.Type == "json-file"))
end

-- Each key that may be set, with its rule; and the keys that must be there.
local host = {
  rules = { NetworkMode = is(NETWORK), Memory = positive, CpuShares = any, LogConfig = json_file,
    ExtraHosts = only(HOST_ALIAS) },
  required = { "NetworkMode", "Memory" },
}
local container = {
  rules = { Image = is(IMAGE), Cmd = any, Env = any, Labels = own_labels, Hostname = any, Tty = flag, OpenStdin = flag,
    StdinOnce = flag, AttachStdin = flag, AttachStdout = flag, AttachStderr = flag },
  required = { "Image", "Labels", "HostConfig" },
}

local function check(object, policy, where)
  if type(object) ~= "table" then error((where == "" and "the body" or where) .. " must be an object", 0) end
  for key, value in pairs(object) do
    local rule = policy.rules[key]
    if rule then
      if not rule(value) then error(where .. key .. " is not what a job of this project has", 0) end
    elseif not empty(value) then
      error(where .. key .. " must not be set", 0)
    end
  end
  for _, key in ipairs(policy.required) do
    if object[key] == nil then error(where .. key .. " is missing", 0) end
  end
end

container.rules.HostConfig = function(value)
  check(value, host, "HostConfig.")
  return true
end

-- The calls --------------------------------------------------------------------------------------------------------

local function unescape(text)
  return (text:gsub("+", " "):gsub("%%(%x%x)", function(code) return string.char(tonumber(code, 16)) end))
end

local function parse_query(text)
  local query = {}
  for pair in text:gmatch("[^&]+") do
    local key, value = pair:match("^([^=]*)=?(.*)$")
    key = unescape(key)
    if query[key] then error("the parameter " .. key .. " comes twice", 0) end
    query[key] = unescape(value)
  end
  return query
end

local function filters(query)
  local parsed = read_json(query.filters or "{}")
  return type(parsed) == "table" and parsed or {}
end

local function lists_own_containers(query)
  local labels = filters(query).label
  for _, label in ipairs(type(labels) == "table" and labels or {}) do
    if label == LABEL .. "=" .. OWNER then return end
  end
  error("containers may only be listed by the label " .. LABEL .. "=" .. OWNER, 0)
end

local function lists_own_image(query)
  local references = filters(query).reference
  if type(references) ~= "table" or #references ~= 1 or references[1] ~= IMAGE then
    error("only the image " .. IMAGE .. " may be looked for", 0)
  end
end

local function pulls_own_image(query)
  local name, tag = IMAGE:match("^(.+):([^:/]+)$")
  if query.fromImage ~= name or query.tag ~= tag or (query.fromSrc or "") ~= "" then
    error("only the image " .. IMAGE .. " may be pulled", 0)
  end
end

local function creates_a_job(_, body)
  check(read_json(body), container, "")
end

local function owns(_, _, id)
  local answer = core.httpclient():get{ url = "http://engine/containers/" .. id .. "/json", dst = ENGINE, timeout = 5000 }
  if answer.status == 404 then return end -- the engine's own answer says so
  if answer.status ~= 200 or not owned(read_json(answer.body).Config.Labels) then
    error("this container is none of this project's jobs", 0)
  end
end

local ID = ("%x"):rep(64)
local calls = {
  { "GET", "^/_ping$" },
  { "HEAD", "^/_ping$" },
  { "GET", "^/version$" },
  { "GET", "^/images/json$", lists_own_image },
  { "POST", "^/images/create$", pulls_own_image },
  { "GET", "^/containers/json$", lists_own_containers },
  { "POST", "^/containers/create$", creates_a_job, with_body = true },
  { "GET", "^/containers/(" .. ID .. ")/json$", owns },
  { "POST", "^/containers/(" .. ID .. ")/start$", owns },
  { "POST", "^/containers/(" .. ID .. ")/attach$", owns },
  { "POST", "^/containers/(" .. ID .. ")/wait$", owns },
  { "POST", "^/containers/(" .. ID .. ")/stop$", owns },
  { "DELETE", "^/containers/(" .. ID .. ")$", owns },
}

local function inspect(txn)
  local method, path = txn.sf:method(), txn.sf:path()
  local version, rest = path:match("^/v1%.(%d+)(/.*)$")
  if version and tonumber(version) < OLDEST_API then error("the API's version 1." .. version .. " is too old", 0) end
  path = rest or path
  local headers = txn.http:req_get_headers()
  local length = headers["content-length"] and tonumber(headers["content-length"][0]) or 0
  local body = txn.sf:req_body() or ""
  if headers["transfer-encoding"] or length ~= #body then error("the request's body is too large, or of no said length", 0) end
  for _, call in ipairs(calls) do
    local id = path:match(call[2])
    if call[1] == method and id then
      if length > 0 and not call.with_body then error("this call takes no body", 0) end
      if call[3] then call[3](parse_query(txn.sf:query() or ""), body, id) end
      return
    end
  end
  error("this call is not one that a job needs", 0)
end

local function quote(text) return '"' .. text:gsub('[%c"\\]', " ") .. '"' end

core.register_action("guard", { "http-req" }, function(txn)
  local ok, reason = pcall(inspect, txn)
  if ok then return end
  txn:set_var("txn.refused", tostring(reason))
  local reply = txn:reply{ status = 403, reason = "Forbidden" }
  reply:add_header("content-type", "application/json")
  reply:set_body('{"message": ' .. quote("docker-proxy refused: " .. tostring(reason)) .. "}")
  txn:done(reply)
end)
