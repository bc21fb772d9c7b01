// SPDX-License-Identifier: GPL-2.0-only
//
// How long the kernel takes to load a module: finit_module(2), again and again.
//
//   load_time RUNS FILE.ko     "NAME RUNS MEDIAN_US TOOK_US": the medians of the system
//                              call and of race.ko's validation in it (0: none)
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static double now_us(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

// What race.ko says, in microseconds; 0 where it validated no such module.
static double validation(const char *name)
{
	char path[256];
	long long took = 0;
	snprintf(path, sizeof path, "/sys/kernel/race/modules/%s/took_ns", name);
	FILE *file = fopen(path, "r");
	if (!file)
		return 0;
	if (fscanf(file, "%lld", &took) != 1)
		took = -1000;
	fclose(file);
	return took / 1e3;
}

int main(int argc, char **argv)
{
	const int runs = argc == 3 ? atoi(argv[1]) : 0;
	if (runs < 1) {
		fprintf(stderr, "usage: load_time RUNS FILE.ko\n");
		return 2;
	}
	char name[64];
	const char *base = strrchr(argv[2], '/');
	snprintf(name, sizeof name, "%s", base ? base + 1 : argv[2]);
	name[strcspn(name, ".")] = '\0';
	double *load = calloc(runs, sizeof *load), *took = calloc(runs, sizeof *took);
	if (!load || !took)
		return 1;
	for (int i = 0; i < runs; i++) {
		const int file = open(argv[2], O_RDONLY | O_CLOEXEC);
		const double start = now_us();
		if (file < 0 || syscall(SYS_finit_module, file, "", 0) != 0) {
			perror(argv[2]);
			return 1;
		}
		load[i] = now_us() - start;
		close(file);
		took[i] = validation(name);
		if (syscall(SYS_delete_module, name, 0) != 0) {
			perror(name);
			return 1;
		}
	}
	qsort(load, runs, sizeof *load, compare);
	qsort(took, runs, sizeof *took, compare);
	printf("%s %d %.0f %.0f\n", name, runs, load[runs / 2], took[runs / 2]);
	return 0;
}
