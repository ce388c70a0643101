/*
 * Preloaded to a program, the time of day is what the file $LADING_CLOCK says, in milliseconds since 1970, so that a
 * test need not wait for a lease to end. Without the file it is the machine's. Timers, which count from the machine's
 * start, run on.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long long said(void) {
  const char *path = getenv("LADING_CLOCK");
  char text[32];
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return -1;
  ssize_t length = read(file, text, sizeof text - 1);
  close(file);
  if (length <= 0) return -1;
  text[length] = 0;
  return atoll(text);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  long long ms = clock == CLOCK_REALTIME ? said() : -1;
  if (ms < 0) return syscall(SYS_clock_gettime, clock, now);
  now->tv_sec = ms / 1000;
  now->tv_nsec = ms % 1000 * 1000000;
  return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  struct timespec precise;
  (void)zone;
  if (clock_gettime(CLOCK_REALTIME, &precise)) return -1;
  now->tv_sec = precise.tv_sec;
  now->tv_usec = precise.tv_nsec / 1000;
  return 0;
}
