// SPDX-License-Identifier: GPL-2.0-only
/*
 * misc_device_test.c - drives /dev/rust-misc-device of the kernel's sample driver
 * rust_misc_device, in the guest.  Each check is a KTAP line; the exit status is
 * the number of failures.  Linked statically.
 *
 * usage: misc_device_test [SECONDS]	how long the threads run, default 3
 *
 * What the driver does: every open has its own value (0 at first) and its own
 * buffer (empty).  A write replaces the buffer and rewinds the descriptor, so
 * that the next read sees it from the start.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define DEVICE "/dev/rust-misc-device"

#define MISC_HELLO _IO('|', 0x80)
#define MISC_GET_VALUE _IOR('|', 0x81, int32_t)
#define MISC_SET_VALUE _IOW('|', 0x82, int32_t)

static int tests;
static int failures;

__attribute__((format(printf, 2, 3))) static void check(bool good, const char *format, ...)
{
	int error = errno;
	va_list args;

	va_start(args, format);
	tests++;
	printf("%sok %d - ", good ? "" : "not ", tests);
	vprintf(format, args);
	if (!good) {
		failures++;
		printf(" # errno %d (%s)", error, strerror(error));
	}
	printf("\n");
	va_end(args);
}

/* The call failed, and with this error. */
static bool refused(long result, int error)
{
	return result == -1 && errno == error;
}

static int open_device(void)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		printf("Bail out! cannot open %s: %s\n", DEVICE, strerror(errno));
		exit(100);
	}
	return fd;
}

static bool set_value(int fd, int32_t value)
{
	return ioctl(fd, MISC_SET_VALUE, &value) == 0;
}

/* A value that no check sets, so that a GET which writes nothing is noticed. */
#define UNTOUCHED ((int32_t)0x6badf00d)

static int32_t get_value(int fd)
{
	int32_t around[3] = {UNTOUCHED, UNTOUCHED, UNTOUCHED};

	if (ioctl(fd, MISC_GET_VALUE, &around[1]) != 0)
		return UNTOUCHED;
	/* Four bytes are written, no more. */
	if (around[0] != UNTOUCHED || around[2] != UNTOUCHED)
		return UNTOUCHED;
	return around[1];
}

static void test_values(void)
{
	static const int32_t values[] = {1, 42, -1, INT32_MAX, INT32_MIN, 0};
	int fd = open_device();
	int other = open_device();
	int copy;

	check(ioctl(fd, MISC_HELLO, NULL) == 0, "HELLO");
	check(get_value(fd) == 0, "the initial value is 0");
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		check(set_value(fd, values[i]) && get_value(fd) == values[i], "SET and GET %d",
		      values[i]);
	}
	set_value(fd, 7);
	check(get_value(other) == 0, "another descriptor has its own value");
	set_value(other, 8);
	check(get_value(fd) == 7 && get_value(other) == 8, "and keeps it");
	copy = dup(fd);
	check(get_value(copy) == 7, "a duplicate shares the value");
	close(fd);
	check(get_value(copy) == 7, "also after the original is closed");
	close(copy);
	close(other);
}

static void test_unknown_ioctls(void)
{
	static const struct {
		unsigned long request;
		const char *what;
	} unknown[] = {
		{_IO('|', 0), "number 0"},
		{_IO('|', 0x83), "number 0x83"},
		{_IOW('|', 0x81, int32_t), "GET's number as a write"},
		{_IOR('|', 0x81, int64_t), "GET's number with 8 bytes"},
		{_IOW('|', 0x82, int16_t), "SET's number with 2 bytes"},
		{_IO('}', 0x80), "HELLO's number of another type"},
		{0xffffffff, "all ones"},
	};
	int fd = open_device();
	int64_t argument[2] = {0};

	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		check(refused(ioctl(fd, unknown[i].request, argument), ENOTTY),
		      "ENOTTY for an ioctl: %s", unknown[i].what);
	close(fd);
}

