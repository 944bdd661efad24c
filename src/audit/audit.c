/* DESIGN. seq orders the list and is given at once: by the serial lane on SQLite, by a sequence on
 * PostgreSQL, where max(seq) + 1 would make every two writers of a space conflict. A sequence has
 * gaps and is not in commit order, so the chain has an order of its own: `link`, dense, given when
 * a job seals. The head row remembers the last link, so that a tail cut off is seen. Whoever can
 * write the database can recompute all of it: the chain finds clumsy hands and partial damage; the
 * head printed elsewhere finds the rest. */
#include "audit/audit.h"

#include <sodium.h>

#include "audit_sql.gen.h"
#include "base/rand.h"

enum { HASH_BYTES = 32, SALT_BYTES = 16 };

static const char erase_action[] = "audit.erase";

typedef struct Hasher {
    crypto_generichash_state state;
} Hasher;

static void hash_start(Hasher *h)
{
    must(crypto_generichash_init(&h->state, NULL, 0, HASH_BYTES) == 0);
}

static void hash_i64(Hasher *h, int64_t v)
{
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)((uint64_t)v >> (8 * i));
    crypto_generichash_update(&h->state, bytes, sizeof bytes);
}

/* The length leads, so that two texts never run into one another. */
static void hash_str(Hasher *h, Str s)
{
    hash_i64(h, (int64_t)s.n);
    crypto_generichash_update(&h->state, (const unsigned char *)s.p, s.n);
}

static Str hash_end(Hasher *h, uint8_t out[HASH_BYTES])
{
    must(crypto_generichash_final(&h->state, out, HASH_BYTES) == 0);
    return (Str){(const char *)out, HASH_BYTES};
}

static Str detail_digest(Str salt, Str detail, Str address, uint8_t out[HASH_BYTES])
{
    Hasher h;
    hash_start(&h);
    hash_str(&h, salt);
    hash_str(&h, detail);
    hash_str(&h, address);
    return hash_end(&h, out);
}

typedef struct Link {
    int64_t space, link, seq, at_us, actor_kind, actor_id, target_id;
    Str action, target_kind, digest;
} Link;

static Str link_chain(Str before, const Link *l, uint8_t out[HASH_BYTES])
{
    Hasher h;
    hash_start(&h);
    hash_str(&h, before);
    hash_i64(&h, l->space);
    hash_i64(&h, l->link);
    hash_i64(&h, l->seq);
    hash_i64(&h, l->at_us);
    hash_i64(&h, l->actor_kind);
    hash_i64(&h, l->actor_id);
    hash_str(&h, l->action);
    hash_str(&h, l->target_kind);
    hash_i64(&h, l->target_id);
    hash_str(&h, l->digest);
    return hash_end(&h, out);
}

static ActorKind actor_kind(const Ctx *cx)
{
    return cx->auth ? cx->auth->kind : ACTOR_NOBODY;
}

static int64_t actor_id(const Ctx *cx)
{
    return actor_kind(cx) == ACTOR_KEY ? cx->auth->key.v : ctx_actor(cx);
}

Err audit_add(Ctx *cx, const char *action, const char *target_kind, int64_t target_id, Str detail)
{
    uint8_t salt[SALT_BYTES], digest[HASH_BYTES];
    must(detail.n <= AUDIT_DETAIL_MAX);
    rand_bytes(salt, sizeof salt);
    SqlAuditInsertIn in = {
        .space_id = cx->space.v,
        .at_us = cx->now_us,
        .actor_kind = actor_kind(cx),
        .actor_id = actor_id(cx),
        .action = str_of(action),
        .target_kind = str_of(target_kind),
        .target_id = target_id,
        .detail = detail,
        .address = cx->client_ip,
        .salt = {(const char *)salt, sizeof salt},
    };
    in.detail_digest = detail_digest(in.salt, in.detail, in.address, digest);
    return sql_audit_insert(cx->db, &in);
}

Err audit_erase(Ctx *cx, int64_t seq)
{
    int64_t n;
    TRY(sql_audit_erase(cx->db, &(SqlAuditEraseIn){.space_id = cx->space.v, .seq = seq}, &n));
    if (n == 0) return fail(cx, ERR_NOT_FOUND, "no such row in the audit log");
    return audit_add(cx, erase_action, "audit", seq, (Str){0});
}

Err audit_to_seal(Ctx *cx, const int64_t **ret_spaces, size_t *ret_n)
{
    SqlAuditUnsealedSpacesRows rows;
    TRY(sql_audit_unsealed_spaces(cx->db, cx->arena, &rows));
    int64_t *spaces = arena_array(cx->arena, int64_t, rows.n);
    for (size_t i = 0; i < rows.n; i++)
        spaces[i] = rows.v[i].space_id;
    *ret_spaces = spaces;
    *ret_n = rows.n;
    return OK;
}

