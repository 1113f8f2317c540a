// Keeps what a training step frees for the next one.
//
// Every step allocates and frees tens of megabytes of activations. By default glibc gives such memory back to the kernel at once, and touching it
// again costs a page fault for every 4 KiB: a quarter of the time of a small convolutional network's step. With these settings a process keeps
// what its largest step needed, as libtorch's own allocator does for CUDA.
#include <cstdlib>
#include <initializer_list>

#if defined(__GLIBC__)
#include <malloc.h>

namespace {

struct KeepFreedMemory {
    KeepFreedMemory() {
        // Whoever set these knows better.
        for (auto name : {"MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TOP_PAD_"}) {
            if (std::getenv(name) != nullptr) return;
        }
        // The largest that glibc accepts: bigger blocks stay mapped and unmapped one by one.
        mallopt(M_MMAP_THRESHOLD, 32 << 20);
        mallopt(M_TRIM_THRESHOLD, 1 << 30);
        // Without it the arenas of threads other than the first are still given back, whatever the threshold.
        mallopt(M_TOP_PAD, 64 << 20);
    }
} keep_freed_memory;

}  // namespace
#endif
