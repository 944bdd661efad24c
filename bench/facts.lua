-- wrk: one act per request, by the members of a list in turn. Arguments: key, group, file of member ids.
local bodies, at = {}, 0

init = function(args)
    local headers = {["Content-Type"] = "application/json", ["Authorization"] = "Bearer " .. args[1]}
    for member in io.lines(args[3]) do
        local body = string.format('{"kind":"checkin","group_id":"%s","member_id":"%s"}', args[2], member)
        bodies[#bodies + 1] = wrk.format("POST", "/api/v1/facts", headers, body)
    end
end

request = function()
    at = at % #bodies + 1
    return bodies[at]
end
