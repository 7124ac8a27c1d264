-- The work of dotstory as a script of nginx: a customer by id, and windows of a list with a count.
--
-- The script reads ordinary customers as dotstory does. It certifies no list, has no lists of
-- changes, applies no refusal to other customers of an address, and knows only Melbourne's zone.

local cjson = require "cjson"

local bridge = {}
local null = cjson.null
local settings

-- The kept list: the encoded records in the order of ids.
local kept

function bridge.setup(given)
  settings = given
end

-- Values

local function text(value)
  if value == nil or value == null or value == "" then return null end
  return value:match("^%s*(.-)%s*$")
end

local words = { yes = true, y = true, ["1"] = true, ["true"] = true,
                no = false, n = false, ["0"] = false, ["false"] = false }

local function flag(value)
  if type(value) == "boolean" then return value end
  if value == nil or value == null then return null end
  local read = words[value:lower()]
  if read == nil then return null end
  return read
end

local function snake_case(name)
  return (name:lower():gsub("[^%w]+", "_"))
end

local months = { 0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4 }
local floor = math.floor

local function first_sunday(year, month)
  local weekday = (year + floor(year / 4) - floor(year / 100) + floor(year / 400) + months[month] + 1) % 7
  return 1 + (7 - weekday) % 7
end

-- The offset of Melbourne: summer time ends on the first Sunday of April and begins on the first
-- Sunday of October.
local function offset(year, month, day, hour)
  if month > 4 and month < 10 then return "+10:00" end
  if month < 4 or month > 10 then return "+11:00" end
  local sunday = first_sunday(year, month)
  local is_after
  if month == 4 then is_after = day > sunday or (day == sunday and hour >= 3)
  else is_after = day > sunday or (day == sunday and hour >= 2) end
  if is_after == (month == 4) then return "+10:00" end
  return "+11:00"
end

local function moment(value)
  if value == nil or value == null then return null end
  local year, month, day, time = value:match("^(%d%d%d%d)-(%d%d)-(%d%d)[ T](%d%d:%d%d:%d%d)$")
  if not year then return null end
  local zone = offset(tonumber(year), tonumber(month), tonumber(day), tonumber(time:sub(1, 2)))
  return year .. "-" .. month .. "-" .. day .. "T" .. time .. zone
end

local function date(value)
  if value == nil or value == null then return null end
  return value:match("^%d%d%d%d%-%d%d%-%d%d") or null
end

local dummies = { ["1900-01-01"] = true, ["1970-01-01"] = true, ["1753-01-01"] = true, ["0001-01-01"] = true }

local function birth_date(value)
  local day = date(value)
  if dummies[day] then return null end
  return day
end

local function mobile(value)
  if value == nil or value == null then return nil end
  local digits = value:gsub("[^%d+]", "")
  local rest = digits:match("^04(%d%d%d%d%d%d%d%d)$") or digits:match("^%+?614(%d%d%d%d%d%d%d%d)$")
  return rest and "+614" .. rest
end

local function email(value)
  local address = text(value)
  if address ~= null and not address:find("^[^%s@]+@[^%s@]+%.[^%s@]+$") then return null end
  return address
end

-- Records

local function person(customer)
  local contact = customer.contact or {}
  local phones = contact.phones or {}
  local privacy = flag(customer.privacy)
  local consents = privacy == false
  local shopify = text(customer.shopifyLegacyId)
  if shopify == null and text(customer.shopifyAdminId) ~= null then
    shopify = customer.shopifyAdminId:match("%d+$") or null
  end
  return {
    id = customer.id,
    first_name = text(customer.firstname),
    last_name = text(customer.surname),
    mobile_phone = mobile(phones.mobile) or mobile(phones.home) or null,
    email = email(contact.email),
    allow_sms = consents,
    allow_email = consents,
    birth_date = birth_date(customer.dateOfBirth),
    home_phone = text(phones.home),
    work_phone = text(phones.work),
    customer_code = text(customer.code),
    privacy = privacy,
    shopify_customer_id = shopify,
    date_created = moment(customer.startDate),
    date_updated = moment(customer.updateTimeStamp),
  }
end

local function set_address(record, address)
  address = address or {}
  record.address = text(address.addressLine1)
  record.address_2 = text(address.addressLine2)
  record.city = text(address.city)
  record.state = text(address.state)
  record.zip = text(address.postcode)
  record.country = text(address.country)
end

local function search_record(customer, store_names)
  local record = person(customer)
  set_address(record, customer.address)
  record.loyalty_code = text(customer.loyaltyCode)
  record.loyalty_name = text(customer.loyaltyName)
  local store = tonumber(customer.joinedStoreId)
  record.store_id = store or null
  record.store_code = text(customer.joinedStoreCode)
  record.store_name = store_names[store] or null
  record.is_staff = flag(customer.retailRep)
  record.is_retail_customer = flag(customer.retailCust)
  for _, attribute in ipairs(customer.attributes or {}) do
    record["attr_" .. snake_case(attribute.key)] = text(attribute.value)
  end
  return record
