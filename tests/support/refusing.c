/* A file system that can't do what others can, for a process that this is loaded into (LD_PRELOAD).
 * REFUSE names it: "mappings" has no shared ones (SQLite's -shm), "locks" and "locking" have no locks and say so in two
 * ways, "quota" takes no more bytes of a user who has used up his. Files of SQLite alone are meant. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int refuses(const char *what) {
  const char *said = getenv("REFUSE");
  return said && !strcmp(said, what);
}

static int is_named(int file, const char *part) {
  char link[64], name[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, name, sizeof name - 1);
  if (length < 0) return 0;
  name[length] = 0;
  return strstr(name, part) != NULL;
}

#define REAL(type, name, ...) static type (*real)(__VA_ARGS__); if (!real) real = dlsym(RTLD_NEXT, name)

void *mmap64(void *at, size_t size, int rights, int flags, int file, off64_t offset) {
  REAL(void *, "mmap64", void *, size_t, int, int, int, off64_t);
  if ((flags & MAP_SHARED) && file >= 0 && refuses("mappings") && is_named(file, "-shm")) {
    errno = ENODEV;
    return MAP_FAILED;
  }
  return real(at, size, rights, flags, file, offset);
}
void *mmap(void *at, size_t size, int rights, int flags, int file, off_t offset) {
  return mmap64(at, size, rights, flags, file, offset);
}

static int lock(int file, int command, void *argument) {
  REAL(int, "fcntl64", int, int, ...);
  if (command == F_SETLK || command == F_SETLKW) {
    if (refuses("locks")) { errno = ENOLCK; return -1; }
    if (refuses("locking")) { errno = EOPNOTSUPP; return -1; }
  }
  return real(file, command, argument);
}
int fcntl64(int file, int command, ...) {
  va_list rest;
  va_start(rest, command);
  void *argument = va_arg(rest, void *);
  va_end(rest);
  return lock(file, command, argument);
}
int fcntl(int file, int command, ...) {
  va_list rest;
  va_start(rest, command);
  void *argument = va_arg(rest, void *);
  va_end(rest);
  return lock(file, command, argument);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) {
  REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
  if (refuses("quota") && offset + count > 65536 && is_named(file, "sqlite3")) {
    errno = EDQUOT;
    return -1;
  }
  return real(file, bytes, count, offset);
}
ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
  return pwrite64(file, bytes, count, offset);
}
