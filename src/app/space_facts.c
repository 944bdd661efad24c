#include "app/space_facts.h"

#include "app_sql.gen.h"
#include "community/community.h"

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