static void test_bad_pointers(void)
{
	long page = sysconf(_SC_PAGESIZE);
	char *mapping =
		mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *hole = mapping + page;
	int32_t *read_only = (int32_t *)mapping;
	/* Its last two bytes are in the hole. */
	void *straddling = hole - 2;
	void *kernel = (void *)0xffff888000000000ul;
	int fd = open_device();

	if (mapping == MAP_FAILED) {
		check(false, "mmap");
		close(fd);
		return;
	}
	munmap(hole, page);
	set_value(fd, 99);

	check(refused(ioctl(fd, MISC_GET_VALUE, NULL), EFAULT), "EFAULT for GET to address 0");
	check(refused(ioctl(fd, MISC_SET_VALUE, NULL), EFAULT), "EFAULT for SET from address 0");
	check(refused(ioctl(fd, MISC_GET_VALUE, hole), EFAULT), "EFAULT for GET to a hole");
	check(refused(ioctl(fd, MISC_SET_VALUE, hole), EFAULT), "EFAULT for SET from a hole");
	check(refused(ioctl(fd, MISC_GET_VALUE, straddling), EFAULT),
	      "EFAULT for GET across an end");
	check(refused(ioctl(fd, MISC_SET_VALUE, straddling), EFAULT),
	      "EFAULT for SET across an end");
	check(refused(ioctl(fd, MISC_GET_VALUE, kernel), EFAULT),
	      "EFAULT for GET to kernel memory");
	check(refused(ioctl(fd, MISC_SET_VALUE, kernel), EFAULT),
	      "EFAULT for SET from kernel memory");

	*read_only = 5;
	mprotect(mapping, page, PROT_READ);
	check(refused(ioctl(fd, MISC_GET_VALUE, read_only), EFAULT),
	      "EFAULT for GET to read-only memory");
	check(*read_only == 5, "which is unchanged");
	check(get_value(fd) == 99, "the value is unchanged");

	/* The driver reports what it copied; with an unmapped buffer that is nothing. */
	check(write(fd, hole, 16) <= 0, "nothing is written from a hole");
	check(refused(write(fd, kernel, 16), EFAULT), "EFAULT for a write from kernel memory");
	check(write(fd, "abc", 3) == 3, "a good write after that");
	check(read(fd, hole, 3) <= 0, "nothing is read into a hole");
	check(refused(read(fd, kernel, 3), EFAULT), "EFAULT for a read into kernel memory");
	munmap(mapping, page);
	close(fd);
}

static void test_write_then_read(void)
{
	static const char text[] = "compiled once, linked here";
	const size_t length = sizeof(text) - 1;
	const size_t large = 1u << 20; /* more than kmalloc gives in one piece */
	char buffer[64];
	char first[5];
	char rest[64];
	struct iovec pieces[2] = {{first, sizeof(first)}, {rest, sizeof(rest)}};
	unsigned char *out = malloc(large);
	unsigned char *in = malloc(large);
	size_t got = 0;
	ssize_t n;
	int fd = open_device();
	int other = open_device();

	check(read(fd, buffer, sizeof(buffer)) == 0, "a new descriptor reads as empty");
	check(write(fd, text, length) == (ssize_t)length, "write %zu bytes", length);
	memset(buffer, 0, sizeof(buffer));
	n = read(fd, buffer, sizeof(buffer));
	check(n == (ssize_t)length && memcmp(buffer, text, length) == 0, "read them back");
	check(read(fd, buffer, sizeof(buffer)) == 0, "and then the end");
	check(read(other, buffer, sizeof(buffer)) == 0, "another descriptor has its own buffer");

	check(write(fd, "short", 5) == 5 && read(fd, buffer, sizeof(buffer)) == 5 &&
		      memcmp(buffer, "short", 5) == 0,
	      "a shorter write replaces all of it");

	check(write(fd, text, length) == (ssize_t)length, "write again");
	memset(buffer, 0, sizeof(buffer));
	while (got < length && (n = read(fd, buffer + got, 7)) > 0)
		got += n;
	check(got == length && memcmp(buffer, text, length) == 0, "read back by sevens");
	check(pread(fd, buffer, 4, 9) == 4 && memcmp(buffer, text + 9, 4) == 0, "pread at 9");
	check(pread(fd, buffer, 4, (off_t)length) == 0, "pread at the end");
	check(pread(fd, buffer, 4, INT64_MAX - 16) == 0, "pread far behind it");

	write(fd, text, length);
	n = readv(fd, pieces, 2);
	check(n == (ssize_t)length && memcmp(first, text, 5) == 0 &&
		      memcmp(rest, text + 5, length - 5) == 0,
	      "readv into two pieces");

	if (out && in) {
		for (size_t i = 0; i < large; i++)
			out[i] = (unsigned char)(i * 2654435761u >> 24);
		check(write(fd, out, large) == (ssize_t)large, "write %zu bytes", large);
		for (got = 0; got < large && (n = read(fd, in + got, large - got)) > 0; got += n) {
		}
		check(got == large && memcmp(in, out, large) == 0, "read them back");
	} else {
		check(false, "allocate the large buffers");
	}
	check(write(fd, text, 0) == 0, "an empty write");
	free(out);
	free(in);
	close(fd);
	close(other);
}

