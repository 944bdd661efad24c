#include "community/community.h"

#define X(name, key, zh, en) {key, zh, en},
const CommunityWord archetype_words[ARCHETYPE_COUNT] = {ARCHETYPES(X)};
const CommunityWord carrier_words[CARRIER_COUNT] = {CARRIERS(X)};
#undef X

#define X(name, key, zh, en) key,
const char *const archetype_keys[ARCHETYPE_COUNT + 1] = {ARCHETYPES(X)};
const char *const carrier_keys[CARRIER_COUNT + 1] = {CARRIERS(X)};
#undef X

Archetype archetype_parse(Str key)
{
    for (int i = 0; i < ARCHETYPE_COUNT; i++)
        if (str_is(key, archetype_keys[i])) return (Archetype)i;
    return ARCHETYPE_NONE;
}

Carrier carrier_parse(Str key)
{
    for (int i = 0; i < CARRIER_COUNT; i++)
        if (str_is(key, carrier_keys[i])) return (Carrier)i;
    return CARRIER_NONE;
}
