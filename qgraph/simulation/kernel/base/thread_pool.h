/* Tasks on threads, with the interpreter lock released, and with signals and deadlines checked.
 *
 * Not OpenMP: its parallel regions end when every thread has arrived, so one thread that the system has not
 * scheduled yet delays all. Here the calling thread takes all tasks that are left, and waits only for tasks
 * that have begun. This also needs no runtime library, and works in a forked child. */
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
    size_t share; /* tasks that a thread takes at a time: neighbours, since a tile prefetches the next one */
    int helpers;  /* threads that may join the caller */
    atomic_size_t next; /* the first task that no thread has taken */
    atomic_int joined, stopped;
} job_t;

enum { INTERRUPTED = 1, OUT_OF_MEMORY = 2, LATE = 3 };

static struct {
    pthread_mutex_t busy, lock; /* `busy`: one job at a time; `lock`: to sleep and to wake */
    pthread_cond_t wake;
    int workers;
    atomic_uint generation; /* counts jobs, so that a worker joins each job once */
    atomic_int open, active;
    job_t *job;
} pool = {
    .busy = PTHREAD_MUTEX_INITIALIZER, .lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};

/* A forked child has no worker threads, and may have inherited locked locks. */
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

/* Kept for the next job of a thread. It is taken while in use, since a signal handler in Python may simulate
 * as well. */
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

/* Python handles signals in its main thread only. Other threads must not check for them: a daemon thread of a
 * process that exits would end while it takes the interpreter lock, and its job, which is on its stack, would
 * end with it. */
static int is_main_thread(void) {
#if defined(__linux__)
    return syscall(SYS_gettid) == getpid();
#elif defined(__APPLE__)
    return pthread_main_np();
#else
    return 1;
#endif
}

/* The time (see `now`) after which calls from this thread are stopped; see deadline.py. */
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

/* Take the interpreter lock back. Returns 0, with an exception set, if the call was stopped. */
static int end_call(call_t *call) {
    PyEval_RestoreThread(call->released);
    if (call->stopped == OUT_OF_MEMORY) PyErr_NoMemory();
    if (call->stopped == LATE) PyErr_SetString(PyExc_TimeoutError, "the deadline has passed");
    return !call->stopped;
}

/* The reason to stop now, or 0. */
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

/* Take tasks until none are left. Only the thread that called has a `call`; it checks for signals and
 * deadlines. */
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
        /* `active` rises before `open` is read again: the caller closes first, then waits for `active`. */
        atomic_fetch_add(&pool.active, 1);
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

/* task(context, number, scratch) for all numbers below count. Each thread has `bytes` of scratch. */
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
        work_on(&job, call); /* one thread, or another Python thread uses the workers */
    }
    call->stopped = atomic_load(&job.stopped);
}

/* The results of all tasks, added in order: the sum does not depend on the number of threads. */
static double sum_in_order(const double *values, size_t count, size_t step) {
    double sum = 0;
    for (size_t k = 0; k < count; k++) sum += values[k * step];
    return sum;
}

#endif
