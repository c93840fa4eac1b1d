// Which lock guards what, in a form that clang checks (-Wthread-safety) and GCC skips.
// Reference: clang's "Thread Safety Analysis".
#pragma once

#ifdef __clang__
#define THREAD_ANNOTATION(x) __attribute__((x))
#else
#define THREAD_ANNOTATION(x)
#endif

#define CAPABILITY(name)          THREAD_ANNOTATION(capability(name))
#define SCOPED_CAPABILITY         THREAD_ANNOTATION(scoped_lockable)
#define GUARDED_BY(lock)          THREAD_ANNOTATION(guarded_by(lock))
#define REQUIRES(...)             THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define ACQUIRE(...)              THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))
#define RELEASE(...)              THREAD_ANNOTATION(release_capability(__VA_ARGS__))
#define TRY_ACQUIRE(...)          THREAD_ANNOTATION(try_acquire_capability(__VA_ARGS__))
#define NO_THREAD_SAFETY_ANALYSIS THREAD_ANNOTATION(no_thread_safety_analysis)
