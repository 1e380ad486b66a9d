/* Running tasks on threads, with the interpreter lock released, interrupts heard and deadlines kept.
 *
 * Not OpenMP: its parallel regions end when every thread has arrived, so that one that the system has not
 * scheduled yet, on a machine with other work, holds up all; here the caller takes whatever tasks are left and
 * waits only for those begun. It also needs no runtime library, and a forked child simply starts afresh. */
#ifndef QGRAPH_THREAD_POOL_H
#define QGRAPH_THREAD_POOL_H

#include "python_api.h"

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/syscall.h>
#endif

enum {
    SHARES = 8,
    ALIGNMENT = 64,
    MOST_THREADS = 256,
    SPINS_BEFORE_SLEEP = 4000,
    SPINS_BEFORE_YIELD = 1000,
    KEPT_SCRATCH = 1 << 22
};
static const double POLL_SECONDS = 0.05;

typedef void task_t(void *context, size_t number, void *scratch);

typedef struct {
    task_t *task;
    void *context;
    size_t count, bytes;
    size_t share;       /* tasks taken at a time: neighbours, since a tile prefetches the next */
    int helpers;        /* threads that may join the caller */
    atomic_size_t next; /* the first task that nobody has taken */
    atomic_int joined, stopped;
} job_t;

enum { INTERRUPTED = 1, OUT_OF_MEMORY = 2, LATE = 3 };

static struct {
    pthread_mutex_t busy, lock; /* one job at a time; sleeping and waking */
    pthread_cond_t wake;
    int workers;
    atomic_uint generation; /* counts jobs, so that a worker takes part in each at most once */
    atomic_int open, active;
    job_t *job;
} pool = {
    .busy = PTHREAD_MUTEX_INITIALIZER, .lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};

/* A child inherits no threads and, perhaps, locked locks. */
static void forget_workers(void) {
    pthread_mutex_init(&pool.busy, NULL);
    pthread_mutex_init(&pool.lock, NULL);
    pthread_cond_init(&pool.wake, NULL);
    pool.workers = 0;
    atomic_store(&pool.open, 0);
    atomic_store(&pool.active, 0);
}

static void watch_forks(void) { pthread_atfork(NULL, NULL, forget_workers); }

