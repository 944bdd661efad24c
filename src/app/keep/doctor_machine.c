#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/keep/doctor_private.h"
#include "db/db.h"
#include "kernel/zone.h"

static const int64_t mib = INT64_C(1048576);
/* what the write-ahead log of the embedded database may keep after a burst */
enum { LOG_MIB = 64 };

static void check_folder(Doctor *d)
{
    const char *data = d->in->data;
    char *probe = arena_printf(d->a, "%s/.doctor-XXXXXX", data);
    int fd = mkstemp(probe);
    const char *why = strerrordesc_np(errno);
    if (fd >= 0) {
        close(fd);
        unlink(probe);
        doctor_fine(d, "data_folder", SAY(d, "数据目录 %s 可以写入", data),
                    SAY(d, "the data folder %s can be written", data));
        return;
    }
    doctor_bad(
        d, "data_folder", SAY(d, "数据目录 %s 不能写入：%s", data, why),
        SAY(d, "the data folder %s cannot be written: %s", data, why),
        (DoctorWords){
            "检查 QUN_DATA 是否写对，并把目录的属主改成运行 qun 的用户（chown）。",
            "See that QUN_DATA is right, and give the folder to the user who runs qun (chown)."});
}

static int64_t database_bytes(const Doctor *d)
{
    struct stat st;
    return !db_is_postgres(d->in->db_where) && stat(d->in->db_where, &st) == 0 ? st.st_size : 0;
}

static void check_disk(Doctor *d)
{
    struct statvfs fs;
    if (statvfs(d->in->data, &fs) != 0) return; /* data_folder has said it */
    int64_t free_mib = (int64_t)(fs.f_bavail * fs.f_frsize) / mib,
            need_mib = database_bytes(d) / mib + LOG_MIB;
    Str zh = SAY(d, "磁盘还剩 %" PRId64 " MiB，至少需要 %" PRId64 " MiB（一份数据库的副本加日志）",
                 free_mib, need_mib);
    Str en = SAY(d,
                 "%" PRId64 " MiB are free on the disk, at least %" PRId64
                 " MiB are needed (a copy of the database and its log)",
                 free_mib, need_mib);
    if (free_mib >= need_mib)
        doctor_fine(d, "disk", zh, en);
    else
        doctor_bad(d, "disk", zh, en,
                   (DoctorWords){"清理磁盘，或把旧备份移到别处；磁盘写满后服务器只能读、不能写。",
                                 "Free some space or move old backups elsewhere; on a full disk "
                                 "nothing can be written."});
}

static void check_zones(Doctor *d)
{
    Zone *z = zone_open("Asia/Shanghai");
    bool ok = z && zone_offset_us(z, d->now_us) == 8 * US_PER_HOUR;
    zone_free(z);
    if (ok)
        doctor_fine(d, "zones", STR("系统时区数据可用"), STR("the system's time zones are there"));
    else
        doctor_bad(d, "zones", STR("找不到系统时区数据，日期会算错"),
                   STR("the system's time zones are missing: days would be wrong"),
                   (DoctorWords){"安装 tzdata（apt install tzdata）。",
                                 "Install tzdata (apt install tzdata)."});
}

static bool server_answers(const Doctor *d)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int n = snprintf(addr.sun_path, sizeof addr.sun_path, "%s/qun.sock", d->in->data);
    if (n < 0 || (size_t)n >= sizeof addr.sun_path) return false;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = fd >= 0 && connect(fd, (struct sockaddr *)&addr, sizeof addr) == 0;
    if (fd >= 0) close(fd);
    return ok;
}

/* 0 when the address can be listened on, else errno. */
static int try_port(const Doctor *d)
{
    char port[16];
    const struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICHOST,
                                   .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    snprintf(port, sizeof port, "%d", d->in->port);
    if (getaddrinfo(d->in->address, port, &hints, &found) != 0) return EADDRNOTAVAIL;
    int code = 0, one = 1;
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, 1) != 0)
        code = errno;
    if (fd >= 0) close(fd);
    freeaddrinfo(found);
    return code;
}

static void check_port(Doctor *d)
{
    if (d->in->port == 0) return;
    int code = try_port(d);
    const char *address = d->in->address;
    int port = d->in->port;
    if (code == 0)
        doctor_fine(d, "port", SAY(d, "%s 的端口 %d 空闲", address, port),
                    SAY(d, "port %d of %s is free", port, address));
    else if (code == EADDRINUSE && server_answers(d))
        doctor_fine(d, "port", SAY(d, "端口 %d 正由本服务使用", port),
                    SAY(d, "port %d is used by our own server", port));
    else
        doctor_bad(
            d, "port", SAY(d, "不能监听 %s 的端口 %d：%s", address, port, strerrordesc_np(code)),
            SAY(d, "cannot listen on port %d of %s: %s", port, address, strerrordesc_np(code)),
            (DoctorWords){
                "停掉占用它的程序（ss -ltnp 可以看到），或用 PORT 换一个端口。",
                "Stop the program that has it (ss -ltnp shows it), or choose another with PORT."});
}

void doctor_machine(Doctor *d)
{
    check_folder(d);
    check_disk(d);
    check_zones(d);
    check_port(d);
}

static int64_t newest_backup_us(const Doctor *d, const char *folder)
{
    int64_t newest_us = 0;
    struct stat st;
    DIR *dir = opendir(folder);
    if (!dir) return 0;
    for (const struct dirent *f; (f = readdir(dir));) {
        if (!str_ends(str_of(f->d_name), STR(".jsonl.gz"))) continue;
        if (stat(arena_printf(d->a, "%s/%s", folder, f->d_name), &st) != 0 || !S_ISREG(st.st_mode))
            continue;
        int64_t us = (int64_t)st.st_mtim.tv_sec * US_PER_S + st.st_mtim.tv_nsec / 1000;
        if (us > newest_us) newest_us = us;
    }
    closedir(dir);
    return newest_us;
}

void doctor_backups(Doctor *d)
{
    static const DoctorWords remedy = {
        "运行 qun backup，最好每天定时运行，并把文件复制到另一台机器。",
        "Run qun backup, best every day by a timer, and copy the file to another machine."};
    const char *folder = arena_printf(d->a, "%s/backups", d->in->data);
    int64_t newest_us = newest_backup_us(d, folder);
    int64_t days = (d->now_us - newest_us) / US_PER_DAY;
    if (newest_us == 0 && !d->has_data)
        doctor_fine(d, "backup", STR("还没有数据，不需要备份"), STR("nothing to back up yet"));
    else if (newest_us == 0)
        doctor_bad(d, "backup", SAY(d, "%s 里没有备份", folder),
                   SAY(d, "there is no backup in %s", folder), remedy);
    else if (days > DOCTOR_BACKUP_DAYS)
        doctor_bad(d, "backup", SAY(d, "最近一次备份是 %" PRId64 " 天前", days),
                   SAY(d, "the newest backup is %" PRId64 " days old", days), remedy);
    else
        doctor_fine(d, "backup", SAY(d, "最近一次备份是 %" PRId64 " 天前", days),
                    SAY(d, "the newest backup is %" PRId64 " days old", days));
}
