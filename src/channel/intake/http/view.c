#include "channel/intake/http/view.h"

#include "base/clock.h"

/* clang-format off */
static const char *const states[] = {"queued", "running", "done", "failed", "cancelled", NULL};

FIELD_TABLE(run_error, "ImportError", RunError,
    {"code", FIELD_STR, offsetof(RunError, code), .doc = "Public code of the error."},
    {"detail", FIELD_STR, offsetof(RunError, detail), .doc = "What was wrong, with the line."});

FIELD_TABLE(run_view, "Import", RunView,
    {"id", FIELD_ID, offsetof(RunView, id), .doc = "The run."},
    {"group_id", FIELD_ID, offsetof(RunView, group), .doc = "Where it goes."},
    {"group_name", FIELD_STR, offsetof(RunView, group_name), .doc = "Name of the group."},
    {"filename", FIELD_STR, offsetof(RunView, filename), .doc = "Name of the file."},
    {"format", FIELD_STR, offsetof(RunView, format), .doc = "Format read, or asked for while queued."},
    {"state", FIELD_ENUM, offsetof(RunView, state), .choices = states, .doc = "Where it stands."},
    {"bytes", FIELD_I64, offsetof(RunView, bytes), .doc = "Size of the file."},
    {"bytes_done", FIELD_I64, offsetof(RunView, bytes_done), .doc = "Bytes read so far."},
    {"n_read", FIELD_I64, offsetof(RunView, n_read), .doc = "Records read = imported + duplicate + skipped."},
    {"n_imported", FIELD_I64, offsetof(RunView, n_imported), .doc = "Records that were new."},
    {"n_duplicate", FIELD_I64, offsetof(RunView, n_duplicate), .doc = "Records that were there already."},
    {"n_skipped", FIELD_I64, offsetof(RunView, n_skipped), .doc = "Records that could not be read."},
    {"n_members_new", FIELD_I64, offsetof(RunView, n_members_new), .doc = "Members made."},
    {"n_truncated", FIELD_I64, offsetof(RunView, n_truncated), .doc = "Speakers without a join line: present from the record's start."},
    {"from", FIELD_TIME, offsetof(RunView, from_us), .doc = "Earliest event."},
    {"to", FIELD_TIME, offsetof(RunView, to_us), .doc = "Latest event."},
    {"created_at", FIELD_TIME, offsetof(RunView, created_us), .doc = "When it was queued."},
    {"started_at", FIELD_TIME, offsetof(RunView, started_us), .doc = "When it began."},
    {"finished_at", FIELD_TIME, offsetof(RunView, finished_us), .doc = "When it ended."},
    {"eta_s", FIELD_I64, offsetof(RunView, eta_s), FIELD_NULLABLE, .has = offsetof(RunView, has_eta), .doc = "Seconds left, estimated from the bytes read."},
    {"error", FIELD_OBJ, offsetof(RunView, error), .has = offsetof(RunView, has_error), .sub = &run_error, .doc = "Why it failed."},
    {"problems", FIELD_JSON, offsetof(RunView, problems), .doc = "The first hundred: line, code, sentence, excerpt, n."},
    {"staff_id", FIELD_ID, offsetof(RunView, staff), .doc = "Who started it; null = the command line."});
/* clang-format on */

static void eta_of(const SqlRunByIdRow *row, int64_t now_us, RunView *v)
{
    int64_t spent_us = now_us - row->started_us;
    if (row->state != 1 || row->bytes_done <= 0 || spent_us < US_PER_S ||
        row->bytes < row->bytes_done)
        return;
    double left =
        (double)(row->bytes - row->bytes_done) / (double)row->bytes_done * (double)spent_us;
    v->has_eta = true;
    v->eta_s = (int64_t)(left / (double)US_PER_S) + 1;
}

void run_view_of(const SqlRunByIdRow *row, int64_t now_us, RunView *ret)
{
    *ret = (RunView){
        .id = row->id,
        .group = row->group_id,
        .community = row->community_id,
        .staff = row->staff_id,
        .group_name = row->group_name,
        .filename = row->filename,
        .format = row->format,
        .state = (int)row->state,
        .bytes = row->bytes,
        .bytes_done = row->bytes_done,
        .n_read = row->n_read,
        .n_imported = row->n_imported,
        .n_duplicate = row->n_duplicate,
        .n_skipped = row->n_skipped,
        .n_members_new = row->n_members_new,
        .n_truncated = row->n_truncated,
        .from_us = row->from_us,
        .to_us = row->to_us,
        .created_us = row->created_us,
        .started_us = row->started_us,
        .finished_us = row->finished_us,
        .has_error = row->error_code.n > 0,
        .error = {row->error_code, row->error_detail},
        .problems = row->problems,
    };
    eta_of(row, now_us, ret);
}
