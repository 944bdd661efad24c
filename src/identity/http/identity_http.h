/* Routes of this room, and how the server finds out who is asking. */
#pragma once

#include "http/http.h"

extern const Route identity_session_routes[];
extern const Route identity_staff_routes[];
extern const Route identity_access_routes[];
extern const Route identity_space_routes[];

#define SESSION_COOKIE "qun_session"

/* Fills auth_cached, auth_load and auth_release. auth_load must be the first reader of its
 * snapshot: it may not be older than the call. */
void identity_hooks(HttpHooks *ret);