static Err head_of(Ctx *cx, SqlAuditHeadRow *ret)
{
    *ret = (SqlAuditHeadRow){0};
    Err e = sql_audit_head(cx->db, cx->arena, &(SqlAuditHeadIn){cx->space.v}, ret);
    return e == ERR_NOT_FOUND ? OK : e;
}

Err audit_seal(Ctx *cx, int max_rows, int *ret_n)
{
    SqlAuditHeadRow head;
    SqlAuditUnsealedRows rows;
    int64_t space = cx->space.v;
    TRY(head_of(cx, &head));
    TRY(sql_audit_unsealed(cx->db, cx->arena, &(SqlAuditUnsealedIn){space, max_rows}, &rows));
    uint8_t chain[HASH_BYTES];
    for (size_t i = 0; i < rows.n; i++) {
        const SqlAuditUnsealedRow *r = &rows.v[i];
        const Link link = {.space = space,
                           .link = ++head.link,
                           .seq = r->seq,
                           .at_us = r->at_us,
                           .actor_kind = r->actor_kind,
                           .actor_id = r->actor_id,
                           .target_id = r->target_id,
                           .action = r->action,
                           .target_kind = r->target_kind,
                           .digest = r->detail_digest};
        head.chain = link_chain(head.chain, &link, chain);
        head.seq = r->seq;
        TRY(sql_audit_seal_row(cx->db, &(SqlAuditSealRowIn){space, r->seq, head.link, head.chain}));
    }
    *ret_n = (int)rows.n;
    if (rows.n == 0) return OK;
    return sql_audit_head_set(cx->db, &(SqlAuditHeadSetIn){.space_id = space,
                                                           .link = head.link,
                                                           .seq = head.seq,
                                                           .chain = head.chain,
                                                           .sealed_us = cx->now_us});
}

typedef struct Walk {
    int64_t space;
    SqlAuditErasedSeqsRows erased; /* ascending */
    int64_t last_link, last_seq;
    uint8_t chain[HASH_BYTES];
    AuditCheck *check;
} Walk;

static bool was_erased(const Walk *w, int64_t seq)
{
    size_t lo = 0, hi = w->erased.n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (w->erased.v[mid].target_id < seq)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < w->erased.n && w->erased.v[lo].target_id == seq;
}

static bool detail_fits(const Walk *w, const SqlAuditChainRow *r)
{
    uint8_t digest[HASH_BYTES];
    if (r->salt.n == 0) return r->detail.n == 0 && r->address.n == 0 && was_erased(w, r->seq);
    return str_eq(detail_digest(r->salt, r->detail, r->address, digest), r->detail_digest);
}

static Err walk_row(void *arg, const SqlAuditChainRow *r)
{
    Walk *w = arg;
    if (w->check->first_bad_seq) return OK;
    w->check->n++;
    if (r->link != w->last_link + 1) {
        w->check->first_bad_seq = w->last_seq + 1;
        return OK;
    }
    const Link link = {.space = w->space,
                       .link = r->link,
                       .seq = r->seq,
                       .at_us = r->at_us,
                       .actor_kind = r->actor_kind,
                       .actor_id = r->actor_id,
                       .target_id = r->target_id,
                       .action = r->action,
                       .target_kind = r->target_kind,
                       .digest = r->detail_digest};
    Str before = {(const char *)w->chain, w->last_link ? HASH_BYTES : 0};
    uint8_t chain[HASH_BYTES];
    if (!str_eq(link_chain(before, &link, chain), r->chain) || !detail_fits(w, r)) {
        w->check->first_bad_seq = r->seq;
        return OK;
    }
    memcpy(w->chain, chain, sizeof chain);
    w->last_link = r->link;
    w->last_seq = r->seq;
    return OK;
}

Err audit_verify(Ctx *cx, AuditCheck *ret)
{
    SqlAuditHeadRow head;
    Walk w = {.space = cx->space.v, .check = ret};
    *ret = (AuditCheck){0};
    TRY(head_of(cx, &head));
    TRY(sql_audit_erased_seqs(
        cx->db, cx->arena, &(SqlAuditErasedSeqsIn){cx->space.v, str_of(erase_action)}, &w.erased));
    TRY(sql_audit_chain(cx->db, &(SqlAuditChainIn){cx->space.v}, walk_row, &w));
    ret->sealed_to = head.seq;
    Str end = {(const char *)w.chain, w.last_link ? HASH_BYTES : 0};
    if (!ret->first_bad_seq && (w.last_link != head.link || !str_eq(end, head.chain)))
        ret->first_bad_seq = w.last_seq + 1;
    ret->ok = ret->first_bad_seq == 0;
    return OK;
}
