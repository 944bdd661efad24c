/* Routes of members; app joins them. */
#pragma once

#include "audit/audit.h"
#include "http/http.h"

extern const Route member_routes[];
extern const AuditNamer member_namers[];
