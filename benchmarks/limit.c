/* The limit of the machine: seconds for passes that read and write an array in place, x = x * a + b.
 *
 * Usage: limit BYTES PASSES THREADS REPEATS. Each thread has its own contiguous part, and it touched this part
 * first. All threads start together. Prints the least time of all repeats. An array that fits into a cache stays
 * there, like a state of the same size.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

static size_t count; /* floats per thread */
static int passes, threads, repeats;
static float *memory;
static atomic_int arrived;
static double best = 1e300;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void meet(int *round) { /* all threads, spinning */
    atomic_fetch_add(&arrived, 1);
    ++*round;
    while (atomic_load(&arrived) < *round * threads) {
    }
}

static void *work(void *number) {
    float *restrict x = memory + (size_t)number * count;
    int round = 0;
    for (size_t k = 0; k < count; k++) x[k] = 1;
    for (int repeat = 0; repeat < repeats; repeat++) {
        meet(&round);
        double start = now();
        for (int pass = 0; pass < passes; pass++) {
            for (size_t k = 0; k < count; k++) x[k] = x[k] * 0.999f + 0.001f;
            meet(&round); /* a layer's second pass needs all of the first */
        }
        double seconds = now() - start;
        if (number == 0 && seconds < best) best = seconds;
    }
    return NULL;
}

int main(int argc, char **argv) {
    if (argc != 5) return 2;
    size_t bytes = strtoull(argv[1], NULL, 10), huge = (size_t)1 << 21;
    passes = atoi(argv[2]), threads = atoi(argv[3]), repeats = atoi(argv[4]);
    count = bytes / sizeof(float) / (size_t)threads;
    memory = aligned_alloc(huge, (bytes + huge - 1) / huge * huge);
    if (!memory || threads < 1 || threads > 256) return 1;
    madvise(memory, bytes, MADV_HUGEPAGE);
    pthread_t others[256];
    for (int t = 1; t < threads; t++) pthread_create(others + t, NULL, work, (void *)(size_t)t);
    work(0);
    for (int t = 1; t < threads; t++) pthread_join(others[t], NULL);
    printf("%.9e\n", best);
    return memory[0] > 2; /* the result is used, so the compiler keeps the passes */
}
