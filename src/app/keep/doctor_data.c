#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "app/keep/doctor_private.h"
#include "audit/audit.h"
#include "db/check.h"
#include "db/migrate.h"
#include "doctor_sql.gen.h"
#include "kernel/zone.h"

static const DoctorWords restore_words = {
    "先备份现有文件，再用 qun restore --force 恢复最近的备份；硬盘若有坏块请更换。",
    "Copy the files as they are, then qun restore --force the newest backup; replace a failing "
    "disk."};

static void failed(Doctor *d, Db *db, const char *check, Err e)
{
    const char *why = db_error(db)[0] ? db_error(db) : err_row(e)->en;
    doctor_bad(d, check, SAY(d, "检查没有完成：%s", why),
               SAY(d, "the check did not finish: %s", why), restore_words);
}

/* Sums one query; every generated function of this shape can be used. */
#define COUNT_FN(name, Type)                                                                       \
    static Err name(Db *db, Arena *a, int64_t *ret)                                                \
    {                                                                                              \
        Type row;                                                                                  \
        TRY(sql_##name(db, a, &row));                                                              \
        *ret = row.n;                                                                              \
        return OK;                                                                                 \
    }
COUNT_FN(doctor_groups, SqlDoctorGroupsRow)
COUNT_FN(doctor_staff, SqlDoctorStaffRow)
COUNT_FN(doctor_identities, SqlDoctorIdentitiesRow)
COUNT_FN(doctor_memberships, SqlDoctorMembershipsRow)
COUNT_FN(doctor_stays, SqlDoctorStaysRow)
COUNT_FN(doctor_coverage, SqlDoctorCoverageRow)
COUNT_FN(doctor_fact_groups, SqlDoctorFactGroupsRow)
COUNT_FN(doctor_fact_members, SqlDoctorFactMembersRow)
COUNT_FN(doctor_entries, SqlDoctorEntriesRow)

typedef struct Link {
    Err (*count)(Db *db, Arena *a, int64_t *ret);
    bool full; /* looks one row up for every fact or entry */
    const char *zh, *en;
} Link;

/* clang-format off */
static const Link links[] = {
    {doctor_groups, false, "个群没有所属的社群", "groups without their community"},
    {doctor_staff, false, "条团队记录没有账号或空间", "team rows without their account or space"},
    {doctor_identities, false, "个身份没有成员", "identities without their member"},
    {doctor_memberships, false, "段在群记录没有成员或群", "memberships without their member or group"},
    {doctor_stays, false, "位成员在同一个群里在群两次", "members present twice in one group"},
    {doctor_coverage, false, "段数据覆盖没有群", "stretches of coverage without their group"},
    {doctor_fact_groups, true, "条事实没有群", "facts without their group"},
    {doctor_fact_members, true, "条事实没有成员", "facts without their member"},
    {doctor_entries, true, "条内容没有事实", "entries without their fact"},
};
/* clang-format on */

static void check_links(Doctor *d, Db *db)
{
    bool fine = true;
    for (size_t i = 0; i < N_OF(links); i++) {
        int64_t n = 0;
        if (links[i].full && !d->in->full) continue;
        Err e = links[i].count(db, d->a, &n);
        if (e != OK) {
            failed(d, db, "links", e);
            return;
        }
        if (n == 0) continue;
        fine = false;
        doctor_bad(
            d, "links", SAY(d, "有 %" PRId64 " %s", n, links[i].zh),
            SAY(d, "%" PRId64 " %s", n, links[i].en),
            (DoctorWords){
                "程序不会造成这种情况：请恢复备份，或把 qun doctor --json 的结果报告给开发者。",
                "The program never leaves this behind: restore a backup, or report the output of "
                "qun doctor --json."});
    }
    if (fine)
        doctor_fine(d, "links", STR("各表之间的引用完整"),
                    STR("rows refer to rows that are there"));
}

static void check_clock(Doctor *d, Db *db)
{
    SqlDoctorNewestRow row;
    char last[32], now[32];
    Err e = sql_doctor_newest(db, d->a, &row);
    if (e != OK) {
        failed(d, db, "clock", e);
        return;
    }
    int64_t newest_us = row.fact_us > row.audit_us ? row.fact_us : row.audit_us;
    d->has_data = row.fact_us > 0;
    time_format(newest_us, last);
    time_format(d->now_us, now);
    if (newest_us <= d->now_us + US_PER_MIN)
        doctor_fine(d, "clock", SAY(d, "系统时间 %s，没有记录在它之后", now),
                    SAY(d, "the clock says %s, nothing was recorded after it", now));
    else
        doctor_bad(d, "clock", SAY(d, "系统时间 %s，但最后的记录在 %s：时钟被调慢了", now, last),
                   SAY(d, "the clock says %s, but something was recorded at %s: it was set back",
                       now, last),
                   (DoctorWords){"打开时间同步（timedatectl set-ntp true）。",
                                 "Switch time synchronisation on (timedatectl set-ntp true)."});
}

static bool audit_of(Doctor *d, Db *db, int64_t space, int64_t *n)
{
    Ctx cx;
    AuditCheck check;
    ctx_init(&cx, d->a, db, d->in->clock);
    cx.space = (SpaceId){space};
    Err e = audit_verify(&cx, &check);
    if (e != OK) {
        failed(d, db, "audit", e);
        return false;
    }
    *n += check.n;
    if (check.ok) return true;
    doctor_bad(d, "audit",
               SAY(d, "空间 %" PRId64 " 的操作记录从第 %" PRId64 " 条起被改动过", space,
                   check.first_bad_seq),
               SAY(d, "the audit log of space %" PRId64 " was changed from row %" PRId64 " on",
                   space, check.first_bad_seq),
               (DoctorWords){"与备份里的操作记录对比，查清是谁直接改了数据库。",
                             "Compare with the log in a backup and find out who has written to the "
                             "database directly."});
    return false;
}

static void check_audit(Doctor *d, Db *db)
{
    SqlDoctorAuditSpacesRows spaces;
    int64_t n = 0;
    Err e = sql_doctor_audit_spaces(db, d->a, &spaces);
    if (e != OK) {
        failed(d, db, "audit", e);
        return;
    }
    for (size_t i = 0; i < spaces.n; i++)
        if (!audit_of(d, db, spaces.v[i].space_id, &n)) return;
    doctor_fine(d, "audit", SAY(d, "操作记录的链条完整（%" PRId64 " 条）", n),
                SAY(d, "the chain of the audit log holds (%" PRId64 " rows)", n));
}

/* False when the rows are not to be looked at. */
static bool check_integrity(Doctor *d, Db *db)
{
    DbCheck check;
    int newest = all_migrations[n_all_migrations - 1].number;
    Err e = db_check(db, d->a, d->in->full, &check);
    if (e != OK) {
        failed(d, db, "integrity", e);
        return false;
    }
    if (check.n_problems) {
        Str first = check.problems[0];
        doctor_bad(d, "integrity",
                   SAY(d, "数据库有 %d 处损坏：%.*s", check.n_problems, STR_ARG(first)),
                   SAY(d, "the database has %d damages: %.*s", check.n_problems, STR_ARG(first)),
                   restore_words);
        return false;
    }
    bool old = check.schema < newest;
    doctor_fine(d, "integrity",
                SAY(d, "数据库完整，结构版本 %d%s", check.schema, old ? "，下次启动时会升级" : ""),
                SAY(d, "the database is whole, schema %d%s", check.schema,
                    old ? ", brought up at the next start" : ""));
    return !old;
}

/* For a file: opening would make one. */
static bool database_there(const Doctor *d)
{
    return db_is_postgres(d->in->db_where) || access(d->in->db_where, F_OK) == 0;
}

static bool snapshot(Doctor *d, Db *db)
{
    Err e = db_begin(db, DB_READ_ONLY);
    if (e != OK) failed(d, db, "database", e);
    return e == OK;
}

static void check_rows(Doctor *d, Db *db)
{
    const char *zh = db_engine(db) == DB_SQLITE ? "内置数据库可以打开" : "PostgreSQL 可以连接";
    const char *en =
        db_engine(db) == DB_SQLITE ? "the embedded database opens" : "PostgreSQL answers";
    doctor_fine(d, "database", str_of(zh), str_of(en));
    if (!check_integrity(d, db) || !snapshot(d, db)) return;
    check_links(d, db);
    check_clock(d, db);
    check_audit(d, db);
    db_rollback(db);
}

void doctor_data(Doctor *d)
{
    ErrInfo info = {0};
    Db *db = NULL;
    if (!database_there(d)) {
        doctor_fine(d, "database", STR("还没有数据库，首次启动时会创建"),
                    STR("there is no database yet: the first start makes it"));
        return;
    }
    d->has_data = true;
    Err e = db_open(d->a, d->in->db_where, DB_READ_ONLY, &info, &db);
    if (e != OK) {
        doctor_bad(d, "database", SAY(d, "数据库打不开：%s", info.detail),
                   SAY(d, "the database cannot be opened: %s", info.detail),
                   (DoctorWords){"内置数据库：检查文件权限，或用 qun restore "
                                 "恢复；PostgreSQL：检查 QUN_DB 和它是否在运行。",
                                 "Embedded: check the file's permissions, or qun restore. "
                                 "PostgreSQL: check QUN_DB and that it runs."});
        return;
    }
    check_rows(d, db);
    db_close(db);
}
