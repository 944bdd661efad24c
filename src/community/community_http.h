/* Routes of communities and groups; app joins them. */
#pragma once

#include "audit/audit.h"
#include "http/http.h"

extern const Route community_routes[];
extern const AuditNamer community_namers[];
