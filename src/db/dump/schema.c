#include "db/dump/private.h"
#include "db/migrate.h"

static bool belongs(const DbTable *t, int schema)
{
    return t->since <= schema && schema < t->until;
}

const DbTable *schema_table(int schema, int i)
{
    for (int k = 0; k < n_all_tables; k++)
        if (belongs(&all_tables[k], schema) && i-- == 0) return &all_tables[k];
    return NULL;
}

int schema_n_tables(int schema)
{
    int n = 0;
    for (int k = 0; k < n_all_tables; k++)
        n += belongs(&all_tables[k], schema);
    return n;
}

bool schema_checksum(int number, char ret_hex[DUMP_SUM_SIZE])
{
    bool known = false;
    Sum sum;
    sum_init(&sum);
    for (int i = 0; i < n_all_migrations && all_migrations[i].number <= number; i++) {
        known = all_migrations[i].number == number;
        sum_add(&sum, str_of(all_migrations[i].checksum));
    }
    sum_hex(&sum, ret_hex);
    return known;
}

void sum_init(Sum *s)
{
    crypto_generichash_init(&s->state, NULL, 0, 32);
}

void sum_add(Sum *s, Str bytes)
{
    crypto_generichash_update(&s->state, (const unsigned char *)bytes.p, bytes.n);
}

void sum_hex(Sum *s, char ret_hex[DUMP_SUM_SIZE])
{
    unsigned char digest[32];
    crypto_generichash_final(&s->state, digest, sizeof digest);
    sodium_bin2hex(ret_hex, DUMP_SUM_SIZE, digest, sizeof digest);
}
