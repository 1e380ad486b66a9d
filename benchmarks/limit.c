/* The limits of the machine: seconds for passes that read and write an array in place, x = x * a + b, and
 * multiply-adds per second on numbers that stay in registers.
 *
 * Usage: limit BYTES PASSES THREADS REPEATS. Each thread has its own contiguous part, and it touched this part
 * first. All threads start together. An array that fits into a cache stays there, like a state of the same size.
 * Prints JSON: the least time of all repeats, the highest rates in single and double precision of all threads
 * together, and the bytes of a vector.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#ifdef __AVX512F__
#define VECTOR 64
#elif defined(__AVX__)
#define VECTOR 32
#else
#define VECTOR 16
#endif
#define CHAINS 12 /* more than two units of a latency of 5 need, and few enough for 16 registers */
#define STEPS 20000

static size_t count; /* floats per thread */
static int passes, threads, repeats;
static float *memory;
static atomic_int arrived;
static double best = 1e300, best_single = 1e300, best_double = 1e300;

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

/* Independent chains x = x * a + b. The compiler must not know a and b, nor drop the result. */
#define DEFINE_CHAINS(name, real)                                                          \
    static void name(void) {                                                               \
        typedef real vector_t __attribute__((vector_size(VECTOR)));                        \
        volatile real seed = (real)0.999;                                                  \
        volatile vector_t result;                                                          \
        vector_t a = seed - (vector_t){0}, b = 1 - a, x[CHAINS];                           \
        for (int c = 0; c < CHAINS; c++) x[c] = a + (real)c;                               \
        for (int step = 0; step < STEPS; step++)                                           \
            _Pragma("GCC unroll 16") for (int c = 0; c < CHAINS; c++) x[c] = x[c] * a + b; \
        for (int c = 0; c < CHAINS; c++) result = x[c];                                    \
        (void)result;                                                                      \
    }
DEFINE_CHAINS(chains_single, float)
DEFINE_CHAINS(chains_double, double)

static void time_chains(void (*chains)(void), void *number, int *round, double *least) {
    meet(round);
    double start = now();
    chains();
    meet(round);
    double seconds = now() - start;
    if (number == 0 && seconds < *least) *least = seconds;
}

static double rate(double seconds, size_t bytes) {
    return (double)threads * CHAINS * STEPS * (double)(VECTOR / bytes) / seconds;
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
        time_chains(chains_single, number, &round, &best_single);
        time_chains(chains_double, number, &round, &best_double);
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
    printf("{\"passes\": %.9e, \"single\": %.9e, \"double\": %.9e, \"vector\": %d}\n", best,
           rate(best_single, sizeof(float)), rate(best_double, sizeof(double)), VECTOR);
    return memory[0] > 2; /* the result is used, so the compiler keeps the passes */
}
