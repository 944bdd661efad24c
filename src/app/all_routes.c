#include "app/app.h"

#include "app/system_http.h"
#include "audit/audit_http.h"
#include "channel/intake/http/upload.h"
#include "channel/intake/intake.h"
#include "community/community_http.h"
#include "identity/http/identity_http.h"
#include "insight/serve/insight_http.h"
#include "member/act_http.h"
#include "member/member_http.h"

const Route *const all_routes[] = {
    identity_session_routes,
    identity_staff_routes,
    identity_access_routes,
    identity_space_routes,
    audit_routes,
    community_routes,
    member_routes,
    act_routes,
    upload_routes,
    intake_routes,
    insight_routes,
    system_routes,
    NULL,
};
