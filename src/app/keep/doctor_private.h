/* What the files of doctor share. */
#pragma once

#include "app/keep/doctor.h"

typedef struct Doctor {
    const DoctorIn *in;
    Arena *a;
    int64_t now_us;
    bool has_data; /* facts, worth a backup; true as well when the database cannot tell */
    DoctorReport *report;
} Doctor;

/* The words of one check: what was seen and, when it is not ok, what to do; in Chinese and English.
 * One argument list serves both languages, in the same order. */
typedef struct DoctorWords {
    const char *zh, *en;
} DoctorWords;

void doctor_fine(Doctor *d, const char *check, Str zh, Str en);
void doctor_bad(Doctor *d, const char *check, Str zh, Str en, DoctorWords remedy);
/* arena_printf as a Str */
#define SAY(d, ...) str_of(arena_printf((d)->a, __VA_ARGS__))

void doctor_machine(Doctor *d); /* data_folder, disk, zones, port */
void doctor_data(Doctor *d);    /* database, integrity, links, clock, audit */
void doctor_backups(Doctor *d); /* backup */
