#include "app/space_facts.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "app_sql.gen.h"
#include "community/community.h"
#include "kernel/zone.h"

Err space_counts(Ctx *cx, SpaceId space, SpaceCounts *ret)
{
    SqlSpaceCountsRow row;
    TRY(sql_space_counts(cx->db, cx->arena, &(SqlSpaceCountsIn){space.v}, &row));
    *ret = (SpaceCounts){row.n_groups, row.n_members};
    return OK;
}

Err communities_exist(Ctx *cx, const int64_t *ids, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        Community c;
        TRY(community_get(cx, (CommunityId){ids[i]}, &c));
    }
    return OK;
}

const char *zone_guess(Arena *a)
{
    static const char *const fallback = "Asia/Shanghai";
    char target[PATH_MAX];
    const char *name = getenv("TZ");
    if (!name || !name[0]) {
        ssize_t n = readlink("/etc/localtime", target, sizeof target - 1);
        if (n <= 0) return fallback;
        target[n] = 0;
        name = strstr(target, "zoneinfo/");
        if (!name) return fallback;
        name += strlen("zoneinfo/");
    }
    if (name[0] == ':') name++;
    if (strncmp(name, "Etc/", 4) == 0 || strcmp(name, "UTC") == 0 || strchr(name, '/') == NULL)
        return fallback;
    Zone *z = zone_open(name);
    if (!z) return fallback;
    zone_free(z);
    return arena_dup(a, name, strlen(name));
}
