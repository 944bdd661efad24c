#include "kernel/auth.h"

static const char *const resource_names[RES_COUNT] = {[RES_PUBLIC] = "public",
                                                      [RES_SELF] = "self",
                                                      [RES_INSTALL] = "install",
#define X(name, key, zh, en) [RES_##name] = key,
                                                      RESOURCES(X)
#undef X
};

const char *resource_name(Resource r)
{
    must((unsigned)r < RES_COUNT);
    return resource_names[r];
}

bool resource_parse(Str name, Resource *ret)
{
    for (int r = RES_INSTALL + 1; r < RES_COUNT; r++) {
        if (!str_is(name, resource_names[r])) continue;
        *ret = (Resource)r;
        return true;
    }
    return false;
}

const char *level_name(Level l)
{
    static const char *const names[] = {"none", "read", "full"};
    must((unsigned)l < N_OF(names));
    return names[l];
}

bool auth_may(const Auth *a, Resource r, Level l)
{
    if (r == RES_PUBLIC) return true;
    if (!a) return false;
    if (a->kind == ACTOR_SYSTEM) return true;
    if (a->must_change && r != RES_SELF) return false;
    if (r == RES_SELF) return true;
    if (r == RES_INSTALL) return a->install_owner;
    return a->level[r] >= l;
}

bool auth_may_community(const Auth *a, CommunityId c)
{
    if (!a) return false;
    if (a->kind == ACTOR_SYSTEM || a->n_communities == 0) return true;
    for (int i = 0; i < a->n_communities; i++)
        if (a->communities[i] == c.v) return true;
    return false;
}
