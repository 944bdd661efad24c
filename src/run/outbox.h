/* Live events: written in the transaction of their cause, told to streams after the commit,
 * replayed by seq. And answers kept under an Idempotency-Key, in the same transaction as their
 * effect. */
#pragma once

#include "kernel/ctx.h"

/* Who hears of an event once it is durable; set once before the lanes start. data is one line of
 * JSON. */
void outbox_listener(void (*fn)(void *arg, SpaceId space, int64_t seq, const char *topic, Str name,
                                Str data),
                     void *arg);

/* topic lives for ever (a constant); name and data are copied. Needs cx->db in a write transaction.
 */
Err outbox_add(Ctx *cx, const char *topic, Str name, Str data);

typedef struct OutboxEvent {
    int64_t seq;
    Str name, data;
} OutboxEvent;

/* At most max events of a topic after `since`, oldest first. */
Err outbox_since(Ctx *cx, const char *topic, int64_t since, int max, const OutboxEvent **ret,
                 size_t *ret_n);

/* Removes events and answers older than before_us. */
Err outbox_purge(Ctx *cx, int64_t before_us, int64_t *ret_n);

/* An earlier answer to (scope, key): ERR_IDEMPOTENCY when it was to another body. */
Err idempotency_find(Ctx *cx, Str scope, Str key, const uint8_t digest[32], bool *ret_found,
                     int *ret_status, Str *ret_body);
Err idempotency_store(Ctx *cx, Str scope, Str key, const uint8_t digest[32], int status, Str body);
