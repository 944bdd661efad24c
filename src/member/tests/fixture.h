/* What the tests of this room share: a space with two communities, three groups and a team. */
#pragma once

#include "base/test.h"

#include "db/db_fixture.h"
#include "member/member.h"

typedef struct Test {
    Ctx cx;
    Clock clock;
    Auth auth;
    int64_t scope[1];
    Group a1, a2, b1; /* groups of communities a and b */
} Test;

/* A write as a lane does it: its own transaction, undone by an error. */
#define IN_TX(t, expected, call)                                                                   \
    do {                                                                                           \
        err_clear(&(t)->cx.err);                                                                   \
        assert_int_equal(db_begin((t)->cx.db, DB_READ_WRITE), OK);                                 \
        Err in_tx_ = (call);                                                                       \
        if (in_tx_ != (expected))                                                                  \
            print_error("%s: %s\n", err_row(in_tx_)->code, db_error((t)->cx.db));                  \
        assert_int_equal(in_tx_, (expected));                                                      \
        if (in_tx_ == OK)                                                                          \
            assert_int_equal(db_commit((t)->cx.db), OK);                                           \
        else                                                                                       \
            db_rollback((t)->cx.db);                                                               \
    } while (0)

/* Space 7 with staff 42 (小王, active) and 44 (disabled); staff 43 belongs to space 8. */
void test_init(Test *t, DbFixture *f);
void only_community_a(Test *t); /* what the caller sees from now on */
void assert_field(const Test *t, int i, const char *field, const char *rule);
int64_t scalar(Test *t, const char *sql);
Member new_member(Test *t, const char *name);
Member get(Test *t, MemberId id);
/* member_place, a second later than the one before. */
Err put(Test *t, Group g, Member m, MemberPlace place);
/* member_find_or_add in at most two statements. */
MemberId find(Test *t, Carrier carrier, GroupId group, const char *key, bool expect_new);