static inline void pause_briefly(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

typedef struct {
    char *memory;
    size_t bytes;
} scratch_t;

/* Kept for a thread's next job, but taken while in use: a signal handler, in Python, may simulate as well. */
static _Thread_local scratch_t spare_scratch;

static scratch_t take_scratch(size_t bytes) {
    scratch_t scratch = spare_scratch;
    spare_scratch = (scratch_t){NULL, 0};
    if (bytes <= scratch.bytes) return scratch;
    free(scratch.memory);
    char *memory = malloc(bytes + ALIGNMENT);
    return (scratch_t){memory, memory ? bytes : 0};
}

static void leave_scratch(scratch_t scratch) {
    if (spare_scratch.memory || scratch.bytes > KEPT_SCRATCH) free(scratch.memory);
    else spare_scratch = scratch;
}

static void *aligned(scratch_t scratch) {
    return scratch.memory ? scratch.memory + (ALIGNMENT - (uintptr_t)scratch.memory % ALIGNMENT) : NULL;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Python hears signals in its main thread alone. Others must not even ask: as daemons of a process that is being left
 * they would end while taking the interpreter lock, and their job, which lies on their stack, with them. */
static int is_main_thread(void) {
#if defined(__linux__)
    return syscall(SYS_gettid) == getpid();
#elif defined(__APPLE__)
    return pthread_main_np();
#else
    return 1;
#endif
}

/* When calls from this thread are to end, as `now` counts; see patience.py. */
static _Thread_local double deadline = INFINITY;

/* One call from Python. */
typedef struct {
    PyThreadState *released;
    double polled, deadline;
    int threads, stopped, main_thread;
} call_t;

static call_t begin_call(int threads) {
    int most = threads > MOST_THREADS ? MOST_THREADS : threads;
    return (call_t){PyEval_SaveThread(), now(), deadline, most < 1 ? 1 : most, 0, is_main_thread()};
}

/* Take the interpreter lock back; false, with an exception set, if the run was stopped. */
static int end_call(call_t *call) {
    PyEval_RestoreThread(call->released);
    if (call->stopped == OUT_OF_MEMORY) PyErr_NoMemory();
    if (call->stopped == LATE) PyErr_SetString(PyExc_TimeoutError, "the deadline has passed");
    return !call->stopped;
}

/* Why to stop now, or 0. */
static int interrupted(call_t *call) {
    if (!call->main_thread && isinf(call->deadline)) return 0;
    double time = now();
    if (time > call->deadline) return LATE;
    if (!call->main_thread || time - call->polled < POLL_SECONDS) return 0;
    call->polled = time;
    PyEval_RestoreThread(call->released);
    int failed = PyErr_CheckSignals() < 0;
    call->released = PyEval_SaveThread();
    return failed ? INTERRUPTED : 0;
}

/* Take tasks until none are left; only the caller of a job has a `run`, and hears interrupts. */
static void work_on(job_t *job, call_t *call) {
    scratch_t scratch = take_scratch(job->bytes);
    void *start = aligned(scratch);
    if (job->bytes && !start) atomic_store(&job->stopped, OUT_OF_MEMORY);
    while (!atomic_load(&job->stopped)) {
        size_t number = atomic_fetch_add(&job->next, job->share), stop = number + job->share;
        if (number >= job->count) break;
        for (; number < stop && number < job->count && !atomic_load(&job->stopped); number++) {
            job->task(job->context, number, start);
            int why = call ? interrupted(call) : 0;
            if (why) atomic_store(&job->stopped, why);
        }
    }
    leave_scratch(scratch);
}

static void *worker(void *unused) {
    unsigned last_generation = atomic_load(&pool.generation) - 1;
    (void)unused;
    for (;;) {
        for (int spin = 0; spin < SPINS_BEFORE_SLEEP &&
                           (atomic_load(&pool.generation) == last_generation || !atomic_load(&pool.open));
             spin++)
            pause_briefly();
        pthread_mutex_lock(&pool.lock);
        while (atomic_load(&pool.generation) == last_generation || !atomic_load(&pool.open))
            pthread_cond_wait(&pool.wake, &pool.lock);
        pthread_mutex_unlock(&pool.lock);
        atomic_fetch_add(&pool.active,
                         1); /* before looking again: the caller closes first, then waits for this */
        if (atomic_load(&pool.open)) {
            last_generation = atomic_load(&pool.generation);
            if (atomic_fetch_add(&pool.job->joined, 1) < pool.job->helpers) work_on(pool.job, NULL);
        }
        atomic_fetch_sub(&pool.active, 1);
    }
    return NULL;
}

static void start_workers(int wanted) {
    pthread_attr_t detached;
    pthread_t thread;
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    while (pool.workers < wanted && pthread_create(&thread, &detached, worker, NULL) == 0) pool.workers++;
    pthread_attr_destroy(&detached);
}

/* task(context, number, scratch) for all numbers below count, each thread with `bytes` of scratch. */
static void for_all(call_t *call, task_t *task, void *context, size_t count, size_t bytes) {
    if (call->stopped) return;
    int helpers = (count < (size_t)call->threads ? (int)count : call->threads) - 1;
    size_t share = count / ((size_t)(helpers + 1) * SHARES);
    job_t job = {.task = task,
                 .context = context,
                 .count = count,
                 .bytes = bytes,
                 .share = share ? share : 1,
                 .helpers = helpers};
    if (helpers > 0 && pthread_mutex_trylock(&pool.busy) == 0) {
        start_workers(helpers);
        pthread_mutex_lock(&pool.lock);
        pool.job = &job;
        atomic_fetch_add(&pool.generation, 1);
        atomic_store(&pool.open, 1);
        pthread_cond_broadcast(&pool.wake);
        pthread_mutex_unlock(&pool.lock);
        work_on(&job, call);
        atomic_store(&pool.open, 0);
        for (int spin = 0; atomic_load(&pool.active); spin++) {
            if (spin < SPINS_BEFORE_YIELD) pause_briefly();
            else sched_yield();
        }
        pthread_mutex_unlock(&pool.busy);
    } else {
        work_on(&job, call); /* alone, or another Python thread has the workers */
    }
    call->stopped = atomic_load(&job.stopped);
}

/* What the tasks have left, added in order: the sum does not depend on the threads. */
static double sum_in_order(const double *values, size_t count, size_t step) {
    double sum = 0;
    for (size_t k = 0; k < count; k++) sum += values[k * step];
    return sum;
}

#endif
