#include "app/keep/doctor_private.h"

#include "base/json.h"

static DoctorRow *add(Doctor *d, const char *check, bool ok)
{
    DoctorReport *r = d->report;
    must(r->n < DOCTOR_ROWS_MAX);
    DoctorRow *row = &r->rows[r->n++];
    *row = (DoctorRow){.check = check, .ok = ok};
    r->n_bad += !ok;
    return row;
}

void doctor_fine(Doctor *d, const char *check, Str zh, Str en)
{
    DoctorRow *row = add(d, check, true);
    row->detail_zh = zh;
    row->detail_en = en;
}

void doctor_bad(Doctor *d, const char *check, Str zh, Str en, DoctorWords remedy)
{
    DoctorRow *row = add(d, check, false);
    row->detail_zh = zh;
    row->detail_en = en;
    row->remedy_zh = str_of(remedy.zh);
    row->remedy_en = str_of(remedy.en);
}

void doctor_run(const DoctorIn *in, Arena *a, DoctorReport *ret)
{
    Doctor d = {.in = in, .a = a, .now_us = clock_now_us(in->clock), .report = ret};
    *ret = (DoctorReport){0};
    doctor_machine(&d);
    doctor_data(&d);
    doctor_backups(&d);
}

void doctor_text(const DoctorReport *r, Lang lang, Buf *out)
{
    bool zh = lang == LANG_ZH;
    for (int i = 0; i < r->n; i++) {
        const DoctorRow *row = &r->rows[i];
        Str detail = zh ? row->detail_zh : row->detail_en,
            remedy = zh ? row->remedy_zh : row->remedy_en;
        buf_printf(out, "%s %-12s %.*s\n", row->ok ? "ok " : "BAD", row->check, STR_ARG(detail));
        if (!row->ok) buf_printf(out, "                 → %.*s\n", STR_ARG(remedy));
    }
    if (r->n_bad == 0)
        buf_z(out, zh ? "一切正常。\n" : "All is well.\n");
    else
        buf_printf(out, zh ? "发现 %d 个问题。\n" : "Problems found: %d.\n", r->n_bad);
}

void doctor_json(const DoctorReport *r, Buf *out)
{
    Json j;
    json_init(&j, out);
    json_open(&j, '{');
    json_kbool(&j, "ok", r->n_bad == 0);
    json_key(&j, "checks");
    json_open(&j, '[');
    for (int i = 0; i < r->n; i++) {
        const DoctorRow *row = &r->rows[i];
        json_open(&j, '{');
        json_kz(&j, "check", row->check);
        json_kbool(&j, "ok", row->ok);
        json_kstr(&j, "detail_zh", row->detail_zh);
        json_kstr(&j, "detail_en", row->detail_en);
        json_kstr(&j, "remedy_zh", row->remedy_zh);
        json_kstr(&j, "remedy_en", row->remedy_en);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    json_close(&j, '}');
}
