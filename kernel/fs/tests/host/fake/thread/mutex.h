// The host's stand-in for thread/mutex.h.
#pragma once
#include "thread/wait.h"

using Mutex = HostLock;
using MutexGuard = SpinGuard;