/*
 * Eight threads.  Each has a descriptor of its own, where what it set must be what
 * it gets, and all share one, where a value must be one that somebody set whole.
 */
#define THREADS 8

static atomic_bool stop;
static int shared_fd;

struct worker {
	pthread_t thread;
	uint32_t number;
	unsigned long rounds;
	unsigned long wrong;
};

/* Both halves of the value are the same: half an update would be seen. */
static int32_t whole(uint32_t x)
{
	return (int32_t)((x & 0xffff) << 16 | (x & 0xffff));
}

enum { PAUSE_MICROSECONDS = 2000 };

static void *work(void *argument)
{
	struct worker *me = argument;
	char text[64];
	char back[64];
	int fd = open_device();

	while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
		uint32_t mark = me->number << 12 | (me->rounds & 0xfff);
		int length =
			snprintf(text, sizeof(text), "thread %u round %lu", me->number, me->rounds);
		uint32_t seen;

		me->wrong += !set_value(fd, (int32_t)mark);
		me->wrong += get_value(fd) != (int32_t)mark;

		me->wrong += !set_value(shared_fd, whole(mark));
		seen = (uint32_t)get_value(shared_fd);
		me->wrong += seen >> 16 != (seen & 0xffff) || (seen & 0xffff) >> 12 >= THREADS;

		me->wrong += write(fd, text, length) != length;
		me->wrong +=
			read(fd, back, sizeof(back)) != length || memcmp(text, back, length) != 0;

		/* Opening and closing runs the driver's allocation and its destructor. */
		if (me->rounds % 4 == 3) {
			close(fd);
			fd = open_device();
			me->wrong += get_value(fd) != 0;
		}
		me->rounds++;
		/* The driver logs every call: its lines must fit the kernel's log. */
		usleep(PAUSE_MICROSECONDS);
	}
	close(fd);
	return NULL;
}

static void test_threads(unsigned seconds)
{
	struct worker workers[THREADS] = {0};
	struct timespec left = {.tv_sec = seconds};
	unsigned long rounds = 0;
	unsigned long wrong = 0;
	unsigned long fewest = ULONG_MAX;

	shared_fd = open_device();
	set_value(shared_fd, whole(0));
	for (uint32_t i = 0; i < THREADS; i++) {
		workers[i].number = i;
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) {
			printf("Bail out! cannot create thread %u\n", i);
			exit(100);
		}
	}
	while (nanosleep(&left, &left) == -1 && errno == EINTR) {
	}
	atomic_store(&stop, true);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		rounds += workers[i].rounds;
		wrong += workers[i].wrong;
		if (workers[i].rounds < fewest)
			fewest = workers[i].rounds;
	}
	close(shared_fd);
	printf("# %d threads, %u s: %lu rounds, at least %lu each, %lu wrong results\n", THREADS,
	       seconds, rounds, fewest, wrong);
	check(fewest > 0, "all %d threads made progress", THREADS);
	check(wrong == 0, "no wrong result in %u s of %d threads", seconds, THREADS);
}

int main(int argc, char **argv)
{
	unsigned seconds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 3;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n");
	test_values();
	test_unknown_ioctls();
	test_bad_pointers();
	test_write_then_read();
	test_threads(seconds);
	printf("1..%d\n", tests);
	return failures > 99 ? 99 : failures;
}