end

local function is_full(address)
  return address and (text(address.addressLine1) ~= null or text(address.city) ~= null
    or text(address.state) ~= null or text(address.postcode) ~= null)
end

local function detail_record(customer)
  local record = person(customer)
  local billing, delivery
  for _, pair in ipairs(customer.addresses or {}) do
    billing = billing or pair.billing
    delivery = delivery or pair.delivery
  end
  set_address(record, is_full(billing) and billing or is_full(delivery) and delivery or billing or delivery)
  record.company = text(billing and billing.companyName)
  record.title = text(customer.title)
  record.initials = text(customer.initials)
  record.gender = text(customer.sex)
  record.job_title = text(customer.jobTitle)
  record.currency_code = text(customer.currency and customer.currency.code)
  record.is_agent = flag(customer.isAgent)
  local points, latest = nil, nil
  for _, loyalty in ipairs(customer.loyalties or {}) do
    points = (points or 0) + loyalty.balance
    if not latest or (loyalty.joinDate or "") >= (latest.joinDate or "") then latest = loyalty end
  end
  latest = latest or {}
  record.points = points or null
  record.loyalty_name = text(latest.loyaltyType)
  record.loyalty_card = text(latest.cardNo)
  record.loyalty_joined = date(latest.joinDate)
  record.loyalty_expires = date(latest.expiry)
  local account = (customer.rewardsAccounts or {})[1] or {}
  record.rewards_program = text(account.programName)
  record.rewards_tier = text(account.tierName)
  for _, reference in ipairs(customer.references or {}) do
    record["ref_" .. snake_case(reference.type)] = text(reference.value)
  end
  return record
end

-- Answers

local function send(status, body)
  ngx.status = status
  ngx.header["Content-Type"] = "application/json"
  local length = 0
  if type(body) == "table" then
    for _, piece in ipairs(body) do length = length + #piece end
  else
    length = #body
  end
  ngx.header["Content-Length"] = length
  ngx.print(body)
end

local function is_allowed()
  if ngx.var.http_authorization == settings.authorization then return true end
  send(401, '{"error":"The credential is unknown."}')
  return false
end

function bridge.customer(id)
  if not is_allowed() then return end
  local answer = ngx.location.capture("/upstream/customers/" .. id)
  if answer.status == 404 then return send(404, '{"error":"No such customer."}') end
  if answer.status ~= 200 then return send(502, '{"error":"The upstream failed."}') end
  send(200, cjson.encode(detail_record(cjson.decode(answer.body).data)))
end

-- Gets a body over a kept connection. A capture would keep the body until the request ends.
local function get(socket, path)
  assert(socket:send("GET " .. path .. " HTTP/1.1\r\n" .. settings.headers .. "\r\n"))
  local status = assert(socket:receive("*l"))
  assert(status:find(" 200 ", 1, true), status)
  local length
  while true do
    local line = assert(socket:receive("*l"))
    if line == "" then break end
    length = line:match("^[Cc]ontent%-[Ll]ength: (%d+)") or length
  end
  return cjson.decode(assert(socket:receive(tonumber(length))))
end

local function walk()
  local socket = ngx.socket.tcp()
  assert(socket:connect(settings.host, settings.port))
  local store_names = {}
  for _, store in ipairs(get(socket, "/stores").data) do
    store_names[store.storeId] = store.name
  end
  local ids, encoded, count, cursor = {}, {}, 0, nil
  repeat
    local path = "/customers/search"
    if cursor then path = path .. "?after_cursor=" .. ngx.escape_uri(cursor) end
    local page = get(socket, path)
    for _, customer in ipairs(page.data) do
      count = count + 1
      ids[count] = customer.id
      encoded[customer.id] = cjson.encode(search_record(customer, store_names))
    end
    cursor = page.meta.hasNextPage and page.meta.endCursor
  until not cursor
  socket:close()
  table.sort(ids)
  local records = {}
  for position, id in ipairs(ids) do records[position] = encoded[id] end
  return records
end

function bridge.customers()
  if not is_allowed() then return end
  local start = tonumber(ngx.var.arg_start) or 0
  local limit = tonumber(ngx.var.arg_limit) or 25
  if start == 0 then
    kept = nil
    kept = walk()
  end
  if not kept then return send(410, '{"error":"Begin again at start=0."}') end
  local last = math.min(start + limit, #kept)
  send(200, {
    '{"count":' .. #kept .. ',"start":"' .. start .. '","limit":"' .. limit .. '","records":[',
    table.concat(kept, ",", start + 1, last),
    "]}",
  })
end

return bridge
