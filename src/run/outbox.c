/* DESIGN. seq is the space's highest plus one, inside the writing transaction. On SQLite the write
 * lane is serial; on PostgreSQL transactions are serializable and the key is unique, so two that
 * pick the same number cannot both commit and the loser runs again: seq is the order of commits. */
#include "run/outbox.h"

#include "run_sql.gen.h"

static void (*listener)(void *arg, SpaceId space, int64_t seq, const char *topic, Str name,
                        Str data);
static void *listener_arg;

void outbox_listener(void (*fn)(void *arg, SpaceId space, int64_t seq, const char *topic, Str name,
                                Str data),
                     void *arg)
{
    listener = fn;
    listener_arg = arg;
}

typedef struct Told {
    SpaceId space;
    int64_t seq;
    const char *topic;
    Str name, data;
} Told;

static void tell(void *arg)
{
    const Told *t = arg;
    if (listener) listener(listener_arg, t->space, t->seq, t->topic, t->name, t->data);
}

Err outbox_add(Ctx *cx, const char *topic, Str name, Str data)
{
    SqlOutboxLastRow last;
    TRY(sql_outbox_last(cx->db, cx->arena, &(SqlOutboxLastIn){cx->space.v}, &last));
    TRY(sql_outbox_add(cx->db, &(SqlOutboxAddIn){.space_id = cx->space.v,
                                                 .seq = last.seq + 1,
                                                 .at_us = cx->now_us,
                                                 .topic = str_of(topic),
                                                 .name = name,
                                                 .data = data}));
    Told *t = arena_new(cx->arena, Told);
    *t = (Told){cx->space, last.seq + 1, topic, str_keep(cx->arena, name),
                str_keep(cx->arena, data)};
    ctx_after_commit(cx, tell, t);
    return OK;
}

Err outbox_since(Ctx *cx, const char *topic, int64_t since, int max, const OutboxEvent **ret,
                 size_t *ret_n)
{
    SqlOutboxSinceRows rows;
    TRY(sql_outbox_since(
        cx->db, cx->arena,
        &(SqlOutboxSinceIn){
            .space_id = cx->space.v, .topic = str_of(topic), .since = since, .n = max},
        &rows));
    OutboxEvent *events = arena_array(cx->arena, OutboxEvent, rows.n);
    for (size_t i = 0; i < rows.n; i++)
        events[i] = (OutboxEvent){rows.v[i].seq, rows.v[i].name, rows.v[i].data};
    *ret = events;
    *ret_n = rows.n;
    return OK;
}

Err outbox_purge(Ctx *cx, int64_t before_us, int64_t *ret_n)
{
    int64_t answers;
    TRY(sql_outbox_purge(cx->db, &(SqlOutboxPurgeIn){cx->space.v, before_us}, ret_n));
    TRY(sql_idempotency_purge(cx->db, &(SqlIdempotencyPurgeIn){cx->space.v, before_us}, &answers));
    *ret_n += answers;
    return OK;
}

Err idempotency_find(Ctx *cx, Str scope, Str key, const uint8_t digest[32], bool *ret_found,
                     int *ret_status, Str *ret_body)
{
    SqlIdempotencyFindRow row;
    Err e = sql_idempotency_find(cx->db, cx->arena,
                                 &(SqlIdempotencyFindIn){cx->space.v, scope, key}, &row);
    *ret_found = e == OK;
    if (e == ERR_NOT_FOUND) return OK;
    if (e != OK) return e;
    if (row.body_digest.n != 32 || memcmp(row.body_digest.p, digest, 32) != 0)
        return ERR_IDEMPOTENCY;
    *ret_status = (int)row.status;
    *ret_body = row.body;
    return OK;
}

Err idempotency_store(Ctx *cx, Str scope, Str key, const uint8_t digest[32], int status, Str body)
{
    return sql_idempotency_store(cx->db,
                                 &(SqlIdempotencyStoreIn){.space_id = cx->space.v,
                                                          .scope = scope,
                                                          .idem_key = key,
                                                          .body_digest = {(const char *)digest, 32},
                                                          .status = status,
                                                          .body = body,
                                                          .at_us = cx->now_us});
}
